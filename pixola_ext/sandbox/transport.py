"""The sandbox inside the process: an httpx transport, for both kinds of client, without socket or thread."""

from typing import TYPE_CHECKING

import httpx

from .messages import Answer, Request

if TYPE_CHECKING:
    from . import Sandbox


class SandboxTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answers requests to the sandbox's two origins; any other host cannot be reached from here."""

    def __init__(self, sandbox: "Sandbox") -> None:
        self._sandbox = sandbox
        self._api_host = httpx.URL(sandbox.origin).host
        self._pictures_host = httpx.URL(sandbox.pictures.origin).host

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer at once."""
        request.read()
        return self._response(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The same."""
        await request.aread()
        return self._response(request)

    def _response(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        asked = Request(
            method=request.method,
            path=url.raw_path.partition(b"?")[0].decode("ascii"),
            query=url.query.decode("ascii"),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=request.content,
        )
        if url.host == self._api_host:
            answer = self._sandbox.answer(asked)
        elif url.host == self._pictures_host:
            answer = self._sandbox.pictures.answer(asked)
        else:
            raise httpx.ConnectError(f"the sandbox has no host {url.host}", request=request)
        return self._answered(answer)

    def _answered(self, answer: Answer) -> httpx.Response:
        headers = answer.all_headers(self._sandbox.clock.now())
        return httpx.Response(answer.status, headers=headers, stream=httpx.ByteStream(answer.body))
