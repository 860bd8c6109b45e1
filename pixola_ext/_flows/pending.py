"""Submissions whose fate is open: as values that the caller holds, and as what an interruption says about them."""

import secrets
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from attrs import field, frozen

from .._journal.entries import Baseline, Entry, Rows
from .._state.processes import this_process
from ..errors import SubmissionUnknownError
from ..models import Submission, submission_of
from .effects import Flow, Journaled, WallClock
from .ownership import UNANSWERED_SECONDS, digest_of, left_open


@frozen(slots=False)
class PendingSubmission:
    """A paid submission of this machine that may have been accepted, and is charged if so.

    `request` is what was sent and `submitted_at` when (aware, UTC). `baseline` is the newest batch known before,
    `has_baseline` whether any was known, `excluded` other batches that cannot be it. `px.reconcile` takes it, in
    another process too; `submission_id` is this library's own name for it, unknown to the service.
    """

    submission_id: str
    request: Mapping[str, Any] = field(hash=False)
    submitted_at: datetime
    baseline: str | None = None
    has_baseline: bool = False
    excluded: frozenset[str] = frozenset()

    @property
    def submission(self) -> Submission | None:
        """What was submitted, as `Batch.submission` has it."""
        return submission_of(self.request)


def pending_of(entry: Entry) -> PendingSubmission:
    """The value for an entry of the journal."""
    baseline = entry.baseline
    return PendingSubmission(
        submission_id=entry.entry_id,
        request=dict(entry.request or {}),
        submitted_at=datetime.fromtimestamp(entry.sent_at, UTC),
        baseline=None if baseline is None else baseline.batch_id,
        has_baseline=baseline is not None,
        excluded=frozenset(() if baseline is None else baseline.nearby),
    )


def entry_of(unknown: PendingSubmission | SubmissionUnknownError, now: float) -> Entry:
    """The entry for what the caller holds, which the journal may or may not have."""
    sent_at = unknown.submitted_at.timestamp()
    excluded = tuple(sorted(unknown.excluded))
    baseline = Baseline(unknown.baseline, sent_at, excluded) if unknown.has_baseline else None
    request = dict(unknown.request)
    entry_id = unknown.submission_id or secrets.token_hex(8)  # an error of an earlier version has none
    deadline_at = min(sent_at, now)
    closed_at = deadline_at + UNANSWERED_SECONDS
    return Entry(entry_id, request, digest_of(request), sent_at, deadline_at, closed_at, this_process(), baseline)


def pending() -> Flow[list[PendingSubmission]]:
    """The submissions in the journal whose fate is open and that no process is at work on."""
    now = (yield from WallClock()).timestamp()
    return [pending_of(entry) for entry in (yield from Journaled(partial(left_open, now=now)))]


def submitted_here(batch_ids: Collection[str]) -> Flow[frozenset[str]]:
    """Those of the batches that were submitted from this machine, as far as the journal goes back (seven days)."""

    def owned(rows: Rows) -> frozenset[str]:
        return frozenset(rows.owners(batch_ids))

    return (yield from Journaled(owned))


def explain(interruption: BaseException, entry: Entry) -> None:
    """Tell, on what has interrupted a submission, what is open and how to go on."""
    interruption.submission = pending_of(entry)  # type: ignore[attr-defined]  # KeyboardInterrupt, for one, has none
    interruption.add_note(
        "pixola_ext: a submission was interrupted; it may have been accepted and is charged if so."
        " Nothing is sent again: `px.pending()` lists it and `px.reconcile(...)` looks for its batch"
    )
