"""Finds secrets in what was recorded, in any encoding a cassette can have; knows nothing of how they were hidden."""

import base64
import binascii
import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import yaml

_HIDDEN: Final = "hidden"
_SECRET: Final = re.compile(
    rf"pxk_(?!{_HIDDEN}\b)"
    rf"|\b(bearer|basic)\s+[\w.~+/=-]{{16,}}"
    rf"|authorization|cookie|session(id)?="
    rf"|\b(x-amz-|x-goog-)?(signature|credential|sig|token|security-token|policy|key-pair-id)=(?!{_HIDDEN}\b)"
    rf"|\beyJ[\w-]+\.[\w-]+\."
    rf"|\b[0-9a-f]{{64}}\b"  # what the sandbox signs with: SHA-256
    rf"|://[^/?#\s\"']*@",
    re.IGNORECASE,
)
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
_DEEPEST: Final = 4  # encodings inside each other


def disclosed(path: Path) -> list[str]:
    """What in a cassette, or in a picture beside it, looks like a secret."""
    content = path.read_bytes()
    recorded = yaml.safe_load(content) if path.suffix == ".yaml" else content
    return [text[:200] for text in texts(recorded) if _SECRET.search(text)]


def texts(node: Any, depth: int = 0) -> Iterator[str]:
    """Every text in it, names of members too, as it stands and decoded."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from texts(name, depth)
            yield from texts(value, depth)
    elif isinstance(node, list | tuple):
        for each in node:
            yield from texts(each, depth)
    elif isinstance(node, bytes):
        yield from texts(_inflated(node).decode("latin-1"), depth)
    else:
        text = str(node)
        yield text
        if "%" in text:
            yield unquote(text)
        if depth < _DEEPEST:
            yield from (each for word in _BASE64.findall(text) for each in texts(_unpacked(word), depth + 1))


def _inflated(content: bytes) -> bytes:
    for inflate in (gzip.decompress, zlib.decompress):
        try:
            return inflate(content)
        except (OSError, EOFError, zlib.error):
            continue
    return content


def _unpacked(word: str) -> bytes:
    try:
        return base64.b64decode(word + "=" * (-len(word) % 4), altchars=b"-_" if set(word) & set("-_") else None)
    except (binascii.Error, ValueError):
        return b""
