"""A sandbox on disk: SQLite for what was accepted, files for pictures. What was answered survives `kill -9`.

Only what cannot be computed is kept: accounts, submissions with the instants at which their images end, favourites,
the clock. Statuses and charges follow from these, so nothing can be charged twice.
"""

import json
import sqlite3
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import asdict, evolve

from .clock import Clock
from .world import Account, Batch, End, Image, Submission, World

if TYPE_CHECKING:
    from .service import Options

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS accounts (key TEXT PRIMARY KEY, plan TEXT NOT NULL, credit INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS batches (
    number INTEGER PRIMARY KEY, key TEXT NOT NULL, created INTEGER NOT NULL, prompt TEXT NOT NULL, model TEXT NOT NULL,
    style TEXT NOT NULL, shape TEXT NOT NULL, quality TEXT NOT NULL, ends TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS favorites (image_id TEXT PRIMARY KEY);
"""


class Store:
    """A folder that keeps one sandbox. `wall` gives epoch seconds of the world outside."""

    def __init__(self, folder: Path) -> None:
        self._pictures = folder / "pictures"
        self._pictures.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._database = sqlite3.connect(folder / "sandbox.sqlite3", check_same_thread=False, isolation_level=None)
        # Safe against the death of this process; a power cut may cost the last moments, but never the file.
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file; a store that is never closed loses nothing either."""
        self._database.close()

    # -- the whole ----------------------------------------------------------------------------------------------------

    def open(self, options: "Options", clock: Clock) -> "Options":
        """`options` with the seed that was kept; sets the clock to what it would show now."""
        seed = self._value("seed")
        if seed is None:
            self._keep("seed", options.seed)
            return options
        shown = self._value("clock")
        if shown is not None:
            passed = 0.0 if shown["frozen"] else (time.time() - shown["at"]) * shown["scale"]
            clock.restore(shown["now"] + passed, shown["scale"], frozen=shown["frozen"])
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
        """Forget everything but the clock."""
        with self._lock, self._database:
            self._database.executescript("DELETE FROM accounts; DELETE FROM batches; DELETE FROM favorites;")
        self._keep("seed", options.seed)
        self._keep("latest", 0.0)
        for picture in self._pictures.glob("*.png"):
            picture.unlink()

    def keep_clock(self, clock: Clock, latest: float) -> None:
        """Remember what the clock shows; `latest` is the latest instant at which anything can have happened."""
        shown = {"now": clock.now(), "scale": clock.rate, "frozen": clock.is_frozen, "at": time.time()}
        self._keep("clock", shown)
        self._keep("latest", max(latest, self._value("latest") or 0.0))

    # -- what happens -------------------------------------------------------------------------------------------------

    def add_account(self, account: Account) -> None:
        """A key was made."""
        row = (account.key, account.plan, account.balance)
        self._write("INSERT INTO accounts VALUES (?, ?, ?)", row)

    def add_batch(self, batch: Batch, number: int) -> None:
        """A submission was accepted; it is safe when this returns."""
        wanted = asdict(batch.submission).values()
        ends = json.dumps([(image.finish, image.fate) for image in batch.images])
        row = (number, batch.account.key, batch.created, *wanted, ends)
        self._write("INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def mark(self, image: Image) -> None:
        """`is_favorite` of an image has changed."""
        verb = (
            "INSERT OR IGNORE INTO favorites VALUES (?)"
            if image.is_favorite
            else "DELETE FROM favorites WHERE image_id=?"
        )
        self._write(verb, (image.image_id,))

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
        temporary.write_bytes(content)
        temporary.replace(target)

    def _file(self, name: str) -> Path:
        return self._pictures / f"{name.replace('/', '-')}.png"

    # -- SQLite -------------------------------------------------------------------------------------------------------

    def _rows(self, query: str) -> list[Any]:
        with self._lock:
            return self._database.execute(query).fetchall()

    def _write(self, statement: str, row: tuple[Any, ...]) -> None:
        with self._lock:
            self._database.execute(statement, row)

    def _value(self, name: str) -> Any:
        with self._lock:
            found = self._database.execute("SELECT value FROM meta WHERE name=?", (name,)).fetchone()
        return json.loads(found[0]) if found else None

    def _keep(self, name: str, value: Any) -> None:
        self._write("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, json.dumps(value)))
