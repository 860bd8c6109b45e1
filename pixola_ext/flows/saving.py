"""Saving pictures: fetched, verified, then named; an expired URL is asked for again once."""

import re
import unicodedata
from pathlib import Path
from typing import Final

from .._operations import get_image
from .._timing import backoff
from ..errors import ConfigurationError, DownloadError
from ..models import Batch, Image
from . import Discard, Download, Downloaded, Flow, Publish, Random, Sleep
from .request import Policy, request

_LONGEST_SLUG: Final = 48  # characters of a file name that come from the prompt
_LONGEST_PART: Final = 64  # characters of a file name that come from an id or a model
_EXPIRED: Final = frozenset({401, 403, 404, 410})  # what stores answer for a URL that was signed too long ago


def save(source: Batch | Image, dest: Path, policy: Policy, *, loopback: bool) -> Flow[list[Path]]:
    """Fetch the pictures of a batch, or one image, into `dest`: a folder, or a file if it ends like a picture.

    What was saved before an error stays, and is listed in the error's `saved`.
    """
    images = source.completed if isinstance(source, Batch) else (source,)
    if not images:
        raise ConfigurationError("the batch has no pictures yet; wait for it first", setting="batch_or_image")
    saved: list[Path] = []
    for image in images:
        try:
            saved.append((yield from _save(image, dest, policy, loopback=loopback)))
        except DownloadError as error:
            error.saved = tuple(saved)
            raise
    return saved


def _save(image: Image, dest: Path, policy: Policy, *, loopback: bool) -> Flow[Path]:
    is_file = dest.suffix.lower() in _SUFFIXES
    folder = dest.parent if is_file else dest
    downloaded, suffix = yield from _fetch(image, folder, policy, loopback=loopback)
    target = dest if is_file else folder / f"{file_stem(image)}{suffix}"
    return (yield from Publish(downloaded.path, target))


def _fetch(image: Image, folder: Path, policy: Policy, *, loopback: bool) -> Flow[tuple[Downloaded, str]]:
    """The picture under a temporary name, and the suffix of its type."""
    renewed = image.url is None
    url = image.url or (yield from _fresh_url(image, policy))
    attempt = 0
    while True:
        try:
            downloaded = yield from Download(url, folder, policy.timeout, loopback)
            return downloaded, (yield from _verified(downloaded, url))
        except DownloadError as error:
            if error.status in _EXPIRED and not renewed:
                renewed = True
                url = yield from _fresh_url(image, policy)
                continue
            if not error.is_transient or attempt >= policy.max_retries:
                raise
        yield from Sleep(backoff(attempt, (yield from Random())))
        attempt += 1


def _fresh_url(image: Image, policy: Policy) -> Flow[str]:
    fresh = yield from request(get_image(image.image_id), policy)
    if fresh.url is None:
        raise DownloadError(f"image {image.image_id} has no URL yet (status {fresh.status})", url="")
    return fresh.url


def _verified(downloaded: Downloaded, url: str) -> Flow[str]:
    suffix = picture_suffix(downloaded)
    if suffix is None:
        yield from Discard(downloaded.path)
        raise DownloadError("what came is not a whole picture", url=url, is_transient=True)
    return suffix


# -- what a picture looks like -------------------------------------------------------------------------------------

_SUFFIXES: Final = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif"})


def picture_suffix(file: Downloaded) -> str | None:
    """`.png`, `.jpg`, ... told from the first bytes; None if it is no picture or its end is missing."""
    head, tail = file.head, file.tail
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return ".png" if tail.endswith(b"IEND\xaeB`\x82") else None
    if head.startswith(b"\xff\xd8\xff"):
        return ".jpg" if b"\xff\xd9" in tail else None
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return ".webp" if int.from_bytes(head[4:8], "little") + 8 <= file.size else None
    if head.startswith((b"GIF87a", b"GIF89a")):
        return ".gif" if tail.endswith(b";") else None
    if head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"avis"):
        return ".avif"
    return None


# -- names ---------------------------------------------------------------------------------------------------------


def file_stem(image: Image) -> str:
    """`{date}-{model}-{slug}-{image_id}` of what is known, from safe characters only."""
    date = image.created_at.strftime("%Y%m%d") if image.created_at else ""
    parts = (date, image.model, (image.title or image.prompt or "")[: 4 * _LONGEST_SLUG])
    named = [_safe(part or "", _LONGEST_SLUG) for part in parts]
    return "-".join(part for part in (*named, _safe(image.image_id, _LONGEST_PART, lower=False)) if part) or "image"


def _safe(text: str, longest: int, *, lower: bool = True) -> str:
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.sub(r"[^A-Za-z0-9._]+", "-", ascii_only.lower() if lower else ascii_only)
    return words[:longest].strip("-._")
