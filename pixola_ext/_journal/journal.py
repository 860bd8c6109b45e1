"""The journal of submissions: which were sent, which batch each one became, and whose fate is still open.

An entry is written before the request is sent, so that a process that is killed leaves a trace, and so that no process
of the machine takes a batch that belongs to the submission of another. `Journal.run` gives an action the entries of one
account: everything the action does happens at once or not at all. What is written when is decided in
`_flows/ownership.py`; here is only how it is kept.

The text of a request is kept only while its fate is open; after that its digest stands for it.

The file is never a reason to fail: when it cannot be used, this process goes on in memory and logs one warning. A
database that machines share is one: nothing is sent that it does not know of. What became of a submission (a result)
waits in a file of this machine until the database answers again.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from .._state.errors import StoreError, UnreachableError
from .._state.spool import Spool
from .entries import MemoryRows, Rows
from .waiting import NotedRows, replay

if TYPE_CHECKING:
    from .journal_file import JournalFile
    from .shared import SharedJournal

T = TypeVar("T")

_log = logging.getLogger("pixola_ext")


class Journal:
    """The submissions of one key at one origin. Safe between threads, between processes and across a fork.

    `folder` is where the file is kept; with None the entries are in `memory` only, as they are from the moment on that
    the file cannot be used. With `shared`, the entries are in that database, and `folder` is where results wait for
    it. The key itself is never written. Nothing is opened before the first use.
    """

    def __init__(
        self,
        folder: Path | None,
        key: str,
        origin: str,
        memory: MemoryRows,
        *,
        shared: "SharedJournal | None" = None,
    ) -> None:
        self._identity = f"{origin} {key}"
        self._memory = memory
        self._shared = shared
        self._file = None if folder is None or shared is not None else _opened(folder)
        self._spool = None if shared is None else Spool(folder, f"{shared.place} {self._identity}")

    @property
    def is_shared(self) -> bool:
        """Whether machines share it, in a database."""
        return self._shared is not None

    def run(self, action: Callable[[Rows], T], *, is_result: bool = False) -> T:
        """The outcome of `action` on the rows of the account: all that it changes, or nothing if it raises.

        `is_result` tells that the action writes down what became of a submission: it may wait. Raises `StoreError` if
        the shared database cannot be used.
        """
        if self._shared is not None and self._spool is not None:
            return self._run_shared(self._shared, self._spool, action, is_result=is_result)
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

    def _run_shared(self, shared: "SharedJournal", spool: Spool, action: Callable[[Rows], T], *, is_result: bool) -> T:
        waiting = spool.take()
        try:
            with shared.rows(self._identity) as rows:
                replay(rows, waiting)
                outcome = action(rows)
        except UnreachableError as error:
            spool.put_back(waiting)
            if not is_result or error.may_pass:
                raise
            noted = NotedRows()
            outcome = action(noted)
            for each in noted.documents:
                spool.add(each)
            _log.warning("%s: what became of a submission waits in the state folder of this machine", error)
            return outcome
        except BaseException:
            spool.put_back(waiting)
            raise
        spool.written(waiting)
        return outcome

    def close(self) -> None:
        """Close the file or the database; a later call opens it again."""
        for each in (self._file, self._shared):
            if each is not None:
                each.close()


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
