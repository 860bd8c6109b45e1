"""Settings are checked before anything is sent, and the key is never shown."""

import httpx
import pytest

from pixola_ext import AsyncPixola, ConfigurationError, Pixola
from pixola_ext.settings import Settings
from tests.support.wire import reply

KEY = "pxk_verysecret"


@pytest.mark.parametrize(
    "url",
    ["www.pixola.ai/api/v1", "", "/api/v1", "ftp://x.example", "https://", "http:///x", "https://[::1", "https:x"],
)
def test_a_base_url_without_scheme_or_host_is_refused(face, url):
    """Nothing is guessed."""
    with pytest.raises(ConfigurationError) as caught:
        face.open(KEY, url)
    assert caught.value.setting == "base_url"


@pytest.mark.parametrize(
    "host", ["pixola.ai", "10.0.0.1", "192.168.1.2:8000", "0.0.0.0", "localhost.example.com", "[fd00::1]"]
)
def test_http_is_refused_beyond_this_machine_and_says_why(face, host):
    """The key would cross the network in the clear."""
    with pytest.raises(ConfigurationError, match="would send your API key unencrypted"):
        face.open(KEY, f"http://{host}/api/v1")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8321", "127.9.9.9", "[::1]:80", "sandbox.localhost", "127.1"])
def test_http_is_allowed_to_this_machine(face, host):
    """That is where the sandbox is."""
    face.close(face.open(KEY, f"http://{host}/api/v1"))


@pytest.mark.parametrize("url", ["https://user:pw@x.example/", "https://x.example/?a=1", "https://x.example/#a"])
def test_a_base_url_is_only_a_place(face, url):
    """User, query and fragment have no business in it."""
    with pytest.raises(ConfigurationError, match="must not hold"):
        face.open(KEY, url)


@pytest.mark.parametrize("key", [f"{KEY}\n", f" {KEY}", f"{KEY} x", "", "pxk_ü", "pxk_\x7f", 7])
def test_a_stray_character_in_the_key_is_refused_without_showing_it(face, key):
    """httpx would print the header in its own error."""
    with pytest.raises(ConfigurationError) as caught:
        face.open(key)
    assert caught.value.setting == "api_key"
    assert "verysecret" not in str(caught.value)


def test_the_environment_stands_in_for_arguments(face, service, monkeypatch):
    """`PIXOLA_API_KEY` and `PIXOLA_BASE_URL` are read when nothing was given, and only then."""
    monkeypatch.setenv("PIXOLA_API_KEY", "pxk_env")
    monkeypatch.setenv("PIXOLA_BASE_URL", f"{service.url}/")
    service.plays(reply({"balance": 1, "plan": "free"}))
    for arguments in [(), (KEY,)]:
        client = face.open(*arguments)
        assert client.credits().balance == 1
        face.close(client)
    assert [heard.headers["authorization"] for heard in service.heard] == ["Bearer pxk_env", f"Bearer {KEY}"]
    assert service.heard[0].target == "/api/v1/credits"


@pytest.mark.parametrize(
    "option",
    [
        {"timeout": 0},
        {"timeout": float("inf")},
        {"timeout": None},
        {"wait_timeout": -1},
        {"max_retries": -1},
        {"max_retries": 1.5},
        {"timeout": float("nan")},
    ],
)
def test_no_setting_allows_waiting_for_ever(face, option):
    """Durations are finite and positive, retries a whole number."""
    with pytest.raises(ConfigurationError):
        face.open(KEY, **option)


def test_the_key_is_in_no_repr():
    """Neither a client nor its settings show it."""
    with Pixola(KEY) as px:
        assert repr(px) == "Pixola('https://www.pixola.ai/api/v1')"
    assert "verysecret" not in repr(Settings.resolve(KEY))


def test_a_client_of_the_wrong_kind_is_a_type_error():
    """A blocking httpx client cannot be awaited, and the other way round."""
    with httpx.Client() as blocking, pytest.raises(TypeError, match=r"must be an httpx\.AsyncClient, not Client"):
        AsyncPixola(KEY, http_client=blocking)
    with pytest.raises(TypeError, match=r"must be an httpx\.Client, not AsyncClient"):
        Pixola(KEY, http_client=httpx.AsyncClient())


def test_a_client_of_your_own_sends_and_stays_open(service):
    """Its headers and hooks apply; pictures never go through it."""
    service.plays(reply({"balance": 1}))
    with httpx.Client(headers={"X-Mine": "yes"}) as mine:
        with Pixola(KEY, service.url, http_client=mine) as px:
            px.credits()
        assert not mine.is_closed
    assert service.heard[0].headers["x-mine"] == "yes"


def test_with_options_is_a_copy_on_the_same_connections(face, service, time):
    """The copy has its own settings; both use one connection."""
    service.plays(reply({"balance": 1}))
    client = face.open(KEY, service.url, clock=time.clock())
    client.credits()
    client.with_options(timeout=3, max_retries=0, wait_timeout=9).credits()
    assert service.connections == 1
    with pytest.raises(ConfigurationError):
        client.with_options(timeout=-1)
    face.close(client)


def test_a_proxy_is_never_between_us_and_this_machine(face, service, monkeypatch):
    """It would see the key over http."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9/")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9/")
    service.plays(reply({"balance": 1}))
    client = face.open(KEY, service.url)
    assert client.credits().balance == 1
    face.close(client)


def test_a_closed_client_says_so(face, service):
    """Using it is an error of ours, not of httpx."""
    client = face.open(KEY, service.url)
    face.close(client)
    with pytest.raises(ConfigurationError, match="closed"):
        client.credits()
