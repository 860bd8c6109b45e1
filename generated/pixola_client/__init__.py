"""The generated client of the Pixola API: typed operations and values, and a small client that sends them."""

from typing import TYPE_CHECKING, Any

from .operation import Operation

if TYPE_CHECKING:
    from .client import AuthenticatedClient, Client

__all__ = ("AuthenticatedClient", "Client", "Operation")


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import client  # noqa: PLC0415  (imports httpx, which values and operations do not need)

    return getattr(client, name)
