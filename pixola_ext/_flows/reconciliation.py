"""Finding the batch of a submission whose answer was lost, by listing what is new; nothing is ever sent again here."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from .._api.arguments import LARGEST_PAGE
from .._api.operations import get_batch, list_batches
from ..errors import PixolaError, SubmissionUnknownError
from ..models import Batch, BatchSummary, Submission
from ..settings import Policy
from .account import AccountState
from .effects import Flow, Now, Sleep
from .pending import Origin, Pending, Submissions, Sweep, has_model, is_anchored, is_clear
from .request import request, single_attempt

LOOKS: Final = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0)  # seconds before each look; a batch may be listed late
_MOST_PAGES: Final = 10  # of one sweep
_BELOW: Final = 20  # batches beyond the origin that a sweep has to see, since lists may be slightly out of order
_TURN: Final = 0.1  # seconds between two questions whether another sweep is done
_MOST_CHECKED: Final = 10  # candidates whose model is looked at


class Doubt(NamedTuple):
    """A submission without an answer: when it was made (aware, UTC), and what came instead of the answer."""

    pending: Pending
    submitted_at: datetime
    cause: PixolaError | None


def find_batch(doubt: Doubt, policy: Policy, submissions: Submissions) -> Flow[Batch]:
    """The batch of a submission in doubt, within `policy.timeout` seconds; else `SubmissionUnknownError`.

    "Not there" is never proof that it was refused: batches may be listed late, so the doubt remains, and with it the
    caller's choice.
    """
    now = yield from Now()
    deadline = now + policy.timeout
    doubt.pending.doubted_at = now
    candidates: Sequence[BatchSummary] = ()
    trouble = doubt.cause
    # Without a look before, no look after can make it clear: one or two find the candidates.
    for delay in LOOKS if doubt.pending.origin.is_known else LOOKS[:2]:
        if (yield from Now()) + delay >= deadline:
            break
        yield from Sleep(delay)
        look = single_attempt(policy, deadline - (yield from Now()))
        try:
            listed = yield from _listed(doubt.pending, look, submissions)
            candidates = submissions.candidates(doubt.pending, listed)
            found = None
            if is_anchored(doubt.pending.origin, listed):
                found = yield from _ours(doubt.pending, candidates, look, submissions)
        except PixolaError as error:
            trouble = error
            continue
        if found is not None:
            return found
    raise _unknown(doubt, candidates, trouble) from trouble


def reconcile(error: SubmissionUnknownError, policy: Policy, account: AccountState) -> Flow[Batch]:
    """The batch of a submission in doubt that an error carries, perhaps from another process."""
    submissions = account.submissions
    origin = Origin(error.origin, is_known=error.is_anchored)
    pending = submissions.begin(error.request, origin, error.excluded)
    try:
        batch = yield from find_batch(Doubt(pending, error.submitted_at, None), policy, submissions)
    finally:
        submissions.end(pending)
    return batch.submitted_as(Submission.from_dict(error.request) if "prompt" in error.request else None)


def _ours(
    pending: Pending, candidates: Sequence[BatchSummary], policy: Policy, submissions: Submissions
) -> Flow[Batch | None]:
    fitting: list[tuple[BatchSummary, Batch]] = []
    for summary in candidates[:_MOST_CHECKED]:
        batch = Batch(summary.batch_id, summary.status)
        if "model" in pending.request:
            batch = yield from request(get_batch(summary.batch_id), policy)
        if has_model(batch, pending.request):
            fitting.append((summary, batch))
    if is_clear(pending, submissions.rivals(pending), [summary for summary, _ in fitting]):
        for _, batch in reversed(fitting):  # the oldest first, as the oldest doubt asks first
            if submissions.assign(pending, batch.batch_id):
                return batch
    return None


def _listed(pending: Pending, policy: Policy, submissions: Submissions) -> Flow[Sequence[BatchSummary]]:
    """The newest batches as they were listed after the look was due; one sweep serves all that are in doubt."""
    since = yield from Now()
    while not submissions.may_sweep():
        yield from Sleep(_TURN)
        last = submissions.sweep
        if last is not None and last.started >= since and _reaches(last, {pending.origin.batch_id}):
            return last.batches
        if (yield from Now()) - since > policy.timeout:
            return ()
    try:
        sweep = yield from _sweep(policy, submissions)
    except BaseException:
        submissions.swept(None)
        raise
    submissions.swept(sweep)
    return sweep.batches


def _sweep(policy: Policy, submissions: Submissions) -> Flow[Sweep]:
    origins: set[str | None] = {*submissions.origins()}
    sweep = Sweep((yield from Now()), (), is_whole=False)
    cursor: int | None = None
    for _ in range(_MOST_PAGES):
        page = yield from request(list_batches(limit=LARGEST_PAGE, cursor=cursor), policy)
        is_last = not page.has_more or page.next_cursor is None or page.next_cursor == cursor
        sweep = sweep._replace(batches=sweep.batches + page.items, is_whole=is_last)
        if _reaches(sweep, origins):
            break
        cursor = page.next_cursor
    return sweep


def _reaches(sweep: Sweep, origins: set[str | None]) -> bool:
    """Whether a sweep saw each origin, and enough beyond it."""
    seen = {batch.batch_id for batch in sweep.batches[: max(len(sweep.batches) - _BELOW, 0)]}
    return sweep.is_whole or (bool(origins) and origins <= seen)


def _unknown(doubt: Doubt, candidates: Sequence[BatchSummary], trouble: PixolaError | None) -> SubmissionUnknownError:
    reason = f" ({trouble})" if trouble is not None else ""
    found = f"; {len(candidates)} batches may be it" if candidates else ""
    return SubmissionUnknownError(
        f"the submission may have been accepted and was not sent again{reason}{found}; `reconcile(error)` looks again",
        request=doubt.pending.request,
        submitted_at=doubt.submitted_at,
        candidates=candidates,
        origin=doubt.pending.origin.batch_id,
        is_anchored=doubt.pending.origin.is_known,
        excluded=doubt.pending.excluded,
    )
