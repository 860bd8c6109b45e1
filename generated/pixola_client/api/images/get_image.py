"""Get an image"""

from ...client import AuthenticatedClient
from ...models.image import Image
from ...operation import Operation
from ...operation import segment as _segment
from ...types import Response


def operation(image_id: str) -> Operation[Image]:
    """One image by its id, with its prompt and a fresh URL."""
    return Operation(
        name="get_image",
        tag="images",
        method="GET",
        path="/images/{image_id}".format(image_id=_segment(image_id, "image_id")),
        read=Image.from_dict,
    )


def sync_detailed(image_id: str, *, client: AuthenticatedClient) -> Response[Image]:
    """Send it; the answer with its status, whatever it holds."""
    return client.send(operation(image_id))


def sync(image_id: str, *, client: AuthenticatedClient) -> Image | None:
    """Send it; None for an error and for what cannot be read."""
    return client.send(operation(image_id)).parsed


async def asyncio_detailed(image_id: str, *, client: AuthenticatedClient) -> Response[Image]:
    """Send it; the answer with its status, whatever it holds."""
    return await client.asend(operation(image_id))


async def asyncio(image_id: str, *, client: AuthenticatedClient) -> Image | None:
    """Send it; None for an error and for what cannot be read."""
    return (await client.asend(operation(image_id))).parsed
