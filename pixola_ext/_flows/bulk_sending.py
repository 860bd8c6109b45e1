"""Sending in a bulk run, and finding again what was sent without an answer, in this run or in one that was killed.

An answer that is lost does not hold the run up: the item is in doubt, and looked for a moment later. Not to be found is
no proof that it was not accepted, until the quiet period is over:

    sent ──▶ the connection ends ──▶ accepted no longer (`Entry.closed_at`) ──▶ visible in every list
                                    5 s, or 120 s without any end            60 s

After that, a list that reaches down to the baseline and has no batch which may be it shows that it was not accepted: it
is sent again. If a batch may be it and may as well be another program's, nothing is decided, and nothing is sent.
"""

from collections.abc import Sequence
from functools import partial
from typing import Final, NamedTuple

from attrs import evolve

from .._api.operations import Call, create_generation
from .._bulk.items import Item
from .._bulk.outcomes import FOUND, LOST, NOT_ACCEPTED, SUBMITTED, UNDECIDED
from .._journal.entries import Entry
from .._state.processes import this_process
from ..errors import (
    APIError,
    BadRequestError,
    ConfigurationError,
    ContentFlaggedError,
    InsufficientCreditsError,
    NotFoundError,
    PixolaError,
    SubmissionUnknownError,
    UnauthorizedError,
)
from ..models import Batch, submission_of
from .bulk_run import BulkRun
from .effects import Flow, HeldUpError, Journaled, Now, Recorded
from .matching import Listing
from .observing import Attempt
from .ownership import LATE_VISIBILITY_SECONDS, UNANSWERED_SECONDS, digest_of, lose, prospects, withdraw
from .reconciliation import match, unknown_error
from .request import request, single_attempt
from .scan import scan_to
from .submission import Submitting, Unconfirmed

_SEARCH_SECONDS: Final = 20.0  # that one search may take
_SEARCH_AGAIN: Final = 15.0  # seconds between two searches while it is not clear
_MOST_LOST: Final = 10  # submissions in a row whose answers were lost, likewise
_MOST_UNDELIVERED: Final = 5  # submissions in a row that could not be delivered, before the run ends


class _NotOurs(Exception):  # noqa: N818  (never leaves this module)
    """The item was taken over by another run, or may not be spent for: it is not sent."""


class _Sending(Submitting):
    """An item on its way; the ledger changes it with each attempt."""

    def __init__(self, run: BulkRun, item: Item, call: Call[Batch]) -> None:
        super().__init__(call)
        self.item = item
        self._run = run
        self._is_posting = False

    def record(self, entry: Entry) -> None:
        intended = self._run.ledger.intend(
            self.item,
            entry.sent_at,
            entry_id=entry.entry_id,
            baseline=entry.baseline,
            closed_at=entry.closed_at,
            max_credits=self._run.max_credits,
        )
        if intended is None:
            raise _NotOurs
        self.item = intended

    def send(self, attempt: Attempt[Batch]) -> Flow[Batch]:
        run = self._run
        now = yield from Now()
        with run.lock:
            run.dispatcher.leaves(now)
            self._is_posting = True
            run.posting += 1
        try:
            return (yield from super().send(attempt))
        except Unconfirmed:
            raise
        except PixolaError as error:
            if not isinstance(error, SubmissionUnknownError):
                self.item = (yield from Recorded(partial(run.ledger.unsend, self.item))) or self.item
            self.recorded()
            raise

    def recorded(self) -> None:
        """What became of the submission is in the ledger."""
        if self._is_posting:
            with self._run.lock:
                self._is_posting = False
                self._run.posting -= 1


def send(run: BulkRun, item: Item) -> Flow[None]:
    """Submit one item."""
    submission = submission_of(item.request)
    if submission is None:
        with run.lock:
            run.dispatcher.refused()
        yield from run.refuse(item, ConfigurationError("the request has no prompt", setting="prompt"))
        return
    call = create_generation(submission)
    sending = _Sending(run, item, call)
    try:
        batch = yield from request(call, run.policy, sending)
    except _NotOurs:
        with run.lock:
            run.dispatcher.passed_over()
    except Unconfirmed as unconfirmed:
        yield from _lost(run, sending.item, unconfirmed)
    except PixolaError as error:
        yield from _refused(run, sending.item, error)
    else:
        run.failures = run.losses = 0
        yield from _accepted(run, sending.item, batch.batch_id)
    finally:
        sending.recorded()


def _accepted(run: BulkRun, item: Item, batch_id: str) -> Flow[None]:
    run.in_flight[batch_id] = item
    submitted = yield from Recorded(partial(run.ledger.submitted, item, batch_id))
    now = yield from Now()
    with run.lock:
        run.dispatcher.submitted(submitted or item, batch_id, item.request, now)
    yield from run.tell(SUBMITTED, submitted or item, batch_id)


def _lost(run: BulkRun, item: Item, unconfirmed: Unconfirmed) -> Flow[None]:
    at = yield from run.wall()
    doubted = yield from Recorded(partial(run.ledger.doubt, item, at, closed_at=unconfirmed.entry.closed_at))
    now = yield from Now()
    with run.lock:
        run.dispatcher.lost(doubted or item, now)
    run.losses += 1
    if run.losses >= _MOST_LOST and unconfirmed.cause is not None:
        run.stop(unconfirmed.cause)
    yield from run.tell(LOST, item)


def _refused(run: BulkRun, item: Item, error: PixolaError) -> Flow[None]:
    """An error that the service, or the way to it, gave for certain."""
    if isinstance(error, SubmissionUnknownError):  # accepted, as a batch that cannot be asked for
        at = yield from run.wall()
        doubted = (yield from Recorded(partial(run.ledger.doubt, item, at))) or item
        with run.lock:
            run.dispatcher.refused()
        yield from _undecided(run, doubted, error)
        return
    is_about_all = isinstance(error, UnauthorizedError | InsufficientCreditsError | ConfigurationError)
    is_about_it = isinstance(error, BadRequestError | ContentFlaggedError | NotFoundError) or (
        isinstance(error, APIError) and error.retry_after is None and error.status not in _PASSING_STATUSES
    )
    if is_about_it and not is_about_all:
        with run.lock:
            run.dispatcher.refused()
        yield from run.refuse(item, error)
        return
    if not isinstance(error, HeldUpError):
        run.failures += 1
    if is_about_all or run.failures >= _MOST_UNDELIVERED:
        run.stop(error)
    with run.lock:
        run.dispatcher.refused(item)


_PASSING_STATUSES: Final = frozenset({408, 425, 429, 499})


def _undecided(run: BulkRun, item: Item, error: SubmissionUnknownError) -> Flow[None]:
    left = yield from Recorded(partial(run.ledger.undecided, item))
    yield from run.tell(UNDECIDED, left or item)
    yield from run.done(left or item, error=error)


# -- what is in doubt --------------------------------------------------------------------------------------------------


class _Doubt(NamedTuple):
    item: Item
    entry: Entry


def reconcile_all(run: BulkRun, items: Sequence[Item]) -> Flow[None]:
    """Look for the batches of items whose answers were lost, with one scan for all of them."""
    try:
        doubts = yield from _open(run, items)
        if doubts:
            policy = single_attempt(run.policy, _SEARCH_SECONDS)
            asked_at = yield from run.wall()
            wanted = frozenset(each.entry.baseline.batch_id for each in doubts if each.entry.baseline is not None)
            scan = yield from scan_to(wanted, policy)
            listing = Listing(scan.batches)
            for doubt in doubts:
                yield from _search(run, doubt, listing, asked_at)
    except PixolaError:  # it is looked for again
        now = yield from Now()
        with run.lock:
            for item in items:
                run.dispatcher.search(item, now + _SEARCH_AGAIN)
    finally:
        with run.lock:
            run.dispatcher.searched()


def _open(run: BulkRun, items: Sequence[Item]) -> Flow[list[_Doubt]]:
    """The items whose batch the journal does not have."""
    doubts = []
    at = yield from run.wall()
    for item in items:
        entry = yield from Journaled(partial(lose, entry=_entry_of(item, at), now=at, seconds=_SEARCH_SECONDS))
        if entry.batch_id is not None:
            yield from _found(run, item, entry.batch_id)
        else:
            doubts.append(_Doubt(item, entry))
    return doubts


def _entry_of(item: Item, at: float) -> Entry:
    """The entry of the journal for an item, which the journal may have lost."""
    sent_at = at if item.sent_at is None else item.sent_at
    closed_at = item.closed_at or sent_at + UNANSWERED_SECONDS
    request = dict(item.request)
    entry_id = item.entry_id or item.digest
    unconfirmed_at = item.unconfirmed_at or sent_at
    return Entry(
        entry_id,
        request,
        digest_of(request),
        sent_at,
        closed_at,
        closed_at,
        this_process(),
        baseline=item.baseline,
        unconfirmed_at=unconfirmed_at,
    )


def _search(run: BulkRun, doubt: _Doubt, listing: Listing, asked_at: float) -> Flow[None]:
    item, entry = doubt
    seen = yield from Journaled(partial(prospects, entry=entry, listing=listing))
    batch = yield from match(entry, seen, listing, single_attempt(run.policy, _SEARCH_SECONDS), run.account.scans)
    if batch is not None:
        yield from _found(run, item, batch.batch_id)
        return
    now = yield from Now()
    left = _quiet_until(run, item, entry) - asked_at  # a list that was asked for before that proves nothing
    if left > 0:
        with run.lock:
            run.dispatcher.search(item, now + min(left, _SEARCH_AGAIN) + 0.001)
    elif not seen.free and listing.shows(entry.baseline):
        yield from Journaled(partial(withdraw, entry=entry))
        again = yield from Recorded(partial(run.ledger.unsend, item))
        yield from run.tell(NOT_ACCEPTED, item)
        if again is not None:
            with run.lock:
                run.dispatcher.again(again)
    elif left > -_SEARCH_AGAIN and seen.free:  # a batch may not show its model yet
        with run.lock:
            run.dispatcher.search(item, now + _SEARCH_AGAIN)
    else:
        yield from _undecided(run, item, unknown_error(_UNDECIDED, entry, seen.free, seen.taken))


_UNDECIDED: Final = "it cannot be told from the lists whether the submission was accepted; nothing was sent again"


def _quiet_until(run: BulkRun, item: Item, entry: Entry) -> float:
    """When it is certain that a submission which no list shows was not accepted."""
    if run.quiet_seconds is not None:
        return (item.unconfirmed_at or item.sent_at or entry.sent_at) + run.quiet_seconds
    return entry.closed_at + LATE_VISIBILITY_SECONDS


def _found(run: BulkRun, item: Item, batch_id: str) -> Flow[None]:
    submitted = yield from Recorded(partial(run.ledger.submitted, item, batch_id))
    yield from run.tell(FOUND, item, batch_id)
    yield from flies(run, submitted or evolve(item, batch_id=batch_id), batch_id)


def flies(run: BulkRun, item: Item, batch_id: str) -> Flow[None]:
    """A batch of an earlier attempt, or of an answer that was lost, is under way."""
    now, at = (yield from Now()), (yield from run.wall())
    run.in_flight[batch_id] = item
    age = 0.0 if item.sent_at is None else max(at - item.sent_at, 0.0)
    with run.lock:
        run.dispatcher.flies(item, batch_id, item.request, now - age)
