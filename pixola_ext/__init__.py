"""The Python client for the Pixola image-generation API.

    import pixola_ext

    with pixola_ext.Pixola() as px:
        batch = px.generate("A lighthouse above a calm sea at dusk", model="flux-2", shape="landscape-wide")
        paths = px.save(batch, "pictures")

Everything named in `__all__` is public API; what begins with an underscore is not.
"""

from ._spec import spec
from ._version import __version__
from .aclient import AsyncPixola
from .client import Pixola
from .errors import (
    APIError,
    BadRequestError,
    ConfigurationError,
    ConnectError,
    ContentFlaggedError,
    CreditLimitError,
    DownloadError,
    GenerationError,
    GenerationFailedError,
    GenerationRejectedError,
    InsufficientCreditsError,
    NotFoundError,
    PixolaError,
    QuotaExhaustedError,
    RateLimitedError,
    RequestError,
    RequestTimeoutError,
    ServerError,
    SubmissionUnknownError,
    UnauthorizedError,
    UnexpectedResponseError,
    WaitTimeoutError,
)
from .models import Batch, BatchSummary, Credits, Image, Model, Page, Pricing, Shape, Style

__all__ = [
    "APIError",
    "AsyncPixola",
    "BadRequestError",
    "Batch",
    "BatchSummary",
    "ConfigurationError",
    "ConnectError",
    "ContentFlaggedError",
    "CreditLimitError",
    "Credits",
    "DownloadError",
    "GenerationError",
    "GenerationFailedError",
    "GenerationRejectedError",
    "Image",
    "InsufficientCreditsError",
    "Model",
    "NotFoundError",
    "Page",
    "Pixola",
    "PixolaError",
    "Pricing",
    "QuotaExhaustedError",
    "RateLimitedError",
    "RequestError",
    "RequestTimeoutError",
    "ServerError",
    "Shape",
    "Style",
    "SubmissionUnknownError",
    "UnauthorizedError",
    "UnexpectedResponseError",
    "WaitTimeoutError",
    "__version__",
    "spec",
]
