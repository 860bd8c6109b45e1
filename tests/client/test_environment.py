"""Proxies and certificates of the environment: used as curl uses them, or refused by the variable's name."""

import socket
import ssl
import threading

import certifi
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixola_ext import ConfigurationError, ConnectError
from pixola_ext._io import environment
from pixola_ext._io.environment import certificates, is_exempt, proxy_for
from tests.support.wire import reply

KEY = "pxk_test_0123456789"
VARIABLES = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"]


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch):
    for name in [
        *VARIABLES,
        *map(str.upper, VARIABLES),
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "CURL_CA_BUNDLE",
        "SSLKEYLOGFILE",
    ]:
        monkeypatch.delenv(name, raising=False)


REFUSED = [
    "socks://127.0.0.1:9",
    "socks4://127.0.0.1:9",
    "socks4a://127.0.0.1:9",
    "ftp://proxy.example",
    "proxy://proxy.example",
    "http://",
    "://proxy.example",
    "http://proxy.example:99999",
    "http://proxy.example:port",
    "http://a..example",
    "http://[::1",
    "http://user:secret@",
    "my proxy",
]


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize("value", REFUSED)
def test_a_proxy_that_cannot_be_used_is_refused_by_its_name(face, monkeypatch, variable, value):
    """In one line that does not repeat the value, which may hold a password."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError, match=rf"^{variable}: .+$") as caught:
        face.open(KEY)
    assert caught.value.setting == variable
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_a_socks_proxy_without_its_package_names_the_package(face, monkeypatch, scheme):
    """Instead of an ImportError."""
    monkeypatch.setenv("ALL_PROXY", f"{scheme}://127.0.0.1:9")
    monkeypatch.setattr(environment, "find_spec", lambda _name: None)
    with pytest.raises(ConfigurationError, match=r"ALL_PROXY: a SOCKS proxy needs `pip install 'httpx\[socks\]'`"):
        face.open(KEY)


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("http://proxy.example:3128", "http://proxy.example:3128"),
        ("HTTP://proxy.example:3128", "http://proxy.example:3128"),
        ("proxy.example:3128", "http://proxy.example:3128"),
        (" proxy.example:3128\n", "http://proxy.example:3128"),
        ("https://proxy.example", "https://proxy.example"),
        ("http://10.0.0.1:8080/", "http://10.0.0.1:8080/"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("socks5://proxy.example:1080", "socks5://proxy.example:1080"),
        ("socks5h://proxy.example:1080", "socks5://proxy.example:1080"),
    ],
)
def test_spellings_that_curl_takes_work(monkeypatch, value, url):
    """With or without a scheme, in capitals, with blanks around."""
    monkeypatch.setattr(environment, "find_spec", lambda _name: object())
    monkeypatch.setenv("https_proxy", value)
    assert str(proxy_for("https", "www.pixola.ai").url) == url
    assert proxy_for("http", "www.pixola.ai") is None


def test_user_and_password_go_to_the_proxy(monkeypatch):
    """Decoded; and in no repr."""
    monkeypatch.setenv("HTTPS_PROXY", "http://me:p%40ss@proxy.example:1")
    found = proxy_for("https", "www.pixola.ai")
    assert found.raw_auth == (b"me", b"p@ss")
    assert "p@ss" not in repr(found)


def test_the_lower_case_spelling_and_the_narrower_variable_win(monkeypatch):
    """And an empty one says that there is no proxy."""
    monkeypatch.setenv("ALL_PROXY", "http://all.example:1")
    assert proxy_for("https", "h.example").url.host == "all.example"
    monkeypatch.setenv("HTTPS_PROXY", "http://upper.example:1")
    assert proxy_for("https", "h.example").url.host == "upper.example"
    monkeypatch.setenv("https_proxy", "http://lower.example:1")
    assert proxy_for("https", "h.example").url.host == "lower.example"
    monkeypatch.setenv("https_proxy", "")
    assert proxy_for("https", "h.example") is None


def test_a_header_of_a_cgi_request_is_no_proxy(monkeypatch):
    """`Proxy: ...` of a web request becomes HTTP_PROXY in a CGI script."""
    monkeypatch.setenv("HTTP_PROXY", "http://evil.example:1")
    assert proxy_for("http", "h.example") is not None
    monkeypatch.setenv("REQUEST_METHOD", "GET")
    assert proxy_for("http", "h.example") is None


@pytest.mark.parametrize(
    ("value", "host", "is_listed"),
    [
        ("*", "h.example", True),
        ("h.example", "h.example", True),
        (".example", "h.example", True),
        ("example", "h.example", True),
        ("*.example", "h.example", True),
        ("H.EXAMPLE.", "h.example", True),
        ("h.example:443", "h.example", True),
        ("https://h.example", "h.example", True),
        ("a.example, h.example", "h.example", True),
        ("a.example h.example", "h.example", True),
        ("ample", "h.example", False),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.1.2.3", "10.1.2.3", True),
        ("[::1]", "::1", True),
        ("::1", "[::1]", True),
        ("[::1]:8080", "::1", True),
        ("fd00::/8", "fd00::1", True),
        ("10.0.0.0/99", "10.1.2.3", False),
        (",, ,", "h.example", False),
        ("http://[", "h.example", False),
    ],
)
def test_exceptions_from_the_proxy(monkeypatch, value, host, is_listed):
    """Names with all names under them, addresses, networks; nonsense matches nothing and raises nothing."""
    monkeypatch.setenv("NO_PROXY", value)
    assert is_exempt(host) == is_listed


@given(value=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30))
def test_no_value_makes_a_foreign_exception(value):
    """Whatever stands in the variables."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HTTPS_PROXY", value)
        patched.setenv("NO_PROXY", value)
        try:
            proxy_for("https", "www.pixola.ai")
        except ConfigurationError as error:
            assert error.setting == "HTTPS_PROXY"
        is_exempt("10.0.0.1")


def test_the_api_is_reached_over_the_proxy(face, monkeypatch, time):
    """By CONNECT, before any TLS; a proxy that is not there is a connection that was never made."""
    heard = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def proxy():
            connection, _ = listener.accept()
            with connection:
                heard.append(connection.recv(4096))
                connection.sendall(b"HTTP/1.1 502 no\r\n\r\n")

        thread = threading.Thread(target=proxy)
        thread.start()
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{listener.getsockname()[1]}")
        client = face.open(KEY, "https://api.example/v1", clock=time.clock(), max_retries=0, budget=False)
        with pytest.raises(ConnectError):
            client.credits()
        thread.join(10)
        face.close(client)
    assert heard[0].startswith(b"CONNECT api.example:443 ")
    assert KEY.encode() not in heard[0]


# -- certificates --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "CURL_CA_BUNDLE", "SSL_CERT_DIR", "SSLKEYLOGFILE"])
def test_a_path_that_leads_nowhere_is_refused_by_the_variables_name(face, monkeypatch, tmp_path, variable):
    """Before anything is sent, in one line."""
    monkeypatch.setenv(variable, str(tmp_path / "missing" / "there.pem"))
    with pytest.raises(ConfigurationError, match=rf"^{variable}: .+$") as caught:
        face.open(KEY)
    assert caught.value.setting == variable


@pytest.mark.parametrize("content", [b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\n%%\n-----END CERTIFICATE-----\n"])
def test_a_file_without_certificates_is_refused(face, monkeypatch, tmp_path, content):
    """It would fail every connection later."""
    file = tmp_path / "ca.pem"
    file.write_bytes(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with pytest.raises(ConfigurationError, match="SSL_CERT_FILE: cannot be used, it holds no certificates"):
        face.open(KEY)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path))
    with pytest.raises(ConfigurationError, match="SSL_CERT_FILE"):
        face.open(KEY)


def test_certificates_of_ones_own_are_used(monkeypatch, tmp_path):
    """A file, and a list of folders of which one is there; without either, Mozilla's list."""
    assert certificates() is certificates()
    assert certificates().verify_mode == ssl.CERT_REQUIRED
    monkeypatch.setenv("SSL_CERT_DIR", f"/nowhere:{tmp_path}")
    assert certificates().get_ca_certs() == []
    monkeypatch.setenv("SSL_CERT_FILE", certifi.where())
    assert len(certificates().get_ca_certs()) > 50


@pytest.mark.parametrize("variable", ["ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_nothing_of_it_matters_on_this_machine(face, service, monkeypatch, variable):
    """No proxy stands between us and the sandbox, and http needs no certificates."""
    monkeypatch.setenv(variable, "/nonsense://x")
    service.plays(reply({"balance": 1}))
    client = face.open(KEY, service.url, budget=False)
    assert client.credits().balance == 1
    face.close(client)


def test_nothing_of_it_matters_to_a_client_of_the_callers_own(face, monkeypatch):
    """It has its own proxies and certificates."""
    monkeypatch.setenv("ALL_PROXY", "nonsense://x")
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")
    kind = httpx.Client if face.name == "sync" else httpx.AsyncClient
    mocked = httpx.MockTransport(lambda _request: httpx.Response(200, json={"balance": 1}))
    client = face.open(KEY, http_client=kind(transport=mocked, trust_env=False), budget=False)
    assert client.credits().balance == 1
