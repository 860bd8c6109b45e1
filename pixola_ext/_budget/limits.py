"""Arithmetic of the request budget: when the next request may be sent. No I/O, and no clock is read here.

Times are offsets in seconds from now: what was sent is below 0, what is booked ahead above it. A request may be sent
at a time if no window as long as a limit's would then hold more requests than the limit allows, whether those were
sent before it or are booked after it.

For example with at most 3 requests in any 10 s, of which paid ones leave 1 for polling, and nothing else between them:

    >>> limits = Limits(Limit(3, 10.0), polling_share=1, margin=0.0, spacing=0.0)
    >>> schedule = Schedule(limits, minute=[-8.0, -3.0], paid=[-8.0, -3.0])
    >>> schedule.earliest(0.0, is_paid=False)  # the third of any window
    0.0
    >>> schedule.earliest(0.0, is_paid=True)  # no third paid one before the first of them is 10 s old
    2.0
    >>> schedule.add(0.0, is_paid=False)
    >>> schedule.earliest(0.0, is_paid=False)  # the window is full until then, too
    2.0
    >>> schedule.add_queue([False], 0.0)  # a caller is queued, and gets that time
    >>> schedule.earliest(0.0, is_paid=False)  # the next one when the request of -3 s is 10 s old
    7.0
"""

from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from attrs import field, frozen


@frozen
class Limit:
    """At most `count` requests in any `seconds`."""

    count: int
    seconds: float


@frozen
class Limits:
    """The limits of one key, and how closely they are used. Durations are seconds.

    `polling_share` is how many of a minute's requests paid ones leave free for polling what was paid for: after 30
    submissions in a burst no batch could be polled for a minute. `margin` lengthens every window: a request that is
    sent that much late, or overtakes another by that much on its way, still stays within the limit. `look_ahead` is
    how far ahead a time may be booked, far less than a minute: a process that is killed before its time comes wastes
    no more than that. A queued caller asks again within `queue_timeout`, or loses its place when it is overdue by
    `look_ahead`. Requests are `spacing` apart, so that in a burst every caller gets one before the fastest gets a
    second. A day that frees within `patience` is waited for like a minute.
    """

    minute: Limit = Limit(30, 60.0)  # API reference, "Rate limits"
    day: Limit = Limit(1000, 86_400.0)  # likewise
    polling_share: int = 3
    margin: float = 0.05
    look_ahead: float = 5.0
    queue_timeout: float = 15.0
    spacing: float = 0.02
    patience: float = 120.0  # as long as a Retry-After that is waited for

    @property
    def minute_span(self) -> float:
        """The length of the minute with its margin, in seconds."""
        return self.minute.seconds + self.margin

    @property
    def day_span(self) -> float:
        """The length of the day with its margin, in seconds."""
        return self.day.seconds + self.margin


LIMITS: Final = Limits()


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

    `held_until` (aware, UTC) is set while the service has asked to pause all requests of the key.
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


@frozen
class Schedule:
    """The times, ascending, of one key's requests in the last `minute` and `day`, and of the minute's `paid` ones.

    A minute and a day are measured by different clocks, so each has its own offsets.
    """

    limits: Limits
    minute: list[float] = field(factory=list)
    paid: list[float] = field(factory=list)
    day: list[float] = field(factory=list)

    def earliest(self, start: float, *, is_paid: bool) -> float:
        """The earliest time from `start` that the spacing and both limits allow."""
        at = start
        while (later := self.day_frees(self.minute_frees(at, is_paid=is_paid))) > at:
            at = later
        return at

    def minute_frees(self, start: float, *, is_paid: bool) -> float:
        """The earliest time from `start` that the minute allows, as far as one pass over its rules can tell."""
        minute, span = self.limits.minute, self.limits.minute_span
        at = clear(start, self.minute, 1, self.limits.spacing)
        at = clear(at, self.minute, minute.count, span)
        return clear(at, self.paid, minute.count - self.limits.polling_share, span) if is_paid else at

    def day_frees(self, start: float) -> float:
        """The earliest time from `start` that the day allows."""
        return clear(start, self.day, self.limits.day.count, self.limits.day_span)

    def add(self, at: float, *, is_paid: bool) -> None:
        """Count one more."""
        insort(self.minute, at)
        insort(self.day, at)
        if is_paid:
            insort(self.paid, at)

    def add_queue(self, queued: Iterable[bool], start: float) -> None:
        """Count the queued callers (whether each wants to pay) as if each took its earliest time, in their order.

        A window's worth of each kind is enough: no caller behind that many can have a time within the look-ahead.
        """
        counted: Counter[bool] = Counter()
        latest = {True: start, False: start}
        for is_paid in queued:
            counted[is_paid] += 1
            if counted[is_paid] <= self.limits.minute.count:
                latest[is_paid] = self.earliest(latest[is_paid], is_paid=is_paid)
                self.add(latest[is_paid], is_paid=is_paid)
