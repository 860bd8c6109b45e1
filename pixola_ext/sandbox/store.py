"""A sandbox on disk: SQLite for what was accepted, files for pictures. What was answered survives `kill -9`.

Only what cannot be computed is kept: accounts, submissions with the instants at which their images end, favourites,
the seed (which also signs URLs), the clock. Statuses and charges follow from these, so nothing can be charged twice.
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
    """A folder that keeps one sandbox, and nobody else's while this process lives.

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
        """Close the file; a store that is never closed loses nothing either."""
        self._database.close()

    # -- the whole ----------------------------------------------------------------------------------------------------

    def open(self, options: "Options", clock: Clock) -> "Options":
        """`options` with the seed that was kept; sets the clock to what it would show now."""
        seed = self._value("seed")
        if seed is None:
            self._write(_kept("seed", options.seed))
            return options
        reading = self._value("clock")
        if reading is not None:
            clock.restore(Reading(**reading))
        return evolve(options, seed=seed)

    def restore(self, world: World) -> None:
        """Put everything that was kept into a new world."""
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
        """Forget everything but the clock, at once or not at all."""
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
        """Remember what the clock obeys; `latest` is the latest instant at which anything can have happened."""
        latest = max(latest, self._value("latest") or 0.0)
        self._write(_kept("clock", asdict(reading)), _kept("latest", latest))

    # -- what happens -------------------------------------------------------------------------------------------------

    def add_account(self, account: Account) -> None:
        """A key was made."""
        self._write(("INSERT INTO accounts VALUES (?, ?, ?)", (account.key, account.plan, account.balance)))

    def add_batch(self, key: str, submission: Submission, ends: Sequence[End], *, number: int, created: int) -> None:
        """A submission is about to be accepted; it is safe when this returns."""
        what = json.dumps([(end.finish, end.status) for end in ends])
        row = (number, key, created, *asdict(submission).values(), what)
        self._write(("INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row))

    def mark(self, image: Image) -> None:
        """`is_favorite` of an image has changed."""
        verb = (
            "INSERT OR IGNORE INTO favorites VALUES (?)"
            if image.is_favorite
            else "DELETE FROM favorites WHERE image_id=?"
        )
        self._write((verb, (image.image_id,)))

    def picture(self, name: str) -> bytes | None:
        """A picture that was kept."""
        try:
            return self._file(name).read_bytes()
        except FileNotFoundError:
            return None

    def keep_picture(self, name: str, content: bytes) -> None:
        """Keep a picture; half a file is never found under its name."""
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
        """All of them or none."""
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
    # Ours alone until we end, however we end: two worlds in one file would undo each other.
    database.execute("PRAGMA locking_mode=EXCLUSIVE")
    # Safe against the death of this process; a power cut may cost the last moments, but never the file.
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=NORMAL")
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version not in (0, _VERSION):
        raise StoreError("was written by another version of the sandbox")
    database.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version={_VERSION}; COMMIT;")
