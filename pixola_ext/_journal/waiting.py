"""Results that wait for the database of the journal: noted as they are made, and written down later."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .._state.spool import documents
from .columns import NAMES, decoded, encoded
from .entries import Entry, MemoryRows, Rows


class NotedRows(MemoryRows):
    """Empty rows that note the last thing done with each entry."""

    def __init__(self) -> None:
        super().__init__()
        self._noted: dict[str, dict[str, Any]] = {}

    @property
    def documents(self) -> list[dict[str, Any]]:
        """What was noted, as documents of a spool."""
        return list(self._noted.values())

    def put(self, entry: Entry) -> None:
        super().put(entry)
        self._noted[entry.entry_id] = {"put": encoded(entry)}

    def drop(self, entry_id: str) -> None:
        super().drop(entry_id)
        self._noted[entry_id] = {"drop": entry_id}


def replay(rows: Rows, waiting: Iterable[Path]) -> None:
    """Write down what waits in these files, unless more is known of an entry by now. Twice is as good as once."""
    for document in documents(waiting):
        if "put" in document:
            entry = decoded([document["put"].get(name) for name in NAMES])
            here = rows.entry(entry.entry_id)
            if here is None or (here.batch_id is None and (entry.batch_id or here.unconfirmed_at is None)):
                rows.put(entry)
        elif (here := rows.entry(document["drop"])) is not None and here.batch_id is None:
            rows.drop(document["drop"])
