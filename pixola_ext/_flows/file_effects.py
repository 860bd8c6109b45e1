"""Effects on files and pictures, for flows that save; see `effects.py`."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from attrs import frozen

from .effects import FileEffect

if TYPE_CHECKING:
    from .._pictures.metadata import Provenance

R = TypeVar("R")


@frozen(slots=False, eq=False, repr=False)
class Publish(FileEffect[Path]):
    """Describe the temporary file and give it the first free name in `folder`; never overwrites.

    `name` makes a file name of a number, tried from `number` on. `provenance` is written into the file, or beside it
    if it has to stay as it is; None: nowhere. `image_id` and `timeout` (seconds) are for folders of a store.
    """

    temporary: Path
    folder: Path
    name: Callable[[int], str]
    number: int
    suffix: str
    provenance: "Provenance | None"
    image_id: str
    timeout: float


@frozen(slots=False, eq=False, repr=False)
class CheckPlace(FileEffect[None]):
    """Raise `ConfigurationError` unless pictures can be saved to `dest`, a folder or the name of a picture."""

    dest: Path


@frozen(slots=False, eq=False, repr=False)
class ReadTemporary(FileEffect[bytes]):
    """The content of a temporary file, which is then deleted."""

    temporary: Path


@frozen(slots=False, eq=False, repr=False)
class Discard(FileEffect[None]):
    """Delete the temporary file."""

    takes_time: ClassVar = False  # so that it is done in a task that is being cancelled

    temporary: Path


@frozen(slots=False, eq=False, repr=False)
class DeleteLeftovers(FileEffect[None]):
    """Delete the temporary files that killed processes left in `folder`; those in use stay. Never fails."""

    folder: Path


@frozen(slots=False, eq=False, repr=False)
class FindPictures(FileEffect[Mapping[str, Path]]):
    """The files of pictures that are in `folder` already, by image id. Never fails.

    Those `named` have the id in the file name, those `described` in their metadata; of the latter, only files are
    looked into that were changed since an instant, in seconds since the epoch.
    """

    folder: Path
    named: frozenset[str]
    described: frozenset[str]
    since: float


@frozen(slots=False, eq=False, repr=False)
class Decode(FileEffect[R], Generic[R]):
    """Call `decoder` with `content`: work for the processor, without I/O."""

    decoder: Callable[[bytes], R]
    content: bytes
