"""Looks of a bulk run: what is asked for, and what follows when it fails."""

from collections.abc import Sequence
from typing import Final, Generic, NamedTuple, TypeVar

from .._api.arguments import LARGEST_PAGE
from .._api.operations import Call, get_batch, list_batches, list_images
from .._api.timing import backoff
from .._bulk.items import Item
from ..errors import APIError, NotFoundError
from ..models import Batch
from .bulk_run import BulkRun
from .effects import Flow, Now
from .flights import Flight
from .observing import Attempt
from .request import PASSING, Sender, request, single_attempt

T = TypeVar("T")

_LOOK_SECONDS: Final = 20.0  # that one look may take
_LONGEST_PAUSE: Final = 60.0  # seconds between two looks that fail


class _Looked(NamedTuple, Generic[T]):
    """The answer to a look, which was sent at `at` (monotonic seconds): it may have waited for the budget before."""

    answer: T
    at: float


class _Timed(Sender[T]):
    """Remembers when an attempt was sent, in monotonic seconds."""

    sent_at = 0.0

    def send(self, attempt: Attempt[T]) -> Flow[T]:
        self.sent_at = yield from Now()
        return (yield from super().send(attempt))


def _looked(run: BulkRun, call: Call[T]) -> Flow[_Looked[T] | None]:
    """What a look found, None if it failed for a reason that may pass."""
    timed: _Timed[T] = _Timed()
    try:
        answer = yield from request(call, single_attempt(run.policy, _LOOK_SECONDS), timed)
    except PASSING as error:
        run.look_failures += 1
        wanted = error.retry_after if isinstance(error, APIError) else None
        delay = min(backoff(run.look_failures, 1.0) if wanted is None else wanted, _LONGEST_PAUSE)
        now = yield from Now()
        with run.lock:
            run.dispatcher.look_failed(now, delay)
        yield from run.give_up(now)
        return None
    run.look_failures = 0
    return _Looked(answer, timed.sent_at)


def look_at_images(run: BulkRun, cursor: int | None) -> Flow[None]:
    """Read a page of the list of images."""
    looked = yield from _looked(run, list_images(limit=LARGEST_PAGE, cursor=cursor))
    if looked is None:
        return
    page = looked.answer
    following = page.next_cursor if page.has_more and page.next_cursor != cursor else None
    with run.lock:
        ended = run.dispatcher.saw_images(page.items, following, looked.at, is_first=cursor is None)
    yield from _settle(run, ended)


def look_at_batches(run: BulkRun) -> Flow[None]:
    """Read the newest page of the list of batches."""
    looked = yield from _looked(run, list_batches(limit=LARGEST_PAGE, cursor=None))
    if looked is not None:
        with run.lock:
            ended = run.dispatcher.saw_batches(looked.answer.items, looked.at)
        yield from _settle(run, ended)


def look_at_batch(run: BulkRun, flight: Flight[Item]) -> Flow[None]:
    """Read one batch by itself."""
    at = yield from Now()
    batch: Batch | None = None
    try:
        looked = yield from _looked(run, get_batch(flight.batch_id))
    except NotFoundError:  # not visible yet, or gone: the time to wait will tell
        pass
    else:
        if looked is None:
            return
        batch, at = looked
    with run.lock:
        ended = run.dispatcher.saw_batch(flight, batch, at)
    yield from _settle(run, ended)


def _settle(run: BulkRun, ended: Sequence[tuple[Item, Batch]]) -> Flow[None]:
    for item, batch in ended:
        yield from run.settle(item, batch)
    yield from run.give_up((yield from Now()))
