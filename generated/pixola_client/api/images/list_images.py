"""List images"""

from ...client import AuthenticatedClient
from ...models.image_page import ImagePage
from ...operation import Operation
from ...operation import present as _present
from ...types import Response


def operation(
    *, batch_id: str | None = None, cursor: int | None = None, limit: int | None = None
) -> Operation[ImagePage]:
    """The account's images, newest first, one page at a time, optionally of one batch only.

    Args:
        batch_id: Only the images of this batch.
        cursor: `nextCursor` of the page before.
        limit: Items per page.
    """
    return Operation(
        name="list_images",
        tag="images",
        method="GET",
        path="/images",
        params=_present({"batchId": batch_id, "cursor": cursor, "limit": limit}),
        read=ImagePage.from_dict,
    )


def sync_detailed(
    *, client: AuthenticatedClient, batch_id: str | None = None, cursor: int | None = None, limit: int | None = None
) -> Response[ImagePage]:
    """Send it; the answer with its status, whatever it holds."""
    return client.send(operation(batch_id=batch_id, cursor=cursor, limit=limit))


def sync(
    *, client: AuthenticatedClient, batch_id: str | None = None, cursor: int | None = None, limit: int | None = None
) -> ImagePage | None:
    """Send it; None for an error and for what cannot be read."""
    return client.send(operation(batch_id=batch_id, cursor=cursor, limit=limit)).parsed


async def asyncio_detailed(
    *, client: AuthenticatedClient, batch_id: str | None = None, cursor: int | None = None, limit: int | None = None
) -> Response[ImagePage]:
    """Send it; the answer with its status, whatever it holds."""
    return await client.asend(operation(batch_id=batch_id, cursor=cursor, limit=limit))


async def asyncio(
    *, client: AuthenticatedClient, batch_id: str | None = None, cursor: int | None = None, limit: int | None = None
) -> ImagePage | None:
    """Send it; None for an error and for what cannot be read."""
    return (await client.asend(operation(batch_id=batch_id, cursor=cursor, limit=limit))).parsed
