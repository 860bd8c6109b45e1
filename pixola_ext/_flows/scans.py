"""What the scans of an account have shown, in this process; `scan.py` makes them."""

import threading
from collections.abc import Mapping
from typing import Final, NamedTuple

from .._state.processes import renew_after_fork
from ..models import Batch, BatchSummary

_BATCHES_BELOW_BASELINE: Final = 20  # that a scan has to see, since lists may be slightly out of order
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
