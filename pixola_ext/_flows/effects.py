"""Decisions, written once for both clients: generators that yield effects and return a value.

A flow does no I/O, reads no clock and never loops over time by itself: it yields an effect and is given the outcome,
or gets the error thrown in. The drivers in `_io` carry effects out, with or without `await`. Inside a flow,
`answer = yield from Send(...)` is typed; a test plays the driver by hand.
"""

from collections.abc import Awaitable, Callable, Generator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, TypeVar

from .._api.answers import Answer
from .._api.operations import Call
from .._budget.reservation import Reservation
from ..errors import ConnectError

if TYPE_CHECKING:
    from .._budget.limits import Budget  # noqa: F401  (of `Outlook`)
    from .._journal.entries import Entry, Rows

T = TypeVar("T")
R = TypeVar("R")


class Effect(Generic[R]):
    """Something to be done by a driver; `yield from effect` gives its outcome."""

    __slots__ = ()

    def __iter__(self) -> Generator["Effect[Any]", Any, R]:
        outcome: R = yield self
        return outcome


Flow = Generator[Effect[Any], Any, T]


class HeldUpError(ConnectError):
    """A request was not begun in time: this process, or its machine, stood still. It tells nothing of the service."""


class Send(Effect[Answer]):
    """Send a request and give the whole answer, of whatever status, within `timeout` seconds.

    After the instant `latest` of the monotonic clock it is not begun: the process may have been stopped meanwhile, and
    another one have gone on in its place. Raises `RequestError`; `ConnectError` only if the service cannot have seen
    the request, and of these `HeldUpError` if it was too late.
    """

    def __init__(self, call: Call[Any], timeout: float, latest: float | None = None) -> None:
        self.call, self.timeout, self.latest = call, timeout, latest


class Reserve(Effect[Reservation]):
    """Reserve the sending of one request, or ask how long is left to wait for `reservation`; see `Ledger.reserve`."""

    def __init__(self, *, is_paid: bool, wait_for_quota: bool, reservation: Reservation | None = None) -> None:
        self.is_paid, self.wait_for_quota, self.reservation = is_paid, wait_for_quota, reservation


class Confirm(Effect[None]):
    """The reserved request was sent and must have arrived by now; the limits count it from now on."""

    __match_args__ = ("reservation",)

    def __init__(self, reservation: Reservation) -> None:
        self.reservation = reservation


class Release(Effect[None]):
    """Cancel a reservation: no request was sent for it, or none can have arrived."""

    __match_args__ = ("reservation",)

    def __init__(self, reservation: Reservation) -> None:
        self.reservation = reservation


class Pause(Effect[None]):
    """The service answered `refused` with 429: no request of this key for `seconds`, or a default if it named none."""

    __match_args__ = ("seconds", "refused")

    def __init__(self, seconds: float | None, refused: Reservation) -> None:
        self.seconds, self.refused = seconds, refused


class Sleep(Effect[None]):
    """Do nothing for `seconds`."""

    __match_args__ = ("seconds",)

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds


class Journaled(Effect[R], Generic[R]):
    """Run `action` on the journal of submissions, in one transaction; gives what it returns.

    `is_result` tells that the action writes down what became of a request that was sent: it may wait for a database.
    """

    __match_args__ = ("action", "is_result")

    def __init__(self, action: "Callable[[Rows], R]", *, is_result: bool = False) -> None:
        self.action, self.is_result = action, is_result


class Intention(NamedTuple):
    """What is written down before a paid request is sent.

    `begin` writes its entry into the journal and gives it, `record` writes it into the ledger of a bulk run, and what
    either raises is raised. `withdraw` takes an entry back.
    """

    begin: "Callable[[Rows], Entry]"
    record: "Callable[[Entry], None]"
    withdraw: "Callable[[Rows, Entry], None]"


class Intend(Effect["tuple[Reservation, Entry | None]"]):
    """Carry out `reserve` and, if the request may be sent now, `intention`; gives the reservation, and the entry then.

    In a database that machines share, that is one transaction. Elsewhere it is one thing after the other, and what was
    done is undone when a later one fails. `reserve` is None for a request that is not counted.
    """

    __match_args__ = ("reserve", "intention")

    def __init__(self, reserve: Reserve | None, intention: Intention) -> None:
        self.reserve, self.intention = reserve, intention


class Recorded(Effect[R], Generic[R]):
    """Run `action`, one short transaction of the ledger of a bulk run; gives what it returns."""

    def __init__(self, action: "Callable[[], R]") -> None:
        self.action = action


class Outlook(Effect["Budget | None"]):
    """What is left of the key's requests; None if they are not counted."""


class Now(Effect[float]):
    """The monotonic clock, in seconds; deadlines are made of it."""


class WallClock(Effect[datetime]):
    """The time of day (aware, UTC), for what people read; never for deadlines."""


class Random(Effect[float]):
    """A number in [0, 1), for jitter."""


class Notify(Effect[None], Generic[T]):
    """Call the user's function with a value; the asynchronous driver awaits what it returns if it can."""

    __match_args__ = ("callback", "value")

    def __init__(self, callback: Callable[[T], Awaitable[None] | None], value: T) -> None:
        self.callback, self.value = callback, value


class Downloaded(NamedTuple):
    """A whole picture on disk under a temporary name, and the suffix of its kind (`.png`, ...)."""

    path: Path
    suffix: str


class Download(Effect[Downloaded]):
    """Fetch `url` without the API key into a temporary file in `folder`, within `timeout` seconds.

    Without a folder it goes to where the system keeps temporary files. Only from public hosts over https, and from
    the host of the API where the settings allow that. Raises `DownloadError`, and then leaves no file.
    """

    def __init__(self, url: str, folder: Path | None, timeout: float) -> None:
        self.url, self.folder, self.timeout = url, folder, timeout


class FileEffect(Effect[R], Generic[R]):
    """Something to be done with files or pictures, and with no answer of the service; `file_effects.py` has them all.

    The asynchronous driver carries it out in a thread if it `takes_time`.
    """

    takes_time: ClassVar = True


class Gather(Effect[list[R | Exception]], Generic[R]):
    """Run flows concurrently, at most `limit` at a time; gives their values or errors, in order.

    Interrupted or cancelled, it ends all of them first: no thread and no task is left behind.
    """

    __match_args__ = ("flows", "limit")

    def __init__(self, flows: Sequence[Generator[Effect[Any], Any, R]], limit: int) -> None:
        self.flows, self.limit = flows, limit
