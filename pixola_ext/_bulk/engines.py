"""Connections to the database of a ledger, and all that is special about SQLite.

Another database needs its driver and a URL, and nothing here: it locks rows where SQLite locks the file.
"""

import os
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Engine

from .._state.errors import StoreError
from .._state.processes import renew_after_fork

DURABLE: Final = "is_durable"  # the execution option of a connection whose commit has to survive a power failure

_APPLICATION_ID: Final = 0x50784C62  # "PxLb", in the header of the file
_LOCK_TIMEOUT: Final = 10.0  # seconds; a transaction takes some milliseconds
_MODE: Final = 0o600  # prompts and file names are the user's own

_abandoned: Final[list[Engine]] = []  # of a parent process: not to be used in a child, and closing is a use


class Stamp(NamedTuple):
    """Whether a database is empty, so that tables may be made in it, and whether it may be a ledger's."""

    is_empty: bool
    is_ours: bool


class Connections:
    """The connections to the database of a URL; those of a parent process are left alone after a fork."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._is_sqlite = url.get_backend_name() == "sqlite"
        self.engine = self._engine()
        renew_after_fork(self)

    def renew(self) -> None:
        """After a fork, in the child: the connections are the parent's."""
        _abandoned.append(self.engine)
        self.engine = self._engine()

    def _engine(self) -> Engine:
        return _sqlite_engine(self._url) if self._is_sqlite else sa.create_engine(self._url, pool_pre_ping=True)

    def stamp(self, connection: Connection, tables: Collection[str]) -> Stamp:
        """What the database says of itself; `tables` are those of a ledger. Nothing is written."""
        names = sa.inspect(connection).get_table_names()
        if not self._is_sqlite:
            return Stamp(is_empty=not set(tables) & set(names), is_ours=True)  # a schema may be shared with others
        application_id = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
        return Stamp(is_empty=not names and application_id == 0, is_ours=application_id == _APPLICATION_ID)

    def put_stamp(self, connection: Connection, version: int) -> None:
        """Let the file of a new ledger say what it is, also to programs that do not know its tables."""
        if self._is_sqlite:
            connection.exec_driver_sql(f"PRAGMA application_id={_APPLICATION_ID:d}")
            connection.exec_driver_sql(f"PRAGMA user_version={version:d}")

    def settle_in(self) -> None:
        """Set what the database keeps, once it is known to be a ledger's."""
        if self._is_sqlite:
            connection = self.engine.raw_connection()
            try:
                connection.cursor().execute("PRAGMA journal_mode=WAL")
            finally:
                connection.close()


def _sqlite_engine(url: URL) -> Engine:
    path = Path(url.database or "")
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, _MODE))  # SQLite gives its companions the same mode
    engine = sa.create_engine(
        url,
        # One connection, for which threads queue: two would wait for each other's lock by sleeping.
        poolclass=sa.QueuePool,
        pool_size=1,
        max_overflow=0,
        connect_args={"timeout": _LOCK_TIMEOUT, "isolation_level": None, "check_same_thread": False},
    )
    file = _SqliteFile(path)
    event.listen(engine, "connect", file.connected)
    event.listen(engine, "begin", file.begin)
    return engine


class _SqliteFile:
    """Begins the transactions on one SQLite file, which has to stay where it is."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._is_durable: bool | None = None
        self._opened: tuple[int, int] | None = None

    def connected(self, _connection: Any, _record: Any) -> None:
        self._is_durable, self._opened = None, self._identity()

    def begin(self, connection: Connection) -> None:
        is_durable = bool(connection.get_execution_options().get(DURABLE))
        if is_durable is not self._is_durable:
            # Without FULL a power failure may cost the last moments, which is nothing but repeated work. An intent is
            # money: its commit also writes down what came before it.
            connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if is_durable else 'NORMAL'}")
            self._is_durable = is_durable
        if is_durable and self._identity() != self._opened:
            raise StoreError(f"{self._path}: was deleted or replaced while it was in use")
        # Were it deferred, two that have read and now want to write would lock each other out.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino
