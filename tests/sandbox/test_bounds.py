"""Connections of the HTTP server, over real sockets: their number, the time they may take, and odd request targets."""

import json
import logging
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, Final

import httpx
import pytest

from pixola_ext.sandbox.protocol import Bounds, most_connections
from pixola_ext.sandbox.server import SandboxServer
from tests.support.command import environment

SOON: Final = 0.05  # seconds of the bound under test; all others are long
LONG: Final = 60.0
PATIENT: Final = 10.0  # seconds
HEAD: Final = b"POST /api/v1/generate HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100000\r\n"

Connected = Callable[..., tuple[SandboxServer, Callable[..., socket.socket]]]


@pytest.fixture
def connected() -> Iterator[Connected]:
    """Starts a server with bounds, and connects to a port of it."""
    with ExitStack() as stack:

        def start(**bounds: Any) -> tuple[SandboxServer, Callable[..., socket.socket]]:
            server = stack.enter_context(SandboxServer(bounds=Bounds(**bounds)))

            def connect(*, pictures: bool = False) -> socket.socket:
                origin = server.sandbox.pictures_origin if pictures else server.sandbox.origin
                opened = socket.create_connection(("127.0.0.1", int(origin.rpartition(":")[2])), timeout=PATIENT)
                return stack.enter_context(opened)

            return server, connect

        yield start


def rest(connection: socket.socket) -> bytes:
    """Everything up to the end of a connection; raises TimeoutError if it does not end."""
    came = bytearray()
    while chunk := connection.recv(65536):
        came += chunk
    return bytes(came)


def refusal(answer: bytes) -> tuple[int, str]:
    """Status and message of an answer in the error envelope."""
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)["error"]["message"]


def drip(connection: socket.socket, data: bytes) -> bytes:
    """Send byte by byte until the server answers; the answer up to the end of the connection."""
    connection.settimeout(SOON / 10)
    for position in range(len(data)):
        try:
            connection.sendall(data[position : position + 1])
            first = connection.recv(65536)
        except TimeoutError:
            continue
        connection.settimeout(PATIENT)
        return first + rest(connection)
    raise AssertionError("the server took it all")


@pytest.mark.parametrize("pictures", [False, True])
def test_a_connection_without_a_request_is_closed(connected: Connected, pictures: bool) -> None:
    """Without a word, since there is no request to answer."""
    _, connect = connected(head=SOON, body=LONG, idle=LONG)
    assert rest(connect(pictures=pictures)) == b""


def test_a_dripping_head_is_refused(connected: Connected) -> None:
    """408 when the whole head is not there in time; single bytes do not move the deadline."""
    _, connect = connected(head=SOON, body=LONG, idle=LONG)
    answer = drip(connect(), b"GET /api/v1/models HTTP/1.1\r\nx: " + b"a" * 1000)
    assert refusal(answer) == (408, "The head of the request did not come in time")


def test_a_dripping_body_is_refused(connected: Connected) -> None:
    """408 when the whole body is not there in time."""
    _, connect = connected(head=LONG, body=SOON, idle=LONG)
    connection = connect()
    connection.sendall(HEAD + b"\r\n")
    assert refusal(drip(connection, b"a" * 1000)) == (408, "The body of the request did not come in time")


def test_a_body_after_the_answer_is_not_waited_for(connected: Connected) -> None:
    """A request that was refused before its body came keeps no connection."""
    _, connect = connected(head=LONG, body=SOON, idle=LONG)
    connection = connect()
    connection.sendall(HEAD.replace(b"localhost", b"example.com") + b"\r\n")
    assert refusal(rest(connection))[0] == 400


def test_an_idle_connection_is_closed(connected: Connected) -> None:
    """After its first request; the deadline of the head has nothing to do with it."""
    _, connect = connected(head=LONG, body=LONG, idle=SOON)
    connection = connect()
    connection.sendall(b"GET /api/v1/models HTTP/1.1\r\nhost: localhost\r\n\r\n")
    assert rest(connection).startswith(b"HTTP/1.1 200 ")


def test_the_second_head_has_a_deadline_too(connected: Connected) -> None:
    """Which begins with its first byte."""
    _, connect = connected(head=SOON, body=LONG, idle=LONG)
    connection = connect()
    connection.sendall(b"GET /api/v1/credits HTTP/1.1\r\nhost: localhost\r\n\r\nGET /api")
    first, _, second = rest(connection).partition(b"HTTP/1.1 408")
    assert b'"unauthorized"' in first
    assert b"did not come in time" in second


def test_a_client_that_reads_nothing_is_given_up(connected: Connected) -> None:
    """An answer of a gigabyte is not kept for it."""
    server, connect = connected(unread=SOON)
    connection = connect()
    headers = f"authorization: Bearer {server.api_key}\r\nx-sandbox-fault: download-endless"
    connection.sendall(f"GET /api/v1/models HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n\r\n".encode())
    assert connection.recv(12) == b"HTTP/1.1 200"
    with httpx.Client(trust_env=False, base_url=server.url) as http:
        while len(server._server.server_state.connections) != 1:  # that of this client
            assert http.get("/models").status_code == 200


def test_slow_answers_on_demand_are_in_time(connected: Connected) -> None:
    """The bounds are those of clients: an answer that is slow because a fault was asked for goes on."""
    server, connect = connected(head=SOON, body=SOON, idle=SOON, unread=SOON)
    connection = connect()
    connection.settimeout(SOON * 6)
    headers = f"authorization: Bearer {server.api_key}\r\nx-sandbox-fault: hang"
    connection.sendall(f"GET /api/v1/models HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n\r\n".encode())
    with pytest.raises(TimeoutError):
        connection.recv(1)


def test_the_number_of_connections_is_bounded(connected: Connected, caplog: pytest.LogCaptureFixture) -> None:
    """One too many is refused with 503, with one line in the log; when another has ended there is room again."""
    server, connect = connected(connections=3)
    opened = [connect() for _ in range(3)]
    for _ in range(5):
        assert refusal(rest(connect())) == (503, "The sandbox has 3 open connections, its maximum")
    warnings = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert warnings == ["pixola sandbox: 3 connections are open; further ones are refused"]
    opened[0].sendall(b"GET /api/v1/models HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
    assert rest(opened[0]).startswith(b"HTTP/1.1 200 ")
    while (answer := httpx.get(f"{server.url}/models", trust_env=False)).status_code == 503:
        pass
    assert answer.status_code == 200


def test_the_default_number_fits_into_the_limit_of_the_process() -> None:
    """With room for other files."""
    resource = pytest.importorskip("resource")
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert 16 <= most_connections() <= 2000
    assert limit == resource.RLIM_INFINITY or most_connections() < limit


LIMITED: Final = """
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (60, 60))
from pixola_ext.cli import main
main()
"""


def test_without_descriptors_it_is_quiet_and_recovers() -> None:
    """One line instead of a traceback for every connection; when descriptors are free, it serves again."""
    words = [sys.executable, "-W", "error", "-c", LIMITED, "--json", "sandbox", "--port", "0"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(words, env=environment(), text=True, **pipes) as process, ExitStack() as stack:
        stack.callback(process.kill)
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        address = ("127.0.0.1", int(url.split(":")[2].partition("/")[0]))
        opened = [stack.enter_context(socket.create_connection(address, timeout=PATIENT)) for _ in range(90)]
        opened[0].sendall(b"GET /api/v1/models HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        assert rest(opened[0]).startswith(b"HTTP/1.1 200 ")
        for connection in opened:
            connection.close()
        while (answer := httpx.get(f"{url}/models", trust_env=False, timeout=PATIENT)).status_code == 503:
            pass
        assert answer.status_code == 200
        process.terminate()
        _, said = process.communicate(timeout=PATIENT)
    assert len(said.splitlines()) <= 2, said  # where it listens, and the warning
    assert "Traceback" not in said


# -- request targets --------------------------------------------------------------------------------------------------

TARGETS: Final = [
    "*",
    "localhost:443",
    "http://localhost",
    "http://localhost/",
    "HTTP://localhost:1/api/v1/models?limit=1",
    "http://localhost?a=b",
    "https://127.0.0.1/styles/anime.png",
    "http:///api/v1/models",
    "http://",
    "//",
    "//localhost/api/v1/models",
    "?",
    "?limit=1",
    "/?",
    "/%00",
    "/images/%00.png",
    "/images/%FF.png",
    "/images/.png?expires=1&signature=%FF%00",
    "/images/..%2F..%2Fetc%2Fpasswd.png",
    "/styles/.png",
    "/styles/%2E%2E/%2E%2E.png",
    "/api/v1/models/%00",
    "/api/v1/images/%F0%9F%A6%8A?%00=%00&%ff",
    "/api/v1/batches?" + "&".join(f"a{n}=" for n in range(100)),
    "/_sandbox/",
    "/_sandbox/%00",
    "/" + "a" * 8000,
    "/images/" + "a" * 8000 + ".png",
    "\\",
    "%",
    "/%",
]


@pytest.fixture(scope="module")
def running() -> Iterator[SandboxServer]:
    """One server for all targets."""
    with SandboxServer() as server:
        yield server


def status_of(origin: str, start: bytes) -> int:
    """The status that a request line gets."""
    address = ("127.0.0.1", int(origin.rpartition(":")[2]))
    with socket.create_connection(address, timeout=PATIENT) as connection:
        connection.sendall(start + b" HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        return int(rest(connection).split()[1])


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "CONNECT", "TRACE", "PRI", "get", "M" * 3000])
def test_odd_requests_are_no_server_errors(
    running: SandboxServer, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Any target with any method, on either port, is answered, and not with 500."""
    for origin in (running.sandbox.origin, running.sandbox.pictures_origin):
        for target in TARGETS:
            status = status_of(origin, f"{method} {target}".encode())
            assert 200 <= status < 500, (origin, target)
    assert not caplog.records
    assert all(len(entry.method) <= 20 for entry in running.sandbox.journal.entries)


@pytest.mark.parametrize("start", [b"GET /\0", b"GET /a b", b"G\0T /", b"GET \xff", b"GET"])
def test_what_is_no_request_line_is_refused(running: SandboxServer, start: bytes) -> None:
    """NULs, spaces, bytes that are not ASCII, and a line that is not whole."""
    assert status_of(running.sandbox.origin, start) == 400


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("http://localhost/api/v1/models", 200),
        ("http://127.0.0.1:1/api/v1/models?a=b", 200),
        ("http://localhost", 200),
        ("http://evil.example/api/v1/models", 400),
        ("http://me@localhost/api/v1/models", 400),
    ],
)
def test_an_absolute_target_counts_instead_of_the_host(running: SandboxServer, target: str, status: int) -> None:
    """As RFC 9112, 3.2.2 has it; the name in it is checked like that of the Host header."""
    assert status_of(running.sandbox.origin, f"GET {target}".encode()) == status
