"""The inverse of `metadata.py`: how a picture was generated, read back from its file or from the one beside it."""

import json
import re
from html import unescape
from pathlib import Path
from typing import Any, Final

from attrs import fields

from .formats import BrokenPictureError, jpeg_segments, picture_suffix, png_chunks, webp_chunks
from .metadata import Provenance

_LARGEST: Final = 2**26  # bytes of a file that is looked into
_PROPERTY: Final = re.compile(r"<pixola:(\w+)>(.*?)</pixola:\1>", re.DOTALL)
_JSON_CHUNK: Final = b"pixola\0\0\0\0\0"  # keyword, no compression, no language (PNG, 11.3.3.4)
_MEMBERS: Final = frozenset(each.name for each in fields(Provenance)) - {"created_at"}


def provenance_of(path: Path) -> Provenance | None:
    """What the file, or `NAME.json` beside it, tells; None if neither does. Raises `OSError`."""
    with path.open("rb") as file:
        data = file.read(_LARGEST)
    return _embedded(data) or _beside(path)


def _embedded(data: bytes) -> Provenance | None:
    try:
        suffix = picture_suffix(data)
        if suffix == ".png":
            return _from_png(data)
        if suffix == ".jpg":
            return _from_xmp(b"".join(data[each.content : each.end] for each in jpeg_segments(data)))
        if suffix == ".webp":
            return _from_xmp(b"".join(data[c.content : c.end] for c in webp_chunks(data) if c.name == b"XMP "))
    except BrokenPictureError:
        return None
    return None


def _from_png(data: bytes) -> Provenance | None:
    for chunk in png_chunks(data):
        content = data[chunk.content : chunk.end]
        if chunk.name == b"iTXt" and content.startswith(_JSON_CHUNK):
            return _from_json(content[len(_JSON_CHUNK) : -4])
    return None


def _beside(path: Path) -> Provenance | None:
    try:
        return _from_json(path.with_name(f"{path.name}.json").read_bytes()[:_LARGEST])
    except OSError:
        return None


def _from_json(text: bytes) -> Provenance | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return _of(found) if isinstance(found, dict) else None


def _from_xmp(packet: bytes) -> Provenance | None:
    return _of({name: unescape(text) for name, text in _PROPERTY.findall(packet.decode("utf-8", "replace"))})


def _of(members: dict[str, Any]) -> Provenance | None:
    known: dict[str, Any] = {
        name: value for name, value in members.items() if name in _MEMBERS and isinstance(value, str)
    }
    return Provenance(**known) if known else None
