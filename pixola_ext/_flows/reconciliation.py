"""Finding the batch of a submission whose answer was lost, by listing what is new; nothing is ever sent again here."""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Final

from .._api.operations import get_batch
from .._journal.entries import Entry
from ..errors import NotFoundError, PixolaError, SubmissionUnknownError, UnexpectedResponseError
from ..models import Batch, BatchSummary, submission_of
from ..settings import Policy
from .account import AccountState
from .effects import Flow, Journaled, Now, Sleep, WallClock
from .matching import Candidate, Listing
from .ownership import Prospects, claim, depth, lose, prospects
from .pending import PendingSubmission, entry_of, explain, pending_of
from .request import request, single_attempt
from .scan import listed
from .scans import Scans

DELAYS_BEFORE_LOOKS: Final = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0)  # seconds; a batch may be listed late
_MOST_LOOKED_AT: Final = 20  # candidates whose model is asked for at one look
_NO_PROSPECTS: Final = Prospects((), frozenset(), needs_details=False)


def find_batch(entry: Entry, cause: PixolaError | None, policy: Policy, account: AccountState) -> Flow[Batch]:
    """The batch of a submission that got no answer but `cause`, within `policy.timeout` seconds.

    "Not there" is never proof that it was refused: batches may be listed late. Then `SubmissionUnknownError` leaves the
    submission in the journal, and the choice to the caller.
    """
    try:
        return (yield from _find_batch(entry, cause, policy, account.scans))
    except GeneratorExit:
        raise
    except BaseException as error:
        now = (yield from WallClock()).timestamp()
        left = yield from Journaled(partial(lose, entry=entry, now=now, seconds=0.0))
        if not isinstance(error, PixolaError):
            explain(error, left)
        raise


def reconcile(
    unknown: SubmissionUnknownError | PendingSubmission, policy: Policy, account: AccountState
) -> Flow[Batch]:
    """The batch of an unconfirmed submission, which may be of another process."""
    if isinstance(unknown, SubmissionUnknownError) and unknown.batch_id is not None:
        raise unknown  # it was accepted as a batch that cannot be asked for
    now = (yield from WallClock()).timestamp()
    entry = entry_of(unknown, now)
    entry = yield from Journaled(partial(lose, entry=entry, now=now, seconds=policy.timeout))
    if entry.batch_id is not None:
        batch = Batch(entry.batch_id)
    else:
        batch = yield from find_batch(entry, None, policy, account)
    return batch.submitted_as(submission_of(unknown.request))


def _find_batch(entry: Entry, cause: PixolaError | None, policy: Policy, scans: Scans) -> Flow[Batch]:
    deadline = (yield from Now()) + policy.timeout
    seen = _NO_PROSPECTS
    trouble = cause
    # Without a baseline no look can make it clear: one or two find the candidates.
    for delay in DELAYS_BEFORE_LOOKS if entry.baseline is not None else DELAYS_BEFORE_LOOKS[:2]:
        if (yield from Now()) + delay >= deadline:
            break
        yield from Sleep(delay)
        look = single_attempt(policy, deadline - (yield from Now()))
        try:
            listing = yield from _listed(entry, look, scans)
            seen = yield from Journaled(partial(prospects, entry=entry, listing=listing))
            batch = yield from match(entry, seen, listing, look, scans)
        except PixolaError as error:
            trouble = error
            continue
        if batch is not None:
            return batch
    raise _unknown(entry, seen, trouble) from trouble


def _listed(entry: Entry, policy: Policy, scans: Scans) -> Flow[Listing]:
    now = (yield from WallClock()).timestamp()
    wanted = yield from Journaled(partial(depth, entry=entry, now=now))
    return (yield from listed(wanted, policy, scans))


def match(entry: Entry, seen: Prospects, listing: Listing, policy: Policy, scans: Scans) -> Flow[Batch | None]:
    """The batch of a submission, if it is clear from `seen` which of the batches in `listing` that is.

    It belongs to the submission from then on. Batches that have to be looked at one by one are, within `policy`.
    """
    deadline = (yield from Now()) + policy.timeout
    candidates = yield from _details(seen, policy, deadline, scans)
    batch_id = yield from Journaled(partial(claim, entry=entry, candidates=candidates, listing=listing))
    if batch_id is None:
        return None
    return next((each.batch for each in candidates if each.batch_id == batch_id), None) or Batch(batch_id)


def _details(seen: Prospects, policy: Policy, deadline: float, scans: Scans) -> Flow[list[Candidate]]:
    """The free candidates; with what each shows by itself, oldest first, if that is needed to tell them apart."""
    if not seen.needs_details:
        return [Candidate(summary) for summary in seen.free]
    candidates = []
    for place, summary in enumerate(reversed(seen.free)):
        batch = scans.details.get(summary.batch_id)
        if batch is None and place < _MOST_LOOKED_AT:
            look = single_attempt(policy, deadline - (yield from Now()))
            with suppress(NotFoundError, UnexpectedResponseError):  # of this batch; others may still be clear
                batch = yield from request(get_batch(summary.batch_id), look)
                scans.note(batch)
        candidates.append(Candidate(summary, batch))
    candidates.reverse()
    return candidates


def _unknown(entry: Entry, seen: Prospects, trouble: PixolaError | None) -> SubmissionUnknownError:
    reason = f" ({trouble})" if trouble is not None else ""
    found = f"; {len(seen.free)} batches may be it" if seen.free else ""
    return unknown_error(
        f"the submission may have been accepted and was not sent again{reason}{found}; `reconcile(error)` looks again",
        entry,
        seen.free,
        seen.taken,
    )


def unknown_error(
    message: str, entry: Entry, candidates: Sequence[BatchSummary] = (), taken: frozenset[str] = frozenset()
) -> SubmissionUnknownError:
    """The error for a submission whose batch is not known."""
    left = pending_of(entry)
    return SubmissionUnknownError(
        message,
        request=left.request,
        submitted_at=left.submitted_at,
        candidates=candidates,
        baseline=left.baseline,
        has_baseline=left.has_baseline,
        excluded=left.excluded | taken,
        submission_id=left.submission_id,
    )
