"""The part of the service that waiting needs, in a process of its own: batches that end after so many seconds each.

    python -m measuring.jobs

It reads one line, a JSON array of seconds from then on, prints its port, and ends with its input.
"""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from measuring.server import NOT_FOUND, serve, whole


class Jobs:
    """Batches `bt_0`, `bt_1`, ..., the last one being the newest, with one image each."""

    def __init__(self, seconds: Sequence[float]) -> None:
        start = time.monotonic()
        self._ends = {f"bt_{number}": start + each for number, each in enumerate(seconds)}

    def answer(self, target: str) -> bytes:
        """The whole answer to a GET."""
        url = urlsplit(target)
        name = url.path.removeprefix("/api/v1/")
        query = {key: int(values[0]) for key, values in parse_qs(url.query).items()}
        if name == "batches":
            return self._page(name, [self._summary(each) for each in reversed(self._ends)], **query)
        if name == "images":
            return self._page(name, [image for each in reversed(self._ends) for image in self._images(each)], **query)
        batch_id = name.removeprefix("batches/")
        if batch_id not in self._ends:
            return NOT_FOUND
        return whole({"batchId": batch_id, "status": self._status(batch_id), "images": self._images(batch_id)})

    def _page(self, name: str, items: Sequence[Any], *, limit: int, cursor: int = 0) -> bytes:
        end = cursor + limit
        has_more = end < len(items)
        return whole({name: items[cursor:end], "nextCursor": end if has_more else None, "hasMore": has_more})

    def _status(self, batch_id: str) -> str:
        return "complete" if self._ends[batch_id] <= time.monotonic() else "processing"

    def _summary(self, batch_id: str) -> Any:
        about = {"prompt": "a lighthouse", "quality": "standard", "createdAt": "2026-03-01T12:00:00Z"}
        return {"batchId": batch_id, "status": self._status(batch_id), "imageCount": 1, **about}

    def _images(self, batch_id: str) -> list[Any]:
        if self._status(batch_id) != "complete":
            return []
        about = {"url": "https://cdn.example/x.png", "model": "flux-2", "creditsCharged": 12}
        return [{"imageId": f"im_{batch_id}", "batchId": batch_id, "status": "complete", **about}]


if __name__ == "__main__":
    asyncio.run(serve(Jobs(json.loads(sys.stdin.readline())).answer))
