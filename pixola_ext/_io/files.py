"""A picture on disk: under a temporary name, then whole, described, and under the first free name of its own."""

import mmap
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .._flows.effects import Publish
from .._pictures.formats import picture_suffix
from .._pictures.metadata import joined, spliced
from ..errors import DownloadError


def temporary_name(folder: Path) -> Path:
    """A name in `folder` that nobody else takes, hidden from most listings."""
    return folder / f".pixola-{secrets.token_hex(8)}.part"


def suffix_of(path: Path) -> str | None:
    """What kind of picture the file is; None if it is none or not whole. Reads all of it."""
    with _mapped(path) as data:
        return picture_suffix(data)


def take(path: Path) -> bytes:
    """The content of a file that is no longer needed."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise DownloadError(f"cannot read {path} ({error.strerror})", url="") from error
    finally:
        path.unlink(missing_ok=True)


def publish(publication: Publish) -> Path:
    """Describes the file and gives it its name; two processes never take the same one.

    The bytes are on the disk before the name is: after a power failure a name may be missing, but none stands for half
    a picture. The folder is not flushed, for what is missing can be fetched again.
    """
    sources = [publication.temporary]
    try:
        sidecar = _described(publication, sources)
        _flush(sources[-1])
        return _named(publication, sources[-1], sidecar)
    except OSError as error:
        raise DownloadError(f"cannot write to {publication.folder} ({error.strerror})", url="") from error
    finally:
        for path in sources:
            path.unlink(missing_ok=True)


def _described(publication: Publish, sources: list[Path]) -> str | None:
    """Puts what is known into a copy, the new last of `sources`; or returns it for a file beside the picture."""
    provenance = publication.provenance
    if provenance is None:
        return None
    with _mapped(publication.temporary) as data:
        pieces = spliced(data, publication.suffix, provenance)
        if pieces is None:
            return provenance.json()
        sources.append(temporary_name(publication.folder))
        with sources[-1].open("xb") as copy:
            copy.writelines(joined(data, pieces))
    return None


def _named(publication: Publish, source: Path, sidecar: str | None) -> Path:
    number = publication.number
    while True:
        target = publication.folder / publication.name(number)
        try:
            if sidecar is None:
                _claim(target, source)
            else:
                _claim_both(target, source, sidecar)
        except FileExistsError:
            number += 1
        else:
            return target


def _claim_both(target: Path, source: Path, sidecar: str) -> None:
    beside = target.with_name(f"{target.name}.json")
    with beside.open("x", encoding="utf-8") as file:
        try:
            file.write(f"{sidecar}\n")
            _claim(target, source)
        except BaseException:
            file.close()  # what is open cannot be deleted everywhere
            beside.unlink()
            raise


def _claim(name: Path, source: Path) -> None:
    try:
        os.link(source, name)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        name.touch(exist_ok=False)
        try:
            source.replace(name)
        except BaseException:
            name.unlink()
            raise


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


@contextmanager
def _mapped(path: Path) -> Iterator[bytes | mmap.mmap]:
    """The content of a file, read only where it is looked at."""
    with path.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            yield b""  # nothing cannot be mapped
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield data
