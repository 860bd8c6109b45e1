"""A service for a storm of submissions: the sandbox behind a socket, which loses answers and lists batches late.

What becomes of each submission is drawn from the seed: it is accepted and answered, accepted with its answer lost, or
lost and not accepted. A batch is listed, and shows its model, only some time after it was accepted.
"""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from attrs import define, field, frozen

from pixola_ext.sandbox import Sandbox
from pixola_ext.sandbox.messages import Request

KEY: Final = "pxk_storm"
_PREFIX: Final = "/api/v1"
_CREDITS: Final = 10**9
_KINDS_OF_LOSS: Final = ("reset", "html", "empty")

Wanted = tuple[tuple[str, str], ...]  # the members of a request, sorted: equal for equal requests


def wanted(request: dict[str, str]) -> Wanted:
    """What stands for a request when requests are counted."""
    return tuple(sorted(request.items()))


@frozen
class Weather:
    """How bad it is. Shares are of all submissions; `late` is the most seconds until a batch is listed."""

    lost_after: float = 0.15
    lost_before: float = 0.10
    late: float = 5.0
    thinking: float = 0.05
    seed: int = 0


@define
class Truth:
    """What the service knows: how many submissions came, and which requests it accepted, by batch."""

    posts: int = 0
    batches: dict[str, Wanted] = field(factory=dict)
    refused: Counter[Wanted] = field(factory=Counter)


class StormService(ThreadingHTTPServer):
    """The service; `url` is for clients, `truth` for the measurement."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, weather: Weather) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}{_PREFIX}"
        self.weather = weather
        self.truth = Truth()
        self._box = Sandbox(api_key=KEY, credits=_CREDITS, seed=weather.seed)
        self._chance = random.Random(f"{weather.seed}/storm")  # noqa: S311  (bad luck, no secrets)
        self._shown_at: dict[str, float] = {}
        self._lock = threading.Lock()

    def submit(self, request: Request) -> bytes | None:
        """The body of the answer to a submission; None to close the connection without one."""
        members = json.loads(request.body)
        with self._lock:
            chance, kind = self._chance.random(), self._chance.choice(_KINDS_OF_LOSS)
            late, thinking = self._chance.random(), self._chance.random()
            self.truth.posts += 1
            weather = self.weather
            if chance < weather.lost_before:
                self.truth.refused[wanted(members)] += 1
                return _lost(kind)
        time.sleep(weather.thinking * thinking)
        with self._lock:
            answer = self._box.answer(request).body
            batch_id = json.loads(answer)["batchId"]
            self.truth.batches[batch_id] = wanted(members)
            self._shown_at[batch_id] = time.monotonic() + weather.late * late
        time.sleep(weather.thinking * (1 - thinking))
        return _lost(kind) if chance < weather.lost_before + weather.lost_after else answer

    def look(self, request: Request) -> bytes:
        """The body of the answer to any other request, as far as it is shown yet."""
        with self._lock:
            body = json.loads(self._box.answer(request).body)
            now = time.monotonic()
            if "batches" in body:
                body["batches"] = [each for each in body["batches"] if self._shown_at[each["batchId"]] <= now]
            elif "images" in body and now < self._shown_at[body["batchId"]] + self.weather.late / 5:
                body["images"] = []
        return json.dumps(body).encode()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no trouble."""


def _lost(kind: str) -> bytes | None:
    return {"html": b"<html>bad gateway</html>", "empty": b"{}"}.get(kind)


class _Handler(BaseHTTPRequestHandler):
    server: StormService  # pyright: ignore[reportIncompatibleVariableOverride]  (the type is what makes it)
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(self.server.look(self._request(b"")))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self._answer(self.server.submit(self._request(body)))

    def _request(self, body: bytes) -> Request:
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(self.command, path, query, headers, body)

    def _answer(self, body: bytes | None) -> None:
        self.close_connection = body is None
        if body is not None:
            head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
            self.wfile.write(head.encode() + body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the signature of http.server)
        """Requests are not logged."""


@contextmanager
def storm_service(weather: Weather) -> Iterator[StormService]:
    """A service for the length of a block."""
    service = StormService(weather)
    thread = threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield service
    finally:
        service.shutdown()
        thread.join()
        service.server_close()
