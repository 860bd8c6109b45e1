"""The ledger of a bulk run in the database that machines share: a PostgreSQL schema of its own for each run."""

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .._state.database import Database, lock
from .._state.errors import RefusedError, StoreError, UnreachableError
from .._state.spool import Spool, documents
from ..errors import ConfigurationError
from ..models import Batch
from . import tables
from .database_rows import DatabaseRows
from .items import Item
from .ledger import Ledger
from .memory import MemoryRows
from .rows import Rows

_log = logging.getLogger("pixola_ext")

_LOCK: Final = 0x50784C62  # "PxLb"
_KNOWN: Final = sa.text("SELECT count(*) FROM pixola.runs WHERE schema = :schema")
_NOTE: Final = sa.text("INSERT INTO pixola.runs (schema, name) VALUES (:schema, :name)")


def schema_of(name: str) -> str:
    """The PostgreSQL schema of the run of this name."""
    return f"pixola_run_{hashlib.blake2b(name.encode(), digest_size=8).hexdigest()}"


def has_run(database: Database, name: str) -> bool:
    """Whether the database has a run of this name. Raises `ConfigurationError` if that cannot be told."""
    try:
        with database.transaction() as connection:
            return bool(connection.execute(_KNOWN, {"schema": schema_of(name)}).scalar())
    except StoreError as error:
        raise _refusal(error) from error
    finally:
        database.close()  # the next use opens it again


class SharedLedger(Ledger):
    """The ledger of the run of this name, made if there is none.

    What became of an item that was sent (a result) waits in `folder` while the database does not answer, and is written
    down when it does, if the item still has the same owner and attempt then. Raises `ConfigurationError` if the
    database cannot be used.
    """

    def __init__(self, database: Database, name: str, folder: Path | None) -> None:
        self._database = database
        self._schema = schema_of(name)
        self._plain = _Transactions(self.transaction)
        self._spool = Spool(folder, f"{database.place} {self._schema}")
        try:
            with database.transaction(schema=self._schema) as connection:
                self._open(connection, name)
            self._write_down()
        except StoreError as error:
            database.close()
            raise _refusal(error) from error

    def _open(self, connection: Connection, name: str) -> None:
        lock(connection, _LOCK, bytes.fromhex(self._schema[-8:]))
        if not connection.execute(_KNOWN, {"schema": self._schema}).scalar():
            connection.exec_driver_sql(f"CREATE SCHEMA {self._schema}")
            tables.create(connection)
            connection.execute(_NOTE, {"schema": self._schema, "name": name})
        elif not tables.upgrade(connection) and (version := tables.version_of(connection)) != tables.VERSION:
            known = f"this pixola-ext knows version {tables.VERSION}"
            raise RefusedError(f"{self._database.place}: the run {name} is of version {version}, and {known}")

    @contextmanager
    def transaction(self, *, is_durable: bool = False) -> Iterator[DatabaseRows]:  # noqa: ARG002  (it always is)
        with self._database.transaction(schema=self._schema) as connection:
            yield DatabaseRows(connection)

    def close(self) -> None:
        """Close all connections; the next use opens one again."""
        self._database.close()

    # -- results -------------------------------------------------------------------------------------------------------

    def unsend(self, item: Item) -> Item | None:
        return self._result("unsend", item)

    def doubt(self, item: Item, now: float, *, closed_at: float | None = None) -> Item | None:
        return self._result("doubt", item, now, closed_at=closed_at)

    def submitted(self, item: Item, batch_id: str) -> Item | None:
        return self._result("submitted", item, batch_id)

    def refuse(self, item: Item, code: str | None, message: str | None, now: float) -> Item | None:
        return self._result("refuse", item, code, message, now)

    def settle(self, item: Item, batch: Batch, now: float) -> Item | None:
        return self._result("settle", item, batch.to_dict(), now)

    def fetched(self, item: Item, files: Mapping[str, str]) -> Item | None:
        return self._result("fetched", item, dict(files))

    def undecided(self, item: Item) -> Item | None:
        return self._result("undecided", item)

    def claim(
        self, owner: str, now: float, lease_seconds: float, count: int, *, max_credits: int | None = None
    ) -> list[Item]:
        self._write_down()
        return super().claim(owner, now, lease_seconds, count, max_credits=max_credits)

    def _result(self, name: str, item: Item, *values: Any, **named: Any) -> Item | None:
        result = {"result": name, "values": values, "named": named}
        try:
            self._write_down()
            return _made(self._plain, item, result)
        except UnreachableError as error:
            if error.may_pass:
                raise
            self._spool.add(
                {**result, "number": item.number, "owner": item.owner, "attempt": item.attempt},
            )
            _log.warning("%s: what became of an item waits in the state folder of this machine", error)
            return _made(_Transactions(partial(_alone, item)), item, result)

    def _write_down(self) -> None:
        """Make the changes that wait, if there are any; what has another owner or attempt by now is left alone."""
        waiting = self._spool.take()
        if not waiting:
            return
        try:
            for each in documents(waiting):
                known = Item(each["number"], {}, "", owner=each["owner"], attempt=each["attempt"])
                _made(self._plain, known, each)
        except BaseException:
            self._spool.put_back(waiting)
            raise
        self._spool.written(waiting)


class _Transactions(Ledger):
    """A ledger on the transactions of another one, or on those of a single item."""

    def __init__(self, begin: Callable[..., AbstractContextManager[Rows]]) -> None:
        self._begin = begin

    def transaction(self, *, is_durable: bool = False) -> AbstractContextManager[Rows]:
        return self._begin(is_durable=is_durable)

    def close(self) -> None:
        """Nothing is open."""


class _OneItem(MemoryRows):
    """The rows of a run as one item sees them that cannot be looked up."""

    def __init__(self, item: Item) -> None:
        super().__init__()
        self._item = item

    def get(self, number: int) -> Item | None:  # noqa: ARG002  (there is but one)
        return self._item

    def put(self, changes: Iterable[tuple[Item, Item]]) -> None:
        for _, self._item in changes:
            pass


@contextmanager
def _alone(item: Item, *, is_durable: bool) -> Iterator[Rows]:  # noqa: ARG001  (nothing is kept)
    yield _OneItem(item)


def _made(ledger: Ledger, item: Item, result: Mapping[str, Any]) -> Item | None:
    """Make a change of an item, described as it is in a spool."""
    name, values = result["result"], list(result["values"])
    if name == "settle":
        values[0] = Batch.from_dict(values[0])
    changed: Item | None = getattr(ledger, name)(item, *values, **result["named"])
    return changed


def _refusal(error: StoreError) -> ConfigurationError:
    return ConfigurationError(f"database_url: {error}", setting="database_url")
