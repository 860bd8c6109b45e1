"""Where pictures go: tested before anything is paid, and nothing there is overwritten unless that was asked for."""

import errno
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from .._defaults import DEFAULT_TEMPLATE
from .._io.places import check_destination, destination, store_folder
from .._pictures.formats import SUFFIXES
from .._pictures.names import Template
from .._places import is_remote
from ..errors import ConfigurationError, DownloadError
from .streams import is_terminal

if TYPE_CHECKING:
    from ..client import Pixola
    from ..models import Batch, Image
    from .streams import Output

STDOUT: Final = "-"
_ROOM: Final = 2**23  # bytes for each picture: more than an HD picture has


class Saved:
    """What was saved: files by image id, and the error if some pictures could not be."""

    def __init__(self, paths: dict[str, Path], error: DownloadError | None = None) -> None:
        self.paths = paths
        self.error = error


class Destination:
    """A folder, a file, the URL of such in a store, or stdout (`-`), with the way files are named there."""

    def __init__(self, output: str, *, template: str | None = None, metadata: bool = True, force: bool = False) -> None:
        self.path = destination(output)
        self.is_stdout = output == STDOUT
        self._template = template or DEFAULT_TEMPLATE
        self._metadata = metadata
        self._force = force

    def check(self, pictures: int) -> None:
        """Raise unless that many pictures can be put there; the test is a file in the folder, as large as they are."""
        Template.parse(self._template)
        if self.is_stdout:
            self._check_stdout(pictures)
            return
        if is_remote(self.path):
            check_destination(self.path)
            return
        if self._is_file and self.path.is_dir():
            raise ConfigurationError(f"output: {self.path} is a folder", setting="output")
        check_destination(self.path)
        try:
            _try_room(existing_folder(self._folder), pictures * _ROOM)
        except OSError as error:
            raise ConfigurationError(
                f"output: no room for {pictures} pictures in {self._folder} ({error.strerror}); nothing was sent",
                setting="output",
            ) from error

    @staticmethod
    def _check_stdout(pictures: int) -> None:
        if pictures > 1:
            raise click.UsageError(f"stdout takes one picture, and these would be {pictures}.")
        if sys.stdout is None or is_terminal(sys.stdout):
            raise click.UsageError("stdout is a terminal, which shows no pictures; send it to a file or a program.")

    @property
    def _is_file(self) -> bool:
        return self.path.suffix.lower() in SUFFIXES

    @property
    def _folder(self) -> Path:
        return self.path.parent if self._is_file else self.path

    def save(self, px: "Pixola", source: "Batch | Image", images: "tuple[Image, ...]") -> Saved:
        """Download the `images` of the source. Raises `DownloadError` if there is none of them then."""
        if not self._force:
            return self._saved(px, source, images, self.path)
        folder = self._folder
        with _temporary(None if is_remote(folder) else folder) as beside:
            saved = self._saved(px, source, images, beside / self.path.name if self._is_file else beside)
            move = _uploaded if is_remote(folder) else _moved
            return Saved({image_id: move(path, folder) for image_id, path in saved.paths.items()}, saved.error)

    def _saved(self, px: "Pixola", source: "Batch | Image", images: "tuple[Image, ...]", dest: Path) -> Saved:
        try:
            paths = px.save(source, dest, template=self._template, metadata=self._metadata)
        except DownloadError as error:
            if not error.saved:
                raise
            rest = [image.image_id for image in images if image.image_id not in error.failures]
            return Saved(dict(zip(rest, error.saved, strict=False)), error)
        return Saved(dict(zip((image.image_id for image in images), paths, strict=False)))

    def print(self, px: "Pixola", image: "Image", output: "Output") -> None:
        """Write one picture to stdout."""
        with tempfile.TemporaryDirectory(prefix="pixola-") as folder:
            (path,) = px.save(image, folder, template="{image_id}", metadata=self._metadata)
            output.data(path.read_bytes())


def existing_folder(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    nearest = folder.absolute()
    while not os.path.lexists(nearest):
        nearest = nearest.parent
    return nearest


def _try_room(folder: Path, size: int) -> None:
    probe = folder / f".pixola-{secrets.token_hex(8)}.part"
    try:
        with probe.open("xb") as file:
            file.write(b"\0")
            file.flush()
            if not _allocated(file.fileno(), size) and shutil.disk_usage(folder).free < size:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    finally:
        probe.unlink(missing_ok=True)


def _allocated(descriptor: int, size: int) -> bool:
    """Take room for a file, as quotas allow it; whether this system and file system can."""
    if not hasattr(os, "posix_fallocate"):
        return False
    try:
        os.posix_fallocate(descriptor, 0, size)
    except OSError as error:
        if error.errno in {errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS}:
            return False
        raise
    return True


@contextmanager
def _temporary(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".pixola-", dir=folder) as name:
        yield Path(name)


def _moved(path: Path, folder: Path) -> Path:
    """Put the file into the folder in place of what has its name, with the description beside it."""
    with suppress(FileNotFoundError):
        path.with_name(f"{path.name}.json").replace(folder / f"{path.name}.json")
    return path.replace(folder / path.name)


def _uploaded(path: Path, folder: Path) -> Path:
    """Put the file into the folder of a store in place of what has its name, with the description beside it."""
    store = store_folder(folder)
    described = path.with_name(f"{path.name}.json")
    if described.exists():
        store.replace(described.name, described)
    return store.replace(path.name, path)
