"""The records of requests in the memory of this process: where no file is wanted, or none can be used."""

import os
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Final

from attrs import define, field, frozen

from .limits import Limits
from .records import Clock, Moment, Sent, faded, paused


@define
class _Request:
    """A reservation: booked or sent at `steady` and `wall`, or queued until `expires` while both are None."""

    is_paid: bool
    steady: float | None = None
    wall: float | None = None
    expires: float | None = None
    is_refused: bool = False


@define
class _Account:
    """What is remembered of one key; `requests` by number, which ascends."""

    requests: dict[int, _Request] = field(factory=dict)
    pause: tuple[float, float] = (0.0, 0.0)  # its end by the steady clock and by the wall clock
    foreign: tuple[int, float] = (0, 0.0)  # how many, from when by the steady clock they fade


class MemoryStore:
    """Safe between threads and across a fork; a child goes on with a copy of what its parent remembered."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._accounts: dict[str, _Account] = {}
        # A reservation made in a file must not look like one of ours when that file can no longer be used.
        self._numbers = count(int.from_bytes(os.urandom(6)))
        _stores.add(self)

    @contextmanager
    def transaction(self, identity: str, limits: Limits, clock: Clock) -> Iterator["MemoryRecords"]:
        """See `Store`."""
        with self.lock:
            yield MemoryRecords(self._accounts.setdefault(identity, _Account()), limits, clock(), self._numbers)

    reading = transaction

    def give_up(self) -> None:
        """Memory can always be used."""

    def close(self) -> None:
        """Nothing is open."""


_stores: Final[weakref.WeakSet[MemoryStore]] = weakref.WeakSet()


def _renew_locks() -> None:
    for store in list(_stores):
        store.lock = threading.Lock()  # the parent's may have been held in the instant of the fork


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_locks)


@frozen
class MemoryRecords:
    """The records of one key; see `Records`."""

    _account: _Account
    limits: Limits
    now: Moment
    _numbers: "count[int]"

    def prune(self) -> None:
        """See `Records`."""
        limits, now = self.limits, self.now
        latest = now.steady + limits.queue_timeout + limits.look_ahead
        of_minute = now.steady - limits.minute_span, now.steady + limits.look_ahead
        of_day = now.wall - limits.day_span
        requests = self._account.requests
        for number, request in list(requests.items()):
            if request.steady is None or request.wall is None:
                is_kept = request.expires is not None and now.steady <= request.expires <= latest
            else:
                is_kept = request.wall >= of_day or of_minute[0] <= request.steady <= of_minute[1]
            if not is_kept:
                del requests[number]
        newest = max((request.wall for request in requests.values() if request.wall is not None), default=now.wall)
        if newest > now.wall + limits.look_ahead:  # the wall clock was set back
            for request in requests.values():
                if request.wall is not None and request.wall > now.wall:
                    request.wall -= newest - now.wall

    def minute(self) -> list[Sent]:
        """See `Records`."""
        start, end = -self.limits.minute_span, self.limits.look_ahead
        sent = [
            Sent(request.steady - self.now.steady, request.is_paid, request.is_refused)
            for request in self._account.requests.values()
            if request.steady is not None
        ]
        return sorted(each for each in sent if start < each.at <= end)

    def day(self) -> list[float]:
        """See `Records`."""
        now, start = self.now.wall, -self.limits.day_span
        walls = [request.wall - now for request in self._account.requests.values() if request.wall is not None]
        return sorted(at for at in walls if at > start)

    def used_today(self) -> int:
        """See `Records`."""
        return len(self.day())

    def queued_before(self, number: int | None) -> list[bool]:
        """See `Records`."""
        requests = self._account.requests.items()
        return [each.is_paid for n, each in requests if each.steady is None and (number is None or n < number)]

    def requeue(self, number: int | None) -> int | None:
        """See `Records`."""
        request = self._account.requests.get(-1 if number is None else number)
        if request is None:
            return None
        request.steady = request.wall = None
        return number

    def book(self, number: int | None, at: float, *, is_paid: bool) -> int:
        """See `Records`."""
        return self._keep(number, _Request(is_paid, self.now.steady + at, self.now.wall + at))

    def queue(self, number: int | None, expires_in: float, *, is_paid: bool) -> int:
        """See `Records`."""
        return self._keep(number, _Request(is_paid, expires=self.now.steady + expires_in))

    def _keep(self, number: int | None, request: _Request) -> int:
        kept = next(self._numbers) if number is None else number
        self._account.requests[kept] = request
        return kept

    def confirm(self, number: int | None) -> None:
        """See `Records`."""
        request = self._account.requests.get(-1 if number is None else number)
        if request is not None:
            request.steady, request.wall = self.now.steady, self.now.wall

    def refuse(self, number: int | None) -> None:
        """See `Records`."""
        request = self._account.requests.get(-1 if number is None else number)
        if request is not None:
            request.is_refused = True

    def delete(self, number: int | None) -> None:
        """See `Records`."""
        self._account.requests.pop(-1 if number is None else number, None)

    def pause(self, seconds: float) -> None:
        """See `Records`."""
        steady, wall = self._account.pause
        self._account.pause = (max(steady, self.now.steady + seconds), max(wall, self.now.wall + seconds))

    def paused(self) -> float:
        """See `Records`."""
        return paused(self.now, *self._account.pause)

    def learn_foreign(self, count: int, pause: float) -> None:
        """See `Records`."""
        self._account.foreign = (count, self.now.steady + pause)

    def foreign(self) -> float:
        """See `Records`."""
        count, learned_at = self._account.foreign
        return faded(count, self.now.steady - learned_at)
