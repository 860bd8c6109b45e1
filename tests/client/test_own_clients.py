"""httpx clients of the caller's own: what they add applies, what they do wrong changes no answer."""

import logging

import httpx
import pytest
import respx

from pixola_ext import (
    APIError,
    ConfigurationError,
    ConnectError,
    ContentFlaggedError,
    DownloadError,
    Image,
    RequestError,
)
from tests.support.pictures import PNG
from tests.support.wire import error, reply

KEY = "pxk_test_0123456789"


@pytest.fixture
def own(face):
    """Makes httpx clients of the kind that the Pixola client takes, and closes them."""
    made = []

    def make(**options):
        made.append(httpx.Client(**options) if face.name == "sync" else httpx.AsyncClient(**options))
        return made[-1]

    yield make
    for client in made:
        if face.name == "sync":
            client.close()
        else:
            face.runner.run(client.aclose())


def hook(face, action):
    """An event hook of that kind."""

    async def awaited(event):
        action(event)

    return action if face.name == "sync" else awaited


def failing(_event):
    """A hook with a bug."""
    raise RuntimeError("a bug in a hook")


MEDDLING = {
    "raises": failing,
    "raises for the status": lambda response: response.raise_for_status(),
    "is interested in the body": lambda response: response.json()["nothing"]["there"],
    "changes the answer": lambda response: response.__init__(500, json={"error": {"code": "x"}}),
    "empties the headers": lambda response: response.headers.clear(),
}


@pytest.mark.parametrize("name", MEDDLING)
def test_a_response_hook_cannot_make_an_answer_unclear(face, own, connect, service, name, caplog):
    """What was accepted is accepted, what was refused is refused; nothing is looked for or sent again."""
    client = own(event_hooks={"response": [hook(face, MEDDLING[name])]})
    px = connect(KEY, service.url, http_client=client)
    service.plays(reply({"batchId": "bt_1"}))
    assert px.submit("a cat").batch_id == "bt_1"
    service.plays(error(409, "content_flagged"))
    with pytest.raises(ContentFlaggedError):
        px.submit("a cat")
    assert [heard.method for heard in service.heard] == ["GET", "POST", "POST"]
    assert "a bug in a hook" not in caplog.text


def test_response_hooks_see_the_whole_answer(face, own, connect, service):
    """Status, headers, body, request and duration, decoded."""
    seen = []
    client = own(event_hooks={"response": [hook(face, seen.append)]})
    service.plays(reply({"balance": 3}, x_request_id="r_1"))
    connect(KEY, service.url, http_client=client).credits()
    (response,) = seen
    assert (response.status_code, response.json(), response.headers["x-request-id"]) == (200, {"balance": 3}, "r_1")
    assert response.request.url == f"{service.url}/credits"
    assert response.elapsed.total_seconds() >= 0


def test_a_request_hook_that_raises_has_sent_nothing(face, own, connect, service):
    """So the call is a connection that was never made, and a submission is not in doubt."""
    client = own(event_hooks={"request": [hook(face, failing)]})
    px = connect(KEY, service.url, http_client=client, max_retries=0)
    for call in (px.credits, lambda: px.submit("a cat")):
        with pytest.raises(ConnectError, match="a bug in a hook"):
            call()
    assert service.heard == []


def test_what_it_adds_is_sent_and_what_it_is_stays(face, own, connect, service):
    """Headers, parameters, cookies and request hooks apply; its own state and its own requests are as before."""
    client = own(
        headers={"X-Mine": "yes", "User-Agent": "mine", "Authorization": "Basic eA=="},
        params={"trace": "1"},
        cookies={"session": "s"},
        timeout=77,
        auth=("me", "secret"),
        follow_redirects=True,
        event_hooks={"request": [hook(face, lambda request: request.headers.update({"X-Hook": "yes"}))]},
    )
    before = (list(client.headers.multi_items()), list(client.cookies.jar), client.timeout, client.follow_redirects)
    service.plays(reply({"balance": 1}, set_cookie="other=1; Path=/"))
    connect(KEY, service.url, http_client=client).credits()
    heard = service.heard[0]
    assert (heard.headers["x-mine"], heard.headers["x-hook"], heard.headers["cookie"]) == ("yes", "yes", "session=s")
    assert heard.headers["authorization"] == f"Bearer {KEY}"
    assert heard.headers["user-agent"].startswith("pixola-ext/")
    assert heard.target == "/api/v1/credits?trace=1"
    after = (list(client.headers.multi_items()), list(client.cookies.jar), client.timeout, client.follow_redirects)
    assert after == before
    assert not client.is_closed


def test_its_redirects_and_its_auth_take_no_part(face, own, connect, service):
    """The key goes nowhere else, and no login is tried on the API."""

    class Login(httpx.Auth):
        def auth_flow(self, request):
            yield request
            raise RuntimeError("a bug in an auth flow")

    service.plays(reply({}, 302, location=f"{service.origin}/elsewhere"))
    client = own(auth=Login(), follow_redirects=True)
    with pytest.raises(Exception, match="redirect"):
        connect(KEY, service.url, http_client=client, max_retries=0).credits()
    assert len(service.heard) == 1


class Odd(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answers with what is no answer."""

    def __init__(self, answer):
        self.answer = answer

    def handle_request(self, _request):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def handle_async_request(self, request):
        return self.handle_request(request)


@pytest.mark.parametrize("answer", [None, 7, RuntimeError("x"), ExceptionGroup("y", [OSError("z")]), StopIteration()])
def test_whatever_a_transport_does_is_an_error_of_ours(own, connect, tmp_path, answer):
    """For calls and for pictures."""
    client = own(transport=Odd(answer))
    px = connect(KEY, http_client=client, download_client=client, max_retries=0)
    with pytest.raises(RequestError):
        px.credits()
    with pytest.raises(DownloadError):
        px.save(Image("im_1", url="https://cdn.example/a.png"), tmp_path)


def test_a_refusal_stands_although_its_body_breaks_off(connect, service):
    """The status alone says that nothing was accepted."""
    service.plays(reply(b"x", 409, content_length="99"), reply(b"not gzip", 409, content_encoding="gzip"))
    px = connect(KEY, service.url, max_retries=0)
    for _ in range(2):
        with pytest.raises(APIError) as caught:
            px.credits()
        assert caught.value.status == 409


# -- pictures ------------------------------------------------------------------------------------------------------


def test_pictures_go_over_the_download_client(face, own, connect, tmp_path):
    """Its proxies, certificates and mocks; its headers are sent, the key never; it stays open."""
    seen = []

    def answer(request):
        seen.append(request)
        return httpx.Response(200, content=PNG, headers={"content-type": "image/png"})

    client = own(transport=httpx.MockTransport(answer), headers={"X-Mine": "yes"}, auth=("me", "secret"))
    px = connect(KEY, download_client=client)
    (path,) = px.save(Image("im_1", url="https://cdn.example/a.png?signature=s"), tmp_path)
    assert path.is_file()
    assert [request.headers["x-mine"] for request in seen] == ["yes"]
    assert "authorization" not in seen[0].headers
    assert KEY not in repr(seen[0].headers.raw)
    assert not client.is_closed


def test_a_download_client_of_the_wrong_kind_is_a_type_error(face):
    """As for `http_client`."""
    right, other = httpx.Client, httpx.AsyncClient
    if face.name == "async":
        right, other = other, right
    with pytest.raises(TypeError, match=rf"download_client must be an httpx\.{right.__name__}, not {other.__name__}"):
        face.kind(KEY, download_client=other())


def test_hooks_of_the_download_client_cannot_do_more_than_refuse(face, own, connect, tmp_path):
    """A request hook that raises is a `DownloadError`."""
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, content=PNG))
    client = own(transport=transport, event_hooks={"request": [hook(face, failing)]})
    with pytest.raises(DownloadError):
        connect(KEY, download_client=client, max_retries=0).save(
            Image("im_1", url="https://cdn.example/a.png"), tmp_path
        )
    assert list(tmp_path.iterdir()) == []


def test_httpx_logs_no_url_of_a_picture(connect, service, tmp_path, caplog):
    """It may be signed; requests to the API are logged as ever, and so is what others do with httpx."""
    caplog.set_level(logging.DEBUG)
    service.script = lambda heard: reply(PNG) if "secret" in heard.target else reply({"balance": 1})
    px = connect(KEY, service.url)
    px.save(Image("im_1", url=f"{service.origin}/a.png?signature=secret"), tmp_path)
    px.credits()
    assert "signature" not in caplog.text
    assert "/credits" in caplog.text
    httpx.get(f"{service.origin}/mine", trust_env=False).read()
    assert "/mine" in caplog.text


# -- mocks ---------------------------------------------------------------------------------------------------------


def test_respx_answers_calls_and_pictures(connect, tmp_path):
    """Without a client of one's own: it replaces what httpx sends with."""
    with respx.mock as routes:
        routes.get("https://www.pixola.ai/api/v1/credits").respond(json={"balance": 5})
        routes.get("https://cdn.example/a.png").respond(content=PNG)
        px = connect(KEY)
        assert px.credits().balance == 5
        assert len(px.save(Image("im_1", url="https://cdn.example/a.png"), tmp_path)) == 1


# -- http beyond this machine ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["option", "environment"])
def test_http_to_another_host_works_when_it_is_allowed(face, own, monkeypatch, tmp_path, way):
    """Calls and the pictures of that host, and of no other; the client says so wherever it is shown."""
    if way == "environment":
        monkeypatch.setenv("PIXOLA_ALLOW_HTTP", "1")
    options = {"allow_http": True} if way == "option" else {}
    mocked = own(
        transport=httpx.MockTransport(
            lambda request: (
                httpx.Response(200, content=PNG)
                if request.url.path.endswith(".png")
                else httpx.Response(200, json={"balance": 1})
            )
        )
    )
    base_url = "http://sandbox:8321/api/v1"
    px = face.open(KEY, base_url, http_client=mocked, download_client=mocked, budget=False, **options)
    assert px.credits().balance == 1
    assert len(px.save(Image("im_1", url="http://sandbox:8322/pictures/a.png"), tmp_path)) == 1
    for url in ("http://elsewhere/a.png", "http://10.0.0.1/a.png", "https://10.0.0.1/a.png", "http://localhost/a.png"):
        with pytest.raises(DownloadError):
            px.save(Image("im_1", url=url), tmp_path)
    shown = repr(face.kind(KEY, base_url, budget=False, **options))
    assert shown == f"{face.kind.__name__}('{base_url}', allow_http=True, UNENCRYPTED)"
    assert "UNENCRYPTED" not in repr(face.kind(KEY, budget=False, **options))


@pytest.mark.parametrize("value", ["0", "", "false", "no", "off"])
def test_http_is_refused_unless_it_is_allowed(face, monkeypatch, value):
    """And the refusal says how."""
    monkeypatch.setenv("PIXOLA_ALLOW_HTTP", value)
    with pytest.raises(ConfigurationError, match=r"allow_http=True \(PIXOLA_ALLOW_HTTP=1\)"):
        face.kind(KEY, "http://sandbox:8321/api/v1")
    monkeypatch.setenv("PIXOLA_ALLOW_HTTP", "1")
    with pytest.raises(ConfigurationError, match="allow_http=True"):
        face.kind(KEY, "http://sandbox:8321/api/v1", allow_http=False)


def test_a_switch_that_is_neither_on_nor_off_is_refused(face, monkeypatch):
    """Nothing is guessed where the key is at stake."""
    monkeypatch.setenv("PIXOLA_ALLOW_HTTP", "maybe")
    with pytest.raises(ConfigurationError, match="PIXOLA_ALLOW_HTTP: must be 1 or 0"):
        face.kind(KEY)
