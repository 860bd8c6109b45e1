"""A ledger in the memory of this process, for runs that need not survive it."""

import heapq
import threading
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from attrs import evolve

from .._state.processes import renew_after_fork
from .items import Item, State
from .ledger import Ledger
from .rows import Group, Rows, Spending, Totals, totals_of


class MemoryLedger(Ledger):
    """The items of a run in the memory of this process, safe between its threads."""

    def __init__(self) -> None:
        self._rows = MemoryRows()

    @contextmanager
    def transaction(self, *, is_durable: bool = False) -> Iterator["MemoryRows"]:  # noqa: ARG002  (memory never is)
        with self._rows.lock:
            yield self._rows

    def close(self) -> None:
        """There is nothing to close."""


class MemoryRows(Rows):
    """The items in memory; `lock` makes a transaction of what happens in it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._items: list[Item] = []
        self._digests: set[str] = set()
        self._unowned: defaultdict[State, list[int]] = defaultdict(list)  # heaps; some numbers have left the state
        self._owned: defaultdict[str, set[int]] = defaultdict(set)
        self._spending = Spending(0, 0)
        self._options: dict[str, Any] = {}
        renew_after_fork(self)

    def renew(self) -> None:
        """After a fork, in the child: the lock is the parent's."""
        self.lock = threading.Lock()

    def get(self, number: int) -> Item | None:
        return self._items[number - 1] if 0 < number <= len(self._items) else None

    def put(self, changes: Iterable[tuple[Item, Item]]) -> None:
        charged, reserved = self._spending
        for before, after in changes:
            if before.owner is not None:
                self._owned[before.owner].discard(before.number)
                if not self._owned[before.owner]:
                    del self._owned[before.owner]
            self._keep(after)
            charged += after.credits - before.credits
            reserved += after.reserved - before.reserved
        self._spending = Spending(charged, reserved)

    def _keep(self, item: Item) -> None:
        self._items[item.number - 1] = item
        if item.owner is not None:
            self._owned[item.owner].add(item.number)
        else:
            heapq.heappush(self._unowned[item.state], item.number)

    def known(self, digests: Collection[str]) -> Collection[str]:
        return self._digests.intersection(digests)

    def append(self, items: Sequence[Item]) -> None:
        for item in items:
            self._items.append(item)
            self._digests.add(item.digest)
            self._keep(evolve(item, number=len(self._items)))

    def unowned(self, states: Collection[State], count: int) -> Sequence[Item]:
        return sorted(
            (item for state in states for item in self._first_unowned(state, count)), key=lambda item: item.number
        )[:count]

    def _first_unowned(self, state: State, count: int) -> list[Item]:
        heap, found = self._unowned[state], dict[int, Item]()
        while heap and len(found) < count:
            item = self._items[heapq.heappop(heap) - 1]
            if item.state is state and item.owner is None:
                found[item.number] = item
        for number in found:
            heapq.heappush(heap, number)
        return list(found.values())

    def expired(self, states: Collection[State], now: float, but: str, count: int) -> Sequence[Item]:
        owned = (item for owner in self._owned if owner != but for item in self.owned(owner, 0, len(self._items)))
        ended = (each for each in owned if each.state in states and (each.lease_until or 0.0) <= now)
        return sorted(ended, key=lambda item: item.number)[:count]

    def owners(self) -> Collection[str]:
        return list(self._owned)

    def owned(self, owner: str, after: int, count: int) -> Sequence[Item]:
        numbers = sorted(number for number in self._owned.get(owner, ()) if number > after)
        return [self._items[number - 1] for number in numbers[:count]]

    def page(
        self, after: int, count: int, *, states: Collection[State] | None = None, codes: Collection[str] | None = None
    ) -> Sequence[Item]:
        following = islice(self._items, after, None)
        wanted = (
            item
            for item in following
            if (states is None or item.state in states) and (codes is None or item.code in codes)
        )
        return list(islice(wanted, count))

    def holder(self, batch_id: str) -> int | None:
        return next((item.number for item in self._items if item.batch_id == batch_id), None)

    def spending(self) -> Spending:
        return self._spending

    def totals(self) -> Totals:
        groups: dict[tuple[State, str | None, bool], Group] = {}
        for item in self._items:
            key = (item.state, item.code, item.price is None)
            found = groups.get(key) or Group(*key, 0, 0, 0, 0)
            groups[key] = found._replace(
                items=found.items + 1,
                price=found.price + (item.price or 0),
                charged=found.charged + item.credits,
                pictures=found.pictures + item.pictures,
            )
        return totals_of(groups.values())

    def options(self) -> Mapping[str, Any]:
        return dict(self._options)

    def remember(self, options: Mapping[str, Any]) -> None:
        self._options |= options
