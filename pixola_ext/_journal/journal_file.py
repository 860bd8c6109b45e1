"""The file of the journal of submissions: SQLite, beside the budget, opened and shared in the same way."""

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from .._state.salt import account_id, fill_salt, salt_of
from .._state.state_file import Layout, StateFile
from .columns import NAMES, decoded, decoded_baseline, encoded, encoded_baseline
from .entries import Baseline, Entry, Rows

_SCHEMA: Final = """
CREATE TABLE salt (one INTEGER PRIMARY KEY CHECK (one = 1), value BLOB NOT NULL);
CREATE TABLE baselines (account BLOB PRIMARY KEY, baseline TEXT NOT NULL);
CREATE TABLE submissions (
    entry_id TEXT PRIMARY KEY, account BLOB NOT NULL, request TEXT, digest TEXT NOT NULL, sent_at REAL NOT NULL,
    deadline_at REAL NOT NULL, closed_at REAL NOT NULL, owner TEXT NOT NULL, baseline TEXT, unconfirmed_at REAL,
    batch_id TEXT, is_answered INTEGER NOT NULL);
CREATE INDEX unsettled ON submissions (account, sent_at) WHERE batch_id IS NULL;
CREATE INDEX owners ON submissions (account, batch_id) WHERE batch_id IS NOT NULL;
CREATE INDEX found ON submissions (account, digest) WHERE batch_id IS NOT NULL AND NOT is_answered;
CREATE INDEX ages ON submissions (sent_at);
"""

_COLUMNS: Final = ", ".join(NAMES)
_SELECT: Final = f"SELECT {_COLUMNS} FROM submissions WHERE"  # noqa: S608  (our own words only)
_INSERT: Final = (
    f"INSERT OR REPLACE INTO submissions (account, {_COLUMNS})"  # noqa: S608  (as above)
    f" VALUES (?{', ?' * len(NAMES)})"
)


def _check(database: sqlite3.Connection) -> None:
    database.execute("PRAGMA secure_delete=ON")  # the text of a request is gone once its fate is known
    salt_of(database)


LAYOUT: Final = Layout("submissions.sqlite3", 0x50785362, 1, _SCHEMA, fill_salt, _check)  # "PxSb"


class JournalFile:
    """The journal in `folder`; every use raises `StoreError` for whatever is wrong with the file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = StateFile(folder, LAYOUT)
        self.give_up = self._file.give_up
        self.close = self._file.close

    @contextmanager
    def rows(self, identity: str) -> Iterator["FileRows"]:
        """One transaction on the entries of one account."""
        with self._file.transaction() as database:
            yield FileRows(database, account_id(identity, salt_of(database)))


class FileRows(Rows):
    """The rows of one account in an open transaction."""

    def __init__(self, database: sqlite3.Connection, account: bytes) -> None:
        self._execute = database.execute
        self._account = account

    def entry(self, entry_id: str) -> Entry | None:
        return next(iter(self._entries("account = ? AND entry_id = ?", entry_id)), None)

    def put(self, entry: Entry) -> None:
        self._execute(_INSERT, (self._account, *encoded(entry).values()))

    def drop(self, entry_id: str) -> None:
        self._execute("DELETE FROM submissions WHERE account = ? AND entry_id = ?", (self._account, entry_id))

    def unsettled(self) -> Sequence[Entry]:
        return self._entries("account = ? AND batch_id IS NULL ORDER BY sent_at")

    def owners(self, batch_ids: Collection[str]) -> Mapping[str, Entry]:
        owners = {}
        for batch_id in batch_ids:
            for entry in self._entries("account = ? AND batch_id = ?", batch_id):
                owners[batch_id] = entry
        return owners

    def found(self, digest: str) -> Sequence[Entry]:
        return self._entries("account = ? AND digest = ? AND batch_id IS NOT NULL AND NOT is_answered", digest)

    def baseline(self) -> Baseline | None:
        row = self._execute("SELECT baseline FROM baselines WHERE account = ?", (self._account,)).fetchone()
        return None if row is None else decoded_baseline(row[0])

    def keep_baseline(self, baseline: Baseline) -> None:
        self._execute("INSERT OR REPLACE INTO baselines VALUES (?, ?)", (self._account, encoded_baseline(baseline)))

    def forget(self, unsettled_before: float, settled_before: float) -> None:
        self._execute(
            "DELETE FROM submissions WHERE sent_at < ? AND (batch_id IS NOT NULL OR sent_at < ?)",
            (settled_before, unsettled_before),
        )

    def _entries(self, condition: str, *values: str) -> list[Entry]:
        return [decoded(row) for row in self._execute(f"{_SELECT} {condition}", (self._account, *values))]
