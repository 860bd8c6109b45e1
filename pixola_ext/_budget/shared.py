"""The records of requests in a database that machines share; `SharedRecords` is one key's part inside a transaction.

Machines do not share a monotonic clock, so here the clock of the database measures both the minute and the day. Rows
hold its time; what a process keeps of a booking is by its own monotonic clock, read before the database is asked for
the time: a booking then looks late rather than early.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa
from attrs import field, frozen
from sqlalchemy.engine import Connection

from .._state.database import Database, database_now, lock
from .._state.migrations import SCHEMA, shared_salt
from .._state.salt import SALT_SIZE, account_id
from .limits import Limits
from .records import LONGEST_PAUSE, Clock, Moment, Sent, faded

_LOCK: Final = 0x50784264  # "PxBd"

_metadata: Final = sa.MetaData(schema=SCHEMA)
_requests: Final = sa.Table(
    "requests",
    _metadata,
    sa.Column("number", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("account", sa.LargeBinary),
    sa.Column("is_paid", sa.Boolean),
    sa.Column("is_refused", sa.Boolean),
    sa.Column("sent_at", sa.Double),  # or booked for; NULL while it is queued
    sa.Column("expires_at", sa.Double),
)
_pauses: Final = sa.Table(
    "pauses", _metadata, sa.Column("account", sa.LargeBinary, primary_key=True), sa.Column("ends_at", sa.Double)
)
_foreigners: Final = sa.Table(
    "foreigners",
    _metadata,
    sa.Column("account", sa.LargeBinary, primary_key=True),
    sa.Column("count", sa.Integer),
    sa.Column("learned_at", sa.Double),
)

_ACCOUNT: Final[sa.BindParameter[bytes]] = sa.bindparam("of_account")
_NUMBER: Final[sa.BindParameter[int]] = sa.bindparam("of_number")
_OLDEST: Final[sa.BindParameter[float]] = sa.bindparam("oldest")
_LATEST: Final[sa.BindParameter[float]] = sa.bindparam("latest")
_NOW: Final[sa.BindParameter[float]] = sa.bindparam("now")
_C: Final = _requests.c
_OURS: Final = (_C.account == _ACCOUNT) & (_C.number == _NUMBER)
_PRUNE: Final = sa.delete(_requests).where(
    _C.account == _ACCOUNT,
    sa.or_(
        _C.sent_at < _OLDEST,
        sa.and_(_C.sent_at.is_(None), sa.or_(_C.expires_at < _NOW, _C.expires_at > _LATEST)),
    ),
)
_NEWEST: Final = sa.select(sa.func.max(_C.sent_at)).where(_C.account == _ACCOUNT)
_SET_BACK: Final = (
    sa.update(_requests)
    .where(_C.account == _ACCOUNT, _C.sent_at > _NOW)
    .values(sent_at=_C.sent_at - sa.bindparam("ahead"))
)
_SENT: Final = (
    sa.select(_C.sent_at - _NOW, _C.is_paid, _C.is_refused)
    .where(_C.account == _ACCOUNT, _C.sent_at > _OLDEST, _C.sent_at <= _LATEST)
    .order_by(_C.sent_at)
)
_OF_DAY: Final = (_C.account == _ACCOUNT) & (_C.sent_at > _OLDEST)
_DAY: Final = sa.select(_C.sent_at - _NOW).where(_OF_DAY).order_by(_C.sent_at)
_USED: Final = sa.select(sa.func.count()).select_from(_requests).where(_OF_DAY)
_QUEUED: Final = sa.select(_C.is_paid).where(_C.account == _ACCOUNT, _C.sent_at.is_(None)).order_by(_C.number)
_PAUSE: Final = sa.select(_pauses.c.ends_at).where(_pauses.c.account == _ACCOUNT)
_FOREIGN: Final = sa.select(_foreigners.c.count, _foreigners.c.learned_at).where(_foreigners.c.account == _ACCOUNT)


@frozen
class SharedStore:
    """The records in `database`, by its own clock unless a test gives another one as `read_clock`."""

    database: Database
    read_clock: Callable[[Connection], float] = database_now

    @contextmanager
    def transaction(self, identity: str, limits: Limits, clock: Clock) -> Iterator["SharedRecords"]:
        """See `Store`."""
        with self._records(identity, limits, clock, is_locked=True) as records:
            yield records

    @contextmanager
    def reading(self, identity: str, limits: Limits, clock: Clock) -> Iterator["SharedRecords"]:
        """See `Store`."""
        with self._records(identity, limits, clock, is_locked=False) as records:
            yield records

    @contextmanager
    def _records(self, identity: str, limits: Limits, clock: Clock, *, is_locked: bool) -> Iterator["SharedRecords"]:
        with self.database.transaction() as connection:
            account = account_id(identity, shared_salt(connection, SALT_SIZE))
            if is_locked:
                lock(connection, _LOCK, account)
            steady = clock().steady  # before the database is asked, see above
            yield SharedRecords(connection, account, limits, Moment(self.read_clock(connection), steady))

    def give_up(self) -> None:
        """It may answer again: nothing is given up."""

    def close(self) -> None:
        """See `Store`."""
        self.database.close()


@frozen
class SharedRecords:
    """The records of one key; see `Records`. `now` is by the database, and by the monotonic clock here."""

    _connection: Connection
    _account: bytes
    limits: Limits
    now: Moment
    _at: float = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_at", self.now.wall)

    def _execute(self, statement: sa.Executable, **values: Any) -> Any:
        return self._connection.execute(statement, {"of_account": self._account, **values})

    def prune(self) -> None:
        """See `Records`."""
        limits = self.limits
        latest = self._at + limits.queue_timeout + limits.look_ahead
        self._execute(_PRUNE, oldest=self._at - limits.day_span, now=self._at, latest=latest)
        newest = self._execute(_NEWEST).scalar()
        if newest is not None and newest > self._at + limits.look_ahead:  # the clock of the database was set back
            self._execute(_SET_BACK, now=self._at, ahead=newest - self._at)

    def minute(self) -> list[Sent]:
        """See `Records`."""
        limits = self.limits
        rows = self._execute(
            _SENT, now=self._at, oldest=self._at - limits.minute_span, latest=self._at + limits.look_ahead
        )
        return [Sent(at, is_paid, is_refused) for at, is_paid, is_refused in rows]

    def day(self) -> list[float]:
        """See `Records`."""
        return list(self._execute(_DAY, now=self._at, oldest=self._at - self.limits.day_span).scalars())

    def used_today(self) -> int:
        """See `Records`."""
        return int(self._execute(_USED, oldest=self._at - self.limits.day_span).scalar_one())

    def queued_before(self, number: int | None) -> list[bool]:
        """See `Records`."""
        queued = _QUEUED if number is None else _QUEUED.where(_C.number < number)
        return list(self._execute(queued).scalars())

    def requeue(self, number: int | None) -> int | None:
        """See `Records`."""
        return number if self._change(number, sent_at=None) else None

    def book(self, number: int | None, at: float, *, is_paid: bool) -> int:
        """See `Records`."""
        return self._keep(number, is_paid=is_paid, sent_at=self._at + at, expires_at=None)

    def queue(self, number: int | None, expires_in: float, *, is_paid: bool) -> int:
        """See `Records`."""
        return self._keep(number, is_paid=is_paid, sent_at=None, expires_at=self._at + expires_in)

    def _keep(self, number: int | None, *, is_paid: bool, **times: float | None) -> int:
        if number is not None and self._change(number, **times):
            return number
        row = sa.insert(_requests).values(account=self._account, is_paid=is_paid, is_refused=False, **times)
        return int(self._connection.execute(row.returning(_C.number)).scalar_one())

    def confirm(self, number: int | None) -> None:
        """See `Records`."""
        self._change(number, sent_at=self._at)

    def refuse(self, number: int | None) -> None:
        """See `Records`."""
        self._change(number, is_refused=True)

    def _change(self, number: int | None, **values: Any) -> bool:
        if number is None:
            return False
        return bool(self._execute(sa.update(_requests).where(_OURS).values(values), of_number=number).rowcount)

    def delete(self, number: int | None) -> None:
        """See `Records`."""
        if number is not None:
            self._execute(sa.delete(_requests).where(_OURS), of_number=number)

    def pause(self, seconds: float) -> None:
        """See `Records`."""
        self._replace(_pauses, ends_at=self._at + max(seconds, self.paused()))

    def paused(self) -> float:
        """See `Records`."""
        ends_at = self._execute(_PAUSE).scalar()
        left = 0.0 if ends_at is None else float(ends_at) - self._at
        return left if 0.0 < left <= LONGEST_PAUSE else 0.0  # a longer one is of a clock that was set back since

    def learn_foreign(self, count: int, pause: float) -> None:
        """See `Records`."""
        self._replace(_foreigners, count=count, learned_at=self._at + pause)

    def foreign(self) -> float:
        """See `Records`."""
        row = self._execute(_FOREIGN).one_or_none()
        return 0.0 if row is None else faded(row[0], self._at - row[1])

    def _replace(self, table: sa.Table, **values: Any) -> None:
        """Put the one row that the key has in this table."""
        self._execute(sa.delete(table).where(table.c.account == _ACCOUNT))
        self._connection.execute(sa.insert(table).values(account=self._account, **values))
