"""What goes over the socket, byte for byte: failures on demand, and requests that are no HTTP or too large."""

import json
import socket
from collections.abc import Callable, Iterator
from typing import Final

import pytest

from pixola_ext.sandbox.server import SandboxServer

IMPATIENT: Final = 0.3  # seconds after which a client has waited for long enough
PATIENT: Final = 10.0
CHUNK: Final = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"

Dial = Callable[..., socket.socket]


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    """A server."""
    with SandboxServer() as running:
        yield running


@pytest.fixture
def dial(server: SandboxServer) -> Iterator[Dial]:
    """Connects to the API and sends what is given."""
    port = int(server.sandbox.origin.rsplit(":", 1)[1])
    opened: list[socket.socket] = []

    def connect(data: bytes, timeout: float = PATIENT) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", port))
        opened.append(connection)
        connection.settimeout(timeout)
        connection.sendall(data)
        return connection

    yield connect
    for connection in opened:
        connection.close()


def request(server: SandboxServer, line: str = "GET /api/v1/credits", body: bytes = b"", **headers: str) -> bytes:
    """A request, as it goes out."""
    named = {
        "host": "localhost",
        "authorization": f"Bearer {server.api_key}",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"{line} HTTP/1.1\r\n{head}\r\n".encode() + body


def received(connection: socket.socket, most: int = 2**30) -> tuple[bytes, str]:
    """What came, and how it ended: by `end`, `reset`, `timeout`, or because it was `enough`."""
    came = bytearray()
    try:
        while len(came) < most:
            chunk = connection.recv(65536)
            if not chunk:
                return bytes(came), "end"
            came += chunk
    except ConnectionResetError:
        return bytes(came), "reset"
    except TimeoutError:
        return bytes(came), "timeout"
    return bytes(came), "enough"


def parted(answer: bytes) -> tuple[bytes, bytes]:
    """Head, in lower case, and body."""
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.lower(), body


BALANCE: Final = b'{"balance":1000,"plan":"free"}'


@pytest.mark.parametrize("fault", ["reset", "reset-after"])
def test_a_reset_is_a_reset(server: SandboxServer, dial: Dial, fault: str) -> None:
    """Not an orderly end: the client's system says that the peer has reset the connection."""
    assert received(dial(request(server, x_sandbox_fault=fault))) == (b"", "reset")


def test_a_hang_is_silent(server: SandboxServer, dial: Dial) -> None:
    """Neither a byte nor an end."""
    assert received(dial(request(server, x_sandbox_fault="hang"), IMPATIENT)) == (b"", "timeout")


def test_a_drip_is_slow(server: SandboxServer, dial: Dial) -> None:
    """The head is there, and then the body begins, byte by byte."""
    came, end = received(dial(request(server, x_sandbox_fault="drip"), IMPATIENT))
    head, body = parted(came)
    assert b"content-length: 30" in head
    assert (body, end) == (b"{", "timeout")


def test_what_is_truncated_ends_early(server: SandboxServer, dial: Dial) -> None:
    """Half of what was announced, then an orderly end."""
    came, end = received(dial(request(server, x_sandbox_fault="truncated")))
    head, body = parted(came)
    assert b"content-length: 30" in head
    assert (body, end) == (BALANCE[:15], "end")


def test_what_is_oversized_says_so(server: SandboxServer, dial: Dial) -> None:
    """The head announces a hundred gigabytes; half of the real body follows."""
    came, end = received(dial(request(server, x_sandbox_fault="download-oversized")))
    head, body = parted(came)
    assert b"content-length: 107374182400" in head
    assert (body, end) == (BALANCE[:15], "end")


def test_what_is_endless_goes_on(server: SandboxServer, dial: Dial) -> None:
    """No length is announced, and more comes for as long as the client stays; the sandbox survives its leaving."""
    connection = dial(request(server, x_sandbox_fault="download-endless"))
    came, end = received(connection, most=5_000_000)
    connection.close()
    head, body = parted(came)
    assert b"content-length" not in head
    assert b"transfer-encoding: chunked" in head
    assert (len(body) > 4_000_000, end) == (True, "enough")
    assert received(dial(request(server, connection="close")))[0].endswith(BALANCE)


# -- requests ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data", [b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n"]
)
def test_what_is_no_http_is_refused_in_the_envelope(dial: Dial, data: bytes) -> None:
    """Nonsense, a request without Host, and an attempt at TLS."""
    head, body = parted(received(dial(data))[0])
    assert head.startswith(b"http/1.1 400 ")
    assert json.loads(body)["error"]["code"] == "bad_request"


def test_a_chunked_body_is_bounded_too(server: SandboxServer, dial: Dial) -> None:
    """It is refused when it has ended, and noted in the journal."""
    line = request(server, "POST /api/v1/generate", transfer_encoding="chunked", connection="close")
    _, body = parted(received(dial(line + CHUNK * 20 + b"0\r\n\r\n"))[0])
    assert json.loads(body)["error"]["message"] == "body: must not be larger than 1048576 bytes"
    (entry,) = server.sandbox.journal.entries
    assert (entry.path, entry.status) == ("/api/v1/generate", 400)


def test_a_body_that_never_ends_is_cut_off(server: SandboxServer, dial: Dial) -> None:
    """After sixteen times the bound the connection is closed."""
    connection = dial(request(server, "POST /api/v1/generate", transfer_encoding="chunked"))
    with pytest.raises(OSError, match="reset|[Bb]roken"):
        connection.sendall(CHUNK * 1000)
    assert received(dial(request(server, connection="close")))[0].endswith(BALANCE)


def test_a_body_where_none_belongs_is_ignored(server: SandboxServer, dial: Dial) -> None:
    """And the connection is good for the next request."""
    first = request(server, body=b"a" * 3000, content_length="3000")
    came, _ = received(dial(first + request(server, connection="close")))
    assert came.count(BALANCE) == 2
