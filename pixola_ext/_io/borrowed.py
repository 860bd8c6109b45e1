"""An httpx client of the caller's own, used without changing it: what is sent goes over its transports.

Its headers, parameters, cookies, proxies and transports apply. Its request hooks run before a request is sent. Its
response hooks run on a copy, when the answer is complete: whatever they do or raise, an answer that was clear stays so.
Its `auth` and its redirects take no part, and it keeps no cookie of ours.
"""

import inspect
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

import httpx

from .._api.answers import Answer
from .exchange import unsent

_log = logging.getLogger("pixola_ext")

_OF_THE_WIRE: Final = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class Borrowed(httpx.BaseTransport):
    """The transports of a blocking client."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Run the request hooks, then send."""
        with unsent(request.method, str(request.url)):
            for hook in self._client.event_hooks["request"]:
                hook(request)
            transport = self._client._transport_for_url(request.url)  # noqa: SLF001  (no public name; mocks use it, too)
        return transport.handle_request(request)


class AsyncBorrowed(httpx.AsyncBaseTransport):
    """The transports of an asynchronous client."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Run the request hooks, then send."""
        with unsent(request.method, str(request.url)):
            for hook in self._client.event_hooks["request"]:
                await hook(request)
            transport = self._client._transport_for_url(request.url)  # noqa: SLF001  (as above)
        return await transport.handle_async_request(request)


def answered(client: httpx.Client | None, request: httpx.Request, answer: Answer, seconds: float) -> None:
    """Run the response hooks of a blocking client."""
    for hook, response in _hooks(client, request, answer, seconds):
        try:
            hook(response)
        except Exception as error:  # noqa: BLE001  (the caller's own code)
            _report(error)


async def async_answered(
    client: httpx.AsyncClient | None, request: httpx.Request, answer: Answer, seconds: float
) -> None:
    """Run the response hooks of an asynchronous client."""
    for hook, response in _hooks(client, request, answer, seconds):
        try:
            returned = hook(response)
            if inspect.isawaitable(returned):
                await returned
        except Exception as error:  # noqa: BLE001  (as above)
            _report(error)


def _hooks(
    client: httpx.Client | httpx.AsyncClient | None, request: httpx.Request, answer: Answer, seconds: float
) -> Iterator[tuple[Any, httpx.Response]]:
    for hook in () if client is None else client.event_hooks["response"]:
        headers = [(name, value) for name, value in answer.headers.multi_items() if name not in _OF_THE_WIRE]
        response = httpx.Response(answer.status, headers=headers, content=answer.content, request=request)
        response.elapsed = timedelta(seconds=seconds)
        yield hook, response


def _report(error: Exception) -> None:
    _log.warning("a response hook of http_client raised %s; the answer stands", type(error).__name__)
