"""Where pictures may come from: https, public networks, a few redirects, and no other address in any spelling."""

import socket

import pytest

from pixola_ext import DownloadError, Image
from tests.support.saving import picture
from tests.support.wire import reply


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://example.com/a.png", "not https"),
        ("ftp://example.com/a.png", "not https"),
        ("file:///etc/passwd", "not https"),
        ("https://[half/a.png", "not a URL|could not connect"),
        ("https://a.example:port/", "not a URL|broke off"),
        ("https://10.0.0.1/a.png", "private network"),
        ("https://169.254.169.254/latest", "private network"),
        ("https://[fd00::1]/a.png", "private network"),
        ("https://0xa9fea9fe/", "private network"),
    ],
)
def test_neither_urls_nor_redirects_lead_into_other_networks(px, service, image, tmp_path, location, reason):
    """Every hop is checked like the first."""
    service.plays(reply(b"", 302, location=location))
    with pytest.raises(DownloadError, match=reason):
        px.save(image, tmp_path)
    with pytest.raises(DownloadError, match=reason):
        px.save(Image("im_1", url=location), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "2130706433", "localhost", "[::1]", "[::ffff:127.0.0.1]", "a.localhost"]
)
def test_this_machine_is_only_for_services_on_this_machine(connect, tmp_path, host):
    """A public service cannot make us ask our own ports, however they are spelt."""
    client = connect("pxk_1", "https://pixola.example/api/v1")
    with pytest.raises(DownloadError, match="private network"):
        client.save(Image("im_1", url=f"https://{host}/a.png"), tmp_path)


@pytest.mark.parametrize("host", ["[64:ff9b::7f00:1]", "[64:ff9b::10.0.0.1]", "[2002:7f00:1::]", "[::127.0.0.1]"])
def test_addresses_within_addresses_are_seen(connect, tmp_path, host):
    """Translated and tunnelled ones, too."""
    with pytest.raises(DownloadError, match="private network"):
        connect("pxk_1", "https://pixola.example/api/v1").save(Image("im_1", url=f"https://{host}/a.png"), tmp_path)


def test_redirects_are_followed_a_few_times(px, service, image, tmp_path):
    """Relative ones, too; a circle ends."""
    service.plays(reply(b"", 302, location="/b.png"), reply(b"", 307, location=f"{service.origin}/c.png"), picture())
    assert len(px.save(image, tmp_path)) == 1
    service.plays(reply(b"", 302, location="/im_1.png"))
    with pytest.raises(DownloadError, match="too many redirects"):
        px.save(image, tmp_path)


@pytest.mark.parametrize(
    "url", ["https://[::zz]/a.png", "https://a.example:port/", "no URL", "", "https:///a.png", "\0"]
)
def test_an_address_that_is_none_is_an_error_of_ours(connect, tmp_path, url):
    """Of an image, or of a redirect."""
    with pytest.raises(DownloadError, match="URL"):
        connect("pxk_1", "https://pixola.example/api/v1").save(Image("im_1", url=url or " "), tmp_path)


@pytest.fixture
def everything_is_here(monkeypatch):
    """Every name resolves to this machine, where the service listens."""

    def here(_host, port, *_args, **_kwargs):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", int(port)))]

    monkeypatch.setattr("socket.getaddrinfo", here)


@pytest.mark.usefixtures("everything_is_here")
def test_a_public_name_may_not_lead_into_a_private_network(connect, service, tmp_path):
    """The connection is closed before a byte is sent over it."""
    client = connect("pxk_1", "https://pixola.example/api/v1")
    url = service.origin.replace("http://127.0.0.1", "https://store.example")
    with pytest.raises(DownloadError, match=r"store.example:\d+/a.png: its host is in a private network"):
        client.save(Image("im_1", url=f"{url}/a.png?signature=secret"), tmp_path)
    assert service.heard == []


def test_a_proxy_may_be_in_a_private_network(connect, service, tmp_path, monkeypatch):
    """It is asked, and looks names up by itself."""
    monkeypatch.setenv("HTTPS_PROXY", service.origin)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    service.script = lambda _heard: reply(b"", 502)
    client = connect("pxk_1", "https://pixola.example/api/v1", max_retries=0)
    with pytest.raises(DownloadError, match="could not connect"):
        client.save(Image("im_1", url="https://store.example/a.png"), tmp_path)
    assert [(heard.method, heard.target) for heard in service.heard] == [("CONNECT", "store.example:443")]
