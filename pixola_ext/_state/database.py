"""The PostgreSQL database that machines share: one short transaction after the other, never one during a request.

Nothing is opened before the first use, which also makes the tables, or changes those of an older version. What the
driver says is cut to one line without statements and values: these hold prompts, and a URL may hold a password.
"""

import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from .errors import RefusedError, StoreError, UnreachableError
from .migrations import migrate
from .processes import renew_after_fork

INSTALL: Final = "pip install 'pixola-ext[cluster]'"
OUTAGE_SECONDS: Final = 30.0  # that a database may be silent for: a restart, a failover
_CONNECT_SECONDS: Final = 5  # whole seconds, as libpq wants them
_AGAIN_SECONDS: Final = 5.0  # between two attempts to reach a database that has been silent for longer
_LONGEST_REASON: Final = 200  # characters of what the driver says
_SMALLEST_SKEW: Final = 1.0  # seconds; below that, two clocks are taken for one
_NO_RIGHTS: Final = "42501"  # the SQLSTATE `insufficient_privilege`
# Of SQLSTATEs: connection exception, transaction rollback (a deadlock), insufficient resources, operator intervention.
_PASSING_CLASSES: Final = ("08", "40", "53", "57")
_PASSING: Final = ("starting up", "shutting down", "recovery", "too many", "slots are reserved", "terminating")

# A process that is stopped inside a transaction holds others up no longer than this. A network that swallows packets is
# noticed by TCP itself.
_SESSION: Final = "-c lock_timeout=15s -c idle_in_transaction_session_timeout=10s -c statement_timeout=60s"
_CONNECTING: Final[dict[str, Any]] = {
    "connect_timeout": _CONNECT_SECONDS,
    "application_name": "pixola-ext",
    "tcp_user_timeout": 10_000,  # milliseconds
    "options": _SESSION,
}

_abandoned: Final[list[Engine]] = []  # of a parent process: not to be used in a child, and closing is a use


class Database:
    """The database of a URL. Safe between threads and across a fork.

    `place` names it without user and password. `skew` is by how many seconds its clock is ahead of that of this
    machine, 0 if that is under a second; it is known after the first use.
    """

    def __init__(self, url: str) -> None:
        self._url = checked_database_url(url)
        self.place = f"{self._url.host or 'localhost'}/{self._url.database or ''}"
        self.skew = 0.0
        self._lock = threading.Lock()
        self._open = threading.local()  # `connection`, of the transaction that this thread has open
        self._is_ready = False
        self._was_reached = False
        self._silent_since: float | None = None
        self._tried_at = 0.0
        self._engine = self._new_engine()
        renew_after_fork(self)

    @classmethod
    def at(cls, url: str) -> "Database":
        """The database of a URL, the same one for all that use it in this process."""
        with _databases_lock:
            found = _databases.get(url)
            if found is None:
                found = _databases[url] = cls(url)
            return found

    @contextmanager
    def transaction(self, *, schema: str | None = None) -> Iterator[Connection]:
        """A connection on which everything inside the block happens at once, or not at all.

        Inside a transaction of the same thread it is a part of that. Tables without a schema are looked for in
        `schema`. Raises `RefusedError`, `UnreachableError` and, for all else that is wrong with the database,
        `StoreError`.
        """
        outer: Connection | None = getattr(self._open, "connection", None)
        try:
            with self._begun() if outer is None else nullcontext(outer) as connection, _in_schema(connection, schema):
                yield connection
        except SQLAlchemyError as error:
            raise self._translated(error) from None  # whose text may hold statements and their values
        if outer is None:
            self._was_reached, self._silent_since = True, None

    @contextmanager
    def _begun(self) -> Iterator[Connection]:
        self._check_silence()
        self._prepare()
        with self._engine.begin() as connection:
            self._open.connection = connection
            try:
                yield connection
            finally:
                self._open.connection = None

    def close(self) -> None:
        """Close all connections; the next use opens one again."""
        self._engine.dispose()

    def renew(self) -> None:
        """After a fork, in the child: the connections and the lock are the parent's."""
        _abandoned.append(self._engine)
        self._engine = self._new_engine()
        self._lock, self._open = threading.Lock(), threading.local()

    def _new_engine(self) -> Engine:
        try:
            return sa.create_engine(
                self._url, pool_pre_ping=True, pool_size=2, max_overflow=2, connect_args=dict(_CONNECTING)
            )
        except ModuleNotFoundError:
            raise RefusedError(f"psycopg is missing; install it with: {INSTALL}") from None

    def _prepare(self) -> None:
        if self._is_ready:
            return
        with self._lock:
            if self._is_ready:
                return
            with self._engine.connect() as connection, connection.begin():
                migrate(connection)
                before = time.time()
                skew = database_now(connection) - before
                self.skew = skew if abs(skew) >= _SMALLEST_SKEW else 0.0
            self._is_ready = True

    # -- what is wrong -------------------------------------------------------------------------------------------------

    def _check_silence(self) -> None:
        """Do not try to reach a database again that did not answer a moment ago, and has been silent for long."""
        silent_since, now = self._silent_since, time.monotonic()
        if silent_since is None or now - silent_since < OUTAGE_SECONDS:
            return
        if now - self._tried_at < _AGAIN_SECONDS:
            raise UnreachableError(f"{self.place} does not answer", was_reached=self._was_reached, may_pass=False)
        self._tried_at = now

    def _translated(self, error: SQLAlchemyError) -> StoreError:
        reason = _reason(error)
        if isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) == _NO_RIGHTS:
            return RefusedError(f"{self.place}: {reason}; the role needs the right to create schemas there, once")
        if not _is_silence(error):
            return StoreError(f"{self.place}: {reason}")
        if "FATAL" in reason and not any(each in reason for each in _PASSING):
            return RefusedError(f"{self.place}: {reason.partition('FATAL:')[2].strip()}")
        now = self._tried_at = time.monotonic()
        if self._silent_since is None:
            self._silent_since = now
        may_pass = self._was_reached and now - self._silent_since < OUTAGE_SECONDS
        return UnreachableError(
            f"{self.place} does not answer: {reason}", was_reached=self._was_reached, may_pass=may_pass
        )


_databases: Final[weakref.WeakValueDictionary[str, Database]] = weakref.WeakValueDictionary()
_databases_lock: Final = threading.Lock()


def checked_database_url(text: str) -> URL:
    """The URL of a PostgreSQL database, for psycopg 3; raises `RefusedError` with a text that shows no password."""
    wanted = "expected a URL such as postgresql://user:password@host/name"
    try:
        url = make_url(text.strip())
    except (SQLAlchemyError, ValueError):
        raise RefusedError(wanted) from None
    if url.drivername not in ("postgres", "postgresql", "postgresql+psycopg"):
        raise RefusedError(f"{wanted}, not {url.drivername[:40]}://")
    return url.set(drivername="postgresql+psycopg")


@contextmanager
def _in_schema(connection: Connection, schema: str | None) -> Iterator[None]:
    """Look for tables without a schema in this one."""
    before = connection.get_execution_options().get("schema_translate_map")
    connection.execution_options(schema_translate_map=None if schema is None else {None: schema})
    try:
        yield
    finally:
        connection.execution_options(schema_translate_map=before)


def database_now(connection: Connection) -> float:
    """The time by the clock of the database, in seconds since the epoch, also while a transaction lasts."""
    return float(connection.execute(_NOW).scalar_one())


_NOW: Final = sa.text("SELECT extract(epoch FROM clock_timestamp())::double precision")
_LOCK: Final = sa.text("SELECT pg_advisory_xact_lock(:of, :key)")


def lock(connection: Connection, of: int, key: bytes) -> None:
    """Let no other transaction have this lock before this one ends; `of` is what is locked, a number of our own."""
    connection.execute(_LOCK, {"of": of, "key": int.from_bytes(key[:4], signed=True)})


def _is_silence(error: SQLAlchemyError) -> bool:
    """Whether the database cannot be reached, as opposed to a statement that it does not carry out."""
    if isinstance(error, PoolTimeoutError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return state[:2] in _PASSING_CLASSES
    return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)


def _reason(error: SQLAlchemyError) -> str:
    """The first line of what the driver said, without the statement and its values."""
    said = str(getattr(error, "orig", None) or type(error).__name__)
    return " ".join(said.strip().partition("\n")[0].split())[:_LONGEST_REASON]
