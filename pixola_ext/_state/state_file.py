"""An SQLite file in which this package keeps state: private to its user, shared by processes, never another program's.

A `StateFile` opens its file on first use, safely between threads, across a fork and after `kill -9`, and gives one
short transaction after the other. A file that is not there is made whole under a temporary name before it gets its
own. One that is there is opened only if its header says that this package made it, in the same version; it is read
for that without a lock or a journal, so nothing of another program's is ever written. One that was deleted or replaced
while it was open is made or opened anew.
"""

import logging
import os
import sqlite3
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from attrs import frozen

from .errors import StoreError

_LOCK_TIMEOUT: Final = 3.0  # seconds; a transaction takes about a ten-thousandth of it

_log = logging.getLogger("pixola_ext")


@frozen
class Layout:
    """What one kind of state file is called and holds.

    `application_id` and `version` stand in the file's header (SQLite's `application_id` and `user_version`). `schema`
    are the statements that make its tables; `fill` puts in what a new file begins with, and `check` raises `StoreError`
    for a file whose content cannot be used.
    """

    name: str
    application_id: int
    version: int
    schema: str
    fill: Callable[[sqlite3.Connection], object] = lambda _: None
    check: Callable[[sqlite3.Connection], object] = lambda _: None


class StateFile:
    """The file of one `layout` in `folder`. Every use raises `StoreError` for whatever is wrong with it."""

    def __init__(self, folder: Path, layout: Layout) -> None:
        self.path = folder / layout.name
        self.lock = threading.Lock()
        self._layout = layout
        self._database: sqlite3.Connection | None = None
        self._opened: tuple[int, int] | None = None  # device and inode
        self._is_given_up = False
        _files.add(self)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection for one statement that only reads, which waits for no other process."""
        with self.lock:
            if self._is_given_up:
                raise StoreError("it could not be used before")
            try:
                yield self._connected()
            except (sqlite3.Error, OSError) as error:
                raise StoreError(str(error)) from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A connection on which everything inside the block happens at once, or not at all."""
        with self.reading() as database, database:
            # Were it deferred, two that have read and now want to write would lock each other out.
            database.execute("BEGIN IMMEDIATE")
            yield database

    def give_up(self) -> None:
        """Let every use fail at once, also those of threads that are waiting to find out how long one takes."""
        self._is_given_up = True

    def close(self) -> None:
        """Close it; the next use opens it again."""
        with self.lock:
            self._disconnect()

    def _connected(self) -> sqlite3.Connection:
        if self._database is not None and self._opened != _identity(self.path):
            self._disconnect()
            if self.path not in _replaced:
                _replaced.add(self.path)
                _log.warning("%s was deleted or replaced while it was in use; what it held is forgotten", self.path)
        return self._database or self._open()

    def _disconnect(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    def _open(self) -> sqlite3.Connection:
        if _identity(self.path) is None:
            _make(self.path, self._layout)
        _check_header(self.path, self._layout)
        opened = _identity(self.path)
        database = sqlite3.connect(self.path, timeout=_LOCK_TIMEOUT, isolation_level=None, check_same_thread=False)
        try:
            with suppress(sqlite3.OperationalError):  # another process is just doing it, or the file system cannot
                database.execute("PRAGMA journal_mode=WAL")
            # Safe against the death of a process; a power cut may cost the last moments, but never the file.
            database.execute("PRAGMA synchronous=NORMAL")
            self._layout.check(database)
        except BaseException:
            database.close()
            raise
        self._database, self._opened = database, opened
        return database

    def leave(self) -> None:
        """After a fork, in the child: the connection and the lock are the parent's."""
        _abandoned.append(self._database)
        self._database = None
        self.lock = threading.Lock()


_files: Final[weakref.WeakSet[StateFile]] = weakref.WeakSet()
_abandoned: Final[list[sqlite3.Connection | None]] = []  # not to be used in a child, and closing is a use
_replaced: Final[set[Path]] = set()  # of which there has been a warning


def _leave_all() -> None:
    for file in list(_files):
        file.leave()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_all)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _make(path: Path, layout: Layout) -> None:
    """Make the file, readable by its user alone; SQLite gives its companions the same mode."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".part", dir=path.parent)
    os.close(descriptor)
    made = Path(name)
    try:
        with closing(sqlite3.connect(made, isolation_level=None)) as database:
            database.executescript(f"BEGIN;{layout.schema}")
            layout.fill(database)
            database.execute(f"PRAGMA application_id={layout.application_id:d}")
            database.execute(f"PRAGMA user_version={layout.version:d}")
            database.execute("COMMIT")
        _name(made, path)
    finally:
        made.unlink(missing_ok=True)


def _name(made: Path, path: Path) -> None:
    """Give a file its name, unless another process was faster."""
    try:
        path.hardlink_to(made)
    except FileExistsError:
        return
    except (OSError, NotImplementedError):  # a file system without hard links
        if not path.exists():
            made.rename(path)


def _check_header(path: Path, layout: Layout) -> None:
    """Raise `StoreError` for a file of another program or version; it is not written to, locked or recovered."""
    if path.stat().st_size == 0:
        raise StoreError("the file is empty")
    unlocked = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(unlocked, uri=True)) as database:
        (application_id,) = database.execute("PRAGMA application_id").fetchone()
        (version,) = database.execute("PRAGMA user_version").fetchone()
    if application_id != layout.application_id:
        raise StoreError("the file is another program's")
    if version != layout.version:
        raise StoreError("the file is of another version of pixola-ext")
