"""What is remembered of one key's requests, wherever that is kept. No I/O here.

A store keeps the records of all keys: `FileStore` in a file that processes share, `MemoryStore` in this process. Inside
`store.transaction(...)` the records of one key are read and changed as one step, which no other thread or process
interrupts. Times go in and come out as offsets in seconds from `now`.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final, NamedTuple, Protocol

from attrs import frozen

from .limits import Limits

LONGEST_PAUSE: Final = 86_400.0  # seconds; no documented limit is longer
FADING: Final = 120.0  # seconds until what a 429 said about requests from elsewhere no longer counts


@frozen
class Moment:
    """The present time in seconds: `wall` since the epoch, `steady` as `time.monotonic` counts them."""

    wall: float
    steady: float


Clock = Callable[[], Moment]


class Sent(NamedTuple):
    """A request that was sent or is booked `at` so many seconds from now; whether a 429 was the answer."""

    at: float
    is_paid: bool
    is_refused: bool


class Records(Protocol):
    """The records of one key at one moment."""

    @property
    def now(self) -> Moment:
        """The time that offsets are counted from."""
        ...

    @property
    def limits(self) -> Limits:
        """The limits of the key."""
        ...

    def prune(self) -> None:
        """Delete what no longer counts, and what no clock can have said; mend what a clock set back left behind."""
        ...

    def minute(self) -> list[Sent]:
        """What was sent in the last minute or is booked, earliest first."""
        ...

    def day(self) -> list[float]:
        """When the requests of the last day were sent or are booked, earliest first."""
        ...

    def used_today(self) -> int:
        """How many requests count towards the day."""
        ...

    def queued_before(self, number: int | None) -> list[bool]:
        """Whether each queued reservation before `number` (None: each of all) is a paid one."""
        ...

    def requeue(self, number: int | None) -> int | None:
        """Take back the booking of `number`, which keeps its place; None if there is no such reservation any more."""
        ...

    def book(self, number: int | None, at: float, *, is_paid: bool) -> int:
        """Book `at` for `number`, or for a new reservation; gives its number."""
        ...

    def queue(self, number: int | None, expires_in: float, *, is_paid: bool) -> int:
        """Keep `number`, or a new reservation, queued for `expires_in` seconds; gives its number."""
        ...

    def confirm(self, number: int | None) -> None:
        """The request of `number` counts as sent now."""
        ...

    def refuse(self, number: int | None) -> None:
        """The service answered the request of `number` with 429."""
        ...

    def delete(self, number: int | None) -> None:
        """Forget the reservation `number`."""
        ...

    def pause(self, seconds: float) -> None:
        """Let no request be sent for `seconds`; a longer pause stays."""
        ...

    def paused(self) -> float:
        """Seconds for which no request may be sent."""
        ...

    def learn_foreign(self, count: int, pause: float) -> None:
        """So many of a minute's requests are from programs that do not share this store; requests pause that long."""
        ...

    def foreign(self) -> float:
        """How many are still taken to be sent by such programs in a minute: `FADING` after the last 429, none."""
        ...


class Store(Protocol):
    """Where the records are kept.

    Both ways in may raise `StoreError`. They read `clock` when no other thread or process is in the way any more:
    what waiting for those took must not look like lateness.
    """

    def transaction(self, identity: str, limits: Limits, clock: Clock) -> AbstractContextManager[Records]:
        """The records of a key, to be read and changed."""
        ...

    def reading(self, identity: str, limits: Limits, clock: Clock) -> AbstractContextManager[Records]:
        """The records of a key, to be read; waits for no other process."""
        ...

    def give_up(self) -> None:
        """Let every use fail at once, also those that are waiting for another process."""
        ...

    def close(self) -> None:
        """Close what is open; the next use opens it again."""
        ...


def paused(now: Moment, steady: float, wall: float) -> float:
    """Seconds left of a pause. It ends when either clock says so, and so outlasts no jump of a clock and no reboot."""
    return max(min(steady - now.steady, wall - now.wall, LONGEST_PAUSE), 0.0)


def faded(count: float, age: float) -> float:
    """What is left of `count` requests from elsewhere, `age` seconds after the pause in which they were learned of."""
    return count * max(1.0 - max(age, 0.0) / FADING, 0.0) if age >= -LONGEST_PAUSE else 0.0  # or it was before a reboot
