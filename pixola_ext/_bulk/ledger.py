"""The ledger of a bulk run: what is recorded of each item, and when. Safe between threads and processes.

add ──▶ claim ──▶ intend ──send──▶ submitted ──▶ settle ──▶ fetched
                         ├▶ unsend               never delivered, or refused for now: it may be sent again
                         ├▶ refuse               the service will not make it
                         └▶ doubt ──▶ submitted | unsend | undecided ──▶ resolve

A run works on what it owns: what it claimed, and what it took over from runs that have ended. An item given to a
method is as the run knows it; the change is made only if the ledger still has that owner and attempt, and None says
that it has not. Each method is one short transaction, but for those that walk through all items.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from itertools import islice
from typing import Any, Final, NamedTuple

from attrs import evolve

from .._display import printable
from .._journal.entries import Baseline
from ..models import Batch
from .changes import AGAIN, FREE, PAGE, UNSENT, affordable, changed, current, free_expired, owned_by, put, unowned
from .items import UNFINISHED, Item, State, owner_has_ended
from .rows import Rows, Totals

FILE_NAME: Final = "pixola-bulk.db"  # of a ledger that is kept beside the pictures

_MESSAGE_LENGTH: Final = 500  # characters kept of what the service says
_CODE_LENGTH: Final = 100


class Added(NamedTuple):
    """How many items of an input are new, and how many the ledger knew."""

    new: int
    known: int


class Ledger(ABC):
    """The items of one bulk run; a store gives the transactions.

    Every method raises `StoreError` if the store cannot be used.
    """

    @abstractmethod
    def transaction(self, *, is_durable: bool = False) -> AbstractContextManager[Rows]:
        """One transaction, all or nothing. A durable one and all before it survive a power failure once it ends."""

    @abstractmethod
    def close(self) -> None:
        """Close the store."""

    # -- the input -----------------------------------------------------------------------------------------------------

    def add(self, items: Iterable[Item]) -> Added:
        """Add the items whose content the ledger does not know, some hundred at a time."""
        new = known = 0
        source = iter(items)
        while page := list(islice(source, PAGE)):
            unique = {item.digest: item for item in page}
            with self.transaction() as rows:
                rows.spending()  # which locks out others: numbers are given one after the other
                already = set(rows.known(unique))
                missing = [item for digest, item in unique.items() if digest not in already]
                rows.append(missing)
            new += len(missing)
            known += len(page) - len(missing)
        return Added(new, known)

    def missing(self, items: Iterable[Item]) -> Iterator[Item]:
        """Those of the items whose content the ledger does not know; nothing is added."""
        source = iter(items)
        while page := list(islice(source, PAGE)):
            with self.transaction() as rows:
                already = set(rows.known({item.digest for item in page}))
            yield from (item for item in page if item.digest not in already)

    def remember(self, **options: Any) -> None:
        """Add to what is remembered about the run; values are JSON."""
        with self.transaction() as rows:
            rows.remember(options)

    def options(self) -> Mapping[str, Any]:
        """What was remembered about the run."""
        with self.transaction() as rows:
            return rows.options()

    # -- the owner -----------------------------------------------------------------------------------------------------

    def claim(
        self, owner: str, now: float, lease_seconds: float, count: int, *, max_credits: int | None = None
    ) -> list[Item]:
        """Up to `count` waiting items, in their order; when they are fewer, those of leases that have ended, too.

        With `max_credits` it ends before the item with which the credits charged and reserved by all runs on this
        ledger would be more, and before one without a price. It may go on when something in flight costs less.
        """
        with self.transaction() as rows:
            found = rows.unowned({State.WAITING}, count)
            if len(found) < count and free_expired(rows, {State.WAITING}, now, owner):
                found = rows.unowned({State.WAITING}, count)
            if max_credits is not None:
                found = affordable(found, max_credits - sum(rows.spending()))
            return put(rows, found, partial(owned_by, owner=owner, until=now + lease_seconds))

    def renew(self, owner: str, now: float, lease_seconds: float) -> int:
        """Extend the lease of all that the run owns; how many items that are."""
        return self._change_owned(owner, partial(owned_by, owner=owner, until=now + lease_seconds))

    def release(self, owner: str) -> int:
        """Give up all that the run owns, so that another run need not wait for the lease to end; how many items."""
        return self._change_owned(owner, unowned)

    def take_over(self, owner: str, now: float, lease_seconds: float, count: int = PAGE) -> list[Item]:
        """Up to `count` sent items that no run works on any more, which become this run's.

        They are SENDING, DOUBT, SUBMITTED or SETTLED, and their lease or the process of their owner has ended.
        """
        with self.transaction() as rows:
            for other in rows.owners():
                if other != owner and owner_has_ended(other):
                    while left := rows.owned(other, 0, PAGE):
                        put(rows, left, unowned)
            free_expired(rows, UNFINISHED, now, owner)
            found = rows.unowned(UNFINISHED, count)
            return put(rows, found, partial(owned_by, owner=owner, until=now + lease_seconds))

    def _change_owned(self, owner: str, change: Callable[[Item], Item]) -> int:
        return self._walk(lambda rows, after: rows.owned(owner, after, PAGE), change)

    def _walk(self, page_of: Callable[[Rows, int], Sequence[Item]], change: Callable[[Item], Item]) -> int:
        """Change all that the pages hold, each page in a transaction of its own; how many items that are."""
        after = count = 0
        while True:
            with self.transaction() as rows:
                page = page_of(rows, after)
                put(rows, page, change)
            if not page:
                return count
            after, count = page[-1].number, count + len(page)

    # -- one item ------------------------------------------------------------------------------------------------------

    def intend(
        self,
        item: Item,
        now: float,
        *,
        entry_id: str | None = None,
        baseline: Baseline | None = None,
        closed_at: float | None = None,
        max_credits: int | None = None,
    ) -> Item | None:
        """Record that a claimed item is about to be sent: SENDING, with the next attempt. It survives a power failure.

        It stays this run's at least until `closed_at`, when it is no longer accepted. None, and it must not be sent, if
        it was cancelled or claimed by another run, or if the credits charged and reserved are more than `max_credits`
        by now; then it is given up. A repetition with the same `entry_id` changes nothing.
        """
        with self.transaction(is_durable=True) as rows:
            here = current(rows, item, State.WAITING)
            if here is None:
                return _intended(rows.get(item.number), item, entry_id)
            if max_credits is not None and (here.price is None or sum(rows.spending()) > max_credits):
                put(rows, [here], unowned)
                return None
            return changed(
                rows,
                here,
                state=State.SENDING,
                attempt=here.attempt + 1,
                entry_id=entry_id,
                sent_at=now,
                baseline=baseline,
                unconfirmed_at=None,
                closed_at=closed_at,
                lease_until=max(here.lease_until or 0.0, closed_at or 0.0),
            )

    def unsend(self, item: Item) -> Item | None:
        """It was not accepted, and never will be: WAITING, still with its owner."""
        return self._change(item, State.SENDING, State.DOUBT, **UNSENT)

    def doubt(self, item: Item, now: float, *, closed_at: float | None = None) -> Item | None:
        """Its answer was lost: DOUBT. After `closed_at` it is no longer accepted, if it was not before."""
        return self._change(
            item, State.SENDING, state=State.DOUBT, unconfirmed_at=now, closed_at=closed_at or item.closed_at
        )

    def submitted(self, item: Item, batch_id: str) -> Item | None:
        """It was accepted as this batch."""
        return self._change(item, State.SENDING, State.DOUBT, state=State.SUBMITTED, batch_id=batch_id)

    def refuse(self, item: Item, code: str | None, message: str | None, now: float) -> Item | None:
        """The service will not make it: REFUSED, with the reason. Before, it is claimed, sent or in doubt."""
        return self._change(
            item,
            State.WAITING,
            State.SENDING,
            State.DOUBT,
            state=State.REFUSED,
            code=printable(code or "refused", _CODE_LENGTH),
            message=printable(message or "", _MESSAGE_LENGTH),
            settled_at=now,
            **FREE,
        )

    def settle(self, item: Item, batch: Batch, now: float) -> Item | None:
        """Its batch is at its end: SETTLED if there is a picture, else REFUSED with the batch's status as the code."""
        status = printable(batch.status, _CODE_LENGTH)
        values: dict[str, Any] = {
            "state": State.SETTLED,
            "status": status,
            "images": [image.to_dict() for image in batch.images],
            "pictures": len(batch.completed),
            "settled_at": now,
        }
        if not batch.completed:
            values |= {"state": State.REFUSED, "code": status, **FREE}
        charged = sum(image.credits_charged or 0 for image in batch.images)
        with self.transaction() as rows:
            here = current(rows, item, State.SUBMITTED)
            return here and changed(rows, here, credits=here.credits + charged, **values)

    def fetched(self, item: Item, files: Mapping[str, str]) -> Item | None:
        """Its pictures are in these files, by image id, and nothing is left to fetch."""
        return self._change(item, State.SETTLED, state=State.FETCHED, files=dict(files), owner=None, lease_until=None)

    def mapped(self, number: int, results: Mapping[str, Mapping[str, Any]]) -> Item | None:
        """Keep what the user's function returned for pictures of a FETCHED item, by image id; it may be repeated."""
        with self.transaction() as rows:
            here = rows.get(number)
            if here is None or here.state is not State.FETCHED:
                return None
            return changed(rows, here, mapped={**here.mapped, **results})

    def undecided(self, item: Item) -> Item | None:
        """Its batch cannot be told from the lists: UNDECIDED until `resolve`."""
        return self._change(item, State.DOUBT, state=State.UNDECIDED, **FREE)

    def _change(self, item: Item, *states: State, **values: Any) -> Item | None:
        with self.transaction() as rows:
            here = current(rows, item, *states)
            return here and changed(rows, here, **values)

    # -- the user ------------------------------------------------------------------------------------------------------

    def resolve(self, number: int, batch_id: str | None) -> Item | None:
        """Decide about an undecided item: it became this batch, or was not accepted (None) and is WAITING.

        None if there is no such item, or if the batch is another item's.
        """
        with self.transaction(is_durable=True) as rows:
            here = rows.get(number)
            if here is None or here.state is not State.UNDECIDED:
                return None
            if batch_id is None:
                return changed(rows, here, **AGAIN)
            return None if rows.holder(batch_id) else changed(rows, here, state=State.SUBMITTED, batch_id=batch_id)

    def retry(self, codes: Collection[str] | None = None) -> int:
        """Make what is REFUSED for one of these reasons WAITING, or all of it; how many items that are."""
        return self._walk(
            lambda rows, after: rows.page(after, PAGE, states={State.REFUSED}, codes=codes),
            lambda item: evolve(item, **AGAIN),
        )

    def cancel(self) -> int:
        """Call off all that was not sent: CANCELLED; how many items that are."""
        return self._walk(
            lambda rows, after: rows.page(after, PAGE, states={State.WAITING}),
            lambda item: evolve(item, state=State.CANCELLED, **FREE),
        )

    # -- what there is -------------------------------------------------------------------------------------------------

    def get(self, number: int) -> Item | None:
        """The item of this number."""
        with self.transaction() as rows:
            return rows.get(number)

    def items(self, states: Collection[State] | None = None) -> Iterator[Item]:
        """The items in their order, read some hundred at a time; each as it is when it is read."""
        after = 0
        while True:
            with self.transaction() as rows:
                page = rows.page(after, PAGE, states=states)
            yield from page
            if not page:
                return
            after = page[-1].number

    def owners(self) -> Collection[str]:
        """The runs that items belong to: those at work, and those that ended without giving their items up."""
        with self.transaction() as rows:
            return rows.owners()

    def totals(self) -> Totals:
        """The run in figures."""
        with self.transaction() as rows:
            return rows.totals()


def _intended(here: Item | None, item: Item, entry_id: str | None) -> Item | None:
    """The item if this very intent is recorded already: the connection may break after a commit, before its answer."""
    if here is None or entry_id is None or here.state is not State.SENDING:
        return None
    is_same = (here.entry_id, here.owner, here.attempt) == (entry_id, item.owner, item.attempt + 1)
    return here if is_same else None
