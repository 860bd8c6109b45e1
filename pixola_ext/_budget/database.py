"""The records of requests in a file that processes share; `FileRecords` is one key's part inside of one transaction."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, cast

from attrs import define, field, frozen

from .._state.salt import account_id, fill_salt, salt_of
from .._state.state_file import Layout, StateFile
from .limits import Limits
from .records import LONGEST_PAUSE, Clock, Moment, Sent, faded, paused

_BEHIND_ALL: Final = 2**63 - 1  # the largest number of a row
_LATEST_WALL: Final = 1e11  # seconds since the epoch, the year 5138: no clock says more

# A request is booked for (or was sent at) `steady` and `wall`; while it is queued both are NULL, and its owner is
# expected back before `expires`. Its number is its place in the queue, and never used again.
_SCHEMA: Final = """
CREATE TABLE salt (one INTEGER PRIMARY KEY CHECK (one = 1), value BLOB NOT NULL);
CREATE TABLE pauses (account BLOB PRIMARY KEY, steady REAL NOT NULL, wall REAL NOT NULL);
CREATE TABLE foreigners (account BLOB PRIMARY KEY, count INTEGER NOT NULL, steady REAL NOT NULL);
CREATE TABLE requests (
    number INTEGER PRIMARY KEY AUTOINCREMENT, account BLOB NOT NULL, is_paid INTEGER NOT NULL,
    is_refused INTEGER NOT NULL DEFAULT 0, steady REAL, wall REAL, expires REAL);
CREATE INDEX minutes ON requests (account, steady);
CREATE INDEX days ON requests (account, wall);
CREATE INDEX ages ON requests (wall);
"""


def _fill(database: sqlite3.Connection) -> None:
    fill_salt(database)
    # A reservation made in a file that was deleted since must not look like one made in this file.
    database.execute("INSERT INTO sqlite_sequence VALUES ('requests', ?)", (int.from_bytes(os.urandom(6)),))


LAYOUT: Final = Layout("budget.sqlite3", 0x50784264, 1, _SCHEMA, _fill, salt_of)  # "PxBd"


@define(eq=False)
class FileStore:
    """The records in `folder`. Nothing is opened before it is used."""

    folder: Path
    file: StateFile = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.file = StateFile(self.folder, LAYOUT)

    @contextmanager
    def transaction(self, identity: str, limits: Limits, clock: Clock) -> Iterator["FileRecords"]:
        """See `Store`."""
        with self.file.transaction() as database:
            yield FileRecords(database, account_id(identity, salt_of(database)), limits, clock())

    @contextmanager
    def reading(self, identity: str, limits: Limits, clock: Clock) -> Iterator["FileRecords"]:
        """See `Store`."""
        with self.file.reading() as database:
            yield FileRecords(database, account_id(identity, salt_of(database)), limits, clock())

    def give_up(self) -> None:
        """See `Store`."""
        self.file.give_up()

    def close(self) -> None:
        """See `Store`."""
        self.file.close()


@frozen
class FileRecords:
    """The records of one key; see `Records`.

    Another program may have written anything into the columns, and SQLite keeps values of any type in any of them.
    Numbers come before texts and blobs in its order and NaN is NULL, so the comparisons below leave those out.
    """

    _database: sqlite3.Connection
    _account: bytes
    limits: Limits
    now: Moment

    def prune(self) -> None:
        """See `Records`."""
        wall, steady = self.now.wall, self.now.steady
        limits, execute = self.limits, self._database.execute
        execute(  # not what is of this minute, whatever the wall clock says now
            "DELETE FROM requests WHERE wall < ? AND steady NOT BETWEEN ? AND ?",
            (wall - limits.day_span, steady - limits.minute_span, steady + limits.look_ahead),
        )
        execute(
            "DELETE FROM pauses WHERE steady <= ? OR wall <= ? OR (steady > ? AND wall > ?)",
            (steady, wall, steady + LONGEST_PAUSE, wall + LONGEST_PAUSE),
        )
        # Beyond what can have been promised, a time is of a monotonic clock before a reboot.
        latest = steady + limits.queue_timeout + limits.look_ahead
        execute(
            "DELETE FROM requests"
            " WHERE account = ? AND steady IS NULL AND (expires NOT BETWEEN ? AND ? OR expires IS NULL)",
            (self._account, steady, latest),
        )
        newest = self._newest()
        if newest is not None and not (isinstance(newest, int | float) and newest <= _LATEST_WALL):
            execute("DELETE FROM requests WHERE wall > ?", (_LATEST_WALL,))
            newest = self._newest()
        if newest is not None and newest > wall + limits.look_ahead:  # the wall clock was set back
            execute(
                "UPDATE requests SET wall = wall - ? WHERE account = ? AND wall > ?",
                (newest - wall, self._account, wall),
            )

    def _newest(self) -> Any:
        (newest,) = self._database.execute(
            "SELECT max(wall) FROM requests WHERE account = ?", (self._account,)
        ).fetchone()
        return newest

    def minute(self) -> list[Sent]:
        """See `Records`."""
        rows = self._database.execute(
            "SELECT steady - ?, is_paid, is_refused FROM requests"
            " WHERE account = ? AND steady > ? AND steady <= ? ORDER BY steady",
            (
                self.now.steady,
                self._account,
                self.now.steady - self.limits.minute_span,
                self.now.steady + self.limits.look_ahead,
            ),
        )
        return [Sent(at, bool(is_paid), bool(is_refused)) for at, is_paid, is_refused in rows]

    def day(self) -> list[float]:
        """See `Records`."""
        rows = self._database.execute(
            "SELECT wall - ? FROM requests WHERE account = ? AND wall > ? ORDER BY wall",
            (self.now.wall, self._account, self.now.wall - self.limits.day_span),
        )
        return [at for (at,) in rows]

    def used_today(self) -> int:
        """See `Records`."""
        (count,) = self._database.execute(
            "SELECT count(*) FROM requests WHERE account = ? AND wall > ?",
            (self._account, self.now.wall - self.limits.day_span),
        ).fetchone()
        return int(count)

    def queued_before(self, number: int | None) -> list[bool]:
        """See `Records`."""
        rows = self._database.execute(
            "SELECT is_paid FROM requests WHERE account = ? AND steady IS NULL AND number < ? ORDER BY number",
            (self._account, _BEHIND_ALL if number is None else number),
        )
        return [bool(is_paid) for (is_paid,) in rows]

    def requeue(self, number: int | None) -> int | None:
        """See `Records`."""
        return number if self._set("steady = NULL, wall = NULL", number) else None

    def book(self, number: int | None, at: float, *, is_paid: bool) -> int:
        """See `Records`."""
        return self._keep(number, self.now.steady + at, self.now.wall + at, None, is_paid=is_paid)

    def queue(self, number: int | None, expires_in: float, *, is_paid: bool) -> int:
        """See `Records`."""
        return self._keep(number, None, None, self.now.steady + expires_in, is_paid=is_paid)

    def _keep(
        self, number: int | None, steady: float | None, wall: float | None, expires: float | None, *, is_paid: bool
    ) -> int:
        cursor = self._database.execute(
            "INSERT INTO requests (number, account, is_paid, steady, wall, expires) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (number) DO UPDATE"
            " SET steady = excluded.steady, wall = excluded.wall, expires = excluded.expires",
            (number, self._account, is_paid, steady, wall, expires),
        )
        return cast(int, cursor.lastrowid) if number is None else number

    def confirm(self, number: int | None) -> None:
        """See `Records`."""
        self._set("steady = ?, wall = ?", number, self.now.steady, self.now.wall)

    def refuse(self, number: int | None) -> None:
        """See `Records`."""
        self._set("is_refused = 1", number)

    def _set(self, assignment: str, number: int | None, *values: float) -> bool:
        statement = f"UPDATE requests SET {assignment} WHERE number = ? AND account = ?"  # noqa: S608  (ours)
        return self._database.execute(statement, (*values, number, self._account)).rowcount > 0

    def delete(self, number: int | None) -> None:
        """See `Records`."""
        self._database.execute("DELETE FROM requests WHERE number = ? AND account = ?", (number, self._account))

    def pause(self, seconds: float) -> None:
        """See `Records`."""
        self._database.execute(
            "INSERT INTO pauses VALUES (?, ?, ?) ON CONFLICT (account) DO UPDATE"
            " SET steady = max(steady, excluded.steady), wall = max(wall, excluded.wall)",
            (self._account, self.now.steady + seconds, self.now.wall + seconds),
        )

    def paused(self) -> float:
        """See `Records`."""
        row = self._numbers("SELECT steady, wall FROM pauses WHERE account = ?")
        return paused(self.now, *row) if row else 0.0

    def learn_foreign(self, count: int, pause: float) -> None:
        """See `Records`."""
        self._database.execute(
            "INSERT OR REPLACE INTO foreigners VALUES (?, ?, ?)", (self._account, count, self.now.steady + pause)
        )

    def foreign(self) -> float:
        """See `Records`."""
        row = self._numbers("SELECT count, steady FROM foreigners WHERE account = ?")
        return faded(row[0], self.now.steady - row[1]) if row else 0.0

    def _numbers(self, query: str) -> tuple[float, float] | None:
        """The row of this key, if it holds what it should: two numbers."""
        row = self._database.execute(query, (self._account,)).fetchone()
        return row if row is not None and all(isinstance(value, int | float) for value in row) else None
