"""The begin of a bulk run: what is known of the account, and what runs that have ended left open."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from attrs import evolve

from .._bulk.items import Item, State
from .bulk_run import BulkRun, batch_of
from .bulk_sending import flies
from .effects import Flow, Now, Recorded
from .submission import look_before

_FIRST_LOOKS: Final = 3  # at the batches of the account, until one succeeds
_PAGE: Final = 200  # items taken over at once


def begin(run: BulkRun) -> Flow[None]:
    """What is known of the account before the first submission, and what runs that have ended left open."""
    if run.saving is not None:
        yield from run.saving.check()
    for _ in range(_FIRST_LOOKS):  # without one, what is lost cannot be told from what was there before
        yield from look_before(run.policy)
    yield from take_over(run)


def take_over(run: BulkRun) -> Flow[None]:
    """Go on with what runs left open that have ended, of this machine or of others."""
    while True:
        at = yield from run.wall()
        taken = yield from Recorded(partial(run.ledger.take_over, run.owner, at, run.lease_seconds, _PAGE))
        saved = yield from _saved(run, [item for item in taken if item.state is State.SETTLED])
        for item in taken:
            files = {image.image_id: saved[image.image_id] for image in item.completed if image.image_id in saved}
            yield from _resume(run, evolve(item, files=files) if files else item)
        if len(taken) < _PAGE:
            return


def _saved(run: BulkRun, settled: Sequence[Item]) -> Flow[Mapping[str, str]]:
    """The files by image id that the runs before this one have saved, and were killed before they could record it."""
    if run.saving is None or not settled:
        return {}
    found = yield from run.saving.find(settled)
    return {image_id: run.saving.name(path) for image_id, path in found.items()}


def _resume(run: BulkRun, item: Item) -> Flow[None]:
    if item.state is State.SUBMITTED and item.batch_id is not None:
        yield from flies(run, item, item.batch_id)
    elif item.state is State.SETTLED:
        with run.lock:
            run.dispatcher.fetch(item, batch_of(item))
    else:
        at, now = (yield from run.wall()), (yield from Now())
        if item.state is State.SENDING:
            lost_at = item.sent_at if item.sent_at is not None else at
            item = (yield from Recorded(partial(run.ledger.doubt, item, lost_at))) or item
        with run.lock:
            run.dispatcher.search(item, now)
