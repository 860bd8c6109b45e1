"""What only the HTTP server does: two origins, host names, pictures in threads, starting and stopping."""

import socket
import threading
from collections.abc import Iterator

import httpx
import pytest

from pixola_ext.sandbox.endpoint import Hosts, is_local
from pixola_ext.sandbox.messages import RefusalError
from pixola_ext.sandbox.server import SandboxServer, Sockets


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    """A server."""
    with SandboxServer() as running:
        yield running


@pytest.fixture
def http(server: SandboxServer) -> Iterator[httpx.Client]:
    """A client with its key."""
    headers = {"authorization": f"Bearer {server.api_key}"}
    with httpx.Client(trust_env=False, base_url=server.url, headers=headers) as client:
        yield client


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:1", "127.0.0.1", "127.1.2.3:80", "[::1]", "[::1]:80", "a.localhost."]
)
def test_names_of_this_machine_are_accepted(http: httpx.Client, host: str) -> None:
    """Whatever a client calls it."""
    assert http.get("/credits", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", ["pixola.ai", "127.0.0.1.nip.io", "localhost.evil.example", "10.0.0.1", "", "[::2]"])
def test_other_names_are_refused(http: httpx.Client, host: str) -> None:
    """So that no page on the web reaches the sandbox through a name of its own (DNS rebinding)."""
    answer = http.get("/credits", headers={"host": host})
    assert answer.status_code == 400
    assert answer.json()["error"] == {"code": "bad_request", "message": "Host: is not a name of this sandbox"}


def test_pictures_are_another_origin(server: SandboxServer, http: httpx.Client) -> None:
    """The API does not serve pictures, and the picture port does not serve the API."""
    assert http.get(server.sandbox.pictures.origin + "/api/v1/models").status_code == 404
    assert http.get(server.sandbox.origin + "/styles/anime.png").json()["error"]["code"] == "not_found"


def test_no_page_may_read_answers_unless_asked(server: SandboxServer, http: httpx.Client) -> None:
    """There are no CORS headers."""
    answer = http.get("/credits", headers={"origin": "https://example.com"})
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_it_serves_from_many_threads(server: SandboxServer) -> None:
    """Every submission of eight threads is accepted once."""
    made: list[str] = []

    def submit() -> None:
        headers = {"authorization": f"Bearer {server.api_key}"}
        with httpx.Client(trust_env=False, base_url=server.url, headers=headers) as client:
            made.extend(
                client.post("/generate", json={"prompt": "a", "model": "z-image-turbo"}).json()["batchId"]
                for _ in range(5)
            )

    threads = [threading.Thread(target=submit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 40
    assert len(server.sandbox.world.accounts[server.api_key].batches) == 40


def test_it_stops_with_its_block() -> None:
    """Neither thread nor port is left behind."""
    before = threading.active_count()
    with SandboxServer() as server:
        port = int(server.sandbox.origin.rsplit(":", 1)[1])
    assert threading.active_count() == before
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
        pass


def test_a_port_in_use_is_an_error() -> None:
    """And leaves nothing open."""
    first = Sockets.bind("127.0.0.1", 0)
    with pytest.raises(OSError, match="in use"):
        Sockets.bind("127.0.0.1", first.api.getsockname()[1])
    first.close()


@pytest.mark.parametrize(
    ("host", "origin"), [("0.0.0.0", "http://127.0.0.1:"), ("::1", "http://[::1]:"), ("localhost", "http://localhost:")]
)
def test_the_origin_leads_to_the_socket(host: str, origin: str) -> None:
    """Also where the listening address is no address to connect to."""
    sockets = Sockets.bind(host, 0)
    assert sockets.origin.startswith(origin)
    sockets.close()


@pytest.mark.parametrize(
    ("host", "header", "is_ours"),
    [
        ("127.0.0.1", "192.168.1.5:8321", False),
        ("0.0.0.0", "192.168.1.5:8321", True),
        ("::", "[fd00::5]:8321", True),
        ("0.0.0.0", "sandbox.lan:8321", False),
        ("Sandbox.lan", "sandbox.LAN:8321", True),
        ("0.0.0.0", "localhost", True),
    ],
)
def test_a_sandbox_beyond_loopback_accepts_every_address(host: str, header: str, is_ours: bool) -> None:
    """But no foreign name, since a web page could have pointed a name at this port (DNS rebinding)."""
    hosts = Hosts.of(host)
    if is_ours:
        hosts.check(header)
    else:
        with pytest.raises(RefusalError, match="Host: is not a name"):
            hosts.check(header)


@pytest.mark.parametrize(
    ("name", "local"), [("localhost", True), ("::1", True), ("0.0.0.0", False), ("example.com", False)]
)
def test_what_is_local(name: str, local: bool) -> None:
    """Loopback only."""
    assert is_local(name) is local
