"""Transport failures on demand, over HTTP: connections that are reset, silent, slow or cut."""

import asyncio
import socket
import struct
import sys
from typing import Any, Final

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from .messages import ENDLESS, FILLING, UNANSWERED, Answer, bad_request

_DRIP: Final = 1.0  # seconds between two bytes
_NO_LINGER: Final = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)  # close by RST instead of FIN
_TRANSPORT: Final = "pixola_sandbox.transport"  # a member of the ASGI scope's state


class Protocol(H11Protocol):
    """uvicorn's HTTP/1.1 protocol with the transport in the ASGI scope, since ASGI cannot reset a connection."""

    def connection_made(self, transport: Any) -> None:
        """Called when a client has connected."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, _TRANSPORT: transport}

    def send_400_response(self, msg: str) -> None:
        """Refuse input that is not HTTP in the API's error envelope."""
        answer = bad_request("request", msg).answer()
        head = f"content-type: application/json\r\ncontent-length: {len(answer.body)}\r\nconnection: close"
        self.transport.write(f"HTTP/1.1 400 Bad Request\r\n{head}\r\n\r\n".encode() + answer.body)
        self.transport.close()


def raw(headers: list[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """Headers in ASGI's form."""
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]


async def send_broken(
    answer: Answer, headers: list[tuple[str, str]], scope: Scope, receive: Receive, send: Send
) -> None:
    """Send an answer with the transport failure in its `wire`; returns when the connection has ended."""
    if answer.wire not in UNANSWERED:
        await send({"type": "http.response.start", "status": answer.status, "headers": raw(headers)})
    gone = asyncio.ensure_future(_gone(receive))
    try:
        if answer.wire == "reset":
            _reset(scope)
        elif answer.wire == "drip":
            await _drip(answer.body, send, gone)
        elif answer.wire == "endless":
            await _flood(send, gone)
        elif answer.wire in ("truncated", "oversized"):
            await send(_part(answer.body[: len(answer.body) // 2]))
            close(scope)
        await gone
    finally:
        gone.cancel()


def close(scope: Scope) -> None:
    """Close the connection of a request after all pending bytes are sent."""
    _transport(scope).close()


def _part(body: bytes) -> dict[str, Any]:
    return {"type": "http.response.body", "body": body, "more_body": True}


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _drip(body: bytes, send: Send, gone: "asyncio.Future[None]") -> None:
    for position in range(len(body)):
        if gone.done():
            return
        await send({**_part(body[position : position + 1]), "more_body": position + 1 < len(body)})
        await asyncio.wait([gone], timeout=_DRIP)


async def _flood(send: Send, gone: "asyncio.Future[None]") -> None:
    for _ in range(ENDLESS // len(FILLING)):
        if gone.done():
            return
        await send(_part(FILLING))
        await asyncio.sleep(0)  # lets the loop notice that the client has disconnected
    await send({"type": "http.response.body", "body": b""})


def _reset(scope: Scope) -> None:
    transport = _transport(scope)
    listener: socket.socket = transport.get_extra_info("socket")
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    transport.abort()


def _transport(scope: Scope) -> asyncio.Transport:
    found: asyncio.Transport = scope["state"][_TRANSPORT]
    return found
