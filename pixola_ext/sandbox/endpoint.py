"""The ASGI application: checks the Host header, reads a request of bounded size, sends the sandbox's answer."""

import ipaddress
import re
from collections.abc import Iterable
from typing import Final

from attrs import frozen
from starlette.concurrency import run_in_threadpool
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from . import broken
from .messages import LARGEST_BODY, Answer, RefusalError, Request, announced, bad_request
from .pictures import MissingPillowError
from .service import Sandbox

_MOST_READ: Final = 16 * LARGEST_BODY  # bytes of a body before the connection is closed


@frozen
class Hosts:
    """The host names accepted in the Host header; with `is_open` also every IP address."""

    names: frozenset[str]
    is_open: bool

    @classmethod
    def of(cls, host: str, *more: str) -> "Hosts":
        """The names of a sandbox that listens on `host` and is also known as `more`."""
        return cls(frozenset(name.lower() for name in (host, *more)), is_open=not is_local(host))

    def check(self, header: str) -> None:
        """Refuse a Host header with a foreign name, which a web page could have pointed at this port (DNS rebinding).

        A sandbox that listens beyond loopback accepts every IP address: DNS rebinding needs a name.
        """
        name = header.rpartition(":")[0] if not header.endswith("]") and ":" in header else header
        name = name.strip("[]").rstrip(".").lower()
        if name not in self.names and not is_local(name) and not (self.is_open and _is_address(name)):
            raise bad_request("Host", "is not a name of this sandbox")


def is_local(name: str) -> bool:
    """Whether a host name or address, without port, is loopback."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    return _is_address(name) and ipaddress.ip_address(name).is_loopback


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def application(sandbox: Sandbox, pictures_port: int, hosts: Hosts, cors: Iterable[str] = ()) -> ASGIApp:
    """The ASGI application of both ports: API and pictures are told apart by the port of the connection."""
    endpoint = _Endpoint(sandbox, pictures_port, hosts)
    allowed = [*cors]
    if not allowed:
        return endpoint
    return CORSMiddleware(
        endpoint, allow_origins=allowed, allow_methods=["*"], allow_headers=["*"], expose_headers=["*"]
    )


class _Endpoint:
    """The ASGI application without CORS."""

    def __init__(self, sandbox: Sandbox, pictures_port: int, hosts: Hosts) -> None:
        self._sandbox = sandbox
        self._pictures_port = pictures_port
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = await self._answer(scope, receive)
        except ClientDisconnect:
            return
        headers = answer.all_headers(self._sandbox.clock.now())
        if answer.wire is not None:
            await broken.send_broken(answer, announced(headers, answer), scope, receive, send)
            return
        await send({"type": "http.response.start", "status": answer.status, "headers": broken.raw(headers)})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        authority, path = _target(scope["raw_path"].decode("latin-1"))
        try:
            self._hosts.check(headers.get("host", "") if authority is None else authority)
        except RefusalError as refusal:
            return refusal.answer()
        has_body = "content-length" in headers or "transfer-encoding" in headers
        request = Request(
            method=scope["method"],
            path=path,
            query=scope["query_string"].decode("latin-1"),
            headers=headers,
            body=await _body(scope, receive) if has_body else b"",
        )
        if scope["server"][1] == self._pictures_port:
            return await run_in_threadpool(self._picture, request)
        return self._sandbox.answer(request)

    def _picture(self, request: Request) -> Answer:
        try:
            return self._sandbox.picture(request)
        except MissingPillowError as error:
            return Answer(501, f"{error}\n".encode(), "text/plain; charset=utf-8")


def _target(target: str) -> tuple[str | None, str]:
    """Authority and path of a request target, the authority of an absolute URL only (RFC 9112, 3.2.2)."""
    found = re.fullmatch(r"https?://([^/]*)(.*)", target, re.IGNORECASE)
    return (found[1], found[2] or "/") if found else (None, target)


async def _body(scope: Scope, receive: Receive) -> bytes:
    """The body, cut one byte beyond the limit. The rest is read and dropped, so that the client reads the refusal."""
    kept = bytearray()
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk = message.get("body", b"")
        size += len(chunk)
        kept += chunk[: LARGEST_BODY + 1 - len(kept)]
        if size > _MOST_READ:
            broken.close(scope)  # the next message is a disconnect
        more = message.get("more_body", False)
    return bytes(kept)
