from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.style import Style
from ...types import Response


def _get_kwargs(
    style: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/styles/{style}".format(
            style=quote(str(style), safe=""),
        ),
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Style | None:
    if response.status_code == 200:
        response_200 = Style.from_dict(response.json())

        return response_200

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Style]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    style: str,
    *,
    client: AuthenticatedClient | Client,
) -> Response[Style]:
    """Get a style

    Args:
        style (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Style]
    """

    kwargs = _get_kwargs(
        style=style,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    style: str,
    *,
    client: AuthenticatedClient | Client,
) -> Style | None:
    """Get a style

    Args:
        style (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Style
    """

    return sync_detailed(
        style=style,
        client=client,
    ).parsed


async def asyncio_detailed(
    style: str,
    *,
    client: AuthenticatedClient | Client,
) -> Response[Style]:
    """Get a style

    Args:
        style (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Style]
    """

    kwargs = _get_kwargs(
        style=style,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    style: str,
    *,
    client: AuthenticatedClient | Client,
) -> Style | None:
    """Get a style

    Args:
        style (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Style
    """

    return (
        await asyncio_detailed(
            style=style,
            client=client,
        )
    ).parsed
