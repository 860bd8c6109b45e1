"""The generated client of the Pixola API: typed operations and values, and a small client that sends them."""

from .client import AuthenticatedClient, Client
from .operation import Operation

__all__ = ("AuthenticatedClient", "Client", "Operation")
