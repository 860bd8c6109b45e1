"""Persistent storage of a sandbox: SQLite for accepted submissions, files for pictures. Answers survive `kill -9`.

Only values that cannot be computed are stored: accounts, submissions with the instants at which their images finish,
favourites, the seed (which also signs URLs) and the clock. Statuses and charges are computed from these, so that no
image is charged twice.
"""

import json
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import asdict, evolve

from .clock import Clock, Reading
from .messages import RefusalError
from .records import Account, End, Image, Submission
from .world import World

if TYPE_CHECKING:
    from .options import Options

_VERSION: Final = 1  # of the schema, kept as SQLite's user_version
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS accounts (key TEXT PRIMARY KEY, plan TEXT NOT NULL, credit INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS batches (
    number INTEGER PRIMARY KEY, key TEXT NOT NULL, created INTEGER NOT NULL, prompt TEXT NOT NULL, model TEXT NOT NULL,
    style TEXT NOT NULL, shape TEXT NOT NULL, quality TEXT NOT NULL, ends TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS favorites (image_id TEXT PRIMARY KEY);
"""


Statement = tuple[str, tuple[Any, ...]]


class StoreError(Exception):
    """A folder cannot be used: another sandbox has it, or what is in it is not a sandbox's."""


class Store:
    """A folder that stores one sandbox, locked for other processes while this one lives.

    Raises OSError for a folder that cannot be written, and `StoreError`.
    """

    def __init__(self, folder: Path) -> None:
        self._pictures = folder / "pictures"
        self._pictures.mkdir(parents=True, exist_ok=True)
        for left in self._pictures.glob("*.part"):  # written when an earlier process was killed
            left.unlink()
        self._lock = threading.Lock()
        self._database = _opened(folder / "sandbox.sqlite3")

    def close(self) -> None:
        """Close the database and release the folder. A store that is not closed loses nothing."""
        self._database.close()

    # -- the whole ----------------------------------------------------------------------------------------------------

    def open(self, options: "Options", clock: Clock) -> "Options":
        """`options` with the stored seed; also gives the clock its stored state."""
        seed = self._value("seed")
        if seed is None:
            self._write(_kept("seed", options.seed))
            return options
        reading = self._value("clock")
        if reading is not None:
            clock.restore(Reading(**reading))
        return evolve(options, seed=seed)

    def restore(self, world: World) -> None:
        """Fill a new world with the stored accounts, batches and favourites."""
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
        self._write(
            ("DELETE FROM accounts", ()),
            ("DELETE FROM batches", ()),
            ("DELETE FROM favorites", ()),
            _kept("seed", options.seed),
            _kept("latest", 0.0),
        )
        for picture in self._pictures.glob("*.png"):
            picture.unlink(missing_ok=True)

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
        try:
            return self._file(name).read_bytes()
        except FileNotFoundError:
            return None

    def keep_picture(self, name: str, content: bytes) -> None:
        """Store a PNG under a name, which appears only when the file is whole."""
        target = self._file(name)
        temporary = target.with_suffix(f".{threading.get_ident()}.part")
        with suppress(OSError):  # it can be drawn again
            temporary.write_bytes(content)
            temporary.replace(target)

    def _file(self, name: str) -> Path:
        return self._pictures / f"{name.replace('/', '-')}.png"

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


def _kept(name: str, value: Any) -> Statement:
    return "INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, json.dumps(value))


def _opened(file: Path) -> sqlite3.Connection:
    database = sqlite3.connect(file, timeout=0, check_same_thread=False)
    try:
        _prepare(database)
    except sqlite3.Error as error:
        database.close()
        is_taken = "locked" in str(error)
        raise StoreError("is in use by another sandbox" if is_taken else f"holds no sandbox ({error})") from error
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
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version not in (0, _VERSION):
        raise StoreError("was written by another version of the sandbox")
    database.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version={_VERSION}; COMMIT;")
