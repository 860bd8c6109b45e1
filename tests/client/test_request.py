"""One call: its retries, its deadline, and what any answer becomes."""

import io
import logging
import re
import socket
import sys
import threading
from contextlib import ExitStack, closing
from time import monotonic

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixola_ext import (
    ConfigurationError,
    ConnectError,
    NotFoundError,
    Pixola,
    PixolaError,
    RateLimitedError,
    RequestError,
    RequestTimeoutError,
    ServerError,
    UnauthorizedError,
    UnexpectedResponseError,
)
from tests.support.faces import START, Time
from tests.support.wire import error, reply, wire

BATCH = {"batchId": "bt_1", "status": "complete", "images": []}


@pytest.mark.parametrize(
    "trouble",
    [None, error(500, "internal_error"), reply(b"<html>", 520), reply(b"", 503)],
    ids=["closed", "500", "520 html", "503 empty"],
)
def test_reading_survives_trouble_that_passes(px, service, time, trouble):
    """A call that costs nothing is repeated after a growing, jittered delay."""
    service.plays(trouble, trouble, reply(BATCH))
    assert px.batches.get("bt_1").status == "complete"
    assert time.slept == [0.25, 0.5]


def test_reading_gives_up_after_max_retries(connect, service, time):
    """One attempt and `max_retries` more, and then the last error."""
    service.plays(error(500, "internal_error", "sorry"))
    with pytest.raises(ServerError, match="500 internal_error: sorry"):
        connect("pxk_1", service.url, max_retries=2).credits()
    assert len(service.heard) == 3


@pytest.mark.parametrize("nonsense", [b"<html>ok</html>", b"[]", b"", b"nul", b"\xff" * 9])
def test_an_answer_that_cannot_be_read_is_not_asked_for_again(px, service, nonsense):
    """It would be the same next time; the error shows the beginning of it."""
    service.plays(reply(nonsense))
    with pytest.raises(UnexpectedResponseError):
        px.batches.get("bt_1")
    assert len(service.heard) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 418, 422])
def test_a_refusal_is_not_repeated(px, service, status):
    """What cannot be mended by repeating is raised at once."""
    service.plays(error(status, "whatever"))
    with pytest.raises(PixolaError):
        px.credits()
    assert len(service.heard) == 1


@pytest.mark.parametrize(
    ("header", "delay"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("Sun, 01 Mar 2026 12:00:09 GMT", 9.0),
        ("Sun, 01 Mar 2020 12:00:09 GMT", 0.25),
        ("0", 0.25),
        ("soon", 0.25),
    ],
)
def test_a_rate_limit_waits_as_told(px, service, time, header, delay):
    """Seconds or a date, but never at once; what cannot be read is as good as nothing."""
    service.plays(error(429, "rate_limited", retry_after=header), reply(BATCH))
    px.batches.get("bt_1")
    assert time.slept == [delay]


@pytest.mark.parametrize("header", ["121", "9" * 500, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_rate_limit_beyond_the_ceiling_is_raised_at_once(px, service, time, header):
    """No call sleeps for an hour; the error says how long it would be."""
    service.plays(error(429, "rate_limited", retry_after=header))
    with pytest.raises(RateLimitedError) as caught:
        px.credits()
    assert caught.value.retry_after > 120
    assert time.slept == []


def test_a_date_too_far_to_be_one_is_no_date(px, service, time):
    """A year of fifteen digits overflows every parser, and is then ignored."""
    service.plays(error(429, "rate_limited", retry_after=f"Fri, 31 Dec {'9' * 15} 23:59:59 GMT"), reply(BATCH))
    px.batches.get("bt_1")
    assert time.slept == [0.25]


def test_one_deadline_bounds_requests_and_sleeps(connect, service, time):
    """A call never sleeps past its `timeout`, however many retries are left."""
    service.plays(error(429, "rate_limited", retry_after="4"))
    with pytest.raises(RateLimitedError):
        connect("pxk_1", service.url, timeout=10.0, max_retries=99).credits()
    assert time.slept == [4.0, 4.0]


def test_an_error_says_everything_needed_to_act(px, service):
    """Status, code, message, request id, method and URL; and it survives pickling."""
    service.plays(error(404, "not_found", "no such\n\x1b[31mbatch", x_request_id="req_9"))
    with pytest.raises(NotFoundError) as caught:
        px.batches.get("bt_9")
    found = caught.value
    assert (found.status, found.code, found.request_id, found.method) == (404, "not_found", "req_9", "GET")
    assert found.url == f"{service.url}/batches/bt_9"
    assert str(found) == "404 not_found: no such [31mbatch"
    assert "pxk_" not in repr(found)


def test_a_page_of_a_proxy_is_an_error_of_its_status(px, service):
    """HTML with 401 is as unauthorized as JSON."""
    service.plays(reply(b"<html>who are you</html>", 401, content_type="text/html"))
    with pytest.raises(UnauthorizedError, match="401: Unauthorized"):
        px.credits()


def test_a_redirect_is_not_followed(connect, service):
    """The key goes to no other origin; the error says so."""
    service.plays(reply(b"", 302, location=f"{service.origin}/elsewhere"))
    with pytest.raises(UnexpectedResponseError, match="redirect"):
        connect("pxk_1", service.url, max_retries=0).credits()
    assert [heard.target for heard in service.heard] == ["/api/v1/credits"]


def test_an_endless_answer_is_cut_off(connect, service, monkeypatch):
    """An answer larger than the bound ends the attempt, compressed or not."""
    monkeypatch.setattr("pixola_ext._io.exchange.LARGEST_ANSWER", 1000)
    service.plays(reply(b'"' + b"x" * 2000 + b'"'))
    with pytest.raises(RequestError, match="larger than 1000 bytes"):
        connect("pxk_1", service.url, max_retries=0).credits()


def test_created_and_accepted_are_successes_too(px, service):
    """201 and 202 with the documented body are read like 200."""
    service.plays(reply({"batchId": "bt_1"}, 202))
    assert px.submit("a cat").batch_id == "bt_1"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["batchId", "status", "images", "imageId", "url", "error", "code", "message", "slug", "models", "x"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)
CALLS = [
    lambda px: px.batches.get("bt_1"),
    lambda px: px.images.get("im_1"),
    lambda px: list(px.images.list(limit=3)),
    lambda px: list(px.batches.list(limit=3)),
    lambda px: px.models.list(),
    lambda px: px.styles.list(),
    lambda px: px.shapes.get("square"),
    lambda px: px.credits(),
    lambda px: px.submit("a cat"),
]


@pytest.fixture(scope="module")
def shared():
    """One service for all examples, with a client that never retries."""
    with wire() as service, Pixola("pxk_1", service.url, max_retries=0, clock=Time().clock(), budget=False) as px:
        yield px, service


HEADERS = {
    "content-type": st.sampled_from(["application/json", "text/html; charset=nonsense", "", "\xff"]),
    "content-encoding": st.sampled_from(["gzip", "deflate", "br", "zstd", "identity", "gzip, gzip", "nonsense"]),
    "location": st.sampled_from(["/x", "http://[::1", "//", "https://elsewhere.example/", "\xff", "javascript:0"]),
    "retry-after": st.sampled_from(["0", "-1", "1e9", "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT", "\xff", "nan"]),
    "date": st.sampled_from(["", "yesterday", "Fri, 31 Dec 9999999 23:59:59 GMT"]),
    "set-cookie": st.sampled_from(["a=b", "=", "a=b; Max-Age=99999999999999999999; Expires=never", "\xff=\xff"]),
    "x-request-id": st.sampled_from(["", "r" * 5000, "\x1b[2J"]),
    "content-length": st.sampled_from(["0", "3", "999999", "-1", "nonsense", "1, 1", "9" * 99]),
    "transfer-encoding": st.sampled_from(["chunked", "gzip", "chunked, chunked"]),
}


@settings(max_examples=max(500, settings.default.max_examples))
@given(
    body=JSON | st.binary(max_size=60),
    status=st.sampled_from([200, 200, 200, 201, 204, 301, 304, 400, 409, 429, 500, 520, 599]) | st.integers(100, 999),
    headers=st.fixed_dictionaries({}, optional=HEADERS),
    call=st.sampled_from(CALLS),
)
def test_any_answer_gives_a_value_or_an_error_of_ours(shared, body, status, headers, call):
    """No bytes with no status and no headers make a foreign exception."""
    px, service = shared
    service.closes = True
    service.plays(reply(body, status, **{name.replace("-", "_"): value for name, value in headers.items()}))
    try:
        call(px)
    except PixolaError as caught:
        assert str(caught)


def test_the_clock_of_errors_is_the_injected_one(px, service):
    """A Retry-After date without a Date header is measured from our own clock."""
    service.plays(error(429, "rate_limited", retry_after="Sun, 01 Mar 2026 13:00:00 GMT"))
    with pytest.raises(RateLimitedError) as caught:
        px.credits()
    assert START.hour == 12
    assert caught.value.retry_after == 3600


def test_hooks_hear_of_every_attempt(face, connect, service):
    """`on_request` before each is sent, `on_retry` after each that failed and will be repeated."""
    service.plays(error(500, "internal_error"), error(429, "rate_limited", retry_after="3"), reply(BATCH))
    requests, retries = [], []

    async def awaited(event):
        retries.append(event)

    on_retry = retries.append if face.name == "sync" else awaited
    client = connect("pxk_1", service.url, on_request=requests.append, on_retry=on_retry)
    client.batches.get("bt_1")
    assert [each.attempt for each in requests] == [1, 2, 3]
    assert {(each.method, each.path) for each in requests} == {("GET", "/batches/bt_1")}
    assert [(each.attempt, each.delay, each.error.status) for each in retries] == [(1, 0.25, 500), (2, 3.0, 429)]
    quiet = client.with_options(on_request=lambda _event: None)
    quiet.batches.get("bt_1")
    assert len(requests) == 3


def test_every_attempt_has_one_outcome(face, connect, service, time):
    """`on_response` is told its status and how long it took, or that no answer came."""
    time.tick = 0.25
    service.plays(error(500, "internal_error"), None, reply(BATCH))
    events = []

    async def awaited(event):
        events.append(event)

    client = connect("pxk_1", service.url, on_response=events.append if face.name == "sync" else awaited)
    client.batches.get("bt_1")
    assert [(each.attempt, each.status) for each in events] == [(1, 500), (2, None), (3, 200)]
    assert {(each.method, each.path) for each in events} == {("GET", "/batches/bt_1")}
    assert all(0.25 <= each.duration < 5 for each in events)


class Failing(logging.Handler):
    """A handler of the caller's with a mistake in it."""

    def emit(self, _record):
        raise RuntimeError("a mistake in a handler")


@pytest.mark.parametrize("handler", ["none", "failing"])
def test_an_observer_with_a_mistake_costs_no_answer(connect, service, caplog, handler):
    """What `on_response` raises is logged; a logger that raises is passed over. The paid batch is returned."""

    def mistaken(_event):
        raise RuntimeError("a mistake in on_response")

    service.script = lambda heard: reply({"batchId": "bt_1"} if heard.method == "POST" else {"batches": []})
    client = connect("pxk_1", service.url, on_response=mistaken)
    failing = Failing()
    logger = logging.getLogger("pixola_ext")
    with caplog.at_level(logging.DEBUG, "pixola_ext"):
        if handler == "failing":
            logger.addHandler(failing)
        try:
            assert client.submit("A fox").batch_id == "bt_1"
        finally:
            logger.removeHandler(failing)
    told = [record for record in caplog.records if record.levelname == "ERROR"]
    assert ["on_response" in record.message for record in told] == ([] if handler == "failing" else [True, True])


@pytest.mark.parametrize("stream", [None, io.StringIO()], ids=["none", "closed"])
def test_a_program_without_stderr_gets_its_answer(connect, service, monkeypatch, stream):
    """As under pythonw or a daemon: what cannot be logged is lost, and nothing else."""

    def mistaken(_event):
        raise RuntimeError("a mistake in on_response")

    if stream is not None:
        stream.close()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr(logging.getLogger("pixola_ext"), "propagate", False)  # pytest's own handlers would take it
    service.plays(reply(BATCH))
    assert connect("pxk_1", service.url, on_response=mistaken).batches.get("bt_1").batch_id == "bt_1"


def test_the_logger_has_each_request_without_secrets(connect, service, caplog):
    """At DEBUG, in one line each; at any other level nothing."""
    service.script = lambda heard: reply({"batchId": "bt_1"} if heard.method == "POST" else {"batches": []})
    client = connect("pxk_secret_1", service.url)
    client.submit("A fox that nobody may know of")
    assert [record for record in caplog.records if record.name == "pixola_ext"] == []
    with caplog.at_level(logging.DEBUG, "pixola_ext"):
        client.submit("A fox that nobody may know of")
    ours = [record for record in caplog.records if record.name == "pixola_ext"]
    assert [record.getMessage().split(" in ")[0] for record in ours] == ["POST /generate: 200"]
    assert {record.levelname for record in ours} == {"DEBUG"}
    assert not any(secret in record.getMessage() for record in ours for secret in ("pxk_", "fox"))


def test_a_program_can_name_itself(connect, service):
    """After our own name and versions, in the User-Agent."""
    service.plays(reply(BATCH))
    connect("pxk_1", service.url, app_info="poster-maker/1.2 (posters.example)").batches.get("bt_1")
    agent = service.heard[0].headers["user-agent"]
    assert re.fullmatch(r"pixola-ext/\S+ python/3\S+ httpx/\S+ poster-maker/1\.2 \(posters\.example\)", agent)


@pytest.mark.parametrize(
    "options", [{"app_info": "a\nb"}, {"app_info": ""}, {"on_retry": 7}, {"on_response": "x"}, {"max_retries": True}]
)
def test_options_that_cannot_work_are_refused(connect, service, options):
    """Before anything is sent."""
    with pytest.raises(ConfigurationError):
        connect("pxk_1", service.url, **options)


class ForeignError(Exception):
    """Not httpx's, not ours."""


class Broken(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport of the user's own that raises whatever it likes."""

    def handle_request(self, request):
        raise ForeignError("a bug of somebody else's")

    async def handle_async_request(self, request):
        raise ForeignError("a bug of somebody else's")


def test_no_foreign_exception_leaves(face, connect, service):
    """Whatever a transport raises is a `RequestError` that names it."""
    client = (httpx.Client if face.name == "sync" else httpx.AsyncClient)(transport=Broken())
    with pytest.raises(RequestError, match="a bug of somebody else's"):
        connect("pxk_1", service.url, http_client=client, max_retries=0).credits()


def test_cookies_are_neither_kept_nor_sent(px, service):
    """A service that sets them cannot make a later request fail or tell clients apart."""
    service.plays(reply(BATCH, set_cookie="a=\xff; Path=/"), reply(BATCH))
    px.batches.get("bt_1")
    px.batches.get("bt_1")
    assert "cookie" not in service.heard[1].headers


@pytest.mark.parametrize("where", ["head", "body"])
def test_a_drip_ends_with_the_deadline(face, service, where):
    """One byte after the other, each in time: in the headers or in the body, the call is over when its time is."""
    gone = threading.Event()
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
    begun, byte = (head, b"x") if where == "head" else (head + b"content-length: 9000\r\n\r\n", b" ")

    def drip(connection):
        connection.sendall(begun)
        while not gone.wait(0.02):
            connection.sendall(byte)

    service.script = lambda _heard: drip
    started = monotonic()
    client = face.open("pxk_1", service.url, timeout=0.3, max_retries=0, budget=False)
    try:
        with pytest.raises(RequestTimeoutError):
            client.credits()
        assert monotonic() - started < 5
    finally:
        gone.set()
        face.close(client)


@pytest.mark.skipif(sys.platform != "linux", reason="a full backlog keeps newcomers waiting only here")
def test_a_connection_that_is_never_made_is_told_as_such(connect):
    """Also when the deadline of the call comes first, so that a submission is not in doubt for nothing."""
    with ExitStack() as opened:
        deaf = opened.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(3):
            waiting = opened.enter_context(closing(socket.socket()))
            waiting.setblocking(False)
            waiting.connect_ex(deaf.getsockname())
        px = connect("pxk_1", f"http://127.0.0.1:{deaf.getsockname()[1]}/api/v1", timeout=0.3, max_retries=0)
        for call in (px.credits, lambda: px.submit("a cat")):
            with pytest.raises(ConnectError):
                call()
