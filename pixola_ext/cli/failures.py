"""What a failure says: one line, the command that goes on, an exit code; with --json one document on stdout."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import click

from .._display import printable
from . import exits
from .refusal import RefusedError

if TYPE_CHECKING:
    from ..errors import PixolaError
    from .session import Session


class Failure:
    """A failure as it is told. `code` is a word for programs; `next` the command that goes on."""

    def __init__(
        self,
        code: str,
        message: str,
        exit_code: int,
        *,
        batch_id: str | None = None,
        next: str | None = None,  # noqa: A002
    ) -> None:
        self.code = code
        self.message = printable(message, 1000)
        self.exit_code = exit_code
        self.batch_id = None if batch_id is None else printable(batch_id, 200)
        self.next = next

    def document(self) -> dict[str, Any]:
        """The failure as JSON."""
        return {
            "code": self.code,
            "message": self.message,
            "exit_code": self.exit_code,
            "batch_id": self.batch_id,
            "next": self.next,
        }

    def lines(self) -> str:
        """The failure for people."""
        what = (
            self.message
            if self.batch_id is None or self.batch_id in self.message
            else (f"{self.message} (batch {self.batch_id})")
        )
        return f"pixola: {what}" + (f"\n  next: {self.next}" if self.next else "")


def failed(error: BaseException, session: "Session") -> int | None:
    """Tell of an error and return the exit code; None for one that is a mistake of this program."""
    failure = failure_of(error, session)
    if failure is None:
        return None
    if session.json or session.jsonl:
        session.document({"error": failure.document()})
    else:
        if isinstance(error, click.UsageError) and error.ctx is not None:
            session.output.message(error.ctx.get_usage())
        session.output.message(failure.lines())
    return failure.exit_code


def failure_of(error: BaseException, session: "Session") -> Failure | None:
    """What there is to tell of an error; None for one that is a mistake of this program."""
    from ..errors import PixolaError

    if isinstance(error, PixolaError):
        return _of_library(error, session)
    if isinstance(error, RefusedError):
        return Failure(error.code, error.message, error.exit_code, batch_id=error.batch_id, next=error.next)
    if isinstance(error, click.ClickException):
        return _of_usage(error)
    if isinstance(error, click.Abort | KeyboardInterrupt):
        return _of_interruption(error, session)
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return Failure("os_error", f"{where}{error.strerror or error}", exits.ERROR)
    return None


def _of_usage(error: click.ClickException) -> Failure:
    path = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "pixola"
    code = "usage" if isinstance(error, click.UsageError) else "error"
    help_command = f"{path} --help" if isinstance(error, click.UsageError) else None
    return Failure(code, error.format_message(), error.exit_code, next=help_command)


def _of_interruption(error: BaseException, session: "Session") -> Failure:
    cause: BaseException | None = error
    while cause is not None and not (hasattr(cause, "submission") or hasattr(cause, "batch_id")):
        cause = cause.__cause__ or cause.__context__
    submission = getattr(cause, "submission", None)
    batch_id: str | None = getattr(cause, "batch_id", None)
    batch_ids: list[str] = list(dict.fromkeys([*session.open_batches, *([batch_id] if batch_id else [])]))
    message, following = "interrupted", None
    if submission is not None:
        message += " while paying; the submission may have been accepted and is charged if so"
        following = session.next("reconcile", submission.submission_id)
    if batch_ids:
        message += f"; {'batch' if len(batch_ids) == 1 else 'batches'} {' '.join(batch_ids)} will be finished"
        following = following or session.next("wait", *batch_ids, "--output", session.destination)
    return Failure("interrupted", message, exits.INTERRUPTED, batch_id=next(iter(batch_ids), None), next=following)


# -- the errors of the library -------------------------------------------------------------------------------------


def _of_library(error: "PixolaError", session: "Session") -> Failure:
    kind = next(each.__name__ for each in type(error).__mro__ if each.__module__ == "pixola_ext.errors")
    text, following = _TOLD.get(kind, (_as_it_is, _nothing))
    place = session.key_place() if kind == "UnauthorizedError" else None
    return Failure(
        _word(kind),
        f"{text(error)} (the key is from {place})" if place else text(error),
        exits.exit_code(error),
        batch_id=error.batch_id,
        next=following(error, session),
    )


def _word(kind: str) -> str:
    """The name of a class as a word: `ContentFlaggedError` is content_flagged, `APIError` is api."""
    name = kind.removesuffix("Error")
    return "".join(
        f"_{c.lower()}" if c.isupper() and i and name[i - 1].islower() else c.lower() for i, c in enumerate(name)
    )


Text = Callable[[Any], str]
Next = Callable[[Any, "Session"], str | None]


def _as_it_is(error: Any) -> str:
    return str(error)


def _nothing(_error: Any, _session: "Session") -> str | None:
    return None


def _then(*command: str) -> Next:
    return lambda _error, session: session.next(*command)


def _configuration(error: Any) -> str:
    from .._defaults import KEYS_PAGE

    if str(error).startswith("no API key"):
        return (
            f"no API key: create one at {KEYS_PAGE}, then `pixola login` or set PIXOLA_API_KEY;"
            " `pixola --sandbox ...` needs none"
        )
    return str(error).replace("allow_http=True (PIXOLA_ALLOW_HTTP=1)", "PIXOLA_ALLOW_HTTP=1")


def _next_of_configuration(error: Any, session: "Session") -> str | None:
    if error.setting == "api_key":
        return None if str(error).startswith("no API key") else session.next("login")
    return None


def _next_of_unauthorized(_error: Any, session: "Session") -> str | None:
    """`pixola login` changes nothing while another place has precedence: that place is in the message."""
    return None if session.key_place() else session.next("login")


def _unknown(error: Any) -> str:
    return str(error).partition("; `reconcile(error)`")[0]


def _next_of_unknown(error: Any, session: "Session") -> str | None:
    return session.next("batches") if error.batch_id else session.next("reconcile", error.submission_id)


def _timeout(error: Any) -> str:
    return str(error).partition("; wait for it again")[0]


def _next_of_batch(error: Any, session: "Session") -> str | None:
    return (
        session.next("wait", error.batch_id, "--output", session.destination)
        if error.batch_id
        else session.next("doctor")
    )


def _next_of_download(error: Any, session: "Session") -> str | None:
    return session.next("download", error.batch_id, "--output", session.destination) if error.batch_id else None


def _next_of_limit(_error: Any, session: "Session") -> str | None:
    from .session import command_line

    return command_line([*session.words, "--yes"])


def _next_of_bad_request(error: Any, session: "Session") -> str | None:
    return session.next("models") if error.suggestions else None


_TOLD: Final[dict[str, tuple[Text, Next]]] = {
    "ConfigurationError": (_configuration, _next_of_configuration),
    "ConnectError": (_as_it_is, _next_of_batch),
    "RequestTimeoutError": (_as_it_is, _next_of_batch),
    "RequestError": (_as_it_is, _next_of_batch),
    "ServerError": (_as_it_is, _next_of_batch),
    "UnexpectedResponseError": (_as_it_is, _next_of_batch),
    "BadRequestError": (_as_it_is, _next_of_bad_request),
    "UnauthorizedError": (_as_it_is, _next_of_unauthorized),
    "NotFoundError": (_as_it_is, _nothing),
    "InsufficientCreditsError": (_as_it_is, _then("credits")),
    "GenerationFailedError": (_as_it_is, _nothing),
    "WaitTimeoutError": (_timeout, _next_of_batch),
    "SubmissionUnknownError": (_unknown, _next_of_unknown),
    "QuotaExhaustedError": (_as_it_is, _then("credits")),
    "CreditLimitError": (_as_it_is, _next_of_limit),
    "DownloadError": (_as_it_is, _next_of_download),
}
