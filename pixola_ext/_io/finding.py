"""Pictures that are in a folder already: found by their image ids, in their names or in their metadata."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from .._flows.file_effects import FindPictures
from .._pictures.formats import SUFFIXES
from .._pictures.reading import provenance_of


def find_pictures(wanted: FindPictures) -> Mapping[str, Path]:
    """The files by image id. What cannot be read is not found."""
    found: dict[str, Path] = {}
    missing = set(wanted.described)
    by_name = _pattern(wanted.named)
    for path, modified_at in _pictures(wanted.folder):
        match = by_name.search(path.name)
        if match is not None and _image_id(path) in (None, match[1]):
            found.setdefault(match[1], path)
        elif missing and modified_at >= wanted.since:
            image_id = _image_id(path)
            if image_id in missing:
                missing.discard(image_id)
                found[image_id] = path
    return found


def names_with(image_ids: frozenset[str], names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The names that have one of the ids in them, each after its id."""
    by_name = _pattern(image_ids)
    for name in names:
        match = by_name.search(name)
        if match is not None:
            yield match[1], name


def _pattern(image_ids: frozenset[str]) -> re.Pattern[str]:
    """Finds one of the ids in a name, whole: no letter or digit is beside it."""
    longest_first = sorted(image_ids, key=len, reverse=True)
    return re.compile(rf"(?<![A-Za-z0-9])({'|'.join(map(re.escape, longest_first)) or '(?!)'})(?![A-Za-z0-9])")


def _pictures(folder: Path) -> Iterator[tuple[Path, float]]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if os.path.splitext(entry.name)[1].lower() in SUFFIXES and entry.is_file():  # noqa: PTH122  (faster)
                    yield Path(entry.path), entry.stat().st_mtime
    except OSError:
        return


def _image_id(path: Path) -> str | None:
    try:
        known = provenance_of(path)
    except OSError:
        return None
    return None if known is None else known.image_id
