"""Folders of a store that fsspec reaches: pictures come there whole or not at all, under names that were free.

A store that can put an object on the condition that its name is free (`_CONDITIONAL`) is given it in one request. In
others, a picture gets a temporary name and is moved; since two machines might do so at once, its name there carries the
id of the image.
"""

import asyncio
import inspect
import os
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from pathlib import Path, PurePath
from tempfile import gettempdir
from time import monotonic
from typing import Any, Final, TypeVar, cast

import fsspec  # type: ignore[import-untyped]  # has neither types nor stubs

from .._api.importing import importing
from .._display import printable
from .._flows.file_effects import FindPictures, Publish
from .._pictures.formats import SUFFIXES
from .._pictures.metadata import joined, spliced
from ..errors import ConfigurationError, DownloadError
from .finding import names_with
from .temporary import delete_leftovers, delete_temporary
from .threads import Stopped

T = TypeVar("T")

_CONDITIONAL: Final = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "memory"})
_CHECK_TIMEOUT: Final = 30.0  # seconds for each request of the check
_REPLACE_TIMEOUT: Final = 600.0  # seconds; results of a million pictures are some hundred megabytes
_LIST_TIMEOUT: Final = 300.0  # seconds; a million names are a thousand pages
_INTERRUPTION_SECONDS: Final = 0.2  # until an interruption is noticed
_LONGEST_REASON: Final = 200  # characters of what a store says

_file_systems: dict[tuple[int, str, str], Any] = {}  # by process: a forked child cannot use those of its parent


class StoreFolder:
    """A folder of a store; `place` is a `upath.UPath`."""

    def __init__(self, place: Any) -> None:
        self._place = place
        self._is_conditional = place.protocol in _CONDITIONAL

    def check(self, dest: Path) -> None:  # noqa: ARG002  (a file name in a store needs no test of its own)
        """Write an object into the folder and delete it.

        Where objects can be made but not deleted, a hidden one of six bytes stays.
        """
        try:
            probe = self._place / _hidden_name()
            store = _Store(self._place, monotonic() + _CHECK_TIMEOUT)
            store.create(probe, b"pixola", is_conditional=self._is_conditional)
            with suppress(Exception):
                store.delete(probe)
        except Exception as error:
            what = f"dest: cannot write to {printable(str(self._place), 200)} ({_reason(error)}); nothing was sent"
            raise ConfigurationError(what, setting="dest") from error

    def publish(self, publication: Publish, interrupted: threading.Event | None) -> Path:
        """Upload a picture with its metadata under the first name that is free, or that has the same content already.

        So a picture that was uploaded by a process which was killed then, is found instead of uploaded twice.
        """
        try:
            with self._failures():
                picture, sidecar = _described(publication)
                store = _Store(self._place, monotonic() + publication.timeout, interrupted)
                number = publication.number
                while not self._published(store, self._target(publication, number), picture, sidecar):
                    number += 1
                return cast("Path", self._target(publication, number))
        finally:
            delete_temporary(publication.temporary)

    def _target(self, publication: Publish, number: int) -> Any:
        name = publication.name(number)
        if not self._is_conditional and publication.image_id not in name:
            name = f"{PurePath(name).stem}-{publication.image_id}{publication.suffix}"
        return self._place / name

    def _published(self, store: "_Store", target: Any, picture: bytes, sidecar: bytes | None) -> bool:
        """Whether the picture has this name now; False if the name is of something else.

        A `NAME.json` is written first: a picture that is there has its metadata.
        """
        if store.exists(target):
            return store.has(target, picture)
        beside = target.with_name(f"{target.name}.json")
        if sidecar is not None and not self._created(store, beside, sidecar):
            return False
        return self._created(store, target, picture)

    def _created(self, store: "_Store", target: Any, content: bytes) -> bool:
        try:
            store.create(target, content, is_conditional=self._is_conditional)
        except FileExistsError:  # another machine was faster
            return store.has(target, content)
        return True

    def replace(self, name: str, source: Path) -> Path:
        """Upload a file of this machine, in place of what has its name; the old one is there until the new one is."""
        with self._failures():
            target = self._place / name
            store = _Store(self._place, monotonic() + _REPLACE_TIMEOUT)
            store.replace(target, source, is_atomic=self._is_conditional)
        return cast("Path", target)

    def find(self, wanted: FindPictures) -> Mapping[str, Path]:
        """By the ids in their names. Others are fetched again, and `publish` finds them by their content."""
        if not wanted.named:
            return {}
        try:
            names = _Store(self._place, monotonic() + _LIST_TIMEOUT).names()
        except Exception:  # noqa: BLE001  (what cannot be listed is not found)
            return {}
        pictures = (name for name in names if PurePath(name).suffix.lower() in SUFFIXES)
        return {image_id: self._place / name for image_id, name in names_with(wanted.named, pictures)}

    def delete_leftovers(self) -> None:
        """Those on their way to the store, which are where the system keeps temporary files."""
        delete_leftovers(Path(gettempdir()))

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            what = f"cannot write to {printable(str(self._place), 200)} ({_reason(error)})"
            raise DownloadError(what, url="", is_transient=isinstance(error, TimeoutError)) from error


class _Store:
    """The requests to a store, which end at a deadline of the monotonic clock, or when a caller is interrupted.

    Both end a request only where the file system is an asynchronous one.
    """

    def __init__(self, place: Any, deadline: float, interrupted: threading.Event | None = None) -> None:
        self._file_system = _file_system(place)
        self._root = place.path
        self._deadline = deadline
        self._interrupted = interrupted

    def exists(self, target: Any) -> bool:
        """Whether the name is taken."""
        with suppress(FileNotFoundError):
            self._call("info", target.path)
            return True
        return False

    def has(self, target: Any, content: bytes) -> bool:
        """Whether the object has this content; it is read only if its size is the same."""
        is_as_large = self._call("info", target.path).get("size") == len(content)
        return is_as_large and bool(self._call("cat_file", target.path) == content)

    def create(self, target: Any, content: bytes, *, is_conditional: bool) -> None:
        """Make an object; `FileExistsError` if the name is taken."""
        if is_conditional:
            self._call("pipe_file", target.path, content, mode="create")
            return
        if self.exists(target):
            raise FileExistsError(target.name)
        self._moved(target, lambda path: self._call("pipe_file", path, content))

    def replace(self, target: Any, source: Path, *, is_atomic: bool) -> None:
        """Give the content of a file to an object, new or not."""
        if is_atomic:
            self._call("put_file", str(source), target.path)
        else:
            self._moved(target, lambda path: self._call("put_file", str(source), path))

    def delete(self, target: Any) -> None:
        """Delete an object."""
        self._call("rm_file", target.path)

    def names(self) -> list[str]:
        """The names of all objects in the folder."""
        self._file_system.invalidate_cache()
        try:
            return [path.rpartition("/")[2] for path in self._call("ls", self._root, detail=False)]
        finally:
            self._file_system.invalidate_cache()  # or it is kept as long as the process lives

    def _moved(self, target: Any, write: Callable[[str], object]) -> None:
        made = target.with_name(_hidden_name())
        try:
            write(made.path)
            self._file_system.mv(made.path, target.path)
        except BaseException:
            with suppress(Exception):
                self.delete(made)
            raise

    def _call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        coroutine = getattr(self._file_system, f"_{name}", None)
        if not inspect.iscoroutinefunction(coroutine):
            return getattr(self._file_system, name)(*args, **kwargs)
        return self._result(asyncio.run_coroutine_threadsafe(coroutine(*args, **kwargs), self._file_system.loop))

    def _result(self, future: "Future[T]") -> T:
        """What comes of a request; if it is not awaited to its end, it is cancelled, and makes no object any more."""
        try:
            while not wait([future], _INTERRUPTION_SECONDS).done:
                self._check_time()
            return future.result()
        finally:
            future.cancel()

    def _check_time(self) -> None:
        if self._interrupted is not None and self._interrupted.is_set():
            raise Stopped
        if monotonic() > self._deadline:
            raise TimeoutError("it took too long")


def _file_system(place: Any) -> Any:
    """The file system of a place, one for all threads: fsspec itself makes one, with its connections, for each."""
    key = (os.getpid(), place.protocol, repr(sorted(place.storage_options.items())))
    with importing():
        if key not in _file_systems:
            _file_systems[key] = fsspec.filesystem(place.protocol, **place.storage_options)
        return _file_systems[key]


def _described(publication: Publish) -> tuple[bytes, bytes | None]:
    """The picture with its metadata, and the metadata for a file beside it if they cannot be written into it."""
    data, provenance = publication.temporary.read_bytes(), publication.provenance
    if provenance is None:
        return data, None
    pieces = spliced(data, publication.suffix, provenance)
    if pieces is None:
        return data, f"{provenance.json()}\n".encode()
    return b"".join(joined(data, pieces)), None


def _hidden_name() -> str:
    return f".pixola-{secrets.token_hex(8)}.part"


def _reason(error: Exception) -> str:
    return printable(" ".join(str(error).split()) or type(error).__name__, _LONGEST_REASON)
