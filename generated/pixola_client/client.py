"""A small client for the operations of this package: it sends, it repeats nothing, and it raises for no answer."""

import json
import threading
from collections.abc import Mapping
from typing import Any, Final, TypeVar

import httpx

from .errors import UnreadableError
from .operation import Operation
from .types import Response

T = TypeVar("T")

_TIMEOUT: Final = 30.0  # seconds without progress


class Client:
    """Sends operations to `base_url`, without a key; the httpx clients are made with the first call that needs one.

    `timeout` is in seconds, or an `httpx.Timeout`, or None for no limit; `httpx_args` go to both httpx clients. What
    sending raises (`httpx.HTTPError`) is raised; an answer is never an error, whatever it holds.
    """

    def __init__(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | httpx.Timeout | None = _TIMEOUT,
        httpx_args: Mapping[str, Any] | None = None,
    ) -> None:
        self.base_url = base_url
        self._arguments = {"headers": dict(headers or {}), "timeout": timeout, **(httpx_args or {})}
        self._lock = threading.Lock()
        self._client: httpx.Client | None = None
        self._async_client: httpx.AsyncClient | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base_url!r})"

    def get_httpx_client(self) -> httpx.Client:
        """The httpx client that `send` uses."""
        with self._lock:
            if self._client is None:
                self._client = httpx.Client(base_url=self.base_url, **self._arguments)
            return self._client

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """The httpx client that `asend` uses."""
        with self._lock:
            if self._async_client is None:
                self._async_client = httpx.AsyncClient(base_url=self.base_url, **self._arguments)
            return self._async_client

    def send(self, operation: Operation[T]) -> Response[T]:
        """Send `operation` once, blocking."""
        return _response(operation, self.get_httpx_client().request(**self._request(operation)))

    async def asend(self, operation: Operation[T]) -> Response[T]:
        """Send `operation` once."""
        return _response(operation, await self.get_async_httpx_client().request(**self._request(operation)))

    def close(self) -> None:
        """Close the connections of `send`."""
        if self._client is not None:
            self._client.close()

    async def aclose(self) -> None:
        """Close the connections of `asend`."""
        if self._async_client is not None:
            await self._async_client.aclose()

    def _request(self, operation: Operation[Any]) -> dict[str, Any]:
        body = {} if operation.json is None else {"json": operation.json}
        return {"method": operation.method, "url": operation.path, "params": operation.params, **body}


class AuthenticatedClient(Client):
    """A client with an API key, which goes along with the calls that need one and shows in no repr."""

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | httpx.Timeout | None = _TIMEOUT,
        httpx_args: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(base_url, headers=headers, timeout=timeout, httpx_args=httpx_args)
        self._token = token

    def _request(self, operation: Operation[Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token}"} if operation.needs_key else {}
        return {**super()._request(operation), "headers": headers}


def _response(operation: Operation[T], answer: httpx.Response) -> Response[T]:
    return Response(answer.status_code, answer.content, answer.headers, _parsed(operation, answer))


def _parsed(operation: Operation[T], answer: httpx.Response) -> T | None:
    if not answer.is_success:
        return None
    try:
        return operation.read(json.loads(answer.content) if answer.content.strip() else None)
    except (UnreadableError, ValueError, RecursionError):
        return None
