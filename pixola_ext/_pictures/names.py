"""File names from a template: valid on every common file system, and inside the folder whatever a server sends."""

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
    "time",  # of the same instant, HHMMSS
    "model",
    "style",
    "shape",
    "quality",
    "slug",  # the first words of the title, or of the prompt if there is no title
    "image_id",
    "batch_id",
    "index",  # place in the batch, from 1
)
# The fields that may be cut, the first one first.
_TRIMMED: Final = ("slug", "style", "shape", "quality", "model", "batch_id", "time", "date", "index")

_MAX_NAME_BYTES: Final = 255  # ext4, APFS and most others; NTFS counts 255 UTF-16 units, which are never more
_SIDECAR_BYTES: Final = 5  # `.json`, the suffix of the file beside the picture
_MAX_SLUG_BYTES: Final = 48
_MAX_FIELD_BYTES: Final = 64  # of any other field
_SAFE_ID: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._~-]{0,199}")  # ids that may stand in a URL of the API
_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')  # by Windows; other systems forbid some of these
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
    """A parsed template: pairs of literal text and the field that follows it, or None."""

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
        """A file name of at most 255 bytes; a `number` above 1 is added to it (`-2`).

        Fields that are too long are cut, the slug first, the image id never. Raises `ConfigurationError` if the literal
        text leaves no room for the image id.
        Images with different ids have different names, other values being equal and short enough. Ids that differ only
        in case give names that differ only in case; if a file system takes these for equal, the second gets a number.
        """
        ending = suffix if number == 1 else f"-{number}{suffix}"
        room = _MAX_NAME_BYTES - _SIDECAR_BYTES - _size(ending)
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
            if not (empty and literal.strip(_SEPARATORS) == ""):  # no separator after a field without a value
                stem += literal
            text = values[field] if field else ""
            stem, empty = stem + text, field is not None and not text
            if text and field in _IDS:
                fixed = len(stem)  # the last character of an id distinguishes it from others, also if it is a dot
        stem = stem[:fixed] + stem[fixed:].rstrip(_SEPARATORS if empty else ". ")
        return _allowed(unicodedata.normalize("NFC", stem))


def _allowed(stem: str) -> str:
    """`stem`, with `_` in front if it would be a hidden file, look like an option, or name a device of Windows.

    A stem that has such a `_` already gets another one: `con` and `_con` stay different.
    """
    if not stem:
        return "image"
    bare = stem.lstrip("_")
    is_device = bare.partition(".")[0].rstrip(" ").upper() in _DEVICES
    return f"_{stem}" if is_device or bare.startswith(("-", ".", " ", "~")) else stem


def _presentable(values: Values) -> dict[str, str]:
    texts = {field: values.get(field) or "" for field in FIELDS}
    ids = {field: _identifier(texts[field]) for field in _IDS}
    words = {field: _words(text, _MAX_FIELD_BYTES) for field, text in texts.items()}
    return {**words, "slug": _words(texts["slug"], _MAX_SLUG_BYTES), **ids}


def _identifier(text: str) -> str:
    """An id unchanged if it may stand in a URL of the API, else its safe characters and a hash that keeps it unique."""
    if not text or _SAFE_ID.fullmatch(text):
        return text
    mark = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return f"{_words(text, _MAX_FIELD_BYTES) or 'id'}{_MARK}{mark}"


def _words(text: str, longest: int) -> str:
    """`text` in lower case, with hyphens for all but letters and digits (of any script), at most `longest` bytes."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text[: 4 * longest]).lower())
    kept = "".join(c if c in "._" or unicodedata.category(c)[0] in "LNM" else "-" for c in folded)
    return _cut(re.sub("--+", "-", kept), longest)


def _cut(text: str, longest: int) -> str:
    return text.encode()[:longest].decode("utf-8", "ignore").strip("-._")


def _size(text: str) -> int:
    return len(text.encode())
