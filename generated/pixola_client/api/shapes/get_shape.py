"""Get a shape"""

from ...client import AuthenticatedClient
from ...models.shape import Shape
from ...operation import Operation
from ...operation import segment as _segment
from ...types import Response


def operation(shape: str) -> Operation[Shape]:
    """One aspect ratio by its slug."""
    return Operation(
        name="get_shape",
        tag="shapes",
        method="GET",
        path="/shapes/{shape}".format(shape=_segment(shape, "shape")),
        read=Shape.from_dict,
    )


def sync_detailed(shape: str, *, client: AuthenticatedClient) -> Response[Shape]:
    """Send it; the answer with its status, whatever it holds."""
    return client.send(operation(shape))


def sync(shape: str, *, client: AuthenticatedClient) -> Shape | None:
    """Send it; None for an error and for what cannot be read."""
    return client.send(operation(shape)).parsed


async def asyncio_detailed(shape: str, *, client: AuthenticatedClient) -> Response[Shape]:
    """Send it; the answer with its status, whatever it holds."""
    return await client.asend(operation(shape))


async def asyncio(shape: str, *, client: AuthenticatedClient) -> Shape | None:
    """Send it; None for an error and for what cannot be read."""
    return (await client.asend(operation(shape))).parsed
