"""List styles"""

from ...client import Client
from ...models.style_list import StyleList
from ...operation import Operation
from ...types import Response


def operation() -> Operation[StyleList]:
    """Every style preset, grouped by category. Needs no key."""
    return Operation(
        name="list_styles",
        tag="styles",
        method="GET",
        path="/styles",
        needs_key=False,
        read=StyleList.from_dict,
    )


def sync_detailed(*, client: Client) -> Response[StyleList]:
    """Send it; the answer with its status, whatever it holds."""
    return client.send(operation())


def sync(*, client: Client) -> StyleList | None:
    """Send it; None for an error and for what cannot be read."""
    return client.send(operation()).parsed


async def asyncio_detailed(*, client: Client) -> Response[StyleList]:
    """Send it; the answer with its status, whatever it holds."""
    return await client.asend(operation())


async def asyncio(*, client: Client) -> StyleList | None:
    """Send it; None for an error and for what cannot be read."""
    return (await client.asend(operation())).parsed
