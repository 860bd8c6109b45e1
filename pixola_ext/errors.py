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

Task queues that keep results as JSON store the class and `args` of an error, and later call the class with them. So
`args` is the text and, as JSON, the members that an error has besides: `type(error)(*error.args)` is the error again.
Celery looks for the class among the modules that are imported already: a process that reads results imports this one.
"""

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence, Sized
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

from ._display import printable
from ._places import place_of

if TYPE_CHECKING:  # importing models takes 10 ms, and few errors hold one
    from .models import Batch, BatchSummary

MAY_BE_DONE: Final = "; it may have been carried out all the same"
_ARGS: Final[Any] = BaseException.__dict__["args"]


class PixolaError(Exception):
    """Root of every error of this package. `batch_id` is the id of the batch concerned, or None.

    `may_be_done` says that the service may have carried out what was asked, although no usable answer came: of calls
    that change something, which are therefore not repeated.
    """

    batch_id: str | None = None
    may_be_done: bool = False
    _members: ClassVar[tuple[str, ...]] = ("batch_id", "may_be_done")

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls._members = (*cls._members, *cls.__annotations__)

    def __init__(self, message: str = "", stored: object = None, /, **members: Any) -> None:
        """An error with a text and with `members` by the names of its attributes; `stored` is the rest of `args`."""
        super().__init__(message)
        unknown = members.keys() - set(self._members)
        if unknown:
            raise TypeError(f"{type(self).__name__} has no {', '.join(sorted(unknown))}")
        if isinstance(stored, Mapping):
            members = {name: stored[name] for name in self._members if name in stored} | members
        for name, value in members.items():
            setattr(self, name, _READERS[name](value) if name in _READERS else value)

    @property
    def args(self) -> tuple[Any, ...]:
        """The text and, as JSON, the members that were given and are not empty."""
        given = {name: self.__dict__.get(name) for name in self._members}
        stored = {name: _json(value) for name, value in given.items() if not _is_empty(value)}
        return (self._text, stored) if stored else (self._text,)

    @args.setter
    def args(self, value: Iterable[Any]) -> None:  # pyright: ignore[reportIncompatibleVariableOverride]  (the same type)
        _ARGS.__set__(self, tuple(value)[:1])

    @property
    def _text(self) -> str:
        return str(next(iter(_ARGS.__get__(self)), ""))

    def __str__(self) -> str:
        """One line: what happened, and what may be done about it."""
        return f"{self._line()}{MAY_BE_DONE if self.may_be_done else ''}"

    def _line(self) -> str:
        return self._text

    def __reduce__(self) -> tuple[Any, ...]:
        # Not by `args`: a pickle keeps values of every type, and attributes that were added.
        return _restore, (type(self), self._text, self.__dict__)


def _restore(kind: type[PixolaError], text: str, state: dict[str, Any]) -> PixolaError:
    error = kind.__new__(kind, text)  # a subclass may have a constructor of its own
    error.__dict__.update(state)
    return error


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, Sized) and not len(value))


def _json(value: Any) -> Any:
    """The value as JSON; what `_READERS` have an entry for they read again."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, PixolaError):
        return {"class": type(value).__name__, "args": _json(value.args)}
    if isinstance(value, Mapping):
        return {str(name): _json(each) for name, each in value.items()}
    if isinstance(value, frozenset | list | tuple):
        return [_json(each) for each in (sorted(value) if isinstance(value, frozenset) else value)]
    if hasattr(value, "to_dict"):
        return value.to_dict()
    return value if isinstance(value, str | int | float | None) else str(value)


def _instant(value: datetime | str) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _batch(value: "Batch | Mapping[str, Any]") -> "Batch":
    from .models import Batch  # noqa: PLC0415  (see above)

    return Batch.from_dict(value) if isinstance(value, Mapping) else value


def _summaries(values: "Iterable[BatchSummary | Mapping[str, Any]]") -> "tuple[BatchSummary, ...]":
    from .models import BatchSummary  # noqa: PLC0415  (see above)

    return tuple(BatchSummary.from_dict(each) if isinstance(each, Mapping) else each for each in values)


def _failures(values: Mapping[str, Any]) -> dict[str, PixolaError]:
    return {name: _error(each) if isinstance(each, Mapping) else each for name, each in values.items()}


def _place(value: Path | str) -> Path:
    try:
        return place_of(value)
    except ValueError:  # the URL of a store whose package is not installed here
        return Path(value)


def _error(stored: Mapping[str, Any]) -> PixolaError:
    kind = globals().get(stored["class"])
    known: type[PixolaError] = kind if isinstance(kind, type) and issubclass(kind, PixolaError) else PixolaError
    return known(*stored["args"])


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "available_at": _instant,
    "batch": _batch,
    "candidates": _summaries,
    "excluded": frozenset,
    "failures": _failures,
    "request": dict,
    "saved": lambda paths: tuple(map(_place, paths)),
    "submitted_at": _instant,
    "suggestions": tuple,
}


class ConfigurationError(PixolaError, ValueError):  # pyright: ignore[reportIncompatibleVariableOverride]  (of `args`)
    """A setting or an argument is wrong; nothing was sent. `setting` names it (`api_key`, `base_url`, ...)."""

    setting: str = ""


class RequestError(PixolaError):
    """No usable answer arrived: the connection failed, broke off or was too slow; `method` and `url` name it."""

    method: str = ""
    url: str = ""


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

    status: int = 0
    code: str | None = None
    retry_after: float | None = None
    request_id: str | None = None
    method: str = ""
    url: str = ""
    suggestions: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """The service's own sentence, without status and code."""
        return self._text

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

    status: int = 0
    method: str = ""
    url: str = ""
    body: str = ""


class GenerationError(PixolaError):
    """A batch ended without a single picture; `batch` is its last state."""

    batch: "Batch"

    @classmethod
    def of(cls, batch: "Batch") -> Self:
        """The error for a batch that ended badly."""
        return cls(
            f"batch {batch.batch_id} ended as {printable(batch.status, 40)}", batch=batch, batch_id=batch.batch_id
        )


class GenerationFailedError(GenerationError):
    """The generation failed; credits are charged only for images that complete."""


class GenerationRejectedError(GenerationError):
    """The generation was rejected, usually by moderation of the picture."""


class WaitTimeoutError(PixolaError):
    """The batch was not finished within `timeout` seconds; it goes on, and `wait(batch_id)` resumes."""

    timeout: float = 0.0


class SubmissionUnknownError(PixolaError):
    """A paid submission got no clear answer: it may have been accepted and will be charged if so.

    `request` is what was sent, `submitted_at` when (aware, UTC), `candidates` the batches that might be it.
    `px.reconcile(error)` looks for it again, in another process too: `baseline` is the newest batch known before,
    `has_baseline` whether any was known, `excluded` the batches that cannot be it, and `submission_id` this library's
    own name for the submission. Nothing was sent twice: to submit again is the caller's own choice.

    With `batch_id`, it was accepted for certain, but under an id that cannot be asked for.
    """

    request: dict[str, Any]
    submitted_at: datetime
    candidates: "tuple[BatchSummary, ...]" = ()
    baseline: str | None = None
    has_baseline: bool = False
    excluded: frozenset[str] = frozenset()
    submission_id: str = ""

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

    available_at: datetime
    is_daily: bool = True


class CreditLimitError(PixolaError):
    """Going on would spend more credits than the caller allowed: `needed` over `limit`."""

    limit: int = 0
    needed: int = 0


class ClusterError(PixolaError):
    """The cluster of a bulk run does not answer any more; the ledger has all that was done, and the run can go on."""


class DownloadError(PixolaError):
    """A picture could not be fetched, or what came was not one.

    `url` is without its query, which may be signed; `status` the HTTP status, if there was one; `is_transient`
    whether trying again may help. Of a `save`, `saved` lists the files that were written all the same, and `failures`
    has by image id what happened to each other image; the rest is of the first of them.
    """

    url: str = ""
    status: int | None = None
    is_transient: bool = False
    saved: tuple[Path, ...] = ()
    failures: Mapping[str, PixolaError] = MappingProxyType({})

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
            saved=saved,
            failures=failures,
        )
        error.__cause__ = first
        return error
