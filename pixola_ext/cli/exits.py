"""Exit codes, and which error ends with which. They are public API."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # errors are 50 ms of imports, and most runs have none
    from ..errors import PixolaError

DONE: Final = 0
ERROR: Final = 1
USAGE: Final = 2
KEY: Final = 4
MODERATION: Final = 5
CREDITS: Final = 6
LIMITS: Final = 7
PARTLY: Final = 8
UNKNOWN: Final = 9
TIMED_OUT: Final = 10
INTERRUPTED: Final = 130

_BY_ERROR: Final = {
    "ConfigurationError": USAGE,
    "BadRequestError": USAGE,
    "UnauthorizedError": KEY,
    "ContentFlaggedError": MODERATION,
    "GenerationRejectedError": MODERATION,
    "InsufficientCreditsError": CREDITS,
    "CreditLimitError": CREDITS,
    "RateLimitedError": LIMITS,
    "QuotaExhaustedError": LIMITS,
    "SubmissionUnknownError": UNKNOWN,
    "WaitTimeoutError": TIMED_OUT,
}


def exit_code(error: "PixolaError") -> int:
    """The exit code for an error; 1 for those that have none of their own."""
    if getattr(error, "setting", None) == "api_key":
        return KEY
    return next((_BY_ERROR[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in _BY_ERROR), ERROR)
