"""The sandbox inside the process: an httpx transport for sync and async clients, without sockets or threads."""

import itertools
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Final

import httpx

from .messages import ENDLESS, FILLING, Answer, Request, announced

if TYPE_CHECKING:
    from . import Sandbox


class SandboxTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answers requests to the sandbox's two origins; other hosts raise `httpx.ConnectError`."""

    def __init__(self, sandbox: "Sandbox") -> None:
        self._sandbox = sandbox
        self._api = httpx.URL(sandbox.origin).netloc
        self._pictures = httpx.URL(sandbox.pictures_origin).netloc

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer to a request of a sync client."""
        request.read()
        return self._response(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer to a request of an async client."""
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
        if url.netloc == self._api:
            answer = self._sandbox.answer(asked)
        elif url.netloc == self._pictures:
            answer = self._sandbox.picture(asked)
        else:
            raise httpx.ConnectError(f"the sandbox has no host {url.netloc.decode()}", request=request)
        if answer.wire in _NO_ANSWER:
            raise _NO_ANSWER[answer.wire](f"the sandbox was asked to {answer.wire}", request=request)
        return self._answered(answer, has_body=request.method != "HEAD")

    def _answered(self, answer: Answer, *, has_body: bool) -> httpx.Response:
        headers = answer.all_headers(self._sandbox.clock.now())
        if answer.wire is None:
            stream: httpx.ByteStream | _Broken = httpx.ByteStream(answer.body if has_body else b"")
        else:
            headers = announced(headers, answer)
            stream = _Broken(answer)
        return httpx.Response(answer.status, headers=headers, stream=stream)


_NO_ANSWER: Final[dict[str | None, type[httpx.TransportError]]] = {"reset": httpx.ReadError, "hang": httpx.ReadTimeout}
_ENDS_WITH: Final = {"truncated": httpx.RemoteProtocolError, "drip": httpx.ReadTimeout}


class _Broken(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body with a transport failure. Nothing sleeps: a body that would time out raises at once."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        if self._answer.wire == "endless":
            yield from itertools.repeat(FILLING, ENDLESS // len(FILLING))
            return
        yield self._answer.body[: len(self._answer.body) // 2]
        kind = _ENDS_WITH.get(self._answer.wire or "", httpx.RemoteProtocolError)
        raise kind("the sandbox was asked to break off")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk
