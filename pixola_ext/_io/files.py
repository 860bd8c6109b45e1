"""A picture on disk: in a temporary file first, then with its metadata, under the first free name."""

import errno
import mmap
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .._display import printable
from .._flows.file_effects import Publish
from .._flows.saving import destination_folder
from .._pictures.formats import picture_suffix
from .._pictures.metadata import joined, spliced
from ..errors import ConfigurationError, DownloadError
from .temporary import create_claim, create_temporary, delete_temporary, unlock

Naming = tuple[Path, Path]  # a temporary file and the name that it is to get


def check_destination(dest: Path) -> None:
    """Raise `ConfigurationError` unless pictures can be saved to `dest`; to be asked before anything is paid for.

    A file is made and removed again in the folder, or in the nearest one above it that exists. No folder is made.
    """
    folder = existing = destination_folder(dest.absolute())
    try:
        _exists(dest)  # or its name is one that no file can have
        while not _exists(existing):
            existing = existing.parent
        probe = create_temporary(existing)
        try:
            probe.write_bytes(b"pixola")
        finally:
            delete_temporary(probe)
    except (OSError, ValueError) as error:  # a path with a null character is a ValueError
        reason = error.strerror if isinstance(error, OSError) else error
        what = f"dest: cannot write to {printable(str(folder), 200)} ({reason}); nothing was sent"
        raise ConfigurationError(what, setting="dest") from error


def _exists(path: Path) -> bool:
    """Whether there is something of that name, be it a link to nowhere."""
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    return True


def suffix_of(path: Path) -> str | None:
    """The suffix for the kind of picture that the file is; None if it is not a complete picture. Reads all of it."""
    with _mapped(path) as data:
        return picture_suffix(data)


def read_and_delete(path: Path) -> bytes:
    """The content of a temporary file, which is deleted."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise DownloadError(f"cannot read {path} ({error.strerror})", url="") from error
    finally:
        delete_temporary(path)


def publish(publication: Publish) -> Path:
    """Add the metadata to a downloaded picture and give it its name; no file is ever overwritten.

    A file gets its name when its content is complete and flushed to the disk, so that no name stands for an empty or
    incomplete file, even after SIGKILL or a power failure. Where the metadata goes into a `NAME.json`, that file is
    named first: a picture that is there has its metadata. The folder is not flushed: what a power failure takes from
    it can be downloaded again.
    """
    temporaries = [publication.temporary]
    try:
        picture, sidecar = _described(publication, temporaries)
        for path in filter(None, (picture, sidecar)):
            _flush(path)
        return _named(publication, picture, sidecar)
    except OSError as error:
        raise DownloadError(f"cannot write to {publication.folder} ({error.strerror})", url="") from error
    finally:
        for path in temporaries:
            delete_temporary(path)


def _described(publication: Publish, temporaries: list[Path]) -> tuple[Path, Path | None]:
    """The file with the picture, and the file with its metadata if that cannot be written into the picture.

    New files are added to `temporaries`.
    """
    original, provenance = publication.temporary, publication.provenance
    if provenance is None:
        return original, None
    with _mapped(original) as data:
        pieces = spliced(data, publication.suffix, provenance)
        added = create_temporary(publication.folder)
        temporaries.append(added)
        with added.open("wb") as file:
            if pieces is None:
                file.write(f"{provenance.json()}\n".encode())
                return original, added
            file.writelines(joined(data, pieces))
            return added, None


def _named(publication: Publish, picture: Path, sidecar: Path | None) -> Path:
    number = publication.number
    while True:
        target = publication.folder / publication.name(number)
        namings = [(picture, target)]
        if sidecar is not None:
            namings.insert(0, (sidecar, target.with_name(f"{target.name}.json")))
        try:
            _link(namings)
        except FileExistsError:
            number += 1
        else:
            return target


def _link(namings: list[Naming]) -> None:
    """Give all files their names, or none if one is taken: a hard link fails for a name that exists."""
    linked: list[Path] = []
    try:
        for temporary, name in namings:
            os.link(temporary, name)
            linked.append(name)
    except BaseException as error:
        for name in linked:
            name.unlink()
        if not isinstance(error, OSError) or isinstance(error, FileExistsError):
            raise
    else:
        return
    _move(namings)


def _move(namings: list[Naming]) -> None:
    """Do the same on a file system without hard links.

    There a name can be checked and given in two steps only. A claim on the last name keeps other saves out meanwhile;
    on Windows, renaming never overwrites anyway.
    """
    claim = create_claim(namings[-1][1])
    moved: list[Path] = []
    try:
        _check_free(name for _, name in namings)
        for temporary, name in namings:
            unlock(temporary)  # Windows renames no file that is open
            temporary.rename(name)
            moved.append(name)
    except BaseException:
        for name in moved:
            name.unlink()
        raise
    finally:
        delete_temporary(claim)


def _check_free(names: Iterable[Path]) -> None:
    for name in names:
        if os.path.lexists(name):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(name))


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


@contextmanager
def _mapped(path: Path) -> Iterator[bytes | mmap.mmap]:
    """The content of a file, read from the disk as it is used."""
    with path.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            yield b""  # an empty file cannot be mapped
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield data
