"""A bulk run: lanes that carry out what the dispatcher decides, and record it in the ledger.

Every lane is the same flow; a driver runs some of them at once. What they share is a `BulkRun`. What must survive a
kill is in the ledger, and each step is recorded there before the next one:

    claim ──▶ intend ──▶ POST /generate ──▶ submitted ──▶ (looks) ──▶ settle ──▶ (fetch) ──▶ fetched
"""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

from attrs import evolve

from .._bulk.items import Item, State
from .._bulk.outcomes import FAILED, SAVED
from .._state.errors import StoreError
from ..errors import ConfigurationError, CreditLimitError, DownloadError, PixolaError
from ..models import Batch
from .bulk_actions import Action, Feed, Fetch, Idle, ListBatches, ListImages, ReadBatch, Reconcile, Submit
from .bulk_beginning import begin, take_over
from .bulk_looking import look_at_batch, look_at_batches, look_at_images
from .bulk_run import BulkRun
from .bulk_sending import reconcile_all, send
from .effects import Flow, Gather, Now, Recorded, Sleep

LANES: Final = 12  # four submissions, six downloads, a look and a search at once
_FEEDING_PAUSE: Final = 0.05  # seconds until requests are asked for again that the caller has not given yet


def lane(run: BulkRun) -> Flow[None]:
    """Do what is to be done, until nothing is. An error that ends one lane ends all."""
    try:
        while True:
            now = yield from Now()
            if (yield from run.keep_lease(now)):
                yield from take_over(run)
            budget = yield from run.budget(now)
            with run.lock:
                action = run.dispatcher.next(now, budget)
            if action is None:
                return
            yield from _carried_out(run, action)
    except BaseException:
        with run.lock:
            run.dispatcher.abandon()
        raise


def whole(run: BulkRun) -> Flow[None]:
    """All of a run, from what earlier runs left open to the end of all lanes."""
    try:
        yield from begin(run)
        outcomes = yield from Gather([lane(run) for _ in range(LANES)], LANES)
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome
    except StoreError as error:
        raise ledger_error(error) from error
    finally:
        with suppress(StoreError):  # then the lease has to end
            run.ledger.release(run.owner)


def ledger_error(error: StoreError) -> ConfigurationError:
    """The error for a ledger that cannot be used any more."""
    return ConfigurationError(f"ledger: {error}", setting="ledger")


def _carried_out(run: BulkRun, action: "Action[Item]") -> Flow[None]:
    match action:
        case Idle(seconds):
            yield from Sleep(seconds)
        case Submit(item):
            yield from send(run, item)
        case Reconcile(items):
            yield from reconcile_all(run, items)
        case ListImages(cursor):
            yield from look_at_images(run, cursor)
        case ListBatches():
            yield from look_at_batches(run)
        case ReadBatch(flight):
            yield from look_at_batch(run, flight)
        case Fetch(item, batch):
            yield from _fetch(run, item, batch)
        case Feed(count):
            yield from _feed(run, count)


def _feed(run: BulkRun, count: int) -> Flow[None]:
    is_last = run.is_fed
    at = yield from run.wall()
    items = yield from Recorded(
        partial(run.ledger.claim, run.owner, at, run.lease_seconds, count, max_credits=run.max_credits)
    )
    if run.max_credits is not None and (items or (yield from _may_go_on(run))):
        is_last = False  # the ledger gave what can be paid for now
    if not items and not is_last:
        yield from Sleep(_FEEDING_PAUSE)
    with run.lock:
        run.unclaimed = max(run.unclaimed - len(items), 0)
        run.dispatcher.fed(items, is_last=is_last and len(items) < count)


def _may_go_on(run: BulkRun) -> Flow[bool]:
    """Whether requests wait that can be paid for when what is under way costs less than it may; else ends the run."""
    totals = yield from Recorded(run.ledger.totals)
    waiting = totals.counts.get(State.WAITING, 0)
    if not waiting:
        return False
    with run.lock:
        is_busy = run.dispatcher.is_busy
    if not is_busy:
        run.stop(
            CreditLimitError(
                f"{waiting} requests are not sent: with the next one more than {run.max_credits} credits could be spent"
            )
        )
    return True


def _fetch(run: BulkRun, item: Item, batch: Batch) -> Flow[None]:
    """Save the pictures of a batch, but for those that an earlier run has saved (`item.files`)."""
    saving = run.saving
    files = dict(item.files)
    error: PixolaError | None = None
    new: Sequence[Path] = ()
    missing = evolve(batch, images=tuple(image for image in batch.images if image.image_id not in files))
    if saving is not None and missing.completed:
        try:
            new = yield from saving.save(item, missing)
        except PixolaError as failed:
            error, new = failed, failed.saved if isinstance(failed, DownloadError) else ()
    paths = [*(saving.path(name) for name in files.values()), *new] if saving is not None else []
    if saving is not None:
        files |= {image.image_id: saving.name(path) for image, path in zip(missing.completed, new, strict=False)}
    if error is None:
        item = (yield from Recorded(partial(run.ledger.fetched, item, files))) or item
    yield from run.tell(SAVED if error is None else FAILED, item)
    with run.lock:
        run.dispatcher.fetched()
    yield from run.done(item, batch=batch, paths=paths, error=error)
