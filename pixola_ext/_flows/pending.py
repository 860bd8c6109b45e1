"""Submissions under way and in doubt: which batch is whose, as far as a list of batches can tell. No requests here."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final, NamedTuple

from attrs import define

from ..models import Batch, BatchSummary

_MOST_KNOWN: Final = 5_000  # batches that are remembered as known; a key makes at most 1,000 a day
_DISORDER: Final = timedelta(seconds=5)  # by which a list may misplace batches made at nearly the same time


class Origin(NamedTuple):
    """Where the new batches begin: those listed above `batch_id`, or all of them if the account had none.

    `is_known` is False if nobody looked before the submission; then no batch can be told to be new.
    """

    batch_id: str | None = None
    is_known: bool = False


@define(eq=False)
class Pending:
    """A submission that has no batch yet: what was sent, what could be known before it, and when it came into doubt."""

    request: Mapping[str, str]
    origin: Origin
    excluded: frozenset[str]
    doubted_at: float | None = None


class Sweep(NamedTuple):
    """Batches, newest first, listed at or after `started` (monotonic seconds) and down to every origin in doubt."""

    started: float
    batches: tuple[BatchSummary, ...]
    is_whole: bool  # nothing older is left


class Submissions:
    """Every submission of an account's clients in this process; safe to share between threads."""

    def __init__(self) -> None:
        self.origin = Origin()
        self.sweep: Sweep | None = None
        self._lock = threading.Lock()
        self._known: dict[str, None] = {}
        self._assigned: dict[str, Mapping[str, str]] = {}  # by reconciliation, not by an answer
        self._pending: list[Pending] = []
        self._is_sweeping = False

    # -- what is known ------------------------------------------------------------------------------------------------

    def saw(self, batches: Sequence[BatchSummary]) -> None:
        """The newest batches before the first submission; none if the account has none."""
        with self._lock:
            self._remember(batch.batch_id for batch in reversed(batches))
            self.origin = Origin(batches[0].batch_id if batches else None, is_known=True)

    def begin(
        self, request: Mapping[str, str], origin: Origin | None = None, excluded: frozenset[str] | None = None
    ) -> Pending:
        """A submission is about to be sent, or was, when `origin` and `excluded` are what was known then."""
        with self._lock:
            known = frozenset(self._known) if excluded is None else excluded
            pending = Pending(request, origin or self.origin, known)
            self._pending.append(pending)
            return pending

    def end(self, pending: Pending) -> None:
        """It has a batch, was refused, or is given up."""
        with self._lock:
            if pending in self._pending:
                self._pending.remove(pending)

    def answered(self, pending: Pending, batch_id: str) -> bool:
        """Take the batch that the service named; False if reconciliation gave it to an identical submission before."""
        with self._lock:
            self._remember([batch_id])
            self.origin = Origin(batch_id, is_known=True)
            return self._assigned.pop(batch_id, None) != pending.request

    def assign(self, pending: Pending, batch_id: str) -> bool:
        """Take a batch by reconciliation; False if another submission was faster."""
        with self._lock:
            if batch_id in self._known:
                return False
            self._remember([batch_id])
            self._assigned[batch_id] = pending.request
            return True

    def _remember(self, batch_ids: Iterable[str]) -> None:
        self._known.update(dict.fromkeys(batch_ids))
        while len(self._known) > _MOST_KNOWN:
            del self._known[next(iter(self._known))]

    # -- one sweep for all that are in doubt ---------------------------------------------------------------------------

    def may_sweep(self) -> bool:
        """Whether the caller is the one who lists now; it must call `swept` whatever happens."""
        with self._lock:
            mine, self._is_sweeping = not self._is_sweeping, True
            return mine

    def swept(self, sweep: Sweep | None) -> None:
        """The listing is done; None if it failed."""
        with self._lock:
            self._is_sweeping = False
            self.sweep = sweep or self.sweep

    def origins(self) -> set[str]:
        """How far down a sweep has to reach: to each of these batches."""
        with self._lock:
            doubted = [pending.origin.batch_id for pending in self._pending if pending.doubted_at is not None]
            return {batch_id for batch_id in doubted if batch_id is not None}

    # -- which batch is whose -----------------------------------------------------------------------------------------

    def candidates(self, pending: Pending, batches: Sequence[BatchSummary]) -> list[BatchSummary]:
        """The batches that may be this submission's: new, nobody's, and of its prompt and quality."""
        with self._lock:
            known = self._known.keys() | pending.excluded
        new = _above(pending.origin, batches)
        return [batch for batch in new if batch.batch_id not in known and _fits(pending.request, batch)]

    def rivals(self, pending: Pending) -> list[Pending]:
        """Other submissions under way whose batch would look the same in a list."""
        with self._lock:
            return [other for other in self._pending if other is not pending and _alike(pending.request, other.request)]


def is_clear(pending: Pending, rivals: Sequence[Pending], candidates: Sequence[BatchSummary]) -> bool:
    """Whether any of the candidates may be taken: among identical submissions every assignment is right."""
    return 0 < len(candidates) <= 1 + len(rivals) and all(rival.request == pending.request for rival in rivals)


def is_anchored(origin: Origin, batches: Sequence[BatchSummary]) -> bool:
    """Whether a list shows where the new batches begin; one that has lost the origin tells nothing."""
    if origin.batch_id is None:
        return origin.is_known
    return any(batch.batch_id == origin.batch_id for batch in batches)


def has_model(batch: Batch, request: Mapping[str, str]) -> bool:
    """Whether a batch may be of the model asked for: none of its images says otherwise."""
    wanted = request.get("model")
    return wanted is None or all(image.model in (None, wanted) for image in batch.images)


def _above(origin: Origin, batches: Sequence[BatchSummary]) -> Sequence[BatchSummary]:
    """The batches listed before the origin, and those after it that were made at nearly the same time."""
    at = next((n for n, batch in enumerate(batches) if batch.batch_id == origin.batch_id), None)
    if at is None:
        return batches
    made = batches[at].created_at
    close = [batch for batch in batches[at + 1 :] if made and batch.created_at and made - batch.created_at <= _DISORDER]
    return [*batches[:at], *close]


def _fits(request: Mapping[str, str], batch: BatchSummary) -> bool:
    same_prompt = batch.prompt is not None and batch.prompt.split() == request["prompt"].split()
    return same_prompt and _may_equal(request.get("quality"), batch.quality)


def _alike(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    same_prompt = one["prompt"].split() == other["prompt"].split()
    return same_prompt and all(_may_equal(one.get(name), other.get(name)) for name in ("quality", "model"))


def _may_equal(one: str | None, other: str | None) -> bool:
    """Whether two choices can be the same; None is a default that we do not know, or a member that was left out."""
    return one == other or one is None or other is None
