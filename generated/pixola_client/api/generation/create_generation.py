"""Submit a generation"""

from ...client import AuthenticatedClient
from ...models.generation_accepted import GenerationAccepted
from ...models.generation_request import GenerationRequest
from ...operation import Operation
from ...types import Response


def operation(body: GenerationRequest) -> Operation[GenerationAccepted]:
    """Accepts a prompt and answers at once with a batch id; poll the batch until its status is `complete`, `failed` or
    `rejected`. Credits are charged when an image completes. There is no idempotency key: a request whose answer was
    lost may have been accepted, and sending it again may charge twice.
    """
    return Operation(
        name="create_generation",
        tag="generation",
        method="POST",
        path="/generate",
        json=body.to_dict(),
        read=GenerationAccepted.from_dict,
    )


def sync_detailed(body: GenerationRequest, *, client: AuthenticatedClient) -> Response[GenerationAccepted]:
    """Send it; the answer with its status, whatever it holds."""
    return client.send(operation(body))


def sync(body: GenerationRequest, *, client: AuthenticatedClient) -> GenerationAccepted | None:
    """Send it; None for an error and for what cannot be read."""
    return client.send(operation(body)).parsed


async def asyncio_detailed(body: GenerationRequest, *, client: AuthenticatedClient) -> Response[GenerationAccepted]:
    """Send it; the answer with its status, whatever it holds."""
    return await client.asend(operation(body))


async def asyncio(body: GenerationRequest, *, client: AuthenticatedClient) -> GenerationAccepted | None:
    """Send it; None for an error and for what cannot be read."""
    return (await client.asend(operation(body))).parsed
