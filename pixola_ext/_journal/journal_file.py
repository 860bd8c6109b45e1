"""The file of the journal of submissions: SQLite, beside the budget, opened and shared in the same way."""

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from attrs import fields

from .._state.errors import StoreError
from .._state.salt import account_id, fill_salt, salt_of
from .._state.state_file import Layout, StateFile
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

_NAMES: Final = tuple(field.name for field in fields(Entry))
_COLUMNS: Final = ", ".join(_NAMES)
_SELECT: Final = f"SELECT {_COLUMNS} FROM submissions WHERE"  # noqa: S608  (our own words only)
_INSERT: Final = (
    f"INSERT OR REPLACE INTO submissions (account, {_COLUMNS})"  # noqa: S608  (as above)
    f" VALUES (?{', ?' * len(_NAMES)})"
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
        encoded = {name: json.dumps(value) for name in ("request", "baseline") if (value := getattr(entry, name))}
        self._execute(_INSERT, (self._account, *(encoded.get(name, getattr(entry, name)) for name in _NAMES)))

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
        return None if row is None else _baseline(row[0])

    def keep_baseline(self, baseline: Baseline) -> None:
        self._execute("INSERT OR REPLACE INTO baselines VALUES (?, ?)", (self._account, json.dumps(baseline)))

    def forget(self, unsettled_before: float, settled_before: float) -> None:
        self._execute(
            "DELETE FROM submissions WHERE sent_at < ? AND (batch_id IS NOT NULL OR sent_at < ?)",
            (settled_before, unsettled_before),
        )

    def _entries(self, condition: str, *values: str) -> list[Entry]:
        return [_entry(row) for row in self._execute(f"{_SELECT} {condition}", (self._account, *values))]


def _entry(row: Sequence[Any]) -> Entry:
    found = dict(zip(_NAMES, row, strict=True))
    request = None if found["request"] is None else _decoded(found["request"])
    has_prompt = isinstance(request, dict) and isinstance(request.get("prompt"), str)
    if not (
        all(isinstance(found[name], str) for name in ("entry_id", "digest", "owner"))
        and all(isinstance(found[name], float) for name in ("sent_at", "deadline_at", "closed_at"))
        and isinstance(found["unconfirmed_at"], float | None)
        and isinstance(found["batch_id"], str | None)
        and (has_prompt or found["batch_id"] is not None)
    ):
        raise StoreError("an entry is damaged")
    baseline = None if found["baseline"] is None else _baseline(found["baseline"])
    return Entry(
        **{**found, "request": request, "baseline": baseline, "is_answered": bool(found["is_answered"])},
    )


def _baseline(text: object) -> Baseline:
    match _decoded(text):
        case [None | str() as batch_id, float() | int() as known_at, list() as nearby]:
            if all(isinstance(each, str) for each in nearby):
                return Baseline(batch_id, known_at, tuple(nearby))
    raise StoreError("a baseline is damaged")


def _decoded(text: object) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError) as error:
        raise StoreError("an entry is damaged") from error
