"""Runs the programs of additive changes on the generated package that is on the path, on both clients.

python -m tests.spec.additions.use NAME ...
"""

import asyncio
import json
import sys
from typing import Any

import httpx

from pixola_ext import AsyncPixola, Pixola
from tests.spec.additions import CASES
from tests.support.faces import Face


class Serving:
    """Gives clients whose requests are answered in this process, and closes them."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._made: list[Any] = []

    def __call__(self, body: Any, status: int = 200) -> tuple[Any, list[Any]]:
        """A client, and the list of what it asks: JSON that it sends, else the query."""
        asked: list[Any] = []

        def handle(request: httpx.Request) -> httpx.Response:
            asked.append(json.loads(request.content) if request.content else request.url.query.decode())
            return httpx.Response(status) if body is None else httpx.Response(status, json=body)

        kind = httpx.Client if self._face.name == "sync" else httpx.AsyncClient
        http_client = kind(transport=httpx.MockTransport(handle))
        client = self._face.open("pxk_1234", "http://127.0.0.1:9/api/v1", http_client=http_client, budget=False)
        self._made.append(client)
        return client, asked

    def close(self) -> None:
        """Close all clients."""
        for client in self._made:
            self._face.close(client)


def main(names: list[str]) -> None:
    """Run each program twice; an assertion that fails ends everything."""
    with asyncio.Runner() as runner:
        for face in (Face("sync", Pixola, runner), Face("async", AsyncPixola, runner)):
            for case in CASES:
                if case.name in names:
                    serving = Serving(face)
                    case.use(serving)
                    serving.close()


if __name__ == "__main__":
    main(sys.argv[1:])
