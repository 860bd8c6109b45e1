from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.shape import Shape
from ...types import Response


def _get_kwargs(
    shape: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/shapes/{shape}".format(
            shape=quote(str(shape), safe=""),
        ),
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Shape | None:
    if response.status_code == 200:
        response_200 = Shape.from_dict(response.json())

        return response_200

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Shape]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    shape: str,
    *,
    client: AuthenticatedClient | Client,
) -> Response[Shape]:
    """Get a shape

    Args:
        shape (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Shape]
    """

    kwargs = _get_kwargs(
        shape=shape,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    shape: str,
    *,
    client: AuthenticatedClient | Client,
) -> Shape | None:
    """Get a shape

    Args:
        shape (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Shape
    """

    return sync_detailed(
        shape=shape,
        client=client,
    ).parsed


async def asyncio_detailed(
    shape: str,
    *,
    client: AuthenticatedClient | Client,
) -> Response[Shape]:
    """Get a shape

    Args:
        shape (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Shape]
    """

    kwargs = _get_kwargs(
        shape=shape,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    shape: str,
    *,
    client: AuthenticatedClient | Client,
) -> Shape | None:
    """Get a shape

    Args:
        shape (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Shape
    """

    return (
        await asyncio_detailed(
            shape=shape,
            client=client,
        )
    ).parsed
