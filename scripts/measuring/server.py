"""A server on loopback in a process of its own, with as little CPU and delay as Python allows.

    python -m measuring.server

It reads one line, a JSON object of paths (without query) and bodies, prints its port, and ends with its input.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from typing import Any, Final

Answering = Callable[[str], bytes]  # from the target of a request to a whole answer

NOT_FOUND: Final = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"


def whole(body: Any) -> bytes:
    """The bytes of an answer with this body as JSON; the connection is kept."""
    content = json.dumps(body).encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
    return head.encode() + content


class Replies(asyncio.Protocol):
    """One connection; requests have no body."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("a stream was expected")
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Some bytes, perhaps less than a request."""
        *heads, self._received = (self._received + data).split(b"\r\n\r\n")
        for head in heads:
            self._transport.write(self._answering(head.split(b" ", 2)[1].decode()))


async def serve(answering: Answering) -> None:
    """Until the input is closed."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Replies(answering), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    answers = {path: whole(body) for path, body in json.loads(sys.stdin.readline()).items()}
    asyncio.run(serve(lambda target: answers.get(target.partition("?")[0], NOT_FOUND)))
