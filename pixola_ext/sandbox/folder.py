"""The folder of a stored sandbox: made and marked by a sandbox, private, and never a folder with other files."""

import os
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

_MARKER: Final = ".pixola-sandbox"
_MARKED: Final = b"A folder of `pixola sandbox --data`, which deletes what it has stored here when it is reset.\n"
_PRIVATE_FOLDER: Final = 0o700  # the database holds API keys
_PRIVATE_FILE: Final = 0o600
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL
_PICTURES: Final = "pictures"
_PART: Final = ".part"  # ends the name of a picture that is being written


class StoreError(Exception):
    """A folder cannot be used; the message continues a sentence that begins with the folder."""


class Folder:
    """A folder that a sandbox made, or that was empty; everything in it is readable for its owner only.

    Raises OSError for a folder that cannot be written, and `StoreError` for one that is not a sandbox's.
    """

    def __init__(self, path: Path) -> None:
        self._path = Path(os.path.realpath(path))
        self._path.mkdir(parents=True, exist_ok=True, mode=_PRIVATE_FOLDER)
        _claim(self._path)
        self._path.chmod(_PRIVATE_FOLDER)
        self._pictures = self._path / _PICTURES
        with suppress(FileExistsError):
            self._pictures.mkdir(mode=_PRIVATE_FOLDER)
        if not _is(self._pictures, stat.S_ISDIR):
            raise StoreError(f"holds a {_PICTURES} that is not a folder of its own")
        self._pictures.chmod(_PRIVATE_FOLDER)

    def database(self, name: str) -> Path:
        """The path of a database file, which exists afterwards; SQLite gives its other files the same mode."""
        file = self._path / name
        with suppress(FileExistsError):
            os.close(os.open(file, _NEW, _PRIVATE_FILE))
        for each in (file, *(file.with_name(f"{name}{suffix}") for suffix in ("-wal", "-shm", "-journal"))):
            if each != file and not os.path.lexists(each):
                continue
            if not _is(each, stat.S_ISREG):
                raise StoreError(f"holds a {each.name} that is not a file of its own")
            each.chmod(_PRIVATE_FILE)
        return file

    def picture(self, name: str) -> bytes | None:
        """The content of a picture, or None if there is none that can be read."""
        try:
            return self._file(name).read_bytes()
        except OSError:
            return None

    def write_picture(self, name: str, content: bytes) -> None:
        """Write a picture, which has its name only when it is whole. Raises OSError."""
        part = self._part(name)
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, _NEW, _PRIVATE_FILE), "wb") as file:
            file.write(content)
        part.replace(self._file(name))

    def remove_parts(self, names: Iterable[str]) -> None:
        """Remove what processes that were killed while writing have left of these pictures."""
        for name in names:
            self._part(name).unlink(missing_ok=True)

    def remove_pictures(self, names: Iterable[str]) -> None:
        """Remove these pictures."""
        for name in names:
            self._file(name).unlink(missing_ok=True)

    def _file(self, name: str) -> Path:
        return self._pictures / f"{name.replace('/', '-')}.png"

    def _part(self, name: str) -> Path:
        file = self._file(name)
        return file.with_name(file.name + _PART)


def _claim(path: Path) -> None:
    """Mark an empty folder; raises `StoreError` for one that has other files and no mark."""
    marker = path / _MARKER
    if not any(path.iterdir()):
        with suppress(FileExistsError), os.fdopen(os.open(marker, _NEW, _PRIVATE_FILE), "wb") as file:
            file.write(_MARKED)
    # A process that was killed may have left the file empty.
    if not os.path.lexists(marker):
        raise StoreError("is not empty and was not made by `pixola sandbox`; name an empty or a new folder")
    if not _is(marker, stat.S_ISREG) or marker.read_bytes() not in {_MARKED, b""}:
        raise StoreError(f"has a {_MARKER} that was not made by `pixola sandbox`; name an empty or a new folder")


def _is(path: Path, kind: Callable[[int], bool]) -> bool:
    """Whether a path itself, not what it links to, is of a kind."""
    return kind(path.lstat().st_mode)
