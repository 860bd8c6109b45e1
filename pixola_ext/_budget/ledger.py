"""The request budget of a key, shared by all threads, tasks and processes of this machine that use it.

A request is booked before it is sent, at the earliest time that both limits allow, in one short transaction; the
caller sleeps outside of it. A caller that is too far from that time to book it is queued, and asks again:

    reservation = ledger.reserve(is_paid=False)
    while reservation.delay > 0:
        sleep(reservation.delay)
        reservation = ledger.reserve(is_paid=False, reservation=reservation)
    send()
    ledger.confirm(reservation)

The queue is served in the order of the first calls. A reservation whose owner does not ask again is given up, so a
process that is killed delays the others by no more than `Limits.queue_timeout` and `Limits.look_ahead`.

What counts is when a request arrives at the service, and that is known only to lie between its booking and its answer.
Before the answer, the booking counts; later bookings are at most `Limits.look_ahead` ahead, so none can take the place
of a request whose answer is still to come. With the answer, `confirm` moves it to the latest time at which it can have
arrived. A request that left late, because the machine was busy or the connection slow, therefore counts for longer.

What is promised about clocks: the minute is measured by the monotonic one, which the processes of a machine share and
no user can set, so no jump of the wall clock lets a burst through or delays a request. A reboot forgets the minute;
after a suspension a request may wait for a minute that has passed. The day is measured by the wall clock, which
survives a reboot. When it is set back, requests lie in the future: they are moved to now, none is forgotten, and no
request waits for more than a day. When it is set forward, the day ends early, and the service's own 429 pauses all.

Programs with another state folder, on another machine for example, are not seen. A 429 tells of them: what the limit
had room for beyond our own accepted requests must be theirs. After the pause it is left to them, less and
less, for two minutes.

The file is never a reason to fail: when it cannot be used, this process goes on in memory and logs one warning. With a
database that machines share, nothing that costs credits is counted anywhere else: the error is raised. Other requests
are counted in memory, a few a minute, until a database that has answered before answers again.
"""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from attrs import evolve

from .._state.errors import StoreError, UnreachableError
from .limits import LIMITS, Allowance, Budget, Limit, Limits, Schedule
from .memory import MemoryStore
from .records import LONGEST_PAUSE, Clock, Moment, Records, Store
from .reservation import Reservation

if TYPE_CHECKING:
    from .shared import SharedStore

T = TypeVar("T")

DEFAULT_PAUSE: Final = 10.0  # seconds, for a 429 that names none: in a busy minute five requests leave the window
_LEAST_SHARE: Final = 3  # requests of a minute that are never left to other programs
_RESOLUTION: Final = 0.001  # seconds; who comes back is not early by a rounding error

_log = logging.getLogger("pixola_ext")


def _moment() -> Moment:
    return Moment(time.time(), time.monotonic())


class Ledger:
    """The requests of one key at one origin. Safe between threads, between processes and across a fork.

    `folder` is where the file is kept; None keeps the ledger in memory. With `shared`, it is in that database instead.
    The key itself is never written. Nothing is opened before the first call; a call takes less than a millisecond (a
    few with a database), and waits only for another one to end.
    """

    def __init__(
        self,
        folder: Path | None,
        key: str,
        origin: str,
        *,
        clock: Clock = _moment,
        limits: Limits = LIMITS,
        shared: "SharedStore | None" = None,
    ) -> None:
        self._folder = folder
        self._identity = f"{origin} {key}"
        self._clock = clock
        self._limits = limits
        self._is_shared = shared is not None
        self._has_warned = False
        self._store: Store = self._opened() if shared is None else shared
        self._own = self._store

    def reserve(
        self, *, is_paid: bool, wait_for_quota: bool = False, reservation: Reservation | None = None
    ) -> Reservation:
        """Reserve the sending of one request. A caller that has slept gives its `reservation`, and gets what is left.

        When the day is used up, a place in the queue is kept only for a caller that will `wait_for_quota`.
        """
        kept = None
        if reservation is not None:
            kept = self._run(lambda records: _kept(records, reservation), writes=False, is_paid=is_paid)
        if kept is not None:
            return kept
        assigned = self._run(
            lambda records: _assigned(records, reservation, is_paid=is_paid, wait_for_quota=wait_for_quota),
            is_paid=is_paid,
        )
        if not self._is_shared or assigned.booked_at is None:
            return assigned
        return assigned._replace(delay=max(assigned.booked_at - self._clock().steady, 0.0))  # a database takes its time

    def confirm(self, reservation: Reservation) -> None:
        """The request was sent and must have arrived by now: it counts from now on, unless the margin covers that."""
        booked_at = reservation.booked_at
        if booked_at is not None and self._clock().steady - booked_at > self._limits.margin:
            self._run(lambda records: records.confirm(reservation.number))

    def release(self, reservation: Reservation) -> None:
        """Cancel a reservation: no request was sent for it, or none can have arrived."""
        self._run(lambda records: records.delete(reservation.number))

    def pause(self, seconds: float | None = None, refused: Reservation | None = None) -> None:
        """The service answered `refused` with 429: no request of this key for `seconds`, or for `DEFAULT_PAUSE`."""
        self._run(lambda records: _pause(records, seconds, refused))

    def budget(self) -> Budget:
        """What is left, as far as this machine knows; requests booked ahead count as used."""
        return self._run(_budget)

    def close(self) -> None:
        """Close the file; a later call opens it again."""
        self._own.close()

    # -- the file, or memory -------------------------------------------------------------------------------------------

    def _opened(self) -> Store:
        if self._folder is None:
            return MemoryStore()
        try:
            from .database import FileStore  # noqa: PLC0415  (some builds of Python come without SQLite)
        except ImportError as error:
            _warn(self._folder, error)
            return _MEMORY
        return FileStore(self._folder)

    def _run(self, action: Callable[[Records], T], *, writes: bool = True, is_paid: bool = False) -> T:
        try:
            return self._run_in(self._store, action, writes=writes)
        except StoreError as error:
            if self._is_shared:
                return self._run_without_database(action, error, is_paid=is_paid)
            self._own.give_up()
            self._store = _MEMORY
            _warn(self._folder, error)
        return self._run_in(self._store, action, writes=writes)

    def _run_without_database(self, action: Callable[[Records], T], error: StoreError, *, is_paid: bool) -> T:
        """What is done when the shared database cannot be used, as `error` says."""
        if is_paid or not isinstance(error, UnreachableError) or error.may_pass or not error.was_reached:
            raise error
        if not self._has_warned:
            self._has_warned = True
            _log.warning("%s: requests that cost nothing are counted in this process until it does", error)
        few = evolve(self._limits, minute=evolve(self._limits.minute, count=_LEAST_SHARE), polling_share=0)
        return self._run_in(_MEMORY, action, writes=True, limits=few)

    def _run_in(self, store: Store, action: Callable[[Records], T], *, writes: bool, limits: Limits | None = None) -> T:
        enter = store.transaction if writes else store.reading
        with enter(self._identity, limits or self._limits, self._clock) as records:
            if writes:
                records.prune()
            return action(records)


_MEMORY: Final = MemoryStore()  # of all ledgers whose file cannot be used, so that they still share one budget
_warned: Final[set[Path | None]] = set()


def _warn(folder: Path | None, error: Exception) -> None:
    if folder not in _warned:
        _warned.add(folder)
        _log.warning("the request budget cannot be kept in %s (%s): this process counts in memory", folder, error)


# -- within one transaction --------------------------------------------------------------------------------------------


def _kept(records: Records, reservation: Reservation) -> Reservation | None:
    """The reservation as it was booked, unless its time has been missed or requests are paused."""
    if reservation.booked_at is None:
        return None
    delay = reservation.booked_at - records.now.steady
    if delay < -records.limits.margin or records.paused() > max(delay, 0.0):
        return None
    return reservation._replace(delay=max(delay, 0.0))


def _assigned(records: Records, reservation: Reservation | None, *, is_paid: bool, wait_for_quota: bool) -> Reservation:
    limits = records.limits
    number = records.requeue(None if reservation is None else reservation.number)
    paused = records.paused()
    schedule = _schedule(records)
    schedule.add_queue(records.queued_before(number), paused)
    at = schedule.earliest(paused, is_paid=is_paid)
    if at <= limits.look_ahead:
        number = records.book(number, at, is_paid=is_paid)
        return Reservation(at, number, records.now.steady + at)
    freed = schedule.day_frees(paused)
    frees_at = _date(records, freed) if freed > limits.patience else None
    if frees_at is not None and not wait_for_quota:
        records.delete(number)
        return Reservation(freed, frees_at=frees_at)
    delay = min(at - limits.look_ahead + _RESOLUTION, limits.queue_timeout)
    number = records.queue(number, delay + limits.look_ahead, is_paid=is_paid)
    return Reservation(delay, number, frees_at=frees_at)


def _schedule(records: Records) -> Schedule:
    """What was sent and what is booked, within what other programs leave of the minute."""
    limits, sent = records.limits, records.minute()
    # Reading up to a thousand rows is spared while all that may be booked in this minute fit into the day.
    is_day_short = records.used_today() + 2 * limits.minute.count >= limits.day.count
    return Schedule(
        _left(limits, _foreign(records)),
        [each.at for each in sent],
        [each.at for each in sent if each.is_paid],
        records.day() if is_day_short else [],
    )


def _foreign(records: Records) -> int:
    """How many requests of a minute are left to other programs; a damaged number counts as what can be."""
    return round(min(max(records.foreign(), 0.0), records.limits.minute.count))


def _left(limits: Limits, foreign: int) -> Limits:
    """The limits without the requests of other programs."""
    if foreign == 0:
        return limits
    count = max(limits.minute.count - foreign, min(_LEAST_SHARE, limits.minute.count))
    polling_share = min(limits.polling_share, count - 1)
    return evolve(limits, minute=evolve(limits.minute, count=count), polling_share=polling_share)


def _pause(records: Records, seconds: float | None, refused: Reservation | None) -> None:
    limits = records.limits
    length = min(DEFAULT_PAUSE if seconds is None else seconds, LONGEST_PAUSE)
    records.pause(length)
    if refused is None or length > limits.minute.seconds:  # another limit than the minute's
        return
    records.refuse(refused.number)
    accepted = sum(each.at <= 0 and not each.is_refused for each in records.minute())
    records.learn_foreign(max(limits.minute.count - accepted, 0), length)


def _budget(records: Records) -> Budget:
    limits, schedule, paused = records.limits, _schedule(records), records.paused()
    used = len(schedule.minute) + limits.minute.count - schedule.limits.minute.count
    minute_frees = _date(records, schedule.earliest(0.0, is_paid=False))
    return Budget(
        minute=_allowance(limits.minute, used, minute_frees),
        day=_allowance(limits.day, records.used_today(), _date(records, schedule.day_frees(0.0))),
        held_until=_date(records, paused) if paused > 0 else None,
    )


def _date(records: Records, offset: float) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(seconds=records.now.wall + offset)


def _allowance(limit: Limit, used: int, frees_at: datetime) -> Allowance:
    return Allowance(limit.count, used, frees_at if used >= limit.count else None)
