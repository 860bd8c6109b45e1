"""The request budget of a key, shared by all threads, tasks and processes of this machine that use it.

A request is booked before it is sent, at the earliest time that both limits allow, in one short transaction; the
caller sleeps outside of it. Who is too far from that time to book it takes a place in the queue, and comes back:

    turn = ledger.reserve(is_paid=False)
    while turn.delay > 0:
        sleep(turn.delay)
        turn = ledger.reserve(is_paid=False, turn=turn)
    send()

Places are served in the order in which they were taken. One whose owner does not come back is given up, so nothing
that is killed holds up the others for longer than `Limits.absence` and `Limits.look_ahead`.

What is promised about clocks: the minute is measured by the monotonic one, which the processes of a machine share and
nobody can set, so no jump of the wall clock lets a burst through or makes anyone wait. A reboot forgets the minute;
after a suspension one may wait a minute that has passed. The day is measured by the wall clock, which survives a
reboot. When it is set back, requests lie in the future: they are moved to now, none is forgotten, and nobody waits
for more than a day. When it is set forward, the day ends early, and the service's own 429 holds everybody.

The file is never a reason to fail: when it cannot be used, this process goes on in memory and logs one warning.
"""

import atexit
import logging
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar

from .database import Account, LedgerFile, Moment, account_id
from .limits import LIMITS, Allowance, Budget, Limit, Limits
from .turn import Turn

T = TypeVar("T")

DEFAULT_HOLD: Final = 10.0  # seconds, for a 429 that names none: in a busy minute five requests leave the window
_LONGEST_HOLD: Final = 86_400.0  # seconds; no documented limit is longer
_RESOLUTION: Final = 0.001  # seconds; who comes back is not early by a rounding error

_log = logging.getLogger("pixola_ext")


def _moment() -> Moment:
    return Moment(time.time(), time.monotonic())


class Ledger:
    """The requests of one key at one origin. Safe between threads, between processes and across a fork.

    `folder` is where the file is kept; None keeps the ledger in this object. The key itself is never written. Nothing
    is opened before the first call; a call takes less than a millisecond, and waits only for another one to end.
    """

    def __init__(
        self,
        folder: Path | None,
        key: str,
        origin: str,
        *,
        clock: Callable[[], Moment] = _moment,
        limits: Limits = LIMITS,
    ) -> None:
        self._file = self._own = LedgerFile(folder)
        self._identity = f"{origin} {key}"
        self._clock = clock
        self._limits = limits

    def reserve(self, *, is_paid: bool, wait_for_quota: bool = False, turn: Turn | None = None) -> Turn:
        """A turn to send one request. Whoever has slept gives its `turn` back, and gets it with what is left to wait.

        When the day is used up, a place is kept only for one who will `wait_for_quota`.
        """
        kept = None if turn is None else self._run(lambda account: self._kept(account, turn), writes=False)
        return kept or self._run(
            lambda account: self._assigned(account, turn, is_paid=is_paid, wait_for_quota=wait_for_quota)
        )

    def release(self, turn: Turn) -> None:
        """Give up a turn with which nothing was sent, or nothing can have arrived."""
        self._run(lambda account: account.drop(turn.place))

    def hold(self, seconds: float | None = None) -> None:
        """The service answered 429: nobody on this key sends for `seconds`, or `DEFAULT_HOLD` if it named none."""
        length = min(DEFAULT_HOLD if seconds is None else seconds, _LONGEST_HOLD)
        self._run(lambda account: account.hold(length))

    def budget(self) -> Budget:
        """What is left, as far as this machine knows; requests booked ahead count as used."""
        return self._run(self._budget)

    def close(self) -> None:
        """Close the file; a later call opens it again."""
        self._own.close()

    # -- within one transaction ----------------------------------------------------------------------------------------

    def _kept(self, account: Account, turn: Turn) -> Turn | None:
        """The turn as it was booked, unless it has been missed or nobody may send."""
        if turn.at is None:
            return None
        wait = turn.at - account.now.steady
        if wait < -self._limits.margin or account.held() > max(wait, 0.0):
            return None
        return turn._replace(delay=max(wait, 0.0))

    def _assigned(self, account: Account, turn: Turn | None, *, is_paid: bool, wait_for_quota: bool) -> Turn:
        place = account.vacate(None if turn is None else turn.place)
        held = account.held()
        schedule = account.schedule()
        schedule.seat(account.ahead(place), held)
        at = schedule.earliest(held, is_paid=is_paid)
        if at <= self._limits.look_ahead:
            place = account.book(place, at, is_paid=is_paid)
            return Turn(at, place, account.now.steady + at)
        freed = schedule.day_frees(held)
        frees_at = _date(account, freed) if freed > self._limits.patience else None
        if frees_at is not None and not wait_for_quota:
            account.drop(place)
            return Turn(freed, frees_at=frees_at)
        delay = min(at - self._limits.look_ahead + _RESOLUTION, self._limits.absence)
        place = account.queue(place, delay + self._limits.look_ahead, is_paid=is_paid)
        return Turn(delay, place, frees_at=frees_at)

    def _budget(self, account: Account) -> Budget:
        schedule, held, limits = account.schedule(), account.held(), self._limits
        minute_frees = _date(account, schedule.earliest(0.0, is_paid=False))
        day_frees = _date(account, schedule.day_frees(0.0))
        return Budget(
            minute=_allowance(limits.minute, len(schedule.minute), minute_frees),
            day=_allowance(limits.day, account.used_today(), day_frees),
            held_until=_date(account, held) if held > 0 else None,
        )

    # -- the file, or memory -------------------------------------------------------------------------------------------

    def _run(self, action: Callable[[Account], T], *, writes: bool = True) -> T:
        try:
            return self._run_in(self._file, action, writes=writes)
        except (sqlite3.Error, OSError) as error:
            self._fall_back(error)
        return self._run_in(self._file, action, writes=writes)

    def _fall_back(self, error: Exception) -> None:
        self._own.give_up()
        self._file = _MEMORY
        folder = self._own.folder
        if folder not in _warned:
            _warned.add(folder)
            _log.warning("the request budget cannot be kept in %s (%s): this process counts in memory", folder, error)

    def _run_in(self, file: LedgerFile, action: Callable[[Account], T], *, writes: bool) -> T:
        with file.transaction() if writes else file.reading() as database:
            # The clock is read when the file is ours: what waiting for others took must not count as lateness.
            account = Account(database, account_id(self._identity, file.salt), self._limits, self._clock())
            if writes:
                account.prune()
            return action(account)


_MEMORY: Final = LedgerFile(None)  # for all whose file cannot be used, so that they still share one budget
_warned: Final[set[Path | None]] = set()
atexit.register(_MEMORY.close)


def _date(account: Account, offset: float) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(seconds=account.now.wall + offset)


def _allowance(limit: Limit, used: int, frees_at: datetime) -> Allowance:
    return Allowance(limit.count, used, frees_at if used >= limit.count else None)
