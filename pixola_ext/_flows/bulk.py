"""A bulk run: lanes that carry out what the dispatcher decides, and record it in the ledger.

Every lane is the same flow; a driver runs some of them at once. What they share is a `BulkRun`. What must survive a
kill is in the ledger, and each step is recorded there before the next one:

    claim ──▶ intend ──▶ POST /generate ──▶ submitted ──▶ (looks) ──▶ settle ──▶ (fetch) ──▶ fetched
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from attrs import define, evolve, field, frozen

from .._api.arguments import LARGEST_PAGE
from .._api.operations import Call, get_batch, list_batches, list_images
from .._api.timing import backoff
from .._budget.limits import Budget
from .._bulk.items import Item, State
from .._bulk.ledger import Ledger
from .._bulk.outcomes import FAILED, FINISHED, REFUSED, SAVED, BulkEvent, Outcome
from ..errors import (
    APIError,
    CreditLimitError,
    DownloadError,
    GenerationError,
    GenerationFailedError,
    GenerationRejectedError,
    NotFoundError,
    PixolaError,
    RateLimitedError,
    RequestError,
    ServerError,
    UnexpectedResponseError,
    WaitTimeoutError,
)
from ..models import REJECTED, Batch, Image, Submission, submission_of
from ..settings import Policy
from .account import AccountState
from .dispatching import (
    Action,
    Dispatcher,
    Feed,
    Fetch,
    Idle,
    ListBatches,
    ListImages,
    ReadBatch,
    Reconcile,
    Submit,
)
from .effects import Effect, Flow, Notify, Now, Outlook, Recorded, Sleep, WallClock
from .request import request, single_attempt

T = TypeVar("T")

LANES: Final = 12  # four submissions, six downloads, a look and a search at once
LEASE_SECONDS: Final = 300.0  # longer than a submission takes: connecting, sending and the answer
_RENEWED_EARLY: Final = 3  # times in a lease
_OUTLOOK_SECONDS: Final = 1.0  # that what is left of the budget is remembered
_LOOK_SECONDS: Final = 20.0  # that one look may take
_PASSING: Final = (RequestError, RateLimitedError, ServerError, UnexpectedResponseError)
_LONGEST_PAUSE: Final = 60.0  # seconds between two looks that fail


@frozen
class Saving:
    """Where pictures are saved, and how: see `saving.save`."""

    dest: Path
    save: Callable[[Item, Batch], Flow[list[Path]]]


@define(eq=False)
class BulkRun:
    """One run, shared by its lanes; safe between threads.

    `deliver` is called with each outcome, `on_event` with each event, both by a driver's `Notify`. `failure` is what
    ended the run early, if anything did: the service would have refused all that was left.
    """

    ledger: Ledger
    owner: str
    dispatcher: Dispatcher[Item]
    policy: Policy
    account: AccountState
    wait_timeout: float
    deliver: Callable[[Outcome], Any]
    on_event: Callable[[BulkEvent], Any] | None = None
    max_credits: int | None = None
    quiet_seconds: float | None = None
    saving: Saving | None = None
    failure: PixolaError | None = None
    is_fed: bool = False  # whether all requests are in the ledger
    failures: int = 0  # submissions in a row that were not delivered
    in_flight: dict[str, int] = field(factory=dict)  # numbers of items, by batch
    _look_failures: int = 0
    _renewed_at: float = 0.0
    _outlook: tuple[float, Budget | None] | None = None
    _lock: threading.RLock = field(factory=threading.RLock)

    # -- the lanes -----------------------------------------------------------------------------------------------------

    def lane(self) -> Flow[None]:
        """Do what is to be done, until nothing is."""
        while True:
            now = yield from Now()
            yield from self._keep_lease(now)
            budget = yield from self._budget(now)
            with self.decided() as dispatcher:
                action = dispatcher.next(now, budget)
            if action is None:
                return
            yield from self._carried_out(action)

    @contextmanager
    def decided(self) -> Iterator[Dispatcher[Item]]:
        """The dispatcher, for one lane at a time."""
        with self._lock:
            yield self.dispatcher

    def _carried_out(self, action: "Action[Item]") -> Flow[None]:
        from .bulk_sending import reconcile_all, send  # noqa: PLC0415  (it needs this module)

        match action:
            case Idle(seconds):
                yield from Sleep(seconds)
            case Submit(item):
                yield from send(self, item)
            case Reconcile(items):
                yield from reconcile_all(self, items)
            case ListImages(cursor):
                yield from self._list_images(cursor)
            case ListBatches():
                yield from self._list_batches()
            case ReadBatch(flight):
                yield from self._read_batch(flight)
            case Fetch(item, batch):
                yield from self._fetch(item, batch)
            case Feed(count):
                yield from self._feed(count)

    def _budget(self, now: float) -> Flow[Budget | None]:
        known = self._outlook
        if not self.policy.is_budgeted:
            return None
        if known is None or now - known[0] >= _OUTLOOK_SECONDS:
            known = (now, (yield from Outlook()))
            self._outlook = known
        return known[1]

    def _keep_lease(self, now: float) -> Flow[None]:
        if now - self._renewed_at >= LEASE_SECONDS / _RENEWED_EARLY:
            self._renewed_at = now
            at = yield from self.wall()
            yield from Recorded(partial(self.ledger.renew, self.owner, at, LEASE_SECONDS))

    def wall(self) -> Flow[float]:
        """The time of day, as the ledger has it."""
        return (yield from WallClock()).timestamp()

    def _feed(self, count: int) -> Flow[None]:
        is_last = self.is_fed
        at = yield from self.wall()
        items = yield from Recorded(
            partial(self.ledger.claim, self.owner, at, LEASE_SECONDS, count, max_credits=self.max_credits)
        )
        if not items and is_last and self.max_credits is not None:
            yield from self._check_credits()
        with self.decided() as dispatcher:
            dispatcher.fed(items, is_last=is_last and len(items) < count)
        if not items and not is_last:
            yield from Sleep(0.05)

    def _check_credits(self) -> Flow[None]:
        """Tell apart that nothing is left from that nothing more may be spent."""
        totals = yield from Recorded(self.ledger.totals)
        waiting = totals.counts.get(State.WAITING, 0)
        if waiting:
            self.stop(
                CreditLimitError(
                    f"{waiting} requests are not sent: with the next one more than {self.max_credits} credits could be"
                    " spent"
                )
            )

    def stop(self, failure: PixolaError | None = None) -> None:
        """Submit nothing more, because of `failure`."""
        with self.decided() as dispatcher:
            self.failure = self.failure or failure
            dispatcher.stop()

    # -- outcomes ------------------------------------------------------------------------------------------------------

    def tell(self, kind: str, item: Item, batch_id: str | None = None) -> Flow[None]:
        """An event."""
        if self.on_event is not None:
            yield from Notify(self.on_event, BulkEvent(kind, item.number, batch_id or item.batch_id))

    def done(
        self, item: Item, *, batch: Batch | None = None, paths: Sequence[Path] = (), error: PixolaError | None = None
    ) -> Flow[None]:
        """The outcome of an item is known."""
        submission = submission_of(item.request) or Submission("")
        if batch is not None:
            batch = batch.submitted_as(submission)
        outcome = Outcome(item.number, submission, batch, tuple(paths), error, item.name, item.carried)
        with self.decided() as dispatcher:
            dispatcher.undelivered += 1
        yield from Notify(self.deliver, outcome)

    def taken(self) -> None:
        """The caller has taken an outcome."""
        with self.decided() as dispatcher:
            dispatcher.undelivered -= 1

    # -- looks ---------------------------------------------------------------------------------------------------------

    def _looked(self, call: Call[T]) -> Flow[T | None]:
        """The answer to a look, None if it failed for a reason that may pass."""
        try:
            answer = yield from request(call, single_attempt(self.policy, _LOOK_SECONDS))
        except NotFoundError:
            raise
        except _PASSING as error:
            self._look_failures += 1
            wanted = error.retry_after if isinstance(error, APIError) else None
            delay = min(backoff(self._look_failures, 1.0) if wanted is None else wanted, _LONGEST_PAUSE)
            now = yield from Now()
            with self.decided() as dispatcher:
                dispatcher.look_failed(now, delay)
            yield from self._give_up(now)
            return None
        self._look_failures = 0
        return answer

    def _list_images(self, cursor: int | None) -> Flow[None]:
        asked_at = yield from Now()
        page = yield from self._looked(list_images(limit=LARGEST_PAGE, cursor=cursor))
        if page is not None:
            following = page.next_cursor if page.has_more and page.next_cursor != cursor else None
            with self.decided() as dispatcher:
                ended = dispatcher.saw_images(page.items, following, asked_at, is_first=cursor is None)
            yield from self._settle(ended)

    def _list_batches(self) -> Flow[None]:
        asked_at = yield from Now()
        page = yield from self._looked(list_batches(limit=LARGEST_PAGE, cursor=None))
        if page is not None:
            with self.decided() as dispatcher:
                ended = dispatcher.saw_batches(page.items, asked_at)
            yield from self._settle(ended)

    def _read_batch(self, flight: Any) -> Flow[None]:
        asked_at = yield from Now()
        try:
            batch = yield from self._looked(get_batch(flight.batch_id))
            if batch is None:
                return
        except NotFoundError:  # not visible yet, or gone: the time to wait will tell
            batch = None
        with self.decided() as dispatcher:
            ended = dispatcher.saw_batch(flight, batch, asked_at)
        yield from self._settle(ended)

    def _settle(self, ended: Sequence[tuple[Item, Batch]]) -> Flow[None]:
        for item, batch in ended:
            yield from self.settle(item, batch)
        yield from self._give_up((yield from Now()))

    def settle(self, item: Item, batch: Batch) -> Flow[None]:
        """A batch is at its end."""
        self.in_flight.pop(batch.batch_id, None)
        at = yield from self.wall()
        settled = yield from Recorded(partial(self.ledger.settle, item, batch, at))
        if settled is None:
            return  # another run has taken it over
        yield from self.tell(FINISHED, settled)
        if not batch.completed:
            yield from self.done(settled, batch=batch, error=_without_pictures(batch))
        elif self.saving is None:
            kept = yield from Recorded(partial(self.ledger.fetched, settled, {}))
            yield from self.done(kept or settled, batch=batch)
        else:
            with self.decided() as dispatcher:
                dispatcher.fetch(settled, batch)

    def _give_up(self, now: float) -> Flow[None]:
        """Wait no longer for what takes longer than `wait_timeout`."""
        with self.decided() as dispatcher:
            late = [flight for flight in dispatcher.flights if flight.age(now) > self.wait_timeout]
            for flight in late:
                dispatcher.flights.drop(flight)
        for flight in late:
            self.in_flight.pop(flight.batch_id, None)
            error = WaitTimeoutError(
                f"batch {flight.batch_id} was not finished within {self.wait_timeout:g} s; wait for it again to go on",
                batch_id=flight.batch_id,
                timeout=self.wait_timeout,
            )
            yield from self.tell(FAILED, flight.item)
            yield from self.done(flight.item, error=error)

    # -- pictures ------------------------------------------------------------------------------------------------------

    def _fetch(self, item: Item, batch: Batch) -> Flow[None]:
        saving = self.saving
        error: PixolaError | None = None
        paths: Sequence[Path] = ()
        try:
            paths = [] if saving is None else (yield from saving.save(item, batch))
        except DownloadError as failed:
            error, paths = failed, failed.saved
        except PixolaError as failed:
            error = failed
        if error is None:
            files = {image.image_id: str(path) for image, path in zip(batch.completed, paths, strict=False)}
            item = (yield from Recorded(partial(self.ledger.fetched, item, files))) or item
        yield from self.tell(SAVED if error is None else FAILED, item)
        with self.decided() as dispatcher:
            dispatcher.fetched()
        yield from self.done(item, batch=batch, paths=paths, error=error)

    def refuse(self, item: Item, error: PixolaError) -> Flow[None]:
        """The service will not make it."""
        code = error.code if isinstance(error, APIError) else None
        at = yield from self.wall()
        refused = yield from Recorded(partial(self.ledger.refuse, item, code, str(error), at))
        yield from self.tell(REFUSED, refused or item)
        yield from self.done(refused or item, error=error)


def _without_pictures(batch: Batch) -> GenerationError:
    return GenerationRejectedError.of(batch) if batch.status == REJECTED else GenerationFailedError.of(batch)


def batch_of(item: Item) -> Batch:
    """The batch at its end, as the ledger has it."""
    images = tuple(Image.from_dict(each) for each in item.images)
    return Batch(item.batch_id or "", item.status or "", images)


__all__ = ["BulkRun", "Effect", "Saving", "batch_of", "evolve"]
