"""The items of a run in an open transaction of a database. Where rows can be locked, what is read for a change is."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final

import sqlalchemy as sa

from . import tables
from .items import Item, State
from .rows import Group, Rows, Spending, Totals, totals_of

_ITEMS: Final = tables.items.c
_NUMBER: Final[sa.BindParameter[int]] = sa.bindparam("of_number")
_OF_NUMBER: Final = tables.SELECTED.where(_ITEMS.number == _NUMBER).with_for_update()
_FREE: Final = tables.SELECTED.order_by(_ITEMS.number).with_for_update(skip_locked=True)
_UNOWNED: Final = _FREE.where(
    _ITEMS.state.in_(sa.bindparam("states", expanding=True)), _ITEMS.lease_until.is_(None)
).limit(sa.bindparam("most"))
# In the order of `bulk_items_free`, which is by number: else PostgreSQL walks over all items that are done to the first
# that waits, or sorts all that wait.
_UNOWNED_OF_ONE: Final = _UNOWNED.order_by(None).order_by(_ITEMS.lease_until, _ITEMS.number)
_EXPIRED: Final = _FREE.where(
    _ITEMS.state.in_(sa.bindparam("states", expanding=True)),
    _ITEMS.lease_until <= sa.bindparam("now"),
    _ITEMS.owner != sa.bindparam("but"),
).limit(sa.bindparam("most"))
_OWNED: Final = (
    tables.SELECTED.where(_ITEMS.owner == sa.bindparam("by"), _ITEMS.number > sa.bindparam("after"))
    .order_by(_ITEMS.number)
    .limit(sa.bindparam("most"))
    .with_for_update()
)
_OWNERS: Final = sa.select(_ITEMS.owner).where(_ITEMS.owner.is_not(None)).distinct()
_SPENDING: Final = sa.select(tables.spending.c.charged, tables.spending.c.reserved).with_for_update()
_SPEND: Final = sa.update(tables.spending).values(
    charged=tables.spending.c.charged + sa.bindparam("more_charged"),
    reserved=tables.spending.c.reserved + sa.bindparam("more_reserved"),
)
_GROUP: Final = (_ITEMS.state, _ITEMS.code, _ITEMS.price.is_(None))
_TOTALS: Final = sa.select(
    *_GROUP,
    sa.func.count(),
    sa.func.coalesce(sa.func.sum(_ITEMS.price), 0),
    sa.func.sum(_ITEMS.credits),
    sa.func.sum(_ITEMS.pictures),
).group_by(*_GROUP)


@cache
def _update(names: tuple[str, ...]) -> sa.Update:
    """A change of these columns of one item."""
    return sa.update(tables.items).where(_ITEMS.number == _NUMBER).values({n: sa.bindparam(f"new_{n}") for n in names})


class DatabaseRows(Rows):
    """The items of a run in an open transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._execute = connection.execute

    def _items(self, statement: sa.Executable, **values: Any) -> list[Item]:
        return [tables.item_of(row) for row in self._execute(statement, values)]

    def get(self, number: int) -> Item | None:
        return next(iter(self._items(_OF_NUMBER, of_number=number)), None)

    def put(self, changes: Iterable[tuple[Item, Item]]) -> None:
        alike: defaultdict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
        charged = reserved = 0
        for before, after in changes:
            changed = tuple(name for name in tables.COLUMNS if getattr(before, name) is not getattr(after, name))
            values = tables.encoded(changed, after)
            alike[changed].append({"of_number": before.number, **{f"new_{name}": values[name] for name in changed}})
            charged += after.credits - before.credits
            reserved += after.reserved - before.reserved
        for names, rows in alike.items():
            if names:
                self._execute(_update(names), rows if len(rows) > 1 else rows[0])
        if charged or reserved:
            self._execute(_SPEND, {"more_charged": charged, "more_reserved": reserved})

    def known(self, digests: Collection[str]) -> Collection[str]:
        return self._execute(sa.select(_ITEMS.digest).where(_ITEMS.digest.in_(digests))).scalars().all()

    def append(self, items: Sequence[Item]) -> None:
        if items:
            last = self._execute(sa.select(sa.func.max(_ITEMS.number))).scalar_one() or 0
            rows = [{**tables.encoded(tables.COLUMNS, item), "number": last + n} for n, item in enumerate(items, 1)]
            self._execute(sa.insert(tables.items), rows)

    def unowned(self, states: Collection[State], count: int) -> Sequence[Item]:
        statement = _UNOWNED_OF_ONE if len(states) == 1 else _UNOWNED
        return self._items(statement, states=list(states), most=count)

    def expired(self, states: Collection[State], now: float, but: str, count: int) -> Sequence[Item]:
        return self._items(_EXPIRED, states=list(states), now=now, but=but, most=count)

    def owners(self) -> Collection[str]:
        return self._execute(_OWNERS).scalars().all()

    def owned(self, owner: str, after: int, count: int) -> Sequence[Item]:
        return self._items(_OWNED, by=owner, after=after, most=count)

    def page(
        self, after: int, count: int, *, states: Collection[State] | None = None, codes: Collection[str] | None = None
    ) -> Sequence[Item]:
        statement = tables.SELECTED.where(_ITEMS.number > after)
        if states is not None:
            statement = statement.where(_ITEMS.state.in_(states))
        if codes is not None:
            statement = statement.where(_ITEMS.code.in_(codes))
        return self._items(statement.order_by(_ITEMS.number).limit(count).with_for_update())

    def holder(self, batch_id: str) -> int | None:
        return self._execute(sa.select(_ITEMS.number).where(_ITEMS.batch_id == batch_id).limit(1)).scalar()

    def spending(self) -> Spending:
        return Spending(*self._execute(_SPENDING).one())

    def totals(self) -> Totals:
        return totals_of(
            Group(State(state), code, bool(is_unpriced), items, int(price), int(charged), int(pictures))
            for state, code, is_unpriced, items, price, charged, pictures in self._execute(_TOTALS)
        )

    def options(self) -> Mapping[str, Any]:
        return tables.read_options(self._connection)

    def remember(self, options: Mapping[str, Any]) -> None:
        names = list(options)
        self._execute(sa.delete(tables.options).where(tables.options.c.name.in_(names)))
        self._execute(sa.insert(tables.options), [{"name": name, "value": json.dumps(options[name])} for name in names])
