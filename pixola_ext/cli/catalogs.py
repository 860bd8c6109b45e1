"""The three catalogs as documents, kept in the state folder for a day."""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .state import folder_of_state

if TYPE_CHECKING:
    from ..client import Pixola

LIFETIME: Final = 86_400.0  # seconds; catalogs change with new models, a few times a month
KINDS: Final = ("model", "style", "shape")

Entries = list[dict[str, Any]]


class Catalogs:
    """Catalogs of one service; None is the sandbox in this process, which needs no cache."""

    def __init__(self, service: str | None, *, refresh: bool = False, clock: Callable[[], float] = time.time) -> None:
        self._service = service
        self._refresh = refresh
        self._clock = clock

    def cached(self, kind: str) -> Entries | None:
        """The entries in the state folder if they are new enough, without asking the service."""
        path = self._path(kind)
        try:
            found = json.loads(path.read_text("utf-8")) if path is not None else {}
            entries, at = found.get("entries"), found.get("at")
            is_new = isinstance(at, int | float) and 0 <= self._clock() - at < LIFETIME
        except (OSError, ValueError, AttributeError):
            return None
        is_sound = isinstance(entries, list) and all(
            isinstance(e, dict) and isinstance(e.get("slug"), str) for e in entries
        )
        return entries if is_new and is_sound else None

    def entries(self, kind: str, px: "Pixola") -> Entries:
        """The entries: those in the state folder, else the service's, which are then kept."""
        found = None if self._refresh else self.cached(kind)
        return self.renewed(kind, px) if found is None else found

    def renewed(self, kind: str, px: "Pixola") -> Entries:
        """The service's entries, which are then kept."""
        from .values import document

        listing: Any = {"model": px.models, "style": px.styles, "shape": px.shapes}[kind]
        entries: Entries = [document(each) for each in listing.list()]
        self._keep(kind, entries)
        return entries

    def unknown(self, kind: str, slugs: Iterable[str], px: "Pixola") -> list[str]:
        """The slugs that the service does not know, by a list that is new if any is missing."""
        wanted = list(slugs)
        if self._missing(wanted, self.cached(kind) or []):
            return self._missing(wanted, self.renewed(kind, px))
        return []

    @staticmethod
    def _missing(wanted: list[str], entries: Entries) -> list[str]:
        known = {each["slug"] for each in entries} | {each.get("alias") for each in entries}
        return [slug for slug in wanted if slug not in known]

    def _path(self, kind: str) -> Path | None:
        folder = folder_of_state()
        if folder is None or self._service is None:
            return None
        mark = hashlib.blake2b(self._service.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
        return folder / f"{kind}s-{mark}.json"

    def _keep(self, kind: str, entries: Entries) -> None:
        path = self._path(kind)
        if path is None:
            return
        with suppress(OSError):  # a state folder that cannot be written costs a request next time, no more
            path.parent.mkdir(parents=True, exist_ok=True)
            new = path.with_name(f"{path.name}.{os.getpid()}")
            new.write_text(json.dumps({"at": self._clock(), "entries": entries}), encoding="utf-8")
            new.replace(path)
