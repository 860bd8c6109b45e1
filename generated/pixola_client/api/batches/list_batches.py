"""List batches"""

from ...client import AuthenticatedClient
from ...models.batch_page import BatchPage
from ...operation import Operation
from ...operation import present as _present
from ...types import Response


def operation(*, cursor: int | None = None, limit: int | None = None) -> Operation[BatchPage]:
    """The account's batches, newest first, one page at a time.

    Args:
        cursor: `nextCursor` of the page before.
        limit: Items per page.
    """
    return Operation(
        name="list_batches",
        tag="batches",
        method="GET",
        path="/batches",
        params=_present({"cursor": cursor, "limit": limit}),
        read=BatchPage.from_dict,
    )


def sync_detailed(
    *, client: AuthenticatedClient, cursor: int | None = None, limit: int | None = None
) -> Response[BatchPage]:
    """Send it; the answer with its status, whatever it holds."""
    return client.send(operation(cursor=cursor, limit=limit))


def sync(*, client: AuthenticatedClient, cursor: int | None = None, limit: int | None = None) -> BatchPage | None:
    """Send it; None for an error and for what cannot be read."""
    return client.send(operation(cursor=cursor, limit=limit)).parsed


async def asyncio_detailed(
    *, client: AuthenticatedClient, cursor: int | None = None, limit: int | None = None
) -> Response[BatchPage]:
    """Send it; the answer with its status, whatever it holds."""
    return await client.asend(operation(cursor=cursor, limit=limit))


async def asyncio(
    *, client: AuthenticatedClient, cursor: int | None = None, limit: int | None = None
) -> BatchPage | None:
    """Send it; None for an error and for what cannot be read."""
    return (await client.asend(operation(cursor=cursor, limit=limit))).parsed
