"""List shapes"""

from ...client import Client
from ...models.shape_list import ShapeList
from ...operation import Operation
from ...types import Response


def operation() -> Operation[ShapeList]:
    """Every aspect ratio with its slug and pixel dimensions. Needs no key."""
    return Operation(
        name="list_shapes",
        tag="shapes",
        method="GET",
        path="/shapes",
        needs_key=False,
        read=ShapeList.from_dict,
    )


def sync_detailed(*, client: Client) -> Response[ShapeList]:
    """Send it; the answer with its status, whatever it holds."""
    return client.send(operation())


def sync(*, client: Client) -> ShapeList | None:
    """Send it; None for an error and for what cannot be read."""
    return client.send(operation()).parsed


async def asyncio_detailed(*, client: Client) -> Response[ShapeList]:
    """Send it; the answer with its status, whatever it holds."""
    return await client.asend(operation())


async def asyncio(*, client: Client) -> ShapeList | None:
    """Send it; None for an error and for what cannot be read."""
    return (await client.asend(operation())).parsed
