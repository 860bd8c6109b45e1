"""The journal: the last requests with their status, without any key."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from attrs import frozen

_MOST_KEPT: Final = 1000  # entries
_LONGEST_METHOD: Final = 20  # characters of a method that are kept
_LONGEST_PATH: Final = 200  # characters of a path that are kept


@frozen
class Entry:
    """One request. `key_id` is the public name of its key; `time` is in epoch seconds of the sandbox's clock."""

    number: int
    time: float
    method: str
    path: str
    status: int | None  # None: no answer was sent
    key_id: str | None
    faults: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """The entry as the admin calls show it."""
        return {
            "number": self.number,
            "time": self.time,
            "method": self.method,
            "path": self.path,
            "status": self.status,
            "keyId": self.key_id,
            "fault": ", ".join(self.faults) or None,
        }


class Journal:
    """The last thousand requests, and `count`, the number of all. Safe to use from any thread.

    `redacted` replaces the keys in a text.
    """

    def __init__(self, redacted: Callable[[str], str]) -> None:
        self.count = 0
        self._redacted = redacted
        self._entries: deque[Entry] = deque(maxlen=_MOST_KEPT)
        self._lock = threading.Lock()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries, oldest first."""
        with self._lock:
            return tuple(self._entries)

    def clear(self) -> None:
        """Delete the entries; the numbers of later ones go on."""
        with self._lock:
            self._entries.clear()

    def note(
        self, now: float, request: tuple[str, str], status: int | None, key_id: str | None, faults: tuple[str, ...]
    ) -> None:
        """Add an entry; `request` is method and path, in which keys are replaced."""
        method, path = map(self._redacted, request)
        with self._lock:
            self.count += 1
            entry = Entry(self.count, now, method[:_LONGEST_METHOD], path[:_LONGEST_PATH], status, key_id, faults)
            self._entries.append(entry)
