"""What several waits on one account poll together: one page of a list tells the state of a hundred batches.

A single wait polls its own batch. Two or more share the lists: one of them at a time sends a request, and every wait
finds what it looks up in the pages that any of them reads. A list is read from the top, newest first, and page by page
further down for a lookup that was not met, to its end at most; that is one scan. For example with three waits, where
batch C is far down the list:

    time   request                    what is learned
    0.0 s  GET /batches (scan 1)      A and B are processing; the lookup of C is not met
    0.4 s  GET /batches?cursor=100    C is processing; scan 1 ends, since every lookup is met
    3.0 s  GET /batches (scan 2)      A is complete, B is processing; C is not met
    3.0 s                             the wait for B finds it in the page that was read a moment ago: no request
    3.4 s  GET /batches/A             its images, for the wait for A, which ends
    3.8 s  GET /batches?cursor=100    C is processing

A lookup belongs to the wait that made it and goes with it, so waits may start and end at any time, also several for one
batch. No request is sent here and no clock is read: `now` is given, in monotonic seconds.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Generic, TypeVar

from .._api.arguments import LARGEST_PAGE
from .._api.operations import Call, list_batches, list_images
from ..models import BatchSummary, Image, Page

Item = TypeVar("Item", bound=BatchSummary | Image)

SPACING: Final = 0.4  # seconds between two shared requests: 2.5 a second, however many waits there are
_FRESH_SECONDS: Final = 1.0  # for which a state that was read need not be read again
_RETRY_SECONDS: Final = 0.2  # until a wait asks again whether it may send a request ...
_WAITS_PER_RETRY_SECOND: Final = 1000  # ... and how many waits make that a second longer
_MOST_OWN_POLLERS: Final = 20  # waits that may each poll their own batch now and then
_LEAST_IMAGE_LISTERS: Final = 4  # waits fetching images at a time, from which on reading the list of images is cheaper
_LONGEST_BACKOFF: Final = 20.0  # seconds without a request after failures
_MOST_PAGES: Final = 20  # of one scan; what is not among the newest 2,000 is asked for by itself


class Lookup(Generic[Item]):
    """What one wait looks up: `count` items of its batch. It was made after the scan of that number had begun."""

    def __init__(self, count: int, made_in_scan: int) -> None:
        self.count, self.made_in_scan = count, made_in_scan
        self.found: dict[str, Item] = {}

    @property
    def is_met(self) -> bool:
        """Whether all items have been found."""
        return len(self.found) >= self.count


class ListScan(Generic[Item]):
    """One list, scanned from the top as often as a wait looks something up in it. Safe between threads."""

    def __init__(self, page_call: Callable[[int | None], Call[Page[Item]]], item_id: Callable[[Item], str]) -> None:
        self._page_call = page_call
        self._item_id = item_id
        self._lock = threading.Lock()
        self._lookups: dict[str, list[Lookup[Item]]] = {}  # by batch
        self._scan = 0  # the number of the present scan ...
        self._ended = 0  # ... and of the last one that came to its end
        self._pages = 0
        self._cursor: int | None = None

    @contextmanager
    def lookup(self, batch_id: str, count: int = 1) -> Iterator[Lookup[Item]]:
        """Look for `count` items of a batch in the pages that are read from now on, until the block ends."""
        with self._lock:
            lookup: Lookup[Item] = Lookup(count, self._scan)
            self._lookups.setdefault(batch_id, []).append(lookup)
        try:
            yield lookup
        finally:
            with self._lock:
                self._lookups[batch_id].remove(lookup)
                if not self._lookups[batch_id]:
                    del self._lookups[batch_id]

    def result(self, lookup: Lookup[Item]) -> list[Item] | None:
        """The items found: None as long as they may still come, [] if the list does not have as many."""
        with self._lock:
            if lookup.is_met:
                return list(lookup.found.values())
            return [] if self._ended > lookup.made_in_scan else None

    def next_page(self) -> Call[Page[Item]]:
        """The call for the next page: further down for a lookup that was not met, else the top of a new scan."""
        with self._lock:
            unmet = [lookup for each in self._lookups.values() for lookup in each if not lookup.is_met]
            if self._cursor is None or not any(lookup.made_in_scan < self._scan for lookup in unmet):
                self._scan, self._pages, self._cursor = self._scan + 1, 0, None
                for lookup in unmet:
                    lookup.found.clear()
            return self._page_call(self._cursor)

    def add(self, page: Page[Item]) -> None:
        """Take the page that `next_page` asked for."""
        with self._lock:
            self._pages += 1
            for item in page.items:
                for lookup in self._lookups.get(item.batch_id or "", ()):
                    lookup.found[self._item_id(item)] = item
            if not page.has_more or page.next_cursor in (None, self._cursor) or self._pages >= _MOST_PAGES:
                self._ended, self._cursor = self._scan, None
            else:
                self._cursor = page.next_cursor


class SharedPolling:
    """All waits on one account. Safe between threads; one wait at a time sends a shared request."""

    def __init__(self) -> None:
        self.batches: ListScan[BatchSummary] = ListScan(
            lambda cursor: list_batches(limit=LARGEST_PAGE, cursor=cursor), lambda batch: batch.batch_id
        )
        self.images: ListScan[Image] = ListScan(
            lambda cursor: list_images(limit=LARGEST_PAGE, cursor=cursor), lambda image: image.image_id
        )
        self._lock = threading.Lock()
        self._waits: dict[str, int] = {}  # how many, by batch
        self._seen: dict[str, tuple[float, BatchSummary]] = {}
        self._fetching_images = 0
        self._is_busy = False
        self._free_at = 0.0
        self._failures = 0

    @contextmanager
    def waiting(self, batch_id: str) -> Iterator[None]:
        """One more wait, perhaps for the same batch as another, until the block ends."""
        with self._lock:
            self._waits[batch_id] = self._waits.get(batch_id, 0) + 1
        try:
            yield
        finally:
            with self._lock:
                self._waits[batch_id] -= 1
                if self._waits[batch_id] == 0:
                    del self._waits[batch_id]
                    self._seen.pop(batch_id, None)

    @property
    def is_shared(self) -> bool:
        """Whether there are several waits, which can share requests."""
        return sum(self._waits.values()) > 1

    @property
    def is_crowded(self) -> bool:
        """Whether there are so many waits that no request can be spared for a single batch."""
        return len(self._waits) > _MOST_OWN_POLLERS

    def last_seen(self, batch_id: str, now: float) -> BatchSummary | None:
        """The batch as a page showed it a moment ago, or at its end."""
        seen_at, summary = self._seen.get(batch_id, (0.0, None))
        return summary if summary is not None and (summary.is_terminal or now - seen_at <= _FRESH_SECONDS) else None

    def has_ended_since(self, batch_id: str, instant: float) -> bool:
        """Whether a page that was asked for after `instant` shows the batch at its end."""
        seen_at, summary = self._seen.get(batch_id, (0.0, None))
        return summary is not None and summary.is_terminal and seen_at > instant

    @contextmanager
    def fetching_images(self) -> Iterator[bool]:
        """A wait fetches its images until the block ends; whether enough do so to read them from the list together."""
        with self._lock:
            self._fetching_images += 1
        try:
            yield self._fetching_images >= _LEAST_IMAGE_LISTERS
        finally:
            with self._lock:
                self._fetching_images -= 1

    def acquire(self, now: float) -> float:
        """0 if the caller may send a shared request now (then it has to `release`), else seconds until it may ask."""
        with self._lock:
            if self._is_busy or now < self._free_at:
                return max(self._free_at - now, _RETRY_SECONDS + len(self._waits) / _WAITS_PER_RETRY_SECOND)
            self._is_busy, self._free_at = True, now + SPACING
            return 0.0

    def release(self) -> None:
        """The shared request has ended."""
        self._is_busy = False

    def add(self, scan: ListScan[Item], page: Page[Item], asked_at: float) -> None:
        """Take a page of a list that was asked for at `asked_at`."""
        scan.add(page)
        with self._lock:
            for item in page.items:
                if isinstance(item, BatchSummary) and item.batch_id in self._waits:
                    self._seen[item.batch_id] = (asked_at, item)

    def back_off(self, now: float, seconds: float | None) -> None:
        """A request failed: send none for `seconds`, or for longer after each failure if the service does not say."""
        with self._lock:
            self._failures += 1
            delay = min(SPACING * 2.0**self._failures, _LONGEST_BACKOFF) if seconds is None else seconds
            self._free_at = max(self._free_at, now + delay)

    def succeeded(self) -> None:
        """A request was answered."""
        self._failures = 0
