"""Decisions, written once for both clients: generators that yield effects and return a value.

A flow does no I/O, reads no clock and never loops over time by itself: it yields an effect and is given the outcome,
or gets the error thrown in. The drivers in `_io` carry effects out, with or without `await`. Inside a flow,
`answer = yield from Send(...)` is typed; a test plays the driver by hand.
"""

from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from attrs import frozen

from .._api.answers import Answer
from .._api.operations import Call
from .._budget.reservation import Reservation
from ..errors import ConnectError

if TYPE_CHECKING:
    from .._budget.limits import Budget  # noqa: F401  (of `Outlook`)
    from .._journal.entries import Rows
    from .._pictures.metadata import Provenance

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


@frozen(slots=False, eq=False, repr=False)
class Send(Effect[Answer]):
    """Send a request and give the whole answer, of whatever status, within `timeout` seconds.

    After the instant `latest` of the monotonic clock it is not begun: the process may have been stopped meanwhile, and
    another one have gone on in its place. Raises `RequestError`; `ConnectError` only if the service cannot have seen
    the request, and of these `HeldUpError` if it was too late.
    """

    call: Call[Any]
    timeout: float
    latest: float | None = None


@frozen(slots=False, eq=False, repr=False)
class Reserve(Effect[Reservation]):
    """Reserve the sending of one request, or ask how long is left to wait for `reservation`; see `Ledger.reserve`."""

    is_paid: bool
    wait_for_quota: bool
    reservation: Reservation | None = None


@frozen(slots=False, eq=False, repr=False)
class Confirm(Effect[None]):
    """The reserved request was sent and must have arrived by now; the limits count it from now on."""

    reservation: Reservation


@frozen(slots=False, eq=False, repr=False)
class Release(Effect[None]):
    """Cancel a reservation: no request was sent for it, or none can have arrived."""

    reservation: Reservation


@frozen(slots=False, eq=False, repr=False)
class Pause(Effect[None]):
    """The service answered `refused` with 429: no request of this key for `seconds`, or a default if it named none."""

    seconds: float | None
    refused: Reservation


@frozen(slots=False, eq=False, repr=False)
class Sleep(Effect[None]):
    """Do nothing for `seconds`."""

    seconds: float


@frozen(slots=False, eq=False, repr=False)
class Journaled(Effect[R], Generic[R]):
    """Run `action` on the journal of submissions, in one transaction; gives what it returns.

    `is_result` tells that the action writes down what became of a request that was sent: it may wait for a database.
    """

    action: "Callable[[Rows], R]"
    is_result: bool = False


@frozen(slots=False, eq=False, repr=False)
class Recorded(Effect[R], Generic[R]):
    """Run `action`, one short transaction of the ledger of a bulk run; gives what it returns."""

    action: "Callable[[], R]"


class Outlook(Effect["Budget | None"]):
    """What is left of the key's requests; None if they are not counted."""


class Now(Effect[float]):
    """The monotonic clock, in seconds; deadlines are made of it."""


class WallClock(Effect[datetime]):
    """The time of day (aware, UTC), for what people read; never for deadlines."""


class Random(Effect[float]):
    """A number in [0, 1), for jitter."""


@frozen(slots=False, eq=False, repr=False)
class Notify(Effect[None], Generic[T]):
    """Call the user's function with a value; the asynchronous driver awaits what it returns if it can."""

    callback: Callable[[T], Awaitable[None] | None]
    value: T


class Downloaded(NamedTuple):
    """A whole picture on disk under a temporary name, and the suffix of its kind (`.png`, ...)."""

    path: Path
    suffix: str


@frozen(slots=False, eq=False, repr=False)
class Download(Effect[Downloaded]):
    """Fetch `url` without the API key into a temporary file in `folder`, within `timeout` seconds.

    Without a folder it goes to where the system keeps temporary files. Only from public hosts over https, and from
    the host of the API where the settings allow that. Raises `DownloadError`, and then leaves no file.
    """

    url: str
    folder: Path | None
    timeout: float


@frozen(slots=False, eq=False, repr=False)
class Publish(Effect[Path]):
    """Describe the temporary file and give it the first free name in `folder`; never overwrites.

    `name` makes a file name of a number, tried from `number` on. `provenance` is written into the file, or beside it
    if it has to stay as it is; None: nowhere. `image_id` and `timeout` (seconds) are for folders of a store.
    """

    temporary: Path
    folder: Path
    name: Callable[[int], str]
    number: int
    suffix: str
    provenance: "Provenance | None"
    image_id: str
    timeout: float


@frozen
class CheckPlace(Effect[None]):
    """Raise `ConfigurationError` unless pictures can be saved to `dest`, a folder or the name of a picture."""

    dest: Path


@frozen
class ReadTemporary(Effect[bytes]):
    """The content of a temporary file, which is then deleted."""

    temporary: Path


@frozen(slots=False, eq=False, repr=False)
class Discard(Effect[None]):
    """Delete the temporary file."""

    temporary: Path


@frozen
class DeleteLeftovers(Effect[None]):
    """Delete the temporary files that killed processes left in `folder`; those in use stay. Never fails."""

    folder: Path


@frozen(slots=False, eq=False, repr=False)
class FindPictures(Effect[Mapping[str, Path]]):
    """The files of pictures that are in `folder` already, by image id. Never fails.

    Those `named` have the id in the file name, those `described` in their metadata; of the latter, only files are
    looked into that were changed since an instant, in seconds since the epoch.
    """

    folder: Path
    named: frozenset[str]
    described: frozenset[str]
    since: float


@frozen
class Decode(Effect[R], Generic[R]):
    """Call `decoder` with `content`: work for the processor, without I/O."""

    decoder: Callable[[bytes], R]
    content: bytes


@frozen
class Gather(Effect[list[R | Exception]], Generic[R]):
    """Run flows concurrently, at most `limit` at a time; gives their values or errors, in order.

    Interrupted or cancelled, it ends all of them first: no thread and no task is left behind.
    """

    flows: Sequence[Generator[Effect[Any], Any, R]]
    limit: int
