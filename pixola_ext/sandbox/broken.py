"""Transport failures on demand, over HTTP: connections that are reset, silent, slow or cut."""

import asyncio
import socket
import struct
import sys
from typing import Any, Final

from starlette.types import Receive, Scope, Send

from .messages import ENDLESS, FILLING, UNANSWERED, Answer
from .protocol import transport_of

_DRIP: Final = 1.0  # seconds between two bytes
_NO_LINGER: Final = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)  # close by RST instead of FIN


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
    transport_of(scope).close()


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
    transport = transport_of(scope)
    listener: socket.socket = transport.get_extra_info("socket")
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    transport.abort()
