"""What the lanes of a bulk run share: its parts, and what follows when the fate of an item is known."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from attrs import define, field, frozen

from .._budget.limits import Budget
from .._bulk.items import Item
from .._bulk.ledger import Ledger
from .._bulk.outcomes import FAILED, FINISHED, REFUSED, BulkEvent, EventKind, Outcome
from .._places import is_remote
from ..errors import (
    APIError,
    GenerationError,
    GenerationFailedError,
    GenerationRejectedError,
    PixolaError,
    WaitTimeoutError,
)
from ..models import REJECTED, Batch, Image, Submission, submission_of
from ..settings import Policy
from .account import AccountState
from .dispatching import Dispatcher
from .effects import Flow, Notify, Outlook, Recorded, WallClock
from .file_effects import CheckPlace
from .saving import destination_folder

_log = logging.getLogger("pixola_ext")

LEASE_SECONDS: Final = 300.0  # longer than a submission takes: connecting, sending and the answer
_RENEWED_EARLY: Final = 3  # times in a lease
_SCARCE: Final = 60  # requests of the day
_OUTLOOK_SECONDS: Final = 1.0  # that what is left of the budget is remembered


@frozen
class Saving:
    """Where pictures are saved, and how: see `saving.save`.

    `find` gives the pictures of items that are there already, by image id.
    """

    dest: Path
    save: Callable[[Item, Batch], Flow[list[Path]]]
    find: Callable[[Sequence[Item]], Flow[Mapping[str, Path]]]

    def check(self) -> Flow[None]:
        """Raise `ConfigurationError` unless the store of the pictures can be written to.

        A folder of this machine was checked when the run was made, without a driver.
        """
        if is_remote(self.dest):
            yield from CheckPlace(self.dest)

    def name(self, path: Path) -> str:
        """The file as the ledger has it: below the folder, which may be moved."""
        folder = destination_folder(self.dest)
        return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)

    def path(self, name: str) -> Path:
        """The file of this name."""
        return destination_folder(self.dest) / name


@define(eq=False)
class BulkRun:
    """One run, shared by its lanes; safe between threads. Its dispatcher is used with `lock` held.

    That is a plain `with`, because Ctrl-C may interrupt the thread of the caller anywhere, also between the lines of a
    context manager in Python, where the lock would stay held as long as the interruption is dealt with.

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
    lease_seconds: float = LEASE_SECONDS
    saving: Saving | None = None
    failure: Exception | None = None
    place: Callable[[Item], int] = lambda item: item.number  # what outcomes and events have as their number
    is_fed: bool = False  # whether all requests are in the ledger
    unclaimed: int = 0  # requests that are there, and that no lane has claimed yet
    posting: int = 0  # submissions whose answer is awaited
    failures: int = 0  # submissions in a row that were not delivered
    losses: int = 0  # submissions in a row whose answers were lost
    in_flight: dict[str, Item] = field(factory=dict)  # by batch
    look_failures: int = 0  # looks in a row that failed
    _renewed_at: float = 0.0
    _outlook: tuple[float, Budget | None] | None = None
    lock: threading.RLock = field(factory=threading.RLock)

    def wall(self) -> Flow[float]:
        """The time of day, as the ledger has it."""
        return (yield from WallClock()).timestamp()

    def budget(self, now: float) -> Flow[Budget | None]:
        """What is left of the requests of the key, as it was a moment ago; None if they are not counted."""
        known = self._outlook
        if not self.policy.is_budgeted:
            return None
        if known is None or now - known[0] >= _OUTLOOK_SECONDS or _is_scarce(known[1]):
            known = (now, (yield from Outlook()))
            self._outlook = known
        return known[1]

    def keep_lease(self, now: float) -> Flow[bool]:
        """Extend the lease of what the run owns, from time to time; whether it was."""
        if now - self._renewed_at < self.lease_seconds / _RENEWED_EARLY:
            return False
        self._renewed_at = now
        at = yield from self.wall()
        yield from Recorded(partial(self.ledger.renew, self.owner, at, self.lease_seconds))
        return True

    def stop(self, failure: Exception | None = None) -> None:
        """Submit nothing more, because of `failure`."""
        with self.lock:
            self.failure = self.failure or failure
            self.dispatcher.stop()

    # -- outcomes ------------------------------------------------------------------------------------------------------

    def tell(self, kind: EventKind, item: Item, batch_id: str | None = None) -> Flow[None]:
        """An event. A callback that fails is logged: what was paid for goes on."""
        if self.on_event is None:
            return
        try:
            yield from Notify(self.on_event, BulkEvent(kind, self.place(item), batch_id or item.batch_id))
        except Exception:  # noqa: BLE001  (logged)
            _log.exception("on_event failed; the run goes on")

    def done(
        self, item: Item, *, batch: Batch | None = None, paths: Sequence[Path] = (), error: PixolaError | None = None
    ) -> Flow[None]:
        """The outcome of an item is known."""
        submission = submission_of(item.request) or Submission("")
        if batch is not None:
            batch = batch.submitted_as(submission)
        outcome = Outcome(self.place(item), submission, batch, tuple(paths), error, item.name, item.carried)
        with self.lock:
            self.dispatcher.undelivered += 1
        yield from Notify(self.deliver, outcome)

    def taken(self) -> None:
        """The caller has taken an outcome."""
        with self.lock:
            self.dispatcher.undelivered -= 1

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
            with self.lock:
                self.dispatcher.fetch(settled, batch)

    def give_up(self, now: float) -> Flow[None]:
        """Wait no longer for what takes longer than `wait_timeout`."""
        with self.lock:
            late = [flight for flight in self.dispatcher.flights if flight.age(now) > self.wait_timeout]
            for flight in late:
                self.dispatcher.flights.drop(flight)
        for flight in late:
            self.in_flight.pop(flight.batch_id, None)
            error = WaitTimeoutError(
                f"batch {flight.batch_id} was not finished within {self.wait_timeout:g} s; wait for it again to go on",
                batch_id=flight.batch_id,
                timeout=self.wait_timeout,
            )
            for item in flight.items:
                yield from self.tell(FAILED, item)
                yield from self.done(item, error=error)

    def refuse(self, item: Item, error: PixolaError) -> Flow[None]:
        """The service will not make it."""
        code = error.code if isinstance(error, APIError) else None
        at = yield from self.wall()
        refused = yield from Recorded(partial(self.ledger.refuse, item, code, str(error), at))
        yield from self.tell(REFUSED, refused or item)
        yield from self.done(refused or item, error=error)


def _is_scarce(budget: Budget | None) -> bool:
    """Whether every request of the day counts."""
    return budget is not None and 0 < budget.day.left < _SCARCE


def _without_pictures(batch: Batch) -> GenerationError:
    return GenerationRejectedError.of(batch) if batch.status == REJECTED else GenerationFailedError.of(batch)


def batch_of(item: Item) -> Batch:
    """The batch at its end, as the ledger has it."""
    images = tuple(Image.from_dict(each) for each in item.images)
    return Batch(item.batch_id or "", item.status or "", images)
