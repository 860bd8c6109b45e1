"""What users read from errors; type-checked by `make check`, never run."""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, assert_never, assert_type

from pixola_ext import (
    APIError,
    BadRequestError,
    Batch,
    BatchSummary,
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


def answers(error: APIError) -> None:
    """The members that every error answer has, and a narrowing by class."""
    assert_type(error.status, int)
    assert_type(error.code, str | None)
    assert_type(error.message, str)
    assert_type(error.retry_after, float | None)
    assert_type(error.request_id, str | None)
    match error:
        case BadRequestError():
            assert_type(error.suggestions, tuple[str, ...])
        case UnauthorizedError() | NotFoundError() | ContentFlaggedError() | InsufficientCreditsError():
            assert_type(error, UnauthorizedError | NotFoundError | ContentFlaggedError | InsufficientCreditsError)
        case RateLimitedError(retry_after=float(delay)):
            assert_type(delay, float)
        case ServerError():
            assert_type(error, ServerError)
        case _:
            assert_type(error.url, str)


def others(error: PixolaError) -> None:
    """The members of each class of the tree, and its other base classes."""
    match error:
        case ConfigurationError():
            as_value_error: ValueError = error
            assert_type(error.setting, str)
            print(as_value_error)
        case ConnectError() | RequestTimeoutError():
            as_request_error: RequestError = error
            assert_type(as_request_error.method, str)
        case UnexpectedResponseError():
            assert_type(error.body, str)
        case GenerationFailedError() | GenerationRejectedError():
            as_generation_error: GenerationError = error
            assert_type(as_generation_error.batch, Batch)
        case WaitTimeoutError():
            assert_type(error.timeout, float)
        case SubmissionUnknownError():
            assert_type(error.submitted_at, datetime)
            assert_type(error.request, dict[str, Any])
            assert_type(error.candidates, tuple[BatchSummary, ...])
        case QuotaExhaustedError():
            assert_type(error.available_at, datetime)
            assert_type(error.is_daily, bool)
        case CreditLimitError():
            assert_type(error.needed - error.limit, int)
        case DownloadError():
            assert_type(error.failures, Mapping[str, PixolaError])
            assert_type(error.saved, tuple[Path, ...])
            assert_type(error.is_transient, bool)
        case _:
            assert_type(error.batch_id, str | None)


def ends(error: GenerationFailedError | GenerationRejectedError) -> int:
    """A match over a union of errors is known to be complete."""
    match error:
        case GenerationFailedError():
            return 1
        case GenerationRejectedError():
            return 2
        case _:
            assert_never(error)


def of_a_cluster(error: ClusterError) -> None:
    """It has the members of all."""
    assert_type(error.batch_id, str | None)
