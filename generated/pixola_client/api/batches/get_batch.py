"""Get a batch"""

from ...client import AuthenticatedClient
from ...models.batch import Batch
from ...operation import Operation
from ...operation import segment as _segment
from ...types import Response


def operation(batch_id: str) -> Operation[Batch]:
    """The status of one batch and its images so far. This is the call to poll."""
    return Operation(
        name="get_batch",
        tag="batches",
        method="GET",
        path="/batches/{batch_id}".format(batch_id=_segment(batch_id, "batch_id")),
        read=Batch.from_dict,
    )


def sync_detailed(batch_id: str, *, client: AuthenticatedClient) -> Response[Batch]:
    """Send it; the answer with its status, whatever it holds."""
    return client.send(operation(batch_id))


def sync(batch_id: str, *, client: AuthenticatedClient) -> Batch | None:
    """Send it; None for an error and for what cannot be read."""
    return client.send(operation(batch_id)).parsed


async def asyncio_detailed(batch_id: str, *, client: AuthenticatedClient) -> Response[Batch]:
    """Send it; the answer with its status, whatever it holds."""
    return await client.asend(operation(batch_id))


async def asyncio(batch_id: str, *, client: AuthenticatedClient) -> Batch | None:
    """Send it; None for an error and for what cannot be read."""
    return (await client.asend(operation(batch_id))).parsed
