"""The Python client for the Pixola image-generation API.

    import pixola_ext

    with pixola_ext.Pixola() as px:
        batch = px.generate("A lighthouse above a calm sea at dusk", model="flux-2", shape="landscape-wide")
        paths = px.save(batch, "pictures")

Everything named in `__all__` is public API; what begins with an underscore is not.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ._budget.limits import Allowance, Budget
    from ._bulk.outcomes import BulkEvent, EventKind, Outcome
    from ._flows.pending import PendingSubmission
    from ._spec import spec
    from ._version import __version__
    from .aclient import AsyncPixola
    from .catalog import Model, Pricing, Shape, Style
    from .client import Pixola
    from .errors import (
        APIError,
        BadRequestError,
        ClusterError,
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
    from .models import (
        Batch,
        BatchSummary,
        Credits,
        GenerationRequest,
        Image,
        Page,
        Submission,
    )
    from .settings import RequestEvent, ResponseEvent, RetryEvent

__all__ = [
    "APIError",
    "Allowance",
    "AsyncPixola",
    "BadRequestError",
    "Batch",
    "BatchSummary",
    "Budget",
    "BulkEvent",
    "ClusterError",
    "ConfigurationError",
    "ConnectError",
    "ContentFlaggedError",
    "CreditLimitError",
    "Credits",
    "DownloadError",
    "EventKind",
    "GenerationError",
    "GenerationFailedError",
    "GenerationRejectedError",
    "GenerationRequest",
    "Image",
    "InsufficientCreditsError",
    "Model",
    "NotFoundError",
    "Outcome",
    "Page",
    "PendingSubmission",
    "Pixola",
    "PixolaError",
    "Pricing",
    "QuotaExhaustedError",
    "RateLimitedError",
    "RequestError",
    "RequestEvent",
    "RequestTimeoutError",
    "ResponseEvent",
    "RetryEvent",
    "ServerError",
    "Shape",
    "Style",
    "Submission",
    "SubmissionUnknownError",
    "UnauthorizedError",
    "UnexpectedResponseError",
    "WaitTimeoutError",
    "__version__",
    "spec",
]

# What is imported when it is first asked for: the sandbox's server and the pytest plugin live in this package too, and
# need neither httpx nor the generated models. Everything that is not named here is an error.
_HOMES: Final = {
    "Allowance": "_budget.limits",
    "Budget": "_budget.limits",
    "BulkEvent": "_bulk.outcomes",
    "EventKind": "_bulk.outcomes",
    "Outcome": "_bulk.outcomes",
    "PendingSubmission": "_flows.pending",
    "RequestEvent": "settings",
    "ResponseEvent": "settings",
    "RetryEvent": "settings",
    "AsyncPixola": "aclient",
    "Pixola": "client",
    "__version__": "_version",
    "spec": "_spec",
    **dict.fromkeys(("Model", "Pricing", "Shape", "Style"), "catalog"),
    **dict.fromkeys(
        (
            "Batch",
            "BatchSummary",
            "Credits",
            "GenerationRequest",
            "Image",
            "Page",
            "Submission",
        ),
        "models",
    ),
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f".{_HOMES.get(name, 'errors')}", __name__), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
