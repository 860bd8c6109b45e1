"""Every error that leaves this package, as one tree under `PixolaError`.

    PixolaError
    ├── ConfigurationError            a setting or an argument is wrong; nothing was sent (also a ValueError)
    ├── RequestError                  no usable answer arrived
    │   ├── ConnectError              the request was never delivered
    │   └── RequestTimeoutError       no answer in time
    ├── APIError                      the service answered with an error
    │   ├── BadRequestError           400
    │   ├── UnauthorizedError         401, 403
    │   ├── NotFoundError             404
    │   ├── ContentFlaggedError       409 content_flagged
    │   ├── InsufficientCreditsError  409 insufficient_credits
    │   ├── RateLimitedError          429
    │   └── ServerError               5xx
    ├── UnexpectedResponseError       an answer that cannot be read
    ├── GenerationError               a batch ended without a picture
    │   ├── GenerationFailedError
    │   └── GenerationRejectedError
    ├── WaitTimeoutError              the batch was not finished in time
    ├── SubmissionUnknownError        a paid submission may or may not have been accepted
    ├── QuotaExhaustedError           the key's requests of the day are used up
    ├── CreditLimitError              more credits than the caller allowed would be spent
    └── DownloadError                 a picture could not be fetched or was not one

Each error can be pickled and copied, carries the values needed to act on it, and its text is one line.
"""

import secrets
import warnings
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from ._display import printable

if TYPE_CHECKING:  # importing models takes 10 ms, and few errors hold one
    from .models import Batch, BatchSummary


MAY_BE_DONE = "; it may have been carried out all the same"


class PixolaError(Exception):
<<<<<<< HEAD
    """Root of every error of this package. `batch_id` is set when a batch is concerned.

    `may_be_done` says that the service may have carried out what was asked, although no usable answer came: of calls
    that change something, which are therefore not repeated.
    """
=======
    """Root of every error of this package. `batch_id` is the id of the batch concerned, or None."""
>>>>>>> e6cae12 (Names and docstrings of pictures, saving, errors and notebooks in the field's terms)

    batch_id: str | None = None
    may_be_done: bool = False

    def __str__(self) -> str:
        """One line: what happened, and what may be done about it."""
        return f"{self._line()}{MAY_BE_DONE if self.may_be_done else ''}"

    def _line(self) -> str:
        return super().__str__()

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions unpickle by calling the class with `args`; ours take keywords.
        return _restore, (type(self), self.args, self.__dict__)


def _restore(kind: type[PixolaError], args: tuple[Any, ...], state: dict[str, Any]) -> PixolaError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class ConfigurationError(PixolaError, ValueError):
    """A setting or an argument is wrong; nothing was sent. `setting` names it (`api_key`, `base_url`, ...)."""

    def __init__(self, message: str, *, setting: str) -> None:
        super().__init__(message)
        self.setting = setting


class RequestError(PixolaError):
    """No usable answer arrived: the connection failed, broke off or was too slow; `method` and `url` name it."""

    def __init__(self, message: str, *, method: str, url: str) -> None:
        super().__init__(message)
        self.method = method
        self.url = url


class ConnectError(RequestError):
    """No connection could be made, so the service never saw the request."""


class RequestTimeoutError(RequestError):
    """No complete answer within the time allowed; the service may have acted on the request."""


class APIError(PixolaError):
    """The service answered with an error.

    `status` is the HTTP status; `code` the service's own word for it (None when the body had none); `message` its
    sentence; `retry_after` how many seconds it asks to wait (None when it does not say); `request_id` what
    support may ask for; `suggestions` slugs close to one that the service did not know.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int,
        code: str | None = None,
        retry_after: float | None = None,
        request_id: str | None = None,
        method: str = "",
        url: str = "",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after
        self.request_id = request_id
        self.method = method
        self.url = url
        self.suggestions: tuple[str, ...] = ()

    def _line(self) -> str:
        line = f"{self.status} {self.code}: {self.message}" if self.code else f"{self.status}: {self.message}"
        if self.suggestions:
            line += f" (did you mean {', '.join(self.suggestions)}?)"
        if self.retry_after is not None:
            line += f" (try again in {self.retry_after:.0f} s)"
        return line


class BadRequestError(APIError):
    """400: a parameter is invalid; the message names it."""


class UnauthorizedError(APIError):
    """401 or 403: the API key is missing, wrong or not allowed to do this."""


class NotFoundError(APIError):
    """404: there is no such model, style, shape, batch or image."""


class ContentFlaggedError(APIError):
    """409 content_flagged: moderation refused the prompt; change it before trying again."""


class InsufficientCreditsError(APIError):
    """409 insufficient_credits: the account cannot pay for this generation."""


class RateLimitedError(APIError):
    """429: too many requests; `retry_after` says how long to wait."""


class ServerError(APIError):
    """5xx: the service, or a proxy in front of it, failed."""


_BY_STATUS_AND_CODE: Mapping[tuple[int, str], type[APIError]] = {
    (409, "content_flagged"): ContentFlaggedError,
    (409, "insufficient_credits"): InsufficientCreditsError,
}
_BY_STATUS: Mapping[int, type[APIError]] = {
    400: BadRequestError,
    401: UnauthorizedError,
    403: UnauthorizedError,
    404: NotFoundError,
    422: BadRequestError,
    429: RateLimitedError,
}
_SERVER_ERRORS = 500  # this status and every one above, the 52x of proxies included


def api_error_class(status: int, code: str | None) -> type[APIError]:
    """The class for an error answer: by status and code where the code matters, else by status alone."""
    exact = _BY_STATUS_AND_CODE.get((status, code or ""))
    return exact or _BY_STATUS.get(status) or (ServerError if status >= _SERVER_ERRORS else APIError)


class UnexpectedResponseError(PixolaError):
    """The answer cannot be read: not JSON, not the documented form, or a redirect.

    `status`, `method` and `url` say which answer; `body` is the beginning of it, made printable.
    """

    def __init__(self, message: str, *, status: int, method: str, url: str, body: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.method = method
        self.url = url
        self.body = body


class GenerationError(PixolaError):
    """A batch ended without a single picture; `batch` is its last state."""

    def __init__(self, message: str, *, batch: "Batch") -> None:
        super().__init__(message)
        self.batch = batch
        self.batch_id = batch.batch_id

    @classmethod
    def of(cls, batch: "Batch") -> Self:
        """The error for a batch that ended badly."""
        return cls(f"batch {batch.batch_id} ended as {printable(batch.status, 40)}", batch=batch)


class GenerationFailedError(GenerationError):
    """The generation failed; credits are charged only for images that complete."""


class GenerationRejectedError(GenerationError):
    """The generation was rejected, usually by moderation of the picture."""


class WaitTimeoutError(PixolaError):
    """The batch was not finished within `timeout` seconds; it goes on, and `wait(batch_id)` resumes."""

    def __init__(self, message: str, *, batch_id: str, timeout: float) -> None:
        super().__init__(message)
        self.batch_id = batch_id
        self.timeout = timeout


class SubmissionUnknownError(PixolaError):
    """A paid submission got no clear answer: it may have been accepted and will be charged if so.

    `request` is what was sent, `submitted_at` when (aware, UTC), `candidates` the batches that might be it.
    `px.reconcile(error)` looks for it again, in another process too: `baseline` is the newest batch known before,
    `has_baseline` whether any was known, `excluded` the batches that cannot be it, and `submission_id` this library's
    own name for the submission. Nothing was sent twice: to submit again is the caller's own choice.

    With `batch_id`, it was accepted for certain, but under an id that cannot be asked for.
    """

    def __init__(
        self,
        message: str,
        *,
        request: Mapping[str, Any],
        submitted_at: datetime,
        candidates: "Sequence[BatchSummary]" = (),
        baseline: str | None = None,
        has_baseline: bool = False,
        excluded: Iterable[str] = (),
        submission_id: str = "",
    ) -> None:
        super().__init__(message)
        self.request = dict(request)
        self.submitted_at = submitted_at
        self.candidates = tuple(candidates)
        self.baseline = baseline
        self.has_baseline = has_baseline
        self.excluded = frozenset(excluded)
        self.submission_id = submission_id or secrets.token_hex(8)

    @property
    def origin(self) -> str | None:
        """Deprecated: `baseline`."""
        warnings.warn("SubmissionUnknownError.origin is now baseline", DeprecationWarning, stacklevel=2)
        return self.baseline

    @property
    def is_anchored(self) -> bool:
        """Deprecated: `has_baseline`."""
        warnings.warn("SubmissionUnknownError.is_anchored is now has_baseline", DeprecationWarning, stacklevel=2)
        return self.has_baseline


class QuotaExhaustedError(PixolaError):
    """The requests of the key are used up; `available_at` (aware, UTC) says when the next one is free.

    Nothing was sent. `is_daily` tells a used-up day from a minute that ends after the deadline of the call.
    """

    def __init__(self, message: str, *, available_at: datetime, is_daily: bool = True) -> None:
        super().__init__(message)
        self.available_at = available_at
        self.is_daily = is_daily


class CreditLimitError(PixolaError):
    """Going on would spend more credits than the caller allowed: `needed` over `limit`."""

    def __init__(self, message: str, *, limit: int, needed: int) -> None:
        super().__init__(message)
        self.limit = limit
        self.needed = needed


class DownloadError(PixolaError):
    """A picture could not be fetched, or what came was not one.

    `url` is without its query, which may be signed; `status` the HTTP status, if there was one; `is_transient`
    whether trying again may help. Of a `save`, `saved` lists the files that were written all the same, and `failures`
    has by image id what happened to each other image; the rest is of the first of them.
    """

    def __init__(self, message: str, *, url: str, status: int | None = None, is_transient: bool = False) -> None:
        super().__init__(message)
        self.url = url
        self.status = status
        self.is_transient = is_transient
        self.saved: tuple[Path, ...] = ()
        self.failures: Mapping[str, PixolaError] = {}

    @classmethod
    def of(cls, failures: "Mapping[str, PixolaError]", saved: "Sequence[Path]") -> "DownloadError":
        """The error for pictures that could not be saved while others could."""
        image_id, first = next(iter(failures.items()))
        total = len(failures) + len(saved)
        what = f"{len(failures)} of {total} pictures" if total > 1 else f"image {printable(image_id, 40)}"
        error = cls(
            f"could not save {what}: {first}",
            url=getattr(first, "url", ""),
            status=getattr(first, "status", None),
            is_transient=all(isinstance(each, DownloadError) and each.is_transient for each in failures.values()),
        )
        error.saved = tuple(saved)
        error.failures = dict(failures)
        error.__cause__ = first
        return error
