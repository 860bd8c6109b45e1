"""The file of the request budget: SQLite, opened on first use, safe between threads, across a fork and after `kill -9`.

`LedgerFile` gives one short transaction after the other; `Account` is one key's rows inside of one.
"""

import hashlib
import os
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, cast

from attrs import frozen

from .limits import Limits, Schedule

_NAME: Final = "budget.sqlite3"
_LOCK_TIMEOUT: Final = 3.0  # seconds; a transaction takes about a ten-thousandth of it
_BEHIND_ALL: Final = 2**63 - 1  # the largest number of a row

# A turn is booked for (or was used at) `steady` and `wall`; while it waits, both are NULL and its owner is expected
# back before `until`. Its number is its place in the order, and never used again.
_SCHEMA: Final = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS salt (one INTEGER PRIMARY KEY CHECK (one = 1), value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS holds (account BLOB PRIMARY KEY, steady REAL NOT NULL, wall REAL NOT NULL);
CREATE TABLE IF NOT EXISTS turns (
    id INTEGER PRIMARY KEY AUTOINCREMENT, account BLOB NOT NULL, is_paid INTEGER NOT NULL,
    steady REAL, wall REAL, until REAL);
CREATE INDEX IF NOT EXISTS minutes ON turns (account, steady, is_paid);
CREATE INDEX IF NOT EXISTS days ON turns (account, wall);
CREATE INDEX IF NOT EXISTS ages ON turns (wall);
COMMIT;
"""


@frozen
class Moment:
    """Now, in seconds: `wall` since the epoch, `steady` as `time.monotonic` counts them."""

    wall: float
    steady: float


class LedgerFile:
    """A ledger in `folder`, or in the memory of this process if that is None. Nothing is opened before it is used."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None
        self._is_given_up = False
        self.salt = b""
        _files.add(self)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One statement that only reads, which waits for no other process; raises `sqlite3.Error` or `OSError`."""
        with self._lock:
            if self._is_given_up:
                raise sqlite3.OperationalError("it could not be used before")
            yield self._database or self._open()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Everything inside happens at once, or not at all; raises `sqlite3.Error` or `OSError`."""
        with self.reading() as database, database:
            # Were it deferred, two that have read and now want to write would lock each other out.
            database.execute("BEGIN IMMEDIATE")
            yield database

    def give_up(self) -> None:
        """Let every use fail at once, also of those who are waiting for their turn to find out how long it takes."""
        self._is_given_up = True

    def close(self) -> None:
        """Close it; the next use opens it again."""
        with self._lock:
            if self._database is not None:
                self._database.close()
                self._database = None

    def _open(self) -> sqlite3.Connection:
        database = sqlite3.connect(
            ":memory:" if self.folder is None else _private(self.folder),
            timeout=_LOCK_TIMEOUT,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            with suppress(sqlite3.OperationalError):  # another process is just doing it, or the file system cannot
                database.execute("PRAGMA journal_mode=WAL")
            # Safe against the death of a process; a power cut may cost the last moments, but never the file.
            database.execute("PRAGMA synchronous=NORMAL")
            database.executescript(_SCHEMA)
            database.execute("INSERT OR IGNORE INTO salt VALUES (1, ?)", (os.urandom(16),))
            (self.salt,) = database.execute("SELECT value FROM salt").fetchone()
            if self.folder is None:  # a turn taken in a file must not look like one of ours
                database.execute("INSERT INTO sqlite_sequence VALUES ('turns', ?)", (int.from_bytes(os.urandom(6)),))
        except BaseException:
            database.close()
            raise
        self._database = database
        return database

    def _leave(self) -> None:
        """After a fork, in the child: the connection and the lock are the parent's."""
        _abandoned.append(self._database)
        self._database = None
        self._lock = threading.Lock()


_files: Final[weakref.WeakSet[LedgerFile]] = weakref.WeakSet()
_abandoned: Final[list[sqlite3.Connection | None]] = []  # not to be used in a child, and closing is a use


def _leave_all() -> None:
    for file in list(_files):
        file._leave()  # noqa: SLF001  (of this module)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_all)


def _private(folder: Path) -> Path:
    """The path of the file, which nobody else can read; SQLite gives its companions the same mode."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / _NAME
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    return path


def account_id(identity: str, salt: bytes) -> bytes:
    """What stands for a key in the file: it cannot be turned back, or compared between files."""
    return hashlib.blake2b(identity.encode(), digest_size=16, salt=salt, person=b"pixola-ext").digest()


@frozen
class Account:
    """The rows of one key inside a transaction, at one moment. Times go in and come out as offsets from it."""

    database: sqlite3.Connection
    id: bytes
    limits: Limits
    now: Moment

    def prune(self) -> None:
        """Forget what no longer counts, and mend what a clock that was set back has left in the future."""
        wall, steady = self.now.wall, self.now.steady
        execute = self.database.execute
        execute(  # not what is of this minute, whatever the wall clock says now
            "DELETE FROM turns WHERE wall < ? AND steady NOT BETWEEN ? AND ?",
            (wall - self.limits.day_span, steady - self.limits.minute_span, steady + self.limits.look_ahead),
        )
        execute("DELETE FROM holds WHERE steady <= ? OR wall <= ?", (steady, wall))
        # Beyond what anyone can have promised, a time is of a monotonic clock before a reboot.
        latest = steady + self.limits.absence + self.limits.look_ahead
        execute(
            "DELETE FROM turns WHERE account = ? AND steady IS NULL AND until NOT BETWEEN ? AND ?",
            (self.id, steady, latest),
        )
        (newest,) = execute("SELECT max(wall) FROM turns WHERE account = ?", (self.id,)).fetchone()
        if newest is not None and newest > wall + self.limits.look_ahead:
            execute("UPDATE turns SET wall = wall - ? WHERE account = ? AND wall > ?", (newest - wall, self.id, wall))

    def schedule(self) -> Schedule:
        """What was sent and what is booked."""
        limits, now = self.limits, self.now
        minute = self.database.execute(
            "SELECT steady - ?, is_paid FROM turns WHERE account = ? AND steady > ? AND steady <= ? ORDER BY steady",
            (now.steady, self.id, now.steady - limits.minute_span, now.steady + limits.look_ahead),
        ).fetchall()
        paid = [at for at, is_paid in minute if is_paid]
        return Schedule(limits, [at for at, _ in minute], paid, self._day())

    def _day(self) -> list[float]:
        # Reading up to a thousand rows is spared while all who may have a seat in this minute fit into the day.
        if self.used_today() + 2 * self.limits.minute.count < self.limits.day.count:
            return []
        rows = self.database.execute(
            "SELECT wall - ? FROM turns WHERE account = ? AND wall > ? ORDER BY wall",
            (self.now.wall, self.id, self.now.wall - self.limits.day_span),
        )
        return [at for (at,) in rows]

    def used_today(self) -> int:
        """How many requests count towards the day."""
        (count,) = self.database.execute(
            "SELECT count(*) FROM turns WHERE account = ? AND wall > ?", (self.id, self.now.wall - self.limits.day_span)
        ).fetchone()
        return int(count)

    def ahead(self, place: int | None) -> list[bool]:
        """Who waits before `place`, or at all: whether each is a paid one."""
        rows = self.database.execute(
            "SELECT is_paid FROM turns WHERE account = ? AND steady IS NULL AND id < ? ORDER BY id",
            (self.id, _BEHIND_ALL if place is None else place),
        )
        return [bool(is_paid) for (is_paid,) in rows]

    def vacate(self, place: int | None) -> int | None:
        """`place` as one that waits again, or None if there is none or it was given up."""
        statement = "UPDATE turns SET steady = NULL, wall = NULL WHERE id = ? AND account = ?"
        return place if self.database.execute(statement, (place, self.id)).rowcount else None

    def book(self, place: int | None, at: float, *, is_paid: bool) -> int:
        """Book `at` for `place`, or for a new one; gives the place."""
        return self._keep(place, self.now.steady + at, self.now.wall + at, None, is_paid=is_paid)

    def queue(self, place: int | None, back_in: float, *, is_paid: bool) -> int:
        """Keep `place`, or a new one, for one who is back within `back_in` seconds; gives the place."""
        return self._keep(place, None, None, self.now.steady + back_in, is_paid=is_paid)

    def _keep(
        self, place: int | None, steady: float | None, wall: float | None, until: float | None, *, is_paid: bool
    ) -> int:
        cursor = self.database.execute(
            "INSERT INTO turns VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE"
            " SET steady = excluded.steady, wall = excluded.wall, until = excluded.until",
            (place, self.id, is_paid, steady, wall, until),
        )
        return cast(int, cursor.lastrowid) if place is None else place

    def drop(self, place: int | None) -> None:
        """Forget `place`."""
        self.database.execute("DELETE FROM turns WHERE id = ? AND account = ?", (place, self.id))

    def hold(self, seconds: float) -> None:
        """Nobody sends for `seconds`; a longer hold stays."""
        self.database.execute(
            "INSERT INTO holds VALUES (?, ?, ?) ON CONFLICT (account) DO UPDATE"
            " SET steady = max(steady, excluded.steady), wall = max(wall, excluded.wall)",
            (self.id, self.now.steady + seconds, self.now.wall + seconds),
        )

    def held(self) -> float:
        """Seconds for which nobody sends; a hold ends when either clock says so: it outlives no jump and no reboot."""
        row = self.database.execute("SELECT steady, wall FROM holds WHERE account = ?", (self.id,)).fetchone()
        return max(min(row[0] - self.now.steady, row[1] - self.now.wall), 0.0) if row else 0.0
