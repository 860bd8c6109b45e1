"""How effects on files and pictures are carried out, the same for both drivers."""

import threading
from typing import Any

from .._flows.effects import FileEffect
from .._flows.file_effects import CheckPlace, Decode, DeleteLeftovers, Discard, FindPictures, Publish, ReadTemporary
from . import files, places, temporary


def carry_out(effect: FileEffect[Any], interrupted: threading.Event | None) -> Any:  # noqa: PLR0911  (one for each effect)
    """The outcome of an effect; `interrupted` ends an upload to a store when it is set."""
    match effect:
        case Publish(folder=folder):
            return places.folder_at(folder).publish(effect, interrupted)
        case DeleteLeftovers(folder):
            return places.folder_at(folder).delete_leftovers()
        case FindPictures(folder=folder):
            return places.folder_at(folder).find(effect)
        case CheckPlace(dest):
            return places.check_destination(dest)
        case ReadTemporary(path):
            return files.read_and_delete(path)
        case Discard(path):
            return temporary.delete_temporary(path)
        case Decode(decoder, content):
            return decoder(content)
    raise TypeError(f"no driver carries out {effect!r}")
