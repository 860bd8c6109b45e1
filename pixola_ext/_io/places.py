"""Where pictures go: a folder of this machine, or one of a store that several machines see."""

import threading
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from attrs import frozen

from .._flows.file_effects import FindPictures, Publish
from .._flows.saving import destination_folder
from .._places import is_remote, place_of
from ..errors import ConfigurationError
from . import files, finding, temporary

if TYPE_CHECKING:
    from .remote import StoreFolder


class Folder(Protocol):
    """A folder for pictures; its files are whole, and none is overwritten."""

    @abstractmethod
    def check(self, dest: Path) -> None:
        """Raise `ConfigurationError` unless files can be written for `dest`."""

    @abstractmethod
    def publish(self, publication: Publish, interrupted: threading.Event | None) -> Path:
        """Describe a downloaded picture and give it its name; see `Publish`."""

    @abstractmethod
    def find(self, wanted: FindPictures) -> Mapping[str, Path]:
        """The files of pictures that are there already; see `FindPictures`."""

    @abstractmethod
    def delete_leftovers(self) -> None:
        """Delete the temporary files that killed processes left; those in use stay."""


@frozen
class LocalFolder:
    """A folder of this machine."""

    folder: Path

    def check(self, dest: Path) -> None:
        """As `Folder` has it."""
        files.check_destination(dest)

    def publish(self, publication: Publish, interrupted: threading.Event | None) -> Path:  # noqa: ARG002  (is soon done)
        """As `Folder` has it."""
        return files.publish(publication)

    def find(self, wanted: FindPictures) -> Mapping[str, Path]:
        """As `Folder` has it."""
        return finding.find_pictures(wanted)

    def delete_leftovers(self) -> None:
        """As `Folder` has it."""
        temporary.delete_leftovers(self.folder)


def folder_at(place: Path) -> Folder:
    """The folder at a place."""
    return store_folder(place) if is_remote(place) else LocalFolder(place)


def store_folder(place: Path) -> "StoreFolder":
    """The folder of a store."""
    from .remote import StoreFolder  # noqa: PLC0415  (fsspec is an extra, and slow to import)

    return StoreFolder(place)


def check_destination(dest: Path) -> None:
    """Raise `ConfigurationError` unless pictures can be saved to `dest`; to be asked before anything is paid for."""
    folder_at(destination_folder(dest)).check(dest)


def destination(given: Any) -> Path:
    """The place that the caller names for pictures; `ConfigurationError` if it is a URL that cannot be used."""
    try:
        return place_of(given)
    except ValueError as error:
        raise ConfigurationError(f"dest: {error}; nothing was sent", setting="dest") from error
