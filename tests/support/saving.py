"""Images and batches whose pictures are on the scripted service."""

from typing import Any, Final

from pixola_ext import Batch, Image
from tests.support.pictures import PNG
from tests.support.wire import Wire, reply

TODAY: Final = "20260301"  # of the moved clock, as it stands in file names


def picture(content: bytes = PNG, **headers: str) -> bytes:
    """The answer to a download."""
    return reply(content, content_type="image/png", **headers)


def batch_of(service: Wire, count: int, **members: Any) -> Batch:
    """A finished batch of `count` images."""
    urls = [f"{service.origin}/{number}.png" for number in range(1, count + 1)]
    images = [Image(f"im_{number}", url=url, status="complete", **members) for number, url in enumerate(urls, 1)]
    return Batch("bt_1", "complete", tuple(images))
