"""A service on a loopback socket that answers exactly what a test scripts, byte for byte, and notes what came.

`origin` and `url` are where it listens: scheme, host and port, without and with the path of the API.
"""

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import attrs


@attrs.frozen
class Heard:
    """A request as it came over the wire."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    port: int = 0  # of the client

    def json(self) -> Any:
        """Its body."""
        return json.loads(self.body)


Reply = bytes | Callable[[socket.socket], None] | None  # a function plays by itself; None: close without a word
Script = Callable[[Heard], Reply]


def reply(body: Any, status: int = 200, **headers: str) -> bytes:
    """A whole answer: `body` is sent as it is if it is bytes, else as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {"content-type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    named.setdefault("content-length", str(len(content)))
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"HTTP/1.1 {status} Whatever\r\n{head}\r\n".encode("latin-1") + content


def error(status: int, code: str, message: str = "as scripted", **headers: str) -> bytes:
    """An error in the API's own envelope."""
    return reply({"error": {"code": code, "message": message}}, status, **headers)


class Wire:
    """The service: `script` decides each answer, `heard` lists the requests."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.connections = 0
        self.closes = False  # after every answer, whatever it announced
        self.script: Script = lambda _heard: error(404, "not_found")
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.origin = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.url = f"{self.origin}/api/v1"
        self._open: set[socket.socket] = set()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def plays(self, *replies: Reply) -> None:
        """Answer with these, in order, the last one for ever."""
        left = list(replies)
        self.script = lambda _heard: left.pop(0) if len(left) > 1 else left[0]

    def close(self) -> None:
        """Stop, and wait until every thread has."""
        _shut(self._listener)  # wakes the thread that accepts
        self._listener.close()
        for connection in list(self._open):
            _shut(connection)
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.add(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as stream:
            try:
                port = connection.getpeername()[1]
            except OSError:  # the client has left already
                return
            while (heard := _read(stream)) is not None:
                heard = attrs.evolve(heard, port=port)
                self.heard.append(heard)
                answer = self.script(heard)
                try:
                    if callable(answer):
                        answer(connection)
                    elif answer is not None:
                        connection.sendall(answer)
                except OSError:
                    break
                if self.closes or answer is None or callable(answer) or not _is_complete(answer):
                    _shut(connection)
                    break
        self._open.discard(connection)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        connection.close()


def _is_complete(answer: bytes) -> bool:
    head, _, body = answer.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return bool(lengths) and int(lengths[0]) == len(body)


def _read(stream: Any) -> Heard | None:
    try:
        start = stream.readline().decode("latin-1").split()
        headers = {}
        while (line := stream.readline().decode("latin-1").strip()) != "":
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = stream.read(int(headers.get("content-length", 0)))
    except OSError:
        return None
    return Heard(start[0], start[1], headers, body) if len(start) > 1 else None


@contextmanager
def wire() -> Iterator[Wire]:
    """A service for the length of a block."""
    service = Wire()
    try:
        yield service
    finally:
        service.close()
