"""Get a style"""

from ...client import AuthenticatedClient
from ...models.style import Style
from ...operation import Operation
from ...operation import segment as _segment
from ...types import Response


def operation(style: str) -> Operation[Style]:
    """One style preset by its slug."""
    return Operation(
        name="get_style",
        tag="styles",
        method="GET",
        path="/styles/{style}".format(style=_segment(style, "style")),
        read=Style.from_dict,
    )


def sync_detailed(style: str, *, client: AuthenticatedClient) -> Response[Style]:
    """Send it; the answer with its status, whatever it holds."""
    return client.send(operation(style))


def sync(style: str, *, client: AuthenticatedClient) -> Style | None:
    """Send it; None for an error and for what cannot be read."""
    return client.send(operation(style)).parsed


async def asyncio_detailed(style: str, *, client: AuthenticatedClient) -> Response[Style]:
    """Send it; the answer with its status, whatever it holds."""
    return await client.asend(operation(style))


async def asyncio(style: str, *, client: AuthenticatedClient) -> Style | None:
    """Send it; None for an error and for what cannot be read."""
    return (await client.asend(operation(style))).parsed
