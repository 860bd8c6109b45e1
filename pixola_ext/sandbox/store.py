"""Persistent storage of a sandbox: SQLite for accepted submissions, files for pictures. Answers survive `kill -9`.

Only values that cannot be computed are stored: accounts, submissions with the instants at which their images finish,
favourites, the seed (which also signs URLs) and the clock. Statuses and charges are computed from these, so that no
image is charged twice.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import asdict, evolve

from .clock import Clock, Reading
from .folder import Folder, StoreError
from .messages import RefusalError
from .records import Account, End, Image, Submission
from .world import World

if TYPE_CHECKING:
    from .options import Options

_FILE: Final = "sandbox.sqlite3"
_VERSION: Final = 2  # of the schema, stored as SQLite's user_version
_APPLICATION: Final = 0x50585342  # stored as SQLite's application_id; other programs have other ones
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS accounts (key TEXT PRIMARY KEY, plan TEXT NOT NULL, credit INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS batches (
    number INTEGER PRIMARY KEY, key TEXT NOT NULL, created INTEGER NOT NULL, prompt TEXT NOT NULL, model TEXT NOT NULL,
    style TEXT NOT NULL, shape TEXT NOT NULL, quality TEXT NOT NULL, ends TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS favorites (image_id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS pictures (name TEXT PRIMARY KEY);
"""


Statement = tuple[str, tuple[Any, ...]]


class Store:
    """A folder that stores one sandbox, locked for other processes while this one lives.

    It works only in a folder that a sandbox made, or that is empty, and removes only files that it has recorded.
    Raises OSError for a folder that cannot be written, and `StoreError` for one that cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = Folder(folder)
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._database = _opened(self._folder.database(_FILE))
        try:
            with _damage():
                self._folder.remove_parts(self._recorded())
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the database and release the folder. A store that is not closed loses nothing."""
        self._database.close()

    # -- the whole ----------------------------------------------------------------------------------------------------

    def open(self, options: "Options", clock: Clock) -> "Options":
        """`options` with the stored seed; also gives the clock its stored state."""
        with _damage():
            seed = self._value("seed")
            if seed is None:
                self._write(_kept("seed", options.seed))
                return options
            reading = self._value("clock")
            if reading is not None:
                clock.restore(Reading(**reading))
                clock.now()  # refuses values that are no numbers
            return evolve(options, seed=seed)

    def restore(self, world: World) -> None:
        """Fill a new world with the stored accounts, batches and favourites; raises `StoreError` for damaged ones."""
        with _damage():
            self._fill(world)

    def _fill(self, world: World) -> None:
        for key, plan, credit in self._rows("SELECT key, plan, credit FROM accounts ORDER BY rowid"):
            world.add_account(key, credit=credit, plan=plan, is_kept=True)
        for number, key, created, *wanted, ends in self._rows("SELECT * FROM batches ORDER BY number"):
            what = [End(float(finish), status) for finish, status in json.loads(ends)]
            world.accept(world.accounts[key], Submission(*wanted), what, number=number, created=created)
        for (image_id,) in self._rows("SELECT image_id FROM favorites"):
            image = world.picture(image_id)
            if image is not None:
                image.is_favorite = True
        world.settle_until(self._value("latest") or 0.0)

    def clear(self, options: "Options") -> None:
        """Delete everything but the clock, in one transaction, and the stored pictures."""
        pictures = self._recorded()
        self._write(
            ("DELETE FROM accounts", ()),
            ("DELETE FROM batches", ()),
            ("DELETE FROM favorites", ()),
            _kept("seed", options.seed),
            _kept("latest", 0.0),
        )
        with self._writing:
            self._folder.remove_pictures(pictures)
            self._folder.remove_parts(pictures)
        self._write(*(("DELETE FROM pictures WHERE name=?", (name,)) for name in pictures))

    def keep_clock(self, reading: Reading, latest: float) -> None:
        """Store the state of the clock; no image finished after `latest`, in epoch seconds."""
        latest = max(latest, self._value("latest") or 0.0)
        self._write(_kept("clock", asdict(reading)), _kept("latest", latest))

    # -- what happens -------------------------------------------------------------------------------------------------

    def add_account(self, account: Account) -> None:
        """Store a new account."""
        self._write(("INSERT INTO accounts VALUES (?, ?, ?)", (account.key, account.plan, account.balance)))

    def add_batch(self, key: str, submission: Submission, ends: Sequence[End], *, number: int, created: int) -> None:
        """Store a submission; it survives the death of the process from the moment that this returns."""
        what = json.dumps([(end.finish, end.status) for end in ends])
        row = (number, key, created, *asdict(submission).values(), what)
        self._write(("INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row))

    def mark(self, image: Image) -> None:
        """Store the `is_favorite` of an image."""
        verb = (
            "INSERT OR IGNORE INTO favorites VALUES (?)"
            if image.is_favorite
            else "DELETE FROM favorites WHERE image_id=?"
        )
        self._write((verb, (image.image_id,)))

    def picture(self, name: str) -> bytes | None:
        """The PNG stored under a name, or None."""
        return self._folder.picture(name)

    def keep_picture(self, name: str, content: bytes) -> None:
        """Store a PNG under a name, which appears only when the file is whole."""
        with self._writing, suppress(OSError, RefusalError):  # it can be drawn again
            self._write(("INSERT OR IGNORE INTO pictures VALUES (?)", (name,)))  # first, so that no file is unrecorded
            self._folder.write_picture(name, content)

    def _recorded(self) -> list[str]:
        return [name for (name,) in self._rows("SELECT name FROM pictures")]

    # -- SQLite -------------------------------------------------------------------------------------------------------

    def _rows(self, query: str) -> list[Any]:
        with self._lock:
            return self._database.execute(query).fetchall()

    def _write(self, *statements: Statement) -> None:
        """Execute statements in one transaction."""
        try:
            with self._lock, self._database:
                for statement, row in statements:
                    self._database.execute(statement, row)
        except sqlite3.Error as error:
            raise RefusalError(500, "internal_error", f"The sandbox cannot write to its folder: {error}") from error

    def _value(self, name: str) -> Any:
        with self._lock:
            found = self._database.execute("SELECT value FROM meta WHERE name=?", (name,)).fetchone()
        return json.loads(found[0]) if found else None


@contextmanager
def _damage() -> Iterator[None]:
    """Report stored values that cannot be read as `StoreError`."""
    try:
        yield
    except (sqlite3.Error, ValueError, TypeError, LookupError, OverflowError) as error:
        raise StoreError(f"is damaged ({type(error).__name__}: {error})") from error


def _kept(name: str, value: Any) -> Statement:
    return "INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, json.dumps(value))


def _opened(file: Path) -> sqlite3.Connection:
    database = sqlite3.connect(file, timeout=0, check_same_thread=False)
    try:
        _prepare(database)
    except sqlite3.Error as error:
        database.close()
        is_taken = "locked" in str(error)
        raise StoreError("is in use by another sandbox" if is_taken else f"is damaged ({error})") from error
    except StoreError:
        database.close()
        raise
    return database


def _prepare(database: sqlite3.Connection) -> None:
    # Locked until this process ends, however it ends: two sandboxes in one file would overwrite each other.
    database.execute("PRAGMA locking_mode=EXCLUSIVE")
    # Safe against the death of this process; a power cut may cost the last moments, but never the file.
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=NORMAL")
    (application,) = database.execute("PRAGMA application_id").fetchone()
    (version,) = database.execute("PRAGMA user_version").fetchone()
    (tables,) = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and application != _APPLICATION:
        raise StoreError(f"holds a {_FILE} that was written by another program")
    if version not in (0, _VERSION):
        raise StoreError("was written by another version of the sandbox")
    marks = f"PRAGMA application_id={_APPLICATION}; PRAGMA user_version={_VERSION};"
    database.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} {marks} COMMIT;")
