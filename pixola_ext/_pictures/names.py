"""File names from a template: every file system takes them, and nothing that a server says leads out of the folder."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from string import Formatter
from typing import Final

from attrs import frozen

from .._display import printable
from ..errors import ConfigurationError

FIELDS: Final = (
    "date",  # of the image, YYYYMMDD in UTC; of today if the service does not say
    "time",  # likewise, HHMMSS
    "model",
    "style",
    "shape",
    "quality",
    "slug",  # what the title or else the prompt says, in a few words
    "image_id",
    "batch_id",
    "index",  # place in the batch, from 1
)
_TRIMMED: Final = ("slug", "style", "shape", "quality", "model", "batch_id", "time", "date", "index")  # in this order

_LONGEST_NAME: Final = 255  # bytes, of ext4, APFS and most others; NTFS counts 255 UTF-16 units, which are never more
_RESERVED: Final = 5  # bytes of `.json`, for a file that stands beside the picture
_LONGEST_SLUG: Final = 48  # bytes
_LONGEST_PART: Final = 64  # bytes of any other field
_SAFE_ID: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._~-]{0,199}")  # what ids look like that can be asked for
_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')  # of Windows, which forbids most
_DEVICES: Final = frozenset(
    ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"]
    + [f"{port}{number}" for port in ("COM", "LPT") for number in range(10)]
)
_SEPARATORS: Final = "-_. "
_MARK: Final = "+"  # before the hash of an id; no other id and no word has one
_IDS: Final = ("image_id", "batch_id")

Values = Mapping[str, str | None]


@frozen
class Template:
    """A template that was read: words of the caller's, each followed by a field or by nothing."""

    parts: tuple[tuple[str, str | None], ...]

    @classmethod
    def parse(cls, text: object) -> "Template":
        """Raises `ConfigurationError` for unknown fields and for what no file name can hold."""
        if not isinstance(text, str):
            raise ConfigurationError(f"template: expected text, not {type(text).__name__}", setting="template")
        try:
            parsed = list(Formatter().parse(text))
        except ValueError as error:
            raise ConfigurationError(f"template: {error}", setting="template") from error
        if not parsed or any(literal and _FORBIDDEN.search(literal) for literal, *_ in parsed):
            raise ConfigurationError("template: must be a file name, without folders and suffix", setting="template")
        for _, field, specification, conversion in parsed:
            if field is not None and (field not in FIELDS or specification or conversion):
                known = ", ".join(FIELDS)
                wrong = printable(field, 40) if field not in FIELDS else f"{field} with a format"
                raise ConfigurationError(f"template: no field {{{wrong}}}; there are {known}", setting="template")
        return cls(tuple((unicodedata.normalize("NFC", literal), field) for literal, field, *_ in parsed))

    def name(self, values: Values, suffix: str, number: int = 1) -> str:
        """A whole file name of at most 255 bytes; `number` tells it from others of the same name.

        What is too long is cut, the slug first, the image id never. Raises `ConfigurationError` if that leaves no room.
        Where all else is equal and fits, images with different ids have different names; ids that differ only in case
        have names that do, which a file system without case takes for equal, so that the second gets a number.
        """
        ending = suffix if number == 1 else f"-{number}{suffix}"
        room = _LONGEST_NAME - _RESERVED - _size(ending)
        kept = _presentable(values)
        for field in _TRIMMED:
            excess = _size(self._stem(kept)) - room
            if excess > 0:
                kept[field] = _cut(kept[field], max(0, _size(kept[field]) - excess))
        stem = self._stem(kept)
        if _size(stem) > room:
            raise ConfigurationError("template: leaves no room for the id of the image", setting="template")
        return stem + ending

    def _stem(self, values: Mapping[str, str]) -> str:
        stem, empty, fixed = "", False, 0
        for literal, field in self.parts:
            if not (empty and literal.strip(_SEPARATORS) == ""):  # no separator behind what is not known
                stem += literal
            text = values[field] if field else ""
            stem, empty = stem + text, field is not None and not text
            if text and field in _IDS:
                fixed = len(stem)  # the last character of an id distinguishes it from others, also if it is a dot
        stem = stem[:fixed] + stem[fixed:].rstrip(_SEPARATORS if empty else ". ")
        return _allowed(unicodedata.normalize("NFC", stem))


def _allowed(stem: str) -> str:
    """`stem`, changed where it would be hidden, taken for an option, or a device of Windows.

    It gets a `_` in front, and so does what looks as if it had got one: `con` and `_con` stay different.
    """
    if not stem:
        return "image"
    bare = stem.lstrip("_")
    is_device = bare.partition(".")[0].rstrip(" ").upper() in _DEVICES
    return f"_{stem}" if is_device or bare.startswith(("-", ".", " ", "~")) else stem


def _presentable(values: Values) -> dict[str, str]:
    texts = {field: values.get(field) or "" for field in FIELDS}
    ids = {field: _identifier(texts[field]) for field in _IDS}
    words = {field: _words(text, _LONGEST_PART) for field, text in texts.items()}
    return {**words, "slug": _words(texts["slug"], _LONGEST_SLUG), **ids}


def _identifier(text: str) -> str:
    """An id as it is; one that the API could not be asked for is made safe, and distinguished from others by a hash."""
    if not text or _SAFE_ID.fullmatch(text):
        return text
    mark = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return f"{_words(text, _LONGEST_PART) or 'id'}{_MARK}{mark}"


def _words(text: str, longest: int) -> str:
    """Letters and digits of any script in lower case, all else a hyphen, at most `longest` bytes."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text[: 4 * longest]).lower())
    kept = "".join(c if c in "._" or unicodedata.category(c)[0] in "LNM" else "-" for c in folded)
    return _cut(re.sub("--+", "-", kept), longest)


def _cut(text: str, longest: int) -> str:
    return text.encode()[:longest].decode("utf-8", "ignore").strip("-._")


def _size(text: str) -> int:
    return len(text.encode())
