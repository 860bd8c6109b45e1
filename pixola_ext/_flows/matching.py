"""Which batch can be of which submission, as far as a list of batches can tell. No requests here, and no journal.

The service does not say which submission made a batch, so a batch is taken for a submission only if

- it is new: it was made after the submission was sent (`Listing.is_new`),
- everything that the service shows of it agrees with the request (`agreement`), its model included, and
- it cannot be of another submission with a different request (`choose`).

Among equal requests every assignment is right. Example: two equal submissions A and B are unconfirmed, and a third
one, C, asks for the same prompt in another style, which no answer of the service shows.

    listed, newest first    b3  b2  b1 | b0      C was sent when b2 existed, A and B when b0 was the newest
    b3                      may be of A, B or C: nothing is decided
    b2 and b1               cannot be of C: A takes b1, B takes b2
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from enum import Enum
from typing import Any, Final, NamedTuple

from .._journal.entries import Baseline, Entry
from ..models import Batch, BatchSummary

_DISORDER: Final = timedelta(seconds=1)  # by which a list may misplace batches made at nearly the same time
_IN_EVERY_LIST: Final = frozenset({"prompt", "quality"})  # the members of a request that a list of batches shows


class Agreement(Enum):
    """How a batch agrees with a request: not at all, as far as it shows, or in everything that has to be shown."""

    NONE = 0
    INCOMPLETE = 1
    WHOLE = 2


class Candidate(NamedTuple):
    """A batch that may be of a submission; `batch` is what it shows by itself, if that was asked for."""

    summary: BatchSummary
    batch: Batch | None = None

    @property
    def batch_id(self) -> str:
        """Its id."""
        return self.summary.batch_id


class Listing:
    """Batches, newest first, as they were listed."""

    def __init__(self, batches: Sequence[BatchSummary]) -> None:
        self.batches = batches
        self._places = {batch.batch_id: place for place, batch in enumerate(batches)}

    def shows(self, baseline: Baseline | None) -> bool:
        """Whether the list reaches down to the baseline; one that has lost it tells nothing about what is new."""
        return baseline is not None and (baseline.batch_id is None or baseline.batch_id in self._places)

    def is_new(self, batch_id: str, baseline: Baseline | None) -> bool:
        """Whether a batch was made after the baseline was known, or at nearly the same time."""
        place = self._places.get(batch_id)
        if place is None or baseline is None or not self.shows(baseline):
            return False
        if batch_id == baseline.batch_id or batch_id in baseline.nearby:
            return False
        newest_known = len(self.batches) if baseline.batch_id is None else self._places[baseline.batch_id]
        return place < newest_known or self.are_close(newest_known, place)

    def are_close(self, one: int, other: int) -> bool:
        """Whether the batches at two places were made at nearly the same time, so that their order says little."""
        first, second = self.batches[one].created_at, self.batches[other].created_at
        return first is not None and second is not None and first - second <= _DISORDER


def baseline_of(batches: Sequence[BatchSummary], now: float) -> Baseline:
    """The baseline of an account whose newest batches these are."""
    if not batches:
        return Baseline(None, now)
    listing = Listing(batches)
    nearby = [each.batch_id for place, each in enumerate(batches) if place and listing.are_close(0, place)]
    return Baseline(batches[0].batch_id, now, tuple(nearby))


def agreement(request: Mapping[str, Any], candidate: Candidate) -> Agreement:
    """How what is shown of a batch agrees with a request. A member that is not shown agrees, but for the model."""
    shown_prompt = candidate.summary.prompt
    if shown_prompt is None or shown_prompt.split() != request["prompt"].split():
        return Agreement.NONE
    is_model_shown = False
    for name, value in _shown(candidate):
        wanted = request.get(name)
        if wanted is not None and type(value) is type(wanted):
            if value != wanted:
                return Agreement.NONE
            is_model_shown = is_model_shown or name == "model"
    return Agreement.WHOLE if is_model_shown or request.get("model") is None else Agreement.INCOMPLETE


def _shown(candidate: Candidate) -> Iterable[tuple[str, Any]]:
    """The members of a batch and of its images, known ones and others, but for their texts: a prompt may be edited."""
    shown: list[Mapping[str, Any]] = [candidate.summary.to_dict()]
    if candidate.batch is not None:
        shown += [candidate.batch.to_dict(), *(image.to_dict() for image in candidate.batch.images)]
    return ((name, value) for members in shown for name, value in members.items() if name != "prompt")


def needs_details(entry: Entry, rivals: Iterable[Entry]) -> bool:
    """Whether what a list shows is not enough to tell the requests of the entry and of its rivals apart."""
    return any(each.request is not None and each.request.keys() - _IN_EVERY_LIST for each in (entry, *rivals))


def are_rivals(entry: Entry, other: Entry) -> bool:
    """Whether another submission without a batch may have made one that looks like one of `entry`.

    Not if it was no longer accepted when the baseline of `entry` was known: its batch would be older than that.
    """
    if entry.request is None or other.request is None or entry.entry_id == other.entry_id:
        return False
    if entry.request["prompt"].split() != other.request["prompt"].split():
        return False
    return entry.baseline is None or other.closed_at >= entry.baseline.known_at


def baselines(entry: Entry, twins: Iterable[Entry], listing: Listing) -> list[Baseline]:
    """The baseline of `entry`, and those of the twins that it may change batches with.

    A twin is an equal submission whose batch was found in a list. If that batch may as well be of `entry`, then a batch
    that is new for the twin alone may be taken for `entry`: the two have only changed places.
    """
    reached = [] if entry.baseline is None else [entry.baseline]
    left = list(twins)
    while True:
        reachable = [
            twin for twin in left if twin.batch_id and any(listing.is_new(twin.batch_id, each) for each in reached)
        ]
        if not reachable:
            return reached
        reached += [twin.baseline for twin in reachable if twin.baseline is not None]
        left = [twin for twin in left if twin not in reachable]


class Question(NamedTuple):
    """An unconfirmed submission, with all of the journal that matters: its rivals, and its twins with a batch."""

    entry: Entry
    rivals: Sequence[Entry]
    twins: Sequence[Entry]

    def may_be_of(self, other: Entry, candidate: Candidate, listing: Listing) -> bool:
        """Whether a batch may be of `other`, which is the entry itself or one of its rivals."""
        if other.request is None or agreement(other.request, candidate) is Agreement.NONE:
            return False
        if other.digest != self.entry.digest and not listing.shows(other.baseline):
            return True  # what was new for it cannot be told
        twins = self.twins if other.digest == self.entry.digest else ()
        return any(listing.is_new(candidate.batch_id, each) for each in baselines(other, twins, listing))

    def candidates(self, listing: Listing) -> list[BatchSummary]:
        """The batches that may be of the submission, newest first; all that look like it if it has no baseline."""
        request, baseline = self.entry.request, self.entry.baseline
        if request is None:
            return []
        if listing.shows(baseline):
            return [each for each in listing.batches if self.may_be_of(self.entry, Candidate(each), listing)]
        old = () if baseline is None else baseline.nearby
        alike = [each for each in listing.batches if agreement(request, Candidate(each)) is not Agreement.NONE]
        return [each for each in alike if each.batch_id not in old]

    def choose(self, candidates: Sequence[Candidate], listing: Listing) -> str | None:
        """The batch to take, of `candidates` that belong to no submission; None as long as that is not clear."""
        request = self.entry.request
        if request is None or not listing.shows(self.entry.baseline):
            return None
        fitting = [
            each
            for each in candidates
            if agreement(request, each) is Agreement.WHOLE and self.may_be_of(self.entry, each, listing)
        ]
        makers = [rival for rival in self.rivals if any(self.may_be_of(rival, each, listing) for each in fitting)]
        if len(fitting) > 1 + len(makers):
            return None  # a program outside of the journal has submitted the same
        different = [rival for rival in makers if rival.digest != self.entry.digest]
        clear = [each for each in fitting if not any(self.may_be_of(rival, each, listing) for rival in different)]
        return clear[-1].batch_id if clear else None  # the oldest
