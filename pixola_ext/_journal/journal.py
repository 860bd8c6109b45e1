"""The journal of submissions: which were sent, which batch each one became, and whose fate is still open.

An entry is written before the request is sent, so that a process that is killed leaves a trace, and so that no process
of the machine takes a batch that belongs to the submission of another. `Journal.run` gives an action the entries of one
account: everything the action does happens at once or not at all. What is written when is decided in
`_flows/ownership.py`; here is only how it is kept.

The text of a request is kept only while its fate is open; after that its digest stands for it.

The file is never a reason to fail: when it cannot be used, this process goes on in memory and logs one warning.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from .._state.errors import StoreError
from .entries import MemoryRows, Rows

if TYPE_CHECKING:
    from .journal_file import JournalFile

T = TypeVar("T")

_log = logging.getLogger("pixola_ext")


class Journal:
    """The submissions of one key at one origin. Safe between threads, between processes and across a fork.

    `folder` is where the file is kept; with None the entries are in `memory` only, as they are from the moment on that
    the file cannot be used. The key itself is never written. Nothing is opened before the first use.
    """

    def __init__(self, folder: Path | None, key: str, origin: str, memory: MemoryRows) -> None:
        self._identity = f"{origin} {key}"
        self._memory = memory
        self._file = None if folder is None else _opened(folder)

    def run(self, action: Callable[[Rows], T]) -> T:
        """The outcome of `action` on the rows of the account: all that it changes, or nothing if it raises."""
        file = self._file
        if file is not None:
            try:
                with file.rows(self._identity) as rows:
                    return action(rows)
            except StoreError as error:
                file.give_up()
                self._file = None
                _warn(file.folder, error)
        with self._memory.lock:
            return action(self._memory)

    def close(self) -> None:
        """Close the file; a later call opens it again."""
        if self._file is not None:
            self._file.close()


_warned: Final[set[Path]] = set()


def _opened(folder: Path) -> "JournalFile | None":
    try:
        from .journal_file import JournalFile  # noqa: PLC0415  (some builds of Python come without SQLite)
    except ImportError as error:
        _warn(folder, error)
        return None
    return JournalFile(folder)


def _warn(folder: Path, error: Exception) -> None:
    if folder not in _warned:
        _warned.add(folder)
        _log.warning(
            "the journal of submissions cannot be kept in %s (%s): this process keeps it in memory", folder, error
        )
