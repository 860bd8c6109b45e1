"""What a ledger of a bulk run is kept in: the queries and changes that every store of it has."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from attrs import frozen

from .items import SPENDING, Item, State


class Spending(NamedTuple):
    """Credits: `charged` by the service, and `reserved` for items whose cost is not known yet."""

    charged: int
    reserved: int


@frozen
class Totals:
    """A run in figures.

    `counts` are the items by state, `reasons` those that ended without a picture, by code. `charged` are the credits
    that were charged; `reserved` is the price of what is in flight, in doubt or undecided. `unpriced` counts the items
    that are not at their end and have no price. `pictures` counts the pictures that were made.
    """

    counts: Mapping[State, int]
    reasons: Mapping[str, int]
    charged: int
    reserved: int
    unpriced: int
    pictures: int

    @property
    def items(self) -> int:
        """All items."""
        return sum(self.counts.values())


class Rows(ABC):
    """The items of a run inside one transaction. What it gives for a change is safe from other transactions."""

    @abstractmethod
    def get(self, number: int) -> Item | None:
        """The item of this number."""

    @abstractmethod
    def put(self, changes: Iterable[tuple[Item, Item]]) -> None:
        """Replace items, given as before and after."""

    @abstractmethod
    def known(self, digests: Collection[str]) -> Collection[str]:
        """Those of these digests that items have."""

    @abstractmethod
    def append(self, items: Sequence[Item]) -> None:
        """Add items, with the next numbers in this order."""

    @abstractmethod
    def unowned(self, states: Collection[State], count: int) -> Sequence[Item]:
        """The first items in these states that have no owner."""

    @abstractmethod
    def expired(self, states: Collection[State], now: float, but: str, count: int) -> Sequence[Item]:
        """The first items in these states whose lease has ended, but for those of one owner."""

    @abstractmethod
    def owners(self) -> Collection[str]:
        """The owners of items."""

    @abstractmethod
    def owned(self, owner: str, after: int, count: int) -> Sequence[Item]:
        """The next items of an owner above a number."""

    @abstractmethod
    def page(
        self, after: int, count: int, *, states: Collection[State] | None = None, codes: Collection[str] | None = None
    ) -> Sequence[Item]:
        """The next items above a number, of these states and codes if they are given."""

    @abstractmethod
    def holder(self, batch_id: str) -> int | None:
        """The number of an item that has this batch."""

    @abstractmethod
    def spending(self) -> Spending:
        """What is charged and reserved, which no other transaction changes before this one ends."""

    @abstractmethod
    def totals(self) -> Totals:
        """The run in figures."""

    @abstractmethod
    def options(self) -> Mapping[str, Any]:
        """What was remembered about the run."""

    @abstractmethod
    def remember(self, options: Mapping[str, Any]) -> None:
        """Add to what is remembered, or replace it."""


class Group(NamedTuple):
    """The items of one state and code that have a price, or none, in figures."""

    state: State
    code: str | None
    is_unpriced: bool
    items: int
    price: int
    charged: int
    pictures: int


def totals_of(groups: Iterable[Group]) -> Totals:
    """The figures of a run from those of its groups."""
    counts: Counter[State] = Counter()
    reasons: Counter[str] = Counter()
    charged = reserved = unpriced = pictures = 0
    for group in groups:
        counts[group.state] += group.items
        charged, pictures = charged + group.charged, pictures + group.pictures
        if group.state is State.REFUSED:
            reasons[group.code or ""] += group.items
        if group.state in SPENDING:
            reserved += group.price
        if group.is_unpriced and group.state in SPENDING | {State.WAITING}:
            unpriced += group.items
    return Totals(dict(counts), dict(reasons), charged, reserved, unpriced, pictures)
