"""The tables of a ledger in a database, and how an item becomes a row of one."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

import sqlalchemy as sa
from attrs import fields

from .._journal.entries import Baseline
from .._state.errors import StoreError
from .items import Item, State

VERSION: Final = 2  # of the tables; it stands in `bulk_options` in every version

_metadata: Final = sa.MetaData()

# What is looked up and summed stands first: SQLite reads a row only as far as it has to.
items: Final = sa.Table(
    "bulk_items",
    _metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("code", sa.Text),
    sa.Column("price", sa.BigInteger),
    sa.Column("credits", sa.BigInteger, nullable=False),
    sa.Column("pictures", sa.Integer, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("owner", sa.String(255)),
    sa.Column("lease_until", sa.Double),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),
    sa.Column("entry_id", sa.Text),
    sa.Column("sent_at", sa.Double),
    sa.Column("baseline", sa.Text),
    sa.Column("unconfirmed_at", sa.Double),
    sa.Column("closed_at", sa.Double),
    sa.Column("batch_id", sa.Text),
    sa.Column("status", sa.Text),
    sa.Column("settled_at", sa.Double),
    sa.Column("message", sa.Text),
    sa.Column("name", sa.Text),
    sa.Column("request", sa.Text, nullable=False),
    sa.Column("carried", sa.Text),
    sa.Column("images", sa.Text),
    sa.Column("files", sa.Text),
    sa.Column("mapped", sa.Text),
    sa.Index("bulk_items_free", "state", "lease_until", "number"),
    sa.Index("bulk_items_owned", "owner", "number"),
)
spending: Final = sa.Table(
    "bulk_spending",
    _metadata,
    sa.Column("charged", sa.BigInteger, nullable=False),
    sa.Column("reserved", sa.BigInteger, nullable=False),
)
options: Final = sa.Table(
    "bulk_options",
    _metadata,
    sa.Column("name", sa.String(100), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

NAMES: Final = frozenset(_metadata.tables)
COLUMNS: Final = tuple(field.name for field in fields(Item))
SELECTED: Final = sa.select(*(items.c[name] for name in COLUMNS))

_JSON: Final = ("request", "carried", "baseline", "images", "files", "mapped")
_VERSION_NAME: Final = "version"
_WITHOUT_MAPPED: Final = 1  # the version before there were functions on pictures


def create(connection: sa.Connection) -> None:
    """Make the tables of a new ledger."""
    _metadata.create_all(connection)
    connection.execute(sa.insert(spending).values(charged=0, reserved=0))
    connection.execute(sa.insert(options).values(name=_VERSION_NAME, value=str(VERSION)))


def upgrade(connection: sa.Connection) -> bool:
    """Bring the tables of an earlier version up to this one; whether they were of one."""
    is_earlier = version_of(connection) == _WITHOUT_MAPPED
    if is_earlier:
        schema = (connection.get_execution_options().get("schema_translate_map") or {}).get(None)
        table = "bulk_items" if schema is None else f"{schema}.bulk_items"
        connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN mapped TEXT")
        connection.execute(sa.update(options).where(options.c.name == _VERSION_NAME).values(value=str(VERSION)))
    return is_earlier


def version_of(connection: sa.Connection) -> object:
    """The version of the tables that are there."""
    return read_options(connection).get(_VERSION_NAME)


def read_options(connection: sa.Connection) -> dict[str, Any]:
    """All options, the version among them."""
    return {name: _decoded(value) for name, value in connection.execute(sa.select(options.c.name, options.c.value))}


def encoded(names: Iterable[str], item: Item) -> dict[str, Any]:
    """These members of an item as values of columns."""
    values = {name: getattr(item, name) for name in names}
    for name in _JSON:
        if name in values:
            values[name] = json.dumps(values[name]) if values[name] else None
    return values


def item_of(row: Sequence[Any]) -> Item:
    """The item in a row of `SELECTED`; raises `StoreError` for what nothing here has written."""
    values: dict[str, Any] = dict(zip(COLUMNS, row, strict=True))
    known: dict[str, Any] = {name: value for name, value in values.items() if value is not None}
    decoded: dict[str, Any] = {name: _decoded(known[name]) for name in _JSON if name in known}
    try:
        baseline = decoded.get("baseline")
        if baseline is not None:
            batch_id, known_at, nearby = baseline
            decoded["baseline"] = Baseline(batch_id, known_at, tuple(nearby))
        known |= {**decoded, "state": State(known["state"])}
        return Item(**known)
    except (ValueError, TypeError) as error:
        raise StoreError("an item is damaged") from error


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, TypeError, RecursionError) as error:
        raise StoreError("an item is damaged") from error
