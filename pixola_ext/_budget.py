"""Arithmetic of the request budget: when the next request may be sent. No I/O, and no clock is read here.

Times are offsets in seconds from now: what was sent is below 0, what is booked ahead above it. A request may be sent
at a time if no window as long as a limit's would then hold more requests than the limit allows, whether those were
sent before it or are booked after it.
"""

from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from attrs import define, field, frozen


@frozen
class Limit:
    """At most `count` requests in any `seconds`; paid ones leave `kept` of them for looking at what was paid for."""

    count: int
    seconds: float
    kept: int = 0

    @property
    def paid(self) -> int:
        """How many of them may be paid ones."""
        return self.count - self.kept


@frozen
class Limits:
    """The limits of one key, and how closely they are used. Durations are seconds.

    `margin` lengthens every window: a request that is sent that much late, or overtakes another by that much on its
    way, still stays within the limit. `look_ahead` is how far ahead a time may be booked, far less than a minute:
    who dies before it comes wastes no more than that. Who waits for longer comes back within `absence`, or, when it
    is overdue by `look_ahead`, loses its place. Requests are `pace` apart, so that in a burst all who ask get one
    before the fastest of them gets a second. A day that frees within `patience` is waited for like a minute.
    """

    minute: Limit = Limit(30, 60.0, kept=3)  # API reference, "Rate limits"; 30 submissions must not leave us blind
    day: Limit = Limit(1000, 86_400.0, kept=20)  # likewise; 20 looks are enough to see the last submissions end
    margin: float = 0.05
    look_ahead: float = 5.0
    absence: float = 15.0
    pace: float = 0.02
    patience: float = 120.0  # as long as a Retry-After that is waited for


LIMITS: Final = Limits()


@frozen
class Turn:
    """A place in the order of requests.

    `delay` is how many seconds to sleep before asking again; 0 means: send now. `at` is the time booked, on the
    monotonic clock, or None while the turn waits in the queue. `frees_at` (aware, UTC) is set when nothing can be
    sent for longer than `Limits.patience`: the day is used up, or the service has asked for a long pause.
    """

    delay: float
    place: int | None = None
    at: float | None = None
    frees_at: datetime | None = None


NOW: Final = Turn(0.0)  # where nothing is counted


@frozen
class Allowance:
    """One limit as it stands: `used` of `limit` requests; `frees_at` (aware, UTC) is None while one is left."""

    limit: int
    used: int
    frees_at: datetime | None = None

    @property
    def left(self) -> int:
        """Requests that may be sent now."""
        return max(self.limit - self.used, 0)


@frozen
class Budget:
    """What is left of one key's requests, as far as this machine knows, in any minute and in any day.

    `held_until` (aware, UTC) is set while the service has asked everyone on the key to pause.
    """

    minute: Allowance
    day: Allowance
    held_until: datetime | None = None


def clear(start: float, times: Sequence[float], count: int, span: float) -> float:
    """The earliest time from `start` at which one more beside `times` leaves no `span` with more than `count`.

    `times` ascend. Any `count` neighbours closer together than `span` forbid every time within `span` of them all.
    """
    at = start
    near = times[bisect_right(times, start - span) :]
    for first, last in zip(near, near[count - 1 :], strict=False):
        if last - first < span and last - span < at < first + span:
            at = first + span
    return at


@define
class Window:
    """The requests that count towards one limit: their times, ascending, and those of the paid ones among them."""

    limit: Limit
    span: float  # seconds, the margin included
    times: list[float] = field(factory=list)
    paid: list[float] = field(factory=list)

    def add(self, at: float, *, is_paid: bool) -> None:
        """Count one more."""
        insort(self.times, at)
        if is_paid:
            insort(self.paid, at)

    def earliest(self, start: float, *, is_paid: bool) -> float:
        """The earliest time from `start` that this limit allows."""
        at = clear(start, self.times, self.limit.count, self.span)
        while is_paid and (later := clear(at, self.paid, self.limit.paid, self.span)) > at:
            at = clear(later, self.times, self.limit.count, self.span)
        return at


@frozen
class Schedule:
    """Both windows of one key. A minute and a day are measured by different clocks, so each has its own offsets."""

    minute: Window
    day: Window
    pace: float

    def earliest(self, start: float, *, is_paid: bool) -> float:
        """The earliest time from `start` that the pace and both limits allow."""
        at = start
        while (later := self._not_before(at, is_paid=is_paid)) > at:
            at = later
        return at

    def _not_before(self, at: float, *, is_paid: bool) -> float:
        at = clear(at, self.minute.times, 1, self.pace)
        return self.day.earliest(self.minute.earliest(at, is_paid=is_paid), is_paid=is_paid)

    def add(self, at: float, *, is_paid: bool) -> None:
        """Count one more in both."""
        self.minute.add(at, is_paid=is_paid)
        self.day.add(at, is_paid=is_paid)

    def seat(self, waiting: Iterable[bool], start: float) -> None:
        """Count those who wait (whether each is a paid one) as if each took its earliest time, in their order.

        A window's worth of each kind is enough: nobody behind that many can have a time within the look-ahead.
        """
        seated: Counter[bool] = Counter()
        latest = {True: start, False: start}
        for is_paid in waiting:
            seated[is_paid] += 1
            if seated[is_paid] <= self.minute.limit.count:
                latest[is_paid] = self.earliest(latest[is_paid], is_paid=is_paid)
                self.add(latest[is_paid], is_paid=is_paid)
