"""Places for files: a path of this machine, or the URL of a store that several machines see (`s3://bucket/pictures`)."""

import os
import re
import sys
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import urlsplit

from ._display import printable

INSTALL: Final = "pip install 'pixola-ext[remote]'"

_URL: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")  # a single letter is a drive of Windows
_CHAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+::.*://")  # of file systems, such as a cache on a store
_LOCAL: Final = ("file", "local")
_HERE: Final = ("", "localhost")


def place_of(given: "str | os.PathLike[str] | Any") -> Path:
    """The place that the caller names: a path, a URL, or a `upath.UPath` with the options of its store.

    A `file:` URL is a path. Another URL becomes a `UPath`, which has the methods of `Path` that are used here without
    being one. Raises `ValueError`, whose text says why the URL cannot be used and repeats no password.
    """
    if is_remote(given):
        return cast("Path", given)
    if not isinstance(given, str):
        return Path(given)
    if _CHAIN.match(given):
        raise ValueError("several file systems in one URL, joined by ::, are not possible")
    match = _URL.match(given)
    if match is None:
        return Path(given)
    protocol = match[1].lower()
    return _local(given) if protocol in _LOCAL else _remote(protocol, f"{protocol}{given[match.end(1) :]}")


def is_remote(place: object) -> bool:
    """Whether it is a `UPath` of a store, and no path of this machine."""
    module = sys.modules.get("upath")  # without it, nobody can have made one
    return module is not None and isinstance(place, module.UPath) and not isinstance(place, Path)


def _local(url: str) -> Path:
    from urllib.request import url2pathname  # noqa: PLC0415  (slow to import, and seldom needed)

    parts = urlsplit(url)
    if parts.netloc not in _HERE:
        raise ValueError(f"{parts.scheme}://{printable(parts.netloc, 100)} names a host; write {parts.scheme}:///path")
    return Path(url2pathname(parts.path))


def _remote(protocol: str, url: str) -> Path:
    try:
        from upath import UPath  # noqa: PLC0415  (an extra, and slow to import)
    except ModuleNotFoundError as error:
        raise ValueError(f"{protocol}:// needs a package; install it with: {INSTALL}") from error
    try:
        place = UPath(url)
    except ImportError as error:  # of the package for this protocol, which it names
        raise ValueError(f"{protocol}://: {printable(str(error), 200)}") from error
    except ValueError as error:
        raise ValueError(f"{protocol}:// is a protocol that fsspec does not know") from error
    if str(place).rstrip("/") != url.rstrip("/"):  # then `str` could not name it again, or would show a password
        raise ValueError(f"{protocol}:// with a host, a user or a password is not possible; mount it as a folder")
    return cast("Path", place)
