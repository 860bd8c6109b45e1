"""A loopback server that answers every request for a path with the same bytes: as little CPU and delay as Python allows.

    python -m measuring.server < answers.json

It reads one JSON object of paths (without query) and bodies, prints its port, and ends when its input is closed.
"""

import asyncio
import json
import sys
from collections.abc import Mapping
from typing import Any

_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"


def whole(body: Any) -> bytes:
    """The bytes of an answer with this body as JSON; a connection is kept, as services keep theirs."""
    content = json.dumps(body).encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
    return head.encode() + content


class Replies(asyncio.Protocol):
    """One connection; requests have no body."""

    def __init__(self, answers: Mapping[str, bytes]) -> None:
        self._answers = answers
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  (for the type checker)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Some bytes, perhaps less than a request."""
        *heads, self._received = (self._received + data).split(b"\r\n\r\n")
        for head in heads:
            target = head.split(b" ", 2)[1].decode()
            self._transport.write(self._answers.get(target.partition("?")[0], _NOT_FOUND))


async def serve(answers: Mapping[str, bytes]) -> None:
    """Until the input is closed."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Replies(answers), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve({path: whole(body) for path, body in json.loads(sys.stdin.readline()).items()}))
