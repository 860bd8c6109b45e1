"""What several waits on one account see together: one list of a hundred batches tells the state of a hundred waits.

A wait alone asks for its own batch. Two or more take turns at reading the lists, newest first, page by page, and find
what they want in each other's pages. No requests here, and no clock: `now` is given.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Generic, TypeVar

from attrs import define

from .._api.arguments import LARGEST_PAGE
from .._api.operations import Call, list_batches, list_images
from ..models import BatchSummary, Image, Page

Item = TypeVar("Item", bound=BatchSummary | Image)

SPACING: Final = 0.4  # seconds between two requests of waits that take turns: 2.5 a second, however many they are
_FRESH: Final = 1.0  # seconds for which what somebody saw need not be asked for again
_BUSY: Final = 0.2  # seconds between two questions whether the other's turn is over
_CALM: Final = 1000.0  # waits for which that becomes a second longer
_FEW: Final = 20  # waits that may each ask for their own batch now and then
_CROWD: Final = 4  # waits that fetch their pictures' addresses at a time, from which on a list is cheaper
_LONGEST_HOLD: Final = 20.0  # seconds without a request after failures
_MOST_PAGES: Final = 20  # of one walk down a list; what is not among the newest 2,000 is asked for by itself


@define
class _Want(Generic[Item]):
    """What one wait wants: `count` items of its batch, met on a page that is still to come; made during walk `born`."""

    count: int
    born: int
    found: list[Item]

    @property
    def is_met(self) -> bool:
        return len(self.found) >= self.count


class Sweep(Generic[Item]):
    """One list, walked from the top as often as somebody wants something of it."""

    def __init__(self, page_call: Callable[[int | None], Call[Page[Item]]]) -> None:
        self._page_call = page_call
        self._wants: dict[str, _Want[Item]] = {}
        self._walk = 0  # the number of the present walk ...
        self._ended = 0  # ... and of the last one that came to its end
        self._pages = 0
        self._cursor: int | None = None

    def want(self, batch_id: str, count: int = 1) -> None:
        """Look out for `count` items of a batch, from the next page on."""
        self._wants[batch_id] = _Want(count, self._walk, [])

    def forget(self, batch_id: str) -> None:
        """No longer."""
        self._wants.pop(batch_id, None)

    def take(self, batch_id: str) -> list[Item] | None:
        """What was found: None as long as it may still come, [] if the list does not have it."""
        want = self._wants[batch_id]
        if not want.is_met and self._ended <= want.born:
            return None
        del self._wants[batch_id]
        return want.found if want.is_met else []

    def call(self) -> Call[Page[Item]]:
        """The next page: further down for whoever was not met on this walk, else the first one of a new walk."""
        is_missed = any(want.born < self._walk and not want.is_met for want in self._wants.values())
        if self._cursor is None or not is_missed:
            self._walk, self._pages, self._cursor = self._walk + 1, 0, None
            for want in self._wants.values():
                if not want.is_met:
                    want.found = []
        return self._page_call(self._cursor)

    def note(self, page: Page[Item]) -> None:
        """The page has come."""
        self._pages += 1
        for item in page.items:
            want = self._wants.get(item.batch_id or "")
            if want is not None:
                want.found.append(item)
        if not page.has_more or page.next_cursor in (None, self._cursor) or self._pages >= _MOST_PAGES:
            self._ended, self._cursor = self._walk, None
        else:
            self._cursor = page.next_cursor


class Watch:
    """All waits on one account; safe to share between threads. Whoever has the turn sends one request."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.batches: Sweep[BatchSummary] = Sweep(lambda cursor: list_batches(limit=LARGEST_PAGE, cursor=cursor))
        self.images: Sweep[Image] = Sweep(lambda cursor: list_images(limit=LARGEST_PAGE, cursor=cursor))
        self._waiting: dict[str, int] = {}
        self._sighted: dict[str, tuple[float, BatchSummary]] = {}
        self._finishing = 0
        self._is_busy = False
        self._free_at = 0.0
        self._failures = 0

    def join(self, batch_id: str) -> None:
        """One more wait, perhaps for the same batch."""
        with self.lock:
            self._waiting[batch_id] = self._waiting.get(batch_id, 0) + 1

    def leave(self, batch_id: str) -> None:
        """It is over."""
        with self.lock:
            self._waiting[batch_id] -= 1
            if self._waiting[batch_id] == 0:
                del self._waiting[batch_id]
                self._sighted.pop(batch_id, None)
                self.batches.forget(batch_id)
                self.images.forget(batch_id)

    @property
    def is_shared(self) -> bool:
        """Whether there is anybody to share with."""
        return len(self._waiting) > 1

    @property
    def is_crowd(self) -> bool:
        """Whether so many wait that none of them can afford a request of its own."""
        return len(self._waiting) > _FEW

    def sighted(self, batch_id: str, now: float) -> BatchSummary | None:
        """A batch as somebody's page showed it: a moment ago, or at its end."""
        at, summary = self._sighted.get(batch_id, (0.0, None))
        return summary if summary is not None and (summary.is_terminal or now - at <= _FRESH) else None

    def is_finished(self, batch_id: str) -> bool:
        """Whether somebody's page showed this batch at its end."""
        return batch_id in self._sighted and self._sighted[batch_id][1].is_terminal

    @contextmanager
    def finishing(self) -> Iterator[bool]:
        """While a wait fetches its pictures' addresses; whether enough do so to read them from a list together."""
        with self.lock:
            self._finishing += 1
        try:
            yield self._finishing >= _CROWD
        finally:
            with self.lock:
                self._finishing -= 1

    def turn(self, now: float) -> float:
        """0 if the caller may send a request now (and must call `over` then), else seconds until it may ask again."""
        with self.lock:
            if self._is_busy or now < self._free_at:
                return max(self._free_at - now, _BUSY + len(self._waiting) / _CALM)
            self._is_busy, self._free_at = True, now + SPACING
            return 0.0

    def over(self) -> None:
        """The turn has ended."""
        self._is_busy = False

    def note(self, sweep: Sweep[Item], page: Page[Item], now: float) -> None:
        """A page of a list that was asked for at `now` has come."""
        with self.lock:
            sweep.note(page)
            for item in page.items:
                if isinstance(item, BatchSummary) and item.batch_id in self._waiting:
                    self._sighted[item.batch_id] = (now, item)

    def hold(self, now: float, seconds: float | None) -> None:
        """A request failed: nobody sends for `seconds`, or for longer each time if the service does not say."""
        with self.lock:
            self._failures += 1
            wait = min(SPACING * 2.0**self._failures, _LONGEST_HOLD) if seconds is None else seconds
            self._free_at = max(self._free_at, now + wait)

    def succeeded(self) -> None:
        """A request was answered."""
        self._failures = 0
