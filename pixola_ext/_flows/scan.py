"""Listing the newest batches for all unconfirmed submissions: one scan serves every thread and task of a process."""

import threading
from collections.abc import Mapping
from typing import Final, NamedTuple

from .._api.arguments import LARGEST_PAGE
from .._api.operations import list_batches
from .._state.processes import renew_after_fork
from ..models import Batch, BatchSummary
from ..settings import Policy
from .effects import Flow, Now, Sleep
from .matching import Listing
from .ownership import Depth
from .request import request

_MOST_PAGES: Final = 10  # of one scan
_BATCHES_BELOW_BASELINE: Final = 20  # that a scan has to see, since lists may be slightly out of order
_POLL_SECONDS: Final = 0.1  # between two questions whether another thread's scan is done
_MOST_DETAILS: Final = 2_000  # batches whose model is remembered


class Scan(NamedTuple):
    """Batches, newest first, listed at or after `started_at` (monotonic seconds); `is_whole` if nothing is older."""

    started_at: float
    batches: tuple[BatchSummary, ...]
    is_whole: bool

    def reaches(self, batch_ids: frozenset[str | None]) -> bool:
        """Whether it shows each of these batches, and enough beyond them."""
        seen = {batch.batch_id for batch in self.batches[: max(len(self.batches) - _BATCHES_BELOW_BASELINE, 0)]}
        return self.is_whole or batch_ids <= seen


class Scans:
    """The last scan of an account in this process, and what was seen of single batches; safe between threads."""

    def __init__(self) -> None:
        self.last: Scan | None = None
        self._details: dict[str, Batch] = {}
        self.renew()
        renew_after_fork(self)

    def renew(self) -> None:
        """After a fork, in the child: the thread that scans is the parent's."""
        self._lock = threading.Lock()
        self._is_scanning = False

    def may_scan(self) -> bool:
        """Whether the caller is the one who scans now; it must call `done` whatever happens."""
        with self._lock:
            is_free, self._is_scanning = not self._is_scanning, True
            return is_free

    def done(self, scan: Scan | None) -> None:
        """The scan is over; None if it failed."""
        with self._lock:
            self._is_scanning = False
            self.last = scan or self.last

    @property
    def details(self) -> Mapping[str, Batch]:
        """Batches that have shown their model, by id."""
        return self._details

    def note(self, batch: Batch) -> None:
        """Remember a batch once it shows its model, which never changes."""
        if batch.images and all(image.model is not None for image in batch.images):
            if len(self._details) >= _MOST_DETAILS:
                self._details.clear()
            self._details[batch.batch_id] = batch


def listed(depth: Depth, policy: Policy, scans: Scans) -> Flow[Listing]:
    """The newest batches as they were listed after this was asked; empty if that took too long."""
    since = yield from Now()
    while not scans.may_scan():
        yield from Sleep(_POLL_SECONDS)
        last = scans.last
        if last is not None and last.started_at >= since and last.reaches(depth.of_entry):
            return Listing(last.batches)
        if (yield from Now()) - since > policy.timeout:
            return Listing(())
    try:
        scan = yield from scan_to(depth.of_all, policy)
    except BaseException:
        scans.done(None)
        raise
    scans.done(scan)
    return Listing(scan.batches)


def scan_to(batch_ids: frozenset[str | None], policy: Policy) -> Flow[Scan]:
    """The newest batches, down to and beyond all of these; None stands for the end of the list."""
    scan = Scan((yield from Now()), (), is_whole=False)
    cursor: int | None = None
    for _ in range(_MOST_PAGES):
        page = yield from request(list_batches(limit=LARGEST_PAGE, cursor=cursor), policy)
        is_last = not page.has_more or page.next_cursor is None or page.next_cursor == cursor
        scan = scan._replace(batches=scan.batches + page.items, is_whole=is_last)
        if scan.reaches(batch_ids):
            break
        cursor = page.next_cursor
    return scan
