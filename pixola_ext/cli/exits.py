"""Exit codes, and which error ends with which. They are public API."""

from typing import Final

from ..errors import (
    BadRequestError,
    ConfigurationError,
    ContentFlaggedError,
    CreditLimitError,
    GenerationRejectedError,
    InsufficientCreditsError,
    PixolaError,
    QuotaExhaustedError,
    RateLimitedError,
    SubmissionUnknownError,
    UnauthorizedError,
    WaitTimeoutError,
)

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

_BY_ERROR: Final[tuple[tuple[type[PixolaError], int], ...]] = (
    (ConfigurationError, USAGE),
    (BadRequestError, USAGE),
    (UnauthorizedError, KEY),
    (ContentFlaggedError, MODERATION),
    (GenerationRejectedError, MODERATION),
    (InsufficientCreditsError, CREDITS),
    (CreditLimitError, CREDITS),
    (RateLimitedError, LIMITS),
    (QuotaExhaustedError, LIMITS),
    (SubmissionUnknownError, UNKNOWN),
    (WaitTimeoutError, TIMED_OUT),
)


def exit_code(error: PixolaError) -> int:
    """The exit code for an error; 1 for those that have none of their own."""
    if isinstance(error, ConfigurationError) and error.setting == "api_key":
        return KEY
    return next((code for kind, code in _BY_ERROR if isinstance(error, kind)), ERROR)
