"""CPU of reading a page of 100 images beyond `json.loads`."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from statistics import median
from typing import Any, Final

from pixola_ext._api.answers import Answer
from pixola_ext._api.operations import list_images

from .rows import Row

_TURNS: Final = 300
_BAR: Final = 1.5  # times json.loads: 110 us where that takes 75


def image_page(count: int = 100) -> dict[str, Any]:
    """An answer to `GET /images` as the reference describes it, every member filled in."""
    images = [
        {
            "imageId": f"im_{number:024d}",
            "batchId": f"bt_{number:024d}",
            "url": f"https://cdn.example/{number:030d}.png?signature=0123456789abcdef",
            "title": "A lighthouse above a calm sea",
            "model": "flux-2",
            "status": "complete",
            "createdAt": "2026-03-01T12:00:00.123Z",
            "creditsCharged": 12,
            "isFavorite": False,
        }
        for number in range(count)
    ]
    return {"images": images, "nextCursor": 1771393474019, "hasMore": True}


def _microseconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1e6


def pages() -> Iterator[Row]:
    """Rows for a page of 100 images: decoding its JSON, and reading it beyond that."""
    content = json.dumps(image_page()).encode()
    call = list_images(limit=100, cursor=None)

    def read() -> object:
        return call.read(Answer("GET", "", 200, {}, content, datetime.now(UTC)))  # type: ignore[arg-type]

    def load() -> object:
        return json.loads(content)

    turns = [(_microseconds(load), _microseconds(read)) for _ in range(_TURNS)]
    loading, beyond = median(load for load, _ in turns), median(read - load for load, read in turns)
    yield Row("a page of 100 images: json.loads, CPU", loading, "us")
    yield Row("a page of 100 images: reading it beyond that", beyond, "us")
    yield Row("... beside json.loads", beyond / loading, "x", _BAR)
