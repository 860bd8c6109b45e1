"""Get a model"""

from ...client import AuthenticatedClient
from ...models.model import Model
from ...operation import Operation
from ...operation import segment as _segment
from ...types import Response


def operation(model: str) -> Operation[Model]:
    """One model by its slug, with its maker, release date and sample prompts."""
    return Operation(
        name="get_model",
        tag="models",
        method="GET",
        path="/models/{model}".format(model=_segment(model, "model")),
        read=Model.from_dict,
    )


def sync_detailed(model: str, *, client: AuthenticatedClient) -> Response[Model]:
    """Send it; the answer with its status, whatever it holds."""
    return client.send(operation(model))


def sync(model: str, *, client: AuthenticatedClient) -> Model | None:
    """Send it; None for an error and for what cannot be read."""
    return client.send(operation(model)).parsed


async def asyncio_detailed(model: str, *, client: AuthenticatedClient) -> Response[Model]:
    """Send it; the answer with its status, whatever it holds."""
    return await client.asend(operation(model))


async def asyncio(model: str, *, client: AuthenticatedClient) -> Model | None:
    """Send it; None for an error and for what cannot be read."""
    return (await client.asend(operation(model))).parsed
