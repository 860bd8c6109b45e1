"""List models"""

from ...client import Client
from ...models.model_list import ModelList
from ...operation import Operation
from ...types import Response


def operation() -> Operation[ModelList]:
    """Every image model with its slug, description and price in credits. Needs no key."""
    return Operation(
        name="list_models",
        tag="models",
        method="GET",
        path="/models",
        needs_key=False,
        read=ModelList.from_dict,
    )


def sync_detailed(*, client: Client) -> Response[ModelList]:
    """Send it; the answer with its status, whatever it holds."""
    return client.send(operation())


def sync(*, client: Client) -> ModelList | None:
    """Send it; None for an error and for what cannot be read."""
    return client.send(operation()).parsed


async def asyncio_detailed(*, client: Client) -> Response[ModelList]:
    """Send it; the answer with its status, whatever it holds."""
    return await client.asend(operation())


async def asyncio(*, client: Client) -> ModelList | None:
    """Send it; None for an error and for what cannot be read."""
    return (await client.asend(operation())).parsed
