"""The files that tell what a run has made: `metadata.jsonl` for programs, and `results.csv` for tables.

Both are written under another name first and then replaced, so that a reader always finds a whole file.
"""

import csv
import json
import os
import re
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from ..models import Image
from .columns import members
from .items import Item

METADATA_NAME: Final = "metadata.jsonl"  # where Hugging Face's `imagefolder` looks for it
RESULTS_NAME: Final = "results.csv"

_PREFIX: Final = "input_"  # of a carried column that is named like one of ours
_MAPPED: Final = "map_"  # before the column of a user's function
_PICTURE: Final = ("image_id", "batch_id", "credits", "created_at")
_OUTCOME: Final = ("number", "name", "state", "code", "message", *_PICTURE, "file_name")
_FORMULA: Final = re.compile(r"[=+\-@\t\r]")  # how a cell begins that a spreadsheet would calculate
_NUMBER: Final = re.compile(r"[+-]?\d+(?:[.,]\d+)?")

Source = Callable[[], Iterable[Item]]  # gives the items of a run, streamed, each time it is called


def write_metadata(items: Source, folder: Path) -> Path:
    """Write a line for each picture that is there: `file_name` below the folder, its request, and what was carried.

    Texts stand as they are. Raises OSError if the file cannot be written.
    """
    target = folder / METADATA_NAME
    with _replacing(target) as file:
        for line in metadata_of(items(), folder):
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    return target


def metadata_of(items: Iterable[Item], folder: Path) -> Iterator[dict[str, Any]]:
    """The lines of `metadata.jsonl`."""
    for item in items:
        own_names = _own_names({*item.request, *_mapped_columns(item)}, item.carried)
        for image in item.completed:
            if image.image_id in item.files:
                yield {
                    "file_name": _relative(item.files[image.image_id], folder),
                    **item.request,
                    **_of_picture(item, image),
                    **{own_names[name]: value for name, value in item.carried.items()},
                    **_mapped(item, image),
                }


def write_results(items: Source, folder: Path) -> Path:
    """Write a row for each picture, and one for each item without any.

    A text that a spreadsheet would take for a formula gets an apostrophe in front, whoever wrote it: prompts and
    carried columns may come from anywhere, messages from the service. Numbers stay as they are. Raises OSError if the
    file cannot be written.
    """
    target = folder / RESULTS_NAME
    requested: dict[str, None] = dict.fromkeys(api for api, _ in members().values())
    carried: dict[str, None] = {}
    mapped: dict[str, None] = {}
    for item in items():  # of which every one may have other columns
        requested |= dict.fromkeys(item.request)
        carried |= dict.fromkeys(item.carried)
        mapped |= _mapped_columns(item)
    own_names = _own_names({*requested, *mapped}, carried)
    columns = dict.fromkeys((*_OUTCOME, *requested, *own_names.values(), *mapped))
    with _replacing(target) as file:
        writer = csv.DictWriter(file, list(columns), restval="")
        writer.writeheader()
        for item in items():
            given = {**item.request, **{own_names[name]: value for name, value in item.carried.items()}}
            for outcome in _outcomes(item, folder):
                writer.writerow({name: _cell(value) for name, value in (given | outcome).items()})
    return target


def _outcomes(item: Item, folder: Path) -> Iterator[dict[str, Any]]:
    known = {name: getattr(item, name) for name in ("number", "name", "code", "message", "batch_id")}
    known["state"] = item.state.value
    if not item.pictures:
        yield known | {"credits": item.credits or None}
        return
    for image in map(Image.from_dict, item.images):
        found = known | _of_picture(item, image)
        path = item.files.get(image.image_id)
        if path is not None:
            found["file_name"] = _relative(path, folder)
            found |= _mapped(item, image)
        if not image.is_complete:  # of a batch with other pictures
            found["code"] = image.status
        yield found


def _of_picture(item: Item, image: Image) -> dict[str, Any]:
    found = {
        "image_id": image.image_id,
        "batch_id": item.batch_id,
        "credits": image.credits_charged,
        "created_at": None if image.created_at is None else image.created_at.isoformat(),
    }
    return found if image.model is None else found | {"model": image.model}


def _mapped(item: Item, image: Image) -> dict[str, Any]:
    return {_column(name): value for name, value in item.mapped.get(image.image_id, {}).items()}


def _mapped_columns(item: Item) -> dict[str, None]:
    return {_column(name): None for columns in item.mapped.values() for name in columns}


def _column(name: str) -> str:
    """A column of a user's function, which begins with `map_` so that it is no other column's name."""
    return name if name.startswith(_MAPPED) else _MAPPED + name


def _own_names(requested: Collection[str], carried: Collection[str]) -> Mapping[str, str]:
    """What carried columns are called in the results: something else than ours and than each other."""
    ours = {*_OUTCOME, *requested, *(api for api, _ in members().values())}
    taken = ours.union(carried)
    names = {}
    for name in carried:
        own = name
        if name in ours:
            while own in taken:
                own = _PREFIX + own
            taken.add(own)
        names[name] = own
    return names


def _relative(path: str, folder: Path) -> str:
    return Path(os.path.relpath(path, folder) if Path(path).is_absolute() else path).as_posix()


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, int | float):
        return value
    text = value if isinstance(value, str) else json.dumps(value)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


@contextmanager
def _replacing(path: Path) -> Iterator[IO[str]]:
    """A file that takes the name once it is whole and on the disk."""
    made = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        # A lone surrogate of the service becomes an escape, which JSON reads as what it was.
        with made.open("x", encoding="utf-8", errors="backslashreplace", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        made.replace(path)
    finally:
        made.unlink(missing_ok=True)
