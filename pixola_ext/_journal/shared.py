"""The journal of submissions in a database that machines share, so that none of them takes a batch of another."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from .._state.database import Database, lock
from .._state.migrations import SCHEMA, shared_salt
from .._state.salt import SALT_SIZE, account_id
from .columns import NAMES, decoded, decoded_baseline, encoded, encoded_baseline
from .entries import Baseline, Entry, Rows

_LOCK: Final = 0x50785362  # "PxSb"

_metadata: Final = sa.MetaData(schema=SCHEMA)
_submissions: Final = sa.Table(
    "submissions",
    _metadata,
    sa.Column("account", sa.LargeBinary),
    *(
        sa.Column(name, sa.Boolean() if name == "is_answered" else sa.Double() if name.endswith("_at") else sa.Text())
        for name in NAMES
    ),
)
_baselines: Final = sa.Table(
    "baselines", _metadata, sa.Column("account", sa.LargeBinary), sa.Column("baseline", sa.Text)
)
_C: Final = _submissions.c
_SELECT: Final = sa.select(*(_C[name] for name in NAMES))


class SharedJournal:
    """The journal in `database`; every use raises `StoreError` for whatever is wrong with that."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.place = database.place
        self.close = database.close

    @contextmanager
    def rows(self, identity: str) -> Iterator["SharedRows"]:
        """One transaction on the entries of one account, which no other one on that account interrupts."""
        with self._database.transaction() as connection:
            account = account_id(identity, shared_salt(connection, SALT_SIZE))
            lock(connection, _LOCK, account)
            yield SharedRows(connection, account)


class SharedRows(Rows):
    """The rows of one account in an open transaction."""

    def __init__(self, connection: Connection, account: bytes) -> None:
        self._execute = connection.execute
        self._account = account
        self._is_ours = _C.account == account

    def entry(self, entry_id: str) -> Entry | None:
        return next(iter(self._entries(_C.entry_id == entry_id)), None)

    def put(self, entry: Entry) -> None:
        values: dict[str, Any] = {"account": self._account, **encoded(entry)}
        self._replace(_submissions, "entry_id", values)

    def drop(self, entry_id: str) -> None:
        self._execute(sa.delete(_submissions).where(self._is_ours, _C.entry_id == entry_id))

    def unsettled(self) -> Sequence[Entry]:
        return self._entries(_C.batch_id.is_(None), order_by=_C.sent_at)

    def owners(self, batch_ids: Collection[str]) -> Mapping[str, Entry]:
        found = self._entries(_C.batch_id.in_(list(batch_ids))) if batch_ids else ()
        return {entry.batch_id: entry for entry in found if entry.batch_id is not None}

    def found(self, digest: str) -> Sequence[Entry]:
        return self._entries(_C.digest == digest, _C.batch_id.is_not(None), ~_C.is_answered)

    def baseline(self) -> Baseline | None:
        ours = _baselines.c.account == self._account
        text = self._execute(sa.select(_baselines.c.baseline).where(ours)).scalar()
        return None if text is None else decoded_baseline(text)

    def keep_baseline(self, baseline: Baseline) -> None:
        values = {"account": self._account, "baseline": encoded_baseline(baseline)}
        self._replace(_baselines, "account", values)

    def forget(self, unsettled_before: float, settled_before: float) -> None:
        is_old = _C.batch_id.is_not(None) | (_C.sent_at < unsettled_before)
        self._execute(sa.delete(_submissions).where(self._is_ours, _C.sent_at < settled_before, is_old))

    def _replace(self, table: sa.Table, key: str, values: Mapping[str, Any]) -> None:
        self._execute(insert(table).values(values).on_conflict_do_update(index_elements=[key], set_=values))

    def _entries(self, *conditions: sa.ColumnElement[bool], order_by: Any = None) -> list[Entry]:
        statement = _SELECT.where(self._is_ours, *conditions).order_by(order_by)
        return [decoded(row) for row in self._execute(statement)]
