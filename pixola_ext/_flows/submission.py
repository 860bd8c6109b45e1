"""Submitting a generation, which costs credits and has no idempotency key: never twice by our own choice."""

from collections.abc import Mapping
from typing import Final

from attrs import evolve

from .._api.arguments import LARGEST_PAGE
from .._api.operations import Call, create_generation, list_batches
from ..errors import (
    BadRequestError,
    PixolaError,
    RateLimitedError,
)
from ..models import Batch, Submission
from ..settings import Policy
from .account import AccountState
from .catalog import KnownSlugs
from .effects import Flow, Now, WallClock
from .reconciliation import Doubt, find_batch
from .request import LONGEST_RETRY_AFTER, request, single_attempt

_MOST_SUGGESTIONS: Final = 3
_LOOK_BEFORE: Final = 5.0  # seconds that the look before the first submission may take
_SHARE: Final = 2 / 3  # of the time allowed that sending may take; the rest is for finding out what became of it


def submit(submission: Submission, policy: Policy, account: AccountState) -> Flow[Batch]:
    """Send `POST /generate` once, and find its batch if the answer is lost.

    | What happened                                       | What follows                                            |
    |-----------------------------------------------------|---------------------------------------------------------|
    | accepted                                            | the batch                                               |
    | never delivered: no connection could be made        | sent again, paced; then `ConnectError`                  |
    | 429                                                 | sent again when the service says; then `RateLimitedError` |
    | 409, 400 and any other refusal                      | raised at once                                          |
    | read timeout, reset, 5xx, a proxy's 408, a redirect | maybe accepted: never sent again, looked for            |
    | a success that names no batch                       | likewise                                                |
    | ... one new batch fits                              | it is ours                                              |
    | ... several fit, as many as identical submissions   | one of them each: every assignment is right             |
    | ... none fits after the last look, or it is unclear | `SubmissionUnknownError` with the candidates            |
    | ... looking fails, or there is no time left to look | `SubmissionUnknownError`                                |
    """
    call = create_generation(submission)
    started = yield from Now()
    if not account.submissions.origin.is_known:
        yield from _look_before(policy, account)
    pending = account.submissions.begin(dict(call.body or {}))
    submitted_at = yield from WallClock()
    try:
        batch, cause = yield from _send_once(call, evolve(policy, timeout=policy.timeout * _SHARE), account)
        if batch is None or not account.submissions.answered(pending, batch.batch_id):
            remaining = policy.timeout - ((yield from Now()) - started)
            doubt = Doubt(pending, submitted_at, cause)
            batch = yield from find_batch(doubt, evolve(policy, timeout=remaining), account.submissions)
    finally:
        account.submissions.end(pending)
    account.submitted(batch.batch_id, (yield from Now()), pending.request)
    return batch.submitted_as(submission)


def _look_before(policy: Policy, account: AccountState) -> Flow[None]:
    """See which batches there are, so that a new one can be told later; trouble with that does not stop anybody."""
    try:
        page = yield from request(list_batches(limit=LARGEST_PAGE, cursor=None), single_attempt(policy, _LOOK_BEFORE))
    except RateLimitedError as error:
        if (error.retry_after or 0.0) > LONGEST_RETRY_AFTER:  # the submission would be told the same
            raise
        return
    except PixolaError:
        return
    account.submissions.saw(page.items)


def _send_once(
    call: Call[Batch], policy: Policy, account: AccountState
) -> Flow[tuple[Batch | None, PixolaError | None]]:
    """The batch, or None and the reason why it is not known; raises what says that there is none."""
    try:
        return (yield from request(call, policy)), None
    except BadRequestError as error:
        error.suggestions = suggestions(call.body or {}, account.slugs)
        raise
    except PixolaError as error:
        if not error.may_be_done:
            raise
        return None, error


def suggestions(submission: Mapping[str, str], known: KnownSlugs) -> tuple[str, ...]:
    """Slugs of the catalog that are close to one in `submission` which the catalog does not have."""
    for member, slugs in known.items():
        wanted = submission.get(member)
        if wanted is not None and wanted not in slugs:
            from difflib import get_close_matches  # noqa: PLC0415  (nearly nobody needs it)

            return tuple(get_close_matches(wanted, sorted(slugs), n=_MOST_SUGGESTIONS))
    return ()
