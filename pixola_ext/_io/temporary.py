"""Temporary files: hidden, locked while in use, and deleted by a later save if their process was killed.

The lock (`flock`) tells the two apart: the operating system releases it when the process ends, however it ends, and it
is seen from other containers too, where process ids mean nothing. Windows deletes no file that is open, which serves
the same purpose. Where a file system has no locks, a file is never taken for a leftover.
"""

import os
import secrets
import sys
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Final

if sys.platform != "win32":
    import fcntl

_PREFIX: Final = ".pixola-"
_SUFFIX: Final = ".part"
_START: Final = secrets.token_hex(4)  # with the process id it names this process, on whatever host it runs
_FLAGS: Final = os.O_CREAT | os.O_EXCL | os.O_RDWR

_locks: dict[Path, int] = {}  # the descriptor that holds the lock of each temporary file of this process


def create_temporary(folder: Path) -> Path:
    """A new, empty, locked file in `folder`, to be given to `delete_temporary` in the end."""
    path = folder / f"{_own_prefix()}{secrets.token_hex(8)}{_SUFFIX}"
    _create(path)
    return path


def create_claim(name: Path) -> Path:
    """A locked file that stands for the intent to give a file this name; to be given to `delete_temporary` soon.

    Raises `FileExistsError` while another thread or process has the same intent. Names that differ in case only count
    as the same.
    """
    mark = blake2b(name.name.casefold().encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
    path = name.with_name(f"{_PREFIX}{mark}{_SUFFIX}")
    _create(path)
    return path


def delete_temporary(path: Path) -> None:
    """Delete the file, unless it has got another name, and release its lock."""
    if os.name == "nt":
        unlock(path)  # Windows deletes no file that is open
    path.unlink(missing_ok=True)
    unlock(path)


def unlock(path: Path) -> None:
    """Release the lock of the file, if this process has it."""
    descriptor = _locks.pop(path, None)
    if descriptor is not None:
        os.close(descriptor)


def delete_leftovers(folder: Path) -> None:
    """Delete the temporary files in `folder` that processes left which have ended; files in use stay."""
    own_prefix = _own_prefix()
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            is_temporary = entry.name.startswith(_PREFIX) and entry.name.endswith(_SUFFIX)
            # On NFS a lock keeps out other processes only, so that it could not tell that this one uses a file.
            is_own = entry.name.startswith(own_prefix)
            if is_temporary and not is_own and entry.is_file(follow_symlinks=False):
                with suppress(OSError):
                    _delete_unused(Path(entry.path))


def _own_prefix() -> str:
    return f"{_PREFIX}{_START}-{os.getpid()}-"  # not a constant: the id changes with a fork


def _create(path: Path) -> None:
    while True:
        descriptor = os.open(path, _FLAGS, 0o666)
        if _lock(descriptor) is not False and _is_at(path, descriptor):
            _locks[path] = descriptor
            return
        os.close(descriptor)  # taken for a leftover by another process, before the lock was there


def _delete_unused(path: Path) -> None:
    if os.name == "nt":
        path.unlink()
        return
    descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    try:
        if _lock(descriptor) and _is_at(path, descriptor):
            path.unlink()
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool | None:
    """Whether the lock was free and is now held by `descriptor`; None where there are no locks."""
    if sys.platform == "win32":
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _is_at(path: Path, descriptor: int) -> bool:
    """Whether the path leads to the open file, and neither to none nor to another."""
    try:
        return os.path.samestat(path.lstat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
