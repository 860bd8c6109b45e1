"""Saving pictures: downloaded concurrently, checked, given their metadata, then given their file names.

A URL that has expired is renewed once, by asking the API for the image.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from attrs import frozen

from .._api.operations import get_image
from .._api.timing import backoff
from .._pictures.formats import JPEG, SUFFIXES
from .._pictures.metadata import Provenance
from .._pictures.names import Template
from .._places import is_remote
from ..errors import ConfigurationError, DownloadError, PixolaError
from ..models import Batch, Image
from ..settings import Policy
from .effects import (
    Download,
    Downloaded,
    Flow,
    Gather,
    Now,
    Random,
    Sleep,
    WallClock,
)
from .file_effects import Decode, DeleteLeftovers, Discard, Publish, ReadTemporary
from .interruption import name_batch
from .request import request

T = TypeVar("T")

MOST_DOWNLOADS: Final = 6  # at once; above 20 connections the pool's own bookkeeping is quadratic
_EXPIRED: Final = frozenset({401, 403, 404, 410})  # what stores answer for a URL that was signed too long ago


def save(
    source: Batch | Image,
    dest: Path,
    policy: Policy,
    *,
    template: str,
    metadata: bool,
) -> Flow[list[Path]]:
    """Download the pictures of a batch, or one image, into `dest`: a folder, or a file if its suffix is of a picture.

    It may be of a store: there, a picture that has its name already is not written again.

    All downloads are carried out, whether or not some of them fail. The `DownloadError` at the end lists the files
    that were written in `saved`, and has an error for each other image in `failures`.
    """
    try:
        return (yield from _save_all(source, dest, policy, template=template, metadata=metadata))
    except GeneratorExit:
        raise
    except BaseException as error:
        name_batch(error, source.batch_id, "px.save(px.batches.get({!r}), ...)")
        raise


def _save_all(source: Batch | Image, dest: Path, policy: Policy, *, template: str, metadata: bool) -> Flow[list[Path]]:
    images = (source,) if isinstance(source, Image) else source.completed
    if isinstance(source, Batch) and not images:
        why = "has no pictures" if source.is_terminal else "has no pictures yet; wait for it first"
        raise ConfigurationError(f"batch {source.batch_id} {why}", setting="batch_or_image")
    targets = list(_targets(images, dest, template, (yield from WallClock())))
    for folder in {target.folder for target in targets}:
        yield from DeleteLeftovers(folder)
    flows = [_save(image, target, policy, metadata=metadata) for image, target in zip(images, targets, strict=True)]
    return _all_of(images, (yield from Gather(flows, MOST_DOWNLOADS)))


def destination_folder(dest: Path) -> Path:
    """The folder that pictures for `dest` are written to."""
    return dest.parent if dest.suffix.lower() in SUFFIXES else dest


def open_image(image: Image, decoder: Callable[[bytes], T], policy: Policy) -> Flow[T]:
    """Download one picture and decode it; its temporary file is deleted."""
    downloaded = yield from _fetch(image, None, policy)
    return (yield from _decoded(downloaded, decoder))


def fetch_preview(url: str, decoder: Callable[[bytes], T], timeout: float) -> Flow[T]:
    """Download the picture at `url` and decode it: one attempt, no renewal of the URL, so that no API key is needed."""
    downloaded = yield from Download(url, None, timeout)
    return (yield from _decoded(downloaded, decoder))


def _decoded(downloaded: Downloaded, decoder: Callable[[bytes], T]) -> Flow[T]:
    content = yield from ReadTemporary(downloaded.path)
    return (yield from Decode(decoder, content))


def _all_of(images: tuple[Image, ...], outcomes: list[Path | Exception]) -> list[Path]:
    saved = [outcome for outcome in outcomes if not isinstance(outcome, Exception)]
    failures: dict[str, PixolaError] = {}
    for image, outcome in zip(images, outcomes, strict=True):
        if isinstance(outcome, PixolaError):
            failures[image.image_id] = outcome
        elif isinstance(outcome, Exception):
            raise outcome
    if failures:
        raise DownloadError.of(failures, saved)
    return saved


def _save(image: Image, target: "_Target", policy: Policy, *, metadata: bool) -> Flow[Path]:
    beside = None if is_remote(target.folder) else target.folder
    downloaded = yield from _fetch(image, beside, policy)
    try:
        return (
            yield from Publish(
                temporary=downloaded.path,
                folder=target.folder,
                name=partial(target.name, downloaded.suffix),
                number=target.number,
                suffix=downloaded.suffix,
                provenance=provenance(image) if metadata else None,
                image_id=image.image_id,
                timeout=policy.timeout,
            )
        )
    except BaseException:
        yield from Discard(downloaded.path)
        raise


# -- fetching ------------------------------------------------------------------------------------------------------


def _fetch(image: Image, folder: Path | None, policy: Policy) -> Flow[Downloaded]:
    """The picture in a temporary file; one deadline bounds all attempts."""
    deadline = (yield from Now()) + policy.timeout
    renewed = image.url is None
    url = image.url or (yield from _fresh_url(image, policy))
    attempt = 0
    while True:
        remaining = deadline - (yield from Now())
        try:
            return (yield from Download(url, folder, remaining))
        except DownloadError as error:
            if error.status in _EXPIRED and not renewed:
                renewed = True
                url = yield from _fresh_url(image, policy)
                continue
            delay = backoff(attempt, (yield from Random()))
            is_late = (yield from Now()) + delay >= deadline
            if not error.is_transient or attempt >= policy.max_retries or is_late:
                raise
        yield from Sleep(delay)
        attempt += 1


def _fresh_url(image: Image, policy: Policy) -> Flow[str]:
    fresh = yield from request(get_image(image.image_id), policy)
    if fresh.url is None:
        raise DownloadError(f"image {image.image_id} has no URL yet (status {fresh.status})", url="")
    return fresh.url


# -- names and descriptions ----------------------------------------------------------------------------------------


@frozen
class _Target:
    """The destination of one picture: `stem` makes a file name from a suffix and a number.

    The number is `number`, or the next one whose name is free.
    """

    folder: Path
    stem: Callable[[str, int], str]
    number: int

    def name(self, suffix: str, number: int) -> str:
        return self.stem(suffix, number)


def _targets(images: Iterable[Image], dest: Path, template: str, today: datetime) -> Iterator[_Target]:
    """The destination of each image. Equal names are numbered in the order of the images, not of their arrival."""
    parsed = Template.parse(template)
    taken: Counter[str] = Counter()
    for index, image in enumerate(images, start=1):
        folder = destination_folder(dest)
        stem = partial(parsed.name, fields(image, index, today)) if folder is dest else partial(_given_name, dest)
        key = stem("", 1).casefold()
        taken[key] += 1
        yield _Target(folder, stem, taken[key])


def _given_name(dest: Path, suffix: str, number: int) -> str:
    """The caller's file name, with the suffix of the picture's kind if the caller's suffix is of another kind."""
    is_same = suffix == dest.suffix.lower() or {suffix, dest.suffix.lower()} == {JPEG, ".jpeg"}
    ending = dest.suffix if is_same else suffix
    return f"{dest.stem}{ending}" if number == 1 else f"{dest.stem}-{number}{ending}"


def fields(image: Image, index: int, today: datetime) -> dict[str, str | None]:
    """The values of the template's fields for an image; None where a value is not known."""
    known = provenance(image)
    created = (image.created_at or today).astimezone(today.tzinfo)
    return {
        "date": created.strftime("%Y%m%d"),
        "time": created.strftime("%H%M%S"),
        "model": known.model,
        "style": known.style,
        "shape": known.shape,
        "quality": known.quality,
        "slug": image.title or known.prompt,
        "image_id": known.image_id,
        "batch_id": known.batch_id,
        "index": str(index),
    }


def provenance(image: Image) -> Provenance:
    """How the picture came about, from what the service says and else from what we submitted."""
    submitted = image.submission
    return Provenance(
        prompt=image.prompt or (submitted.prompt if submitted else None),
        model=image.model or (submitted.model if submitted else None),
        style=submitted.style if submitted else None,
        shape=submitted.shape if submitted else None,
        quality=submitted.quality if submitted else None,
        image_id=image.image_id,
        batch_id=image.batch_id,
        created_at=image.created_at,
    )
