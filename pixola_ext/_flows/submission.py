"""Submitting a generation, which costs credits and has no idempotency key: never twice by our own choice."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final, TypeVar

from .._api.answers import Answer
from .._api.arguments import LARGEST_PAGE, is_id
from .._api.operations import Call, create_generation, list_batches
from .._budget.reservation import Reservation
from .._display import printable
from .._journal.entries import Entry
from ..errors import (
    BadRequestError,
    PixolaError,
    RateLimitedError,
    RequestTimeoutError,
)
from ..models import Batch, BatchSummary, Submission
from ..settings import Policy
from .account import AccountState
from .catalog import KnownSlugs
from .effects import Flow, Intend, Intention, Journaled, Now, Reserve, WallClock
from .observing import Attempt, observed, report_request
from .ownership import ENDED_SECONDS, UNANSWERED_SECONDS, answered, begin, has_baseline, lose, new_entry, saw, withdraw
from .pending import explain
from .reconciliation import find_batch, unknown_error
from .request import LONGEST_RETRY_AFTER, Sender, is_unconfirmed, request, single_attempt

T = TypeVar("T")

_MOST_SUGGESTIONS: Final = 3
_FIRST_LOOK_SECONDS: Final = 5.0  # that the list of batches before a submission may take
_SENDING_SHARE: Final = 2 / 3  # of the time allowed; the rest is for finding out what became of the submission


def submit(submission: Submission, policy: Policy, account: AccountState) -> Flow[Batch]:
    """Send `POST /generate` once, and find its batch if the answer is lost.

    | What happened                                       | What follows                                            |
    |-----------------------------------------------------|---------------------------------------------------------|
    | accepted                                            | the batch                                               |
    | accepted, with an id that cannot be asked for       | `SubmissionUnknownError` with that id                   |
    | never delivered: no connection could be made        | sent again, paced; then `ConnectError`                  |
    | 429                                                 | sent again when the service says; then `RateLimitedError` |
    | 409, 400 and any other refusal                      | raised at once                                          |
    | read timeout, reset, 5xx, a proxy's 408, a redirect | maybe accepted: never sent again, looked for            |
    | a success that names no batch                       | likewise                                                |
    | ... one new batch fits, and no other submission     | it is ours                                              |
    | ... several fit, as many as equal submissions       | one of them each: every assignment is right             |
    | ... none fits after the last look, or it is unclear | `SubmissionUnknownError` with the candidates            |
    | ... looking fails, or there is no time left to look | `SubmissionUnknownError`                                |
    | interrupted or killed                               | it stays in the journal, and `px.pending()` lists it    |
    """
    batch = yield from _submit(Submitting(create_generation(submission)), policy, account)
    return batch.submitted_as(submission)


def submit_as(call: Call[T], submission: Call[Batch], policy: Policy, account: AccountState) -> Flow[T]:
    """The same for a call of the caller's own, which is a `submission`; what was found in a list has but its id."""
    sending = Submitting(submission)
    batch = yield from _submit(sending, policy, account)
    return call.parse({"batchId": batch.batch_id}) if sending.answer is None else call.read(sending.answer)


def _submit(sending: "Submitting", policy: Policy, account: AccountState) -> Flow[Batch]:
    call = sending.call
    started_at = yield from Now()
    yield from look_before(policy)
    try:
        batch = yield from request(call, policy._replace(timeout=policy.timeout * _SENDING_SHARE), sending)
    except BadRequestError as error:
        error.suggestions = suggestions(call.body or {}, account.slugs)
        raise
    except Unconfirmed as unconfirmed:
        remaining = policy.timeout - ((yield from Now()) - started_at)
        cause, looking = unconfirmed.cause, policy._replace(timeout=remaining)
        batch = yield from find_batch(unconfirmed.entry, cause, looking, account)
    account.submitted(batch.batch_id, (yield from Now()), call.body or {})
    return batch


def look_before(policy: Policy) -> Flow[None]:
    """List the newest batches if that was not done lately, so that a new one can be told; a failure is no obstacle."""
    now = (yield from WallClock()).timestamp()
    if (yield from Journaled(partial(has_baseline, now=now))):
        return
    try:
        page = yield from request(
            list_batches(limit=LARGEST_PAGE, cursor=None), single_attempt(policy, _FIRST_LOOK_SECONDS)
        )
    except RateLimitedError as error:
        if (error.retry_after or 0.0) > LONGEST_RETRY_AFTER:  # the submission would be told the same
            raise
        return
    except PixolaError:
        return
    yield from Journaled(partial(saw, batches=page.items, now=now))


class Unconfirmed(Exception):  # noqa: N818  (never leaves the flows)
    """A submission that was sent and may have been accepted; `cause` came instead of an answer, if anything did."""

    def __init__(self, entry: Entry, cause: PixolaError | None) -> None:
        super().__init__(entry, cause)
        self.entry = entry
        self.cause = cause


class Submitting(Sender[Batch]):
    """Sends a submission, with an entry in the journal from before each attempt until the fate of that is known.

    Raises `Unconfirmed` when an answer is lost; the batch is not looked for. `look_before` must have been called.
    `answer` is the one that named the batch, None if there was none.
    """

    def __init__(self, call: Call[Batch]) -> None:
        self.call = call
        self.answer: Answer | None = None
        self._entry: Entry | None = None
        self._latest: float | None = None

    def record(self, entry: Entry) -> None:
        """Called with the entry that was begun, in the same transaction; what it raises is raised: nothing is sent."""

    def reserve(self, reserve: Reserve | None, deadline: float, /) -> Flow[Reservation]:
        left = deadline - (yield from Now())
        now = (yield from WallClock()).timestamp()
        entry = new_entry(self.call.body or {}, now, left)
        try:
            intended = yield from Intend(reserve, Intention(partial(begin, entry=entry), self.record, withdraw))
        except (Exception, GeneratorExit):
            raise
        except BaseException:  # an interruption, which may have come just after it was written
            yield from Journaled(partial(withdraw, entry=entry), is_result=True)
            raise
        reservation, self._entry = intended
        # A process that is stopped here, and wakes when another may have gone on in its place, sends nothing any more.
        self._latest = deadline
        return reservation

    def send(self, attempt: Attempt[Batch]) -> Flow[Batch]:
        entry = self._entry
        if entry is None:
            raise RuntimeError("sent without an entry in the journal")
        try:
            yield from report_request(attempt)
        except GeneratorExit:
            raise
        except BaseException:
            yield from Journaled(partial(withdraw, entry=entry), is_result=True)
            raise
        return (yield from self._sent(attempt._replace(latest=self._latest), entry))

    def _sent(self, attempt: Attempt[Batch], entry: Entry) -> Flow[Batch]:
        try:
            answer = yield from observed(attempt)
            batch = attempt.call.read(answer)
        except GeneratorExit:
            raise
        except BaseException as error:
            if isinstance(error, PixolaError) and not is_unconfirmed(error):
                yield from Journaled(partial(withdraw, entry=entry), is_result=True)
                raise
            now = (yield from WallClock()).timestamp()
            looking = attempt.timeout if isinstance(error, PixolaError) else 0.0
            grace = ENDED_SECONDS if _has_ended(error) else UNANSWERED_SECONDS
            lost = partial(lose, entry=entry, now=now, seconds=looking, grace=grace)
            entry = yield from Journaled(lost, is_result=True)
            if isinstance(error, PixolaError):
                raise Unconfirmed(entry, error) from error
            explain(error, entry)
            raise
        changed = yield from Journaled(partial(answered, entry=entry, batch_id=batch.batch_id), is_result=True)
        if changed is not None:
            raise Unconfirmed(changed, None)
        if not is_id(batch.batch_id):
            raise _unusable(entry, batch)
        self.answer = answer
        return batch


def _has_ended(error: BaseException) -> bool:
    """Whether the service, or what stands in front of it, has ended the exchange: a time-out leaves it open."""
    return isinstance(error, PixolaError) and not isinstance(error, RequestTimeoutError)


def _unusable(entry: Entry, batch: Batch) -> PixolaError:
    shown = printable(repr(batch.batch_id), 80)
    error = unknown_error(
        f"the submission was accepted and is charged, but {shown} is no id that a batch can be asked for by;"
        " nothing was sent again",
        entry,
        [BatchSummary(batch.batch_id, extra=batch.extra)],
    )
    error.batch_id = batch.batch_id
    return error


def suggestions(submission: Mapping[str, Any], known: KnownSlugs) -> tuple[str, ...]:
    """Slugs of the catalog that are close to one in `submission` which the catalog does not have."""
    for member, slugs in known.items():
        wanted = submission.get(member)
        if isinstance(wanted, str) and wanted not in slugs:
            from difflib import get_close_matches  # noqa: PLC0415  (needed for a misspelt slug only)

            return tuple(get_close_matches(wanted, sorted(slugs), n=_MOST_SUGGESTIONS))
    return ()
