"""Results that a database could not take, in a file of this machine until it can.

Each process appends to a file of its own. What it holds is written down as soon as the database answers; the file of a
process that has ended is taken over by the next one that uses the same database. Writing down twice must do no harm:
a process may be killed between that and the deletion of the file.
"""

import hashlib
import json
import os
import secrets
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from .errors import StoreError
from .processes import has_ended, renew_after_fork, this_process

_MODE: Final = 0o600  # prompts are the user's own

Document = Mapping[str, Any]


class Spool:
    """The results of one store that wait in `folder`; `identity` tells the store from others, and is not written.

    Safe between threads and across a fork. Without a folder nothing can wait.
    """

    def __init__(self, folder: Path | None, identity: str) -> None:
        self._folder = folder
        self._digest = hashlib.blake2b(identity.encode(), digest_size=16).hexdigest()
        self._lock = threading.Lock()
        self._own: Path | None = None
        self._full: list[Path] | None = None  # files that nothing is appended to any more; None: not looked for yet
        renew_after_fork(self)

    def renew(self) -> None:
        """After a fork, in the child: the files are the parent's."""
        self._lock = threading.Lock()
        self._own, self._full = None, []

    def add(self, document: Document) -> None:
        """Keep a result; it is on disk when this returns. Raises `StoreError` if it cannot be kept."""
        if self._folder is None:
            raise StoreError("there is no state folder in which a result can wait for the database")
        lines = json.dumps(document).encode() + b"\n"
        try:
            with self._lock:
                if self._own is None:
                    self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                    self._own = self._folder / f"waiting-{self._digest}-{secrets.token_hex(8)}.jsonl"
                    lines = json.dumps({"process": this_process()}).encode() + b"\n" + lines
                _append(self._own, lines)
        except OSError as error:
            raise StoreError(f"{self._folder}: {error}") from error

    def take(self) -> list[Path]:
        """The files with results that wait; each is to be given to `written` or to `put_back`."""
        with self._lock:
            if self._full is None:
                found = [] if self._folder is None else sorted(self._folder.glob(f"waiting-{self._digest}-*.jsonl"))
                self._full = [path for path in found if path != self._own and _is_left(path)]
            taken, self._full = self._full, []
            if self._own is not None:
                taken, self._own = [*taken, self._own], None
            return taken

    def put_back(self, paths: Sequence[Path]) -> None:
        """The results in these files were not written down."""
        with self._lock:
            self._full = [*paths, *(self._full or ())]

    def written(self, paths: Sequence[Path]) -> None:
        """The results in these files were written down."""
        for path in paths:
            path.unlink(missing_ok=True)


def documents(paths: Iterable[Path]) -> Iterator[Document]:
    """The results in these files, in order."""
    return (document for path in paths for document in _lines(path) if "process" not in document)


def _append(path: Path, lines: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, _MODE)
    try:
        os.write(descriptor, lines)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_left(path: Path) -> bool:
    first = next(_lines(path), {})
    owner = first.get("process")
    return isinstance(owner, str) and has_ended(owner)


def _lines(path: Path) -> Iterator[Document]:
    """The documents in a file; a last line that was not finished is left out."""
    with suppress(FileNotFoundError), path.open(encoding="utf-8") as lines:
        for line in lines:
            with suppress(ValueError):
                document = json.loads(line)
                if isinstance(document, dict):
                    yield document
