"""What is written into the journal of submissions, and when. Each function runs inside one transaction of the journal.

begin ──send──▶ answered                            the batch is known
             ├▶ withdraw                            refused or never delivered: no trace is left
             └▶ lose ──list──▶ claim                the batch is found
                            └▶ (left open)          `px.pending()` lists it, `px.reconcile` claims again
"""

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from .._journal.entries import Baseline, Entry, Rows, forget_old
from .._state.processes import this_process
from ..models import BatchSummary
from .matching import Candidate, Listing, Question, are_rivals, baseline_of, needs_details

_BASELINE_SECONDS: Final = 600.0  # after which the batches of the account are listed again before a submission
UNANSWERED_SECONDS: Final = 120.0  # in which a request without any answer may still be accepted
ENDED_SECONDS: Final = 5.0  # and one whose connection ended, or that had an answer of whatever kind: it takes a moment
LATE_VISIBILITY_SECONDS: Final = 60.0  # in which a batch that was accepted may not be found yet
_NEARBY_SECONDS: Final = 60.0  # after which no batch that was listed with a baseline is taken for a new one anyway


def digest_of(request: Mapping[str, Any]) -> str:
    """What stands for a request when its text is gone; equal for equal requests."""
    text = json.dumps(request, sort_keys=True, default=repr)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def new_entry(request: Mapping[str, Any], now: float, seconds: float) -> Entry:
    """An entry for a submission that is about to be sent, and settled or given up within `seconds`."""
    deadline_at = now + seconds
    closed_at = deadline_at + UNANSWERED_SECONDS
    return Entry(secrets.token_hex(8), dict(request), digest_of(request), now, deadline_at, closed_at, this_process())


# -- the baseline ------------------------------------------------------------------------------------------------------


def has_baseline(rows: Rows, now: float) -> bool:
    """Whether it is known which batches the account has, and was so recently."""
    baseline = rows.baseline()
    return baseline is not None and 0 <= now - baseline.known_at < _BASELINE_SECONDS


def saw(rows: Rows, batches: Sequence[BatchSummary], now: float) -> None:
    """The newest batches of the account were listed; none if it has none."""
    forget_old(rows, now)
    rows.keep_baseline(baseline_of(batches, now))


def _accepted(rows: Rows, entry: Entry, batch_id: str) -> None:
    """Make the batch of the submission that was sent last the baseline."""
    known = rows.baseline()
    if known is None:
        rows.keep_baseline(Baseline(batch_id, entry.sent_at))
    elif known.known_at <= entry.sent_at:
        is_near = entry.sent_at - known.known_at < _NEARBY_SECONDS
        rows.keep_baseline(Baseline(batch_id, entry.sent_at, known.nearby if is_near else ()))


# -- the way of an entry -----------------------------------------------------------------------------------------------


def begin(rows: Rows, entry: Entry) -> Entry:
    """The submission is about to be sent; gives the entry with what is known of the account before."""
    begun = entry._replace(baseline=rows.baseline())
    rows.put(begun)
    return begun


def withdraw(rows: Rows, entry: Entry) -> None:
    """The submission was refused, or never delivered."""
    rows.drop(entry.entry_id)


def lose(rows: Rows, entry: Entry, now: float, seconds: float, grace: float = UNANSWERED_SECONDS) -> Entry:
    """The answer was lost, and the batch is looked for within `seconds`; gives the entry, which may have a batch.

    `grace` is how many seconds after the loss the submission may still be accepted.
    """
    current = rows.entry(entry.entry_id) or entry
    if current.batch_id is not None:
        return current
    if current.unconfirmed_at is None:
        lost_at = min(now, current.deadline_at)
        current = current._replace(unconfirmed_at=lost_at, closed_at=lost_at + grace)
    lost = current._replace(deadline_at=now + seconds, owner=this_process())
    rows.put(lost)
    return lost


def answered(rows: Rows, entry: Entry, batch_id: str) -> Entry | None:
    """The service has named the batch; None if that is the end of it.

    An equal submission may have taken that batch from a list before. Then the two change places: the entry that is
    returned is still without a batch, and its batch is as old as the other's may have been.
    """
    _accepted(rows, entry, batch_id)
    twin = rows.owners([batch_id]).get(batch_id)
    if twin is None or not _may_have_taken(twin, entry):
        rows.put(entry.settled(batch_id, is_answered=True))
        return None
    rows.put(twin._replace(baseline=entry.baseline, is_answered=True))
    changed = entry._replace(baseline=twin.baseline)
    rows.put(changed)
    return changed


def _may_have_taken(twin: Entry, entry: Entry) -> bool:
    """Whether the batch of `twin` is one from a list that is of `entry`: not if it was found before that was sent.

    Then the service has given an id twice, as a sandbox does that was started anew.
    """
    is_other = twin.entry_id != entry.entry_id and twin.digest == entry.digest
    return is_other and not twin.is_answered and twin.deadline_at >= entry.sent_at


# -- finding a batch ---------------------------------------------------------------------------------------------------


class Depth(NamedTuple):
    """How far down batches have to be listed: to each of these, where None stands for the end of the list."""

    of_entry: frozenset[str | None]
    of_all: frozenset[str | None]


def depth(rows: Rows, entry: Entry, now: float) -> Depth:
    """What a list has to show for `entry`, and for every submission of the account whose batch is being looked for."""
    twins = [twin for twin in rows.found(entry.digest) if abs(twin.sent_at - entry.sent_at) < _BASELINE_SECONDS]
    others = [other for other in rows.unsettled() if other.unconfirmed_at is not None and now < other.deadline_at]
    own = _batch_ids([entry, *twins])
    return Depth(own, own | _batch_ids(others))


def _batch_ids(entries: Iterable[Entry]) -> frozenset[str | None]:
    return frozenset(each.baseline.batch_id for each in entries if each.baseline is not None)


class Prospects(NamedTuple):
    """The batches that may be of a submission: `free` ones, newest first, and the ids of those `taken` by others.

    `needs_details` tells whether the free ones have to be looked at one by one.
    """

    free: Sequence[BatchSummary]
    taken: frozenset[str]
    needs_details: bool


def prospects(rows: Rows, entry: Entry, listing: Listing) -> Prospects:
    """What a list and the journal have for a submission."""
    question = _question(rows, rows.entry(entry.entry_id) or entry)
    alike = question.candidates(listing)
    owners = rows.owners([each.batch_id for each in alike])
    free = [each for each in alike if each.batch_id not in owners]
    return Prospects(free, frozenset(owners), needs_details(entry, question.rivals))


def claim(rows: Rows, entry: Entry, candidates: Sequence[Candidate], listing: Listing) -> str | None:
    """The batch of the submission, from now on its own; None as long as it is not clear."""
    current = rows.entry(entry.entry_id) or entry
    if current.batch_id is not None:
        return current.batch_id
    owners = rows.owners([each.batch_id for each in candidates])
    free = [each for each in candidates if each.batch_id not in owners]
    chosen = _question(rows, current).choose(free, listing)
    if chosen is not None:
        rows.put(current.settled(chosen, is_answered=False))
    return chosen


def _question(rows: Rows, entry: Entry) -> Question:
    rivals = [other for other in rows.unsettled() if are_rivals(entry, other)]
    return Question(entry, rivals, rows.found(entry.digest))


# -- what stays open ---------------------------------------------------------------------------------------------------


def left_open(rows: Rows, now: float) -> list[Entry]:
    """The submissions whose fate is open and that no process is at work on, in the order in which they were sent."""
    return [entry for entry in rows.unsettled() if not entry.is_at_work(now)]
