"""A ledger in a database, through SQLAlchemy Core: an SQLite file beside the pictures, or what a URL names."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from .._state.errors import StoreError
from ..errors import ConfigurationError
from . import tables
from .database_rows import DatabaseRows
from .engines import DURABLE, Connections
from .ledger import FILE_NAME, Ledger


class DatabaseLedger(Ledger):
    """The ledger in the database of a URL, made if there is none.

    Raises `ConfigurationError` if the database cannot be opened, is another program's, or is of a newer version.
    """

    def __init__(self, url: str | URL) -> None:
        try:
            parsed = make_url(url)
        except SQLAlchemyError as error:
            raise ConfigurationError(f"ledger: {error}", setting="ledger") from error
        self.place = parsed.database or "" if parsed.get_backend_name() == "sqlite" else parsed.render_as_string()
        try:
            self._connections = Connections(parsed)
        except (SQLAlchemyError, OSError, ImportError) as error:
            raise self._refusal(f"cannot be used: {_reason(error)}") from error
        try:
            self._open()
        except (SQLAlchemyError, StoreError) as error:
            raise self._refusal(f"cannot be used: {_reason(error)}") from error
        finally:
            self.close()  # also when it is refused; the first use opens it again

    @classmethod
    def in_folder(cls, folder: Path) -> "DatabaseLedger":
        """The ledger of the run whose pictures go into this folder."""
        return cls(URL.create("sqlite", database=os.fspath(folder / FILE_NAME)))

    @contextmanager
    def transaction(self, *, is_durable: bool = False) -> Iterator[DatabaseRows]:
        try:
            with (
                self._connections.engine.connect().execution_options(**{DURABLE: is_durable}) as connection,
                connection.begin(),
            ):
                yield DatabaseRows(connection)
        except (SQLAlchemyError, OSError) as error:
            raise StoreError(f"{self.place}: {_reason(error)}") from error

    def close(self) -> None:
        """Close all connections; the next use opens one again."""
        self._connections.engine.dispose()

    def _open(self) -> None:
        with self._connections.engine.begin() as connection:
            stamp = self._connections.stamp(connection, tables.NAMES)
            if stamp.is_empty:
                tables.create(connection)
                self._connections.put_stamp(connection, tables.VERSION)
            elif not stamp.is_ours:
                raise self._refusal("is another program's")
            elif tables.upgrade(connection):
                self._connections.put_stamp(connection, tables.VERSION)
            elif (version := tables.version_of(connection)) != tables.VERSION:
                raise self._refusal(f"is of version {version}, and this pixola-ext knows version {tables.VERSION}")
        self._connections.settle_in()

    def _refusal(self, reason: str) -> ConfigurationError:
        return ConfigurationError(f"ledger: {self.place} {reason}", setting="ledger")


def _reason(error: Exception) -> object:
    """What the driver said, without the statement and its values: these hold prompts."""
    return getattr(error, "orig", None) or type(error).__name__ if isinstance(error, SQLAlchemyError) else error
