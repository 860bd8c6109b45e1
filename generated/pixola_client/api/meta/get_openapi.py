"""Get this document"""

from collections.abc import Mapping
from functools import partial as _partial
from typing import Any

from ...client import Client
from ...operation import Operation
from ...reading import (
    answer as _answer,
)
from ...reading import (
    mapping as _mapping,
)
from ...types import Response


def operation() -> Operation[Mapping[str, Any]]:
    """The OpenAPI document of this API, for Postman, Insomnia and code generators. Needs no key."""
    return Operation(
        name="get_openapi",
        tag="meta",
        method="GET",
        path="/openapi.json",
        needs_key=False,
        read=_partial(_answer, _mapping),
    )


def sync_detailed(*, client: Client) -> Response[Mapping[str, Any]]:
    """Send it; the answer with its status, whatever it holds."""
    return client.send(operation())


def sync(*, client: Client) -> Mapping[str, Any] | None:
    """Send it; None for an error and for what cannot be read."""
    return client.send(operation()).parsed


async def asyncio_detailed(*, client: Client) -> Response[Mapping[str, Any]]:
    """Send it; the answer with its status, whatever it holds."""
    return await client.asend(operation())


async def asyncio(*, client: Client) -> Mapping[str, Any] | None:
    """Send it; None for an error and for what cannot be read."""
    return (await client.asend(operation())).parsed
