"""Changes of items inside one transaction: which are made, by whom, and what belongs to each."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from attrs import evolve

from .items import Item, State
from .rows import Rows

PAGE: Final = 500  # items in one transaction: some milliseconds

# What an item is changed to: without an owner, as if it had not been sent, and to be made again.
FREE: Final[Mapping[str, Any]] = {"owner": None, "lease_until": None}
UNSENT: Final[Mapping[str, Any]] = {
    "state": State.WAITING,
    **dict.fromkeys(("entry_id", "sent_at", "baseline", "unconfirmed_at", "closed_at")),
}
AGAIN: Final[Mapping[str, Any]] = {
    **UNSENT,
    **FREE,
    **dict.fromkeys(("batch_id", "status", "code", "message", "settled_at")),
    "images": (),
}


def owned_by(item: Item, owner: str, until: float) -> Item:
    """The item with this owner."""
    return evolve(item, owner=owner, lease_until=until)


def unowned(item: Item) -> Item:
    """The item without an owner."""
    return evolve(item, **FREE)


def put(rows: Rows, items: Sequence[Item], change: Callable[[Item], Item]) -> list[Item]:
    """Change these items, and give them as they are then."""
    after = [change(item) for item in items]
    if after:
        rows.put(list(zip(items, after, strict=True)))
    return after


def changed(rows: Rows, item: Item, **values: Any) -> Item:
    """Change these members of an item, and give it as it is then."""
    return put(rows, [item], lambda before: evolve(before, **values))[0]


def current(rows: Rows, item: Item, *states: State) -> Item | None:
    """The item as the ledger has it; None unless it is in one of these states, with the same owner and attempt."""
    here = rows.get(item.number)
    is_same = here is not None and (here.owner, here.attempt) == (item.owner, item.attempt) and here.owner is not None
    return here if is_same and here is not None and here.state in states else None


def free_expired(rows: Rows, states: Collection[State], now: float, but: str) -> int:
    """Take from every owner but one what is in these states and was not renewed in time; how many items that are."""
    count = 0
    while ended := rows.expired(states, now, but, PAGE):
        count += len(put(rows, ended, unowned))
    return count


def affordable(items: Iterable[Item], left: int) -> list[Item]:
    """The first items that `left` credits pay for."""
    paid = []
    for item in items:
        if item.price is None or item.price > left:
            break
        left -= item.price
        paid.append(item)
    return paid
