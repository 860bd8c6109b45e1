"""Saving pictures: fetched side by side, verified, described, then named; an expired URL is asked for again once."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from attrs import frozen

from .._api.operations import get_image
from .._pictures.formats import JPEG, SUFFIXES
from .._pictures.metadata import Provenance
from .._pictures.names import Template
from .._timing import backoff
from ..errors import ConfigurationError, DownloadError, PixolaError
from ..models import Batch, Image
from ..settings import Policy
from .effects import Decode, Discard, Download, Downloaded, Flow, Gather, Now, Publish, Random, Sleep, Take, Today
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
    """Fetch the pictures of a batch, or one image, into `dest`: a folder, or a file if it ends like a picture.

    A picture that fails does not stop the others. Then the error's `saved` lists what was written, and its `failures`
    has an error for each image that was not.
    """
    images = source.completed if isinstance(source, Batch) else (source,)
    if not images:
        raise ConfigurationError("the batch has no pictures yet; wait for it first", setting="batch_or_image")
    targets = list(_targets(images, dest, template, (yield from Today())))
    flows = [_save(image, target, policy, metadata=metadata) for image, target in zip(images, targets, strict=True)]
    return _all_of(images, (yield from Gather(flows, MOST_DOWNLOADS)))


def load(image: Image, decoder: Callable[[bytes], T], policy: Policy) -> Flow[T]:
    """Fetch one picture and decode it; nothing of it stays on disk."""
    downloaded = yield from _fetch(image, None, policy)
    return (yield from _decoded(downloaded, decoder))


def glance(url: str, decoder: Callable[[bytes], T], timeout: float) -> Flow[T]:
    """The same for an address, tried once: nobody is asked for another one, so that no key is needed."""
    downloaded = yield from Download(url, None, timeout)
    return (yield from _decoded(downloaded, decoder))


def _decoded(downloaded: Downloaded, decoder: Callable[[bytes], T]) -> Flow[T]:
    content = yield from Take(downloaded.path)
    return (yield from Decode(decoder, content))


def _all_of(images: tuple[Image, ...], outcomes: list[Path | Exception]) -> list[Path]:
    saved = [outcome for outcome in outcomes if isinstance(outcome, Path)]
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
    downloaded = yield from _fetch(image, target.folder, policy)
    try:
        return (
            yield from Publish(
                temporary=downloaded.path,
                folder=target.folder,
                name=partial(target.name, downloaded.suffix),
                number=target.number,
                suffix=downloaded.suffix,
                provenance=provenance(image) if metadata else None,
            )
        )
    except BaseException:
        yield from Discard(downloaded.path)
        raise


# -- fetching ------------------------------------------------------------------------------------------------------


def _fetch(image: Image, folder: Path | None, policy: Policy) -> Flow[Downloaded]:
    """The picture under a temporary name, within one deadline for all attempts."""
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
    """Where a picture goes: `stem` makes a name of a suffix and a number, which is `number` if that is free."""

    folder: Path
    stem: Callable[[str, int], str]
    number: int

    def name(self, suffix: str, number: int) -> str:
        return self.stem(suffix, number)


def _targets(images: Iterable[Image], dest: Path, template: str, today: datetime) -> Iterator[_Target]:
    """One for each image; equal names are numbered in the order of the images, whichever arrives first."""
    parsed = Template.parse(template)
    taken: Counter[str] = Counter()
    for index, image in enumerate(images, start=1):
        if dest.suffix.lower() in SUFFIXES:
            folder, stem = dest.parent, partial(_given_name, dest)
        else:
            folder, stem = dest, partial(parsed.name, fields(image, index, today))
        key = stem("", 1).casefold()
        taken[key] += 1
        yield _Target(folder, stem, taken[key])


def _given_name(dest: Path, suffix: str, number: int) -> str:
    """The caller's file name; a picture of another kind than its suffix says gets the right one."""
    is_same = suffix == dest.suffix.lower() or {suffix, dest.suffix.lower()} == {JPEG, ".jpeg"}
    ending = dest.suffix if is_same else suffix
    return f"{dest.stem}{ending}" if number == 1 else f"{dest.stem}-{number}{ending}"


def fields(image: Image, index: int, today: datetime) -> dict[str, str | None]:
    """What the fields of a template stand for."""
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
