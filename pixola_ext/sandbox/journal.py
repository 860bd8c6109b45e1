"""What was asked of the sandbox, and how it went: the last requests, without any key."""

from collections import deque
from typing import Any, Final

from attrs import frozen

_MOST_KEPT: Final = 1000  # entries


@frozen
class Entry:
    """One request. `key_id` names its key without giving it away; `time` is in epoch seconds of the sandbox's clock."""

    number: int
    time: float
    method: str
    path: str
    status: int
    key_id: str | None
    faults: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """As the admin call shows it."""
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
    """The last thousand requests."""

    def __init__(self) -> None:
        self.entries: deque[Entry] = deque(maxlen=_MOST_KEPT)
        self.count = 0

    def note(
        self, now: float, request: tuple[str, str], status: int, key_id: str | None, faults: tuple[str, ...]
    ) -> None:
        """One more: `request` is method and path."""
        self.count += 1
        self.entries.append(Entry(self.count, now, *request, status, key_id, faults))
