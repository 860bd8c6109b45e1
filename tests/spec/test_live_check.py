"""`make live` finds nothing on the sandbox as it is, and every kind of difference on a service that differs."""

import copy
import itertools
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import live
import pytest
from attrs import evolve
from conformance.calls import Clock, RefusedKeyError

from pixola_ext import Pixola
from pixola_ext.sandbox import Sandbox
from pixola_ext.sandbox.messages import Answer, Request
from pixola_ext.sandbox.server import SandboxServer
from pixola_ext.settings import Settings
from tests.support.faces import START, Time
from tests.support.reference import PATH, reference
from tests.support.wire import Heard, Wire, reply
from tests.support.wire import Reply as WireReply

KEY = "pxk_live_0123456789"
SIGNED = "https://cdn.example/a.png?expires=1&signature=0badc0de0badc0de"
MODELS = len(Pixola.sandbox().models.list())


@pytest.fixture(autouse=True)
def _reference(monkeypatch: pytest.MonkeyPatch) -> None:
    """The document that is compared with is the one that the sandbox implements."""
    monkeypatch.setattr(live, "DOCUMENT", PATH)


@pytest.fixture
def box(time: Time) -> Sandbox:
    """A sandbox with three batches, one after the other."""
    sandbox = Sandbox(api_key=KEY, document=reference(), clock=lambda: START.timestamp() + time.elapsed)
    with Pixola.sandbox(sandbox) as px:
        for number in range(3):
            px.submit(f"A lighthouse, {number}")
    return sandbox


def asked(heard: Heard) -> Request:
    """What came over the wire, as the sandbox takes it."""
    parts = urlsplit(heard.target)
    return Request(heard.method, parts.path, parts.query, heard.headers, heard.body)


def sent(answer: Answer) -> bytes:
    """What the sandbox answers, as it goes over the wire."""
    headers = {"content_type": answer.content_type, **answer.headers}
    return reply(answer.body, answer.status, **headers)


@pytest.fixture
def look(box: Sandbox, service: Wire, time: Time) -> Callable[..., live.Report]:
    """Checks the sandbox behind a socket that changes its answers to some requests."""
    clock = Clock(now=time.now, today=lambda: START + timedelta(seconds=time.elapsed), sleep=time.sleep)

    def run(change: Callable[[Request, Answer], Answer | WireReply] | None = None) -> live.Report:
        def script(heard: Heard) -> WireReply:
            request = asked(heard)
            answer = box.answer(request)
            changed = answer if change is None else change(request, answer)
            return sent(changed) if isinstance(changed, Answer) else changed

        service.script = script
        return live.check(Settings.resolve(KEY, service.url), spend=False, clock=clock)

    return run


def found(report: live.Report) -> set[tuple[str, str, str]]:
    """Every difference: what kind, in which answer, at which path."""
    return {(each.kind, each.where, each.path) for each in report.calls.conformance.differences}


# -- what is changed ---------------------------------------------------------------------------------------------------

Change = Callable[[Any], Any]


def every(collection: str, change: Callable[[dict[str, Any]], Any]) -> Change:
    """Every item of a list changed in place."""

    def changed(document: Any) -> Any:
        for item in document[collection]:
            change(item)
        return document

    return changed


def member(name: str, value: Any) -> Change:
    """A member set, whether it was there or not."""
    return lambda document: document | {name: value}


def without(name: str) -> Change:
    """A member gone."""
    return lambda document: {key: value for key, value in document.items() if key != name}


def each(collection: str, change: Change) -> Change:
    """Every item of a list replaced."""
    return lambda document: document | {collection: [change(item) for item in document[collection]]}


BATCH, IMAGE = "/batches/bt_[^/]*", "/images/im_[^/]*"
PAGE = "/batches"

# pattern of the path below the base URL, change of the document, difference: kind, answer, path
BODIES = [
    ("/models", each("models", member("vendor", "x")), ("undocumented member", "GET /models 200", "models[].vendor")),
    (
        "/models",
        each("models", lambda model: model | {"pricing": model["pricing"] | {"ultra": 9}}),
        ("undocumented member", "GET /models 200", "models[].pricing.ultra"),
    ),
    ("/models", each("models", without("name")), ("missing member", "GET /models 200", "models[].name")),
    ("/models", each("models", member("researcher", None)), ("null", "GET /models 200", "models[].researcher")),
    ("/models", each("models", member("tags", "fast")), ("type", "GET /models 200", "models[].tags")),
    ("/models", each("models", member("tags", [1])), ("type", "GET /models 200", "models[].tags[]")),
    ("/models", each("models", member("released", "soon")), ("format", "GET /models 200", "models[].released")),
    ("/models", lambda document: document["models"], ("envelope", "GET /models 200", "models[]")),
    ("/models", lambda document: {"data": {"items": document["models"]}}, ("envelope", "GET /models 200", "models[]")),
    (
        "/models",
        lambda document: {"models": {model["slug"]: model for model in document["models"]}},
        ("envelope", "GET /models 200", "models[]"),
    ),
    (
        "/models",
        lambda document: [model | {"vendor": 1} for model in document["models"]],
        ("undocumented member", "GET /models 200", "models[].vendor"),
    ),
    ("/models/[^/]*", lambda document: {"model": document}, ("envelope", "GET /models/{model} 200", "")),
    ("/models/[^/]*", member("slug", "other"), ("page", "GET /models/{model} 200", "slug")),
    (
        "/styles",
        lambda document: {"styles": [style for group in document["styles"] for style in group["styles"]]},
        ("envelope", "GET /styles 200", "styles[].styles[]"),
    ),
    (
        "/styles",
        lambda document: {"categories": {group["category"]: group["styles"] for group in document["styles"]}},
        ("envelope", "GET /styles 200", "styles[].styles[]"),
    ),
    ("/shapes", each("shapes", member("width", 0)), ("bound", "GET /shapes 200", "shapes[].width")),
    ("/shapes", each("shapes", member("width", True)), ("type", "GET /shapes 200", "shapes[].width")),
    ("/credits", lambda _document: {"credits": 5}, ("missing member", "GET /credits 200", "balance")),
    ("/credits", lambda _document: {"credits": 5}, ("undocumented member", "GET /credits 200", "credits")),
    ("/credits", lambda document: {"data": document}, ("envelope", "GET /credits 200", "")),
    ("/credits", member("balance", 9.5), ("type", "GET /credits 200", "balance")),
    ("/credits", member("plan", {"name": "free"}), ("type", "GET /credits 200", "plan")),
    (PAGE, each("batches", member("status", "queued")), ("word", "GET /batches 200", "batches[].status")),
    (PAGE, each("batches", member("quality", "ultra")), ("word", "GET /batches 200", "batches[].quality")),
    (PAGE, each("batches", member("createdAt", 1772366400000)), ("type", "GET /batches 200", "batches[].createdAt")),
    (PAGE, each("batches", member("createdAt", "today")), ("format", "GET /batches 200", "batches[].createdAt")),
    (PAGE, each("batches", member("imageCount", -1)), ("bound", "GET /batches 200", "batches[].imageCount")),
    (PAGE, member("nextCursor", "opaque"), ("type", "GET /batches 200", "nextCursor")),
    (PAGE, without("hasMore"), ("missing member", "GET /batches 200", "hasMore")),
    (PAGE, lambda document: {"data": document}, ("envelope", "GET /batches 200", "batches[]")),
    (PAGE, lambda document: document | {"batches": document["batches"] * 2}, ("page", "GET /batches 200", "")),
    (BATCH, each("images", member("status", "cooking")), ("word", "GET /batches/{batchId} 200", "images[].status")),
    (BATCH, each("images", member("seed", 7)), ("undocumented member", "GET /batches/{batchId} 200", "images[].seed")),
    (BATCH, member("images", None), ("null", "GET /batches/{batchId} 200", "images")),
    (IMAGE, without("prompt"), ("missing member", "GET /images/{imageId} 200", "prompt")),
    (IMAGE, lambda document: {"data": document}, ("envelope", "GET /images/{imageId} 200", "")),
    ("/images", each("images", member("isFavorite", 1)), ("type", "GET /images 200", "images[].isFavorite")),
    ("/images", each("images", member("batchId", "bt_other")), ("page", "GET /images 200", "")),
    ("/openapi.json", lambda _document: {"swagger": "2.0"}, ("body", "GET /openapi.json 200", "")),
    (
        "/openapi.json",
        lambda document: document | {"paths": {"/models": {"get": {"parameters": 7}}}},
        ("body", "GET /openapi.json 200", ""),
    ),
]


@pytest.mark.parametrize(
    ("path", "change", "expected"), BODIES, ids=lambda value: None if callable(value) else f"{value}"
)
def test_a_body_that_differs_is_told(look, path: str, change: Change, expected: tuple[str, str, str]) -> None:
    """Members, nulls, types, formats, bounds, words and envelopes, each by its path."""

    def changed(request: Request, answer: Answer) -> Answer:
        if answer.status != 200 or not re.fullmatch(f"/api/v1{path}", request.path):
            return answer
        document = change(copy.deepcopy(json.loads(answer.body)))
        return evolve(answer, body=json.dumps(document).encode())

    report = look(changed)
    assert expected in found(report)
    assert report.differs


ERROR = b'{"error": {"code": "%s", "message": "no"}}'


def instead(status: int, body: bytes, content_type: str = "application/json", **headers: str) -> Callable[..., bytes]:
    """An answer given whatever the sandbox says."""
    return lambda _answer: reply(body, status, content_type=content_type, **headers)


# pattern of the target below the base URL, status that is replaced, answer, difference
ANSWERS = [
    ("/batches/pixola.*", 404, instead(400, ERROR % b"bad_request"), "unexpected status", "GET /batches/{batchId} 400"),
    ("/batches/pixola.*", 404, instead(410, ERROR % b"not_found"), "undocumented status", "GET /batches/{batchId} 410"),
    ("/batches/pixola.*", 404, instead(404, ERROR % b"gone"), "word", "GET /batches/{batchId} 404"),
    ("/models/pixola.*", 404, instead(404, b'{"message": "no"}'), "missing member", "GET /models/{model} 404"),
    ("/models/pixola.*", 404, instead(404, b'{"message": "no"}'), "undocumented member", "GET /models/{model} 404"),
    ("/images/pixola.*", 404, instead(404, b"<h1>404</h1>", "text/html"), "body", "GET /images/{imageId} 404"),
    ("/images/pixola.*", 404, instead(404, b"<h1>404</h1>", "text/html"), "content type", "GET /images/{imageId} 404"),
    ("/images/pixola.*", 404, instead(502, b"", "text/plain"), "undocumented status", "GET /images/{imageId} 502"),
    ("/credits", 401, instead(403, ERROR % b"forbidden"), "unexpected status", "GET /credits 403"),
    ("/styles", 200, instead(401, ERROR % b"unauthorized"), "undocumented status", "GET /styles 401"),
    (
        "/styles",
        200,
        instead(302, b"", location="https://elsewhere.example/"),
        "undocumented status",
        "GET /styles 302",
    ),
    ("/styles", 200, instead(200, b"[1, 2", "application/json"), "body", "GET /styles 200"),
    ("/styles", 200, instead(200, b'{"styles": []}', "text/plain"), "content type", "GET /styles 200"),
    ("/styles", 200, instead(500, ERROR % b"internal_error"), "unexpected status", "GET /styles 500"),
    ("/styles", 200, instead(429, ERROR % b"rate_limited"), "missing header", "GET /styles 429"),
    (
        "/styles",
        200,
        instead(429, ERROR % b"rate_limited", retry_after="Sun, 01 Mar 2026 12:00:09 GMT"),
        "type",
        "GET /styles 429",
    ),
    ("/styles", 200, lambda _answer: None, "no answer", "GET /styles"),
    ("/batches.limit=2&cursor.*", 200, lambda _answer: instead(200, b"null")(0), "null", "GET /batches 200"),
    ("/batches.limit=101", 400, lambda answer: evolve(answer, status=200), "unexpected status", "GET /batches 200"),
]


@pytest.mark.parametrize(("target", "status", "answer", "kind", "where"), ANSWERS)
def test_an_answer_that_differs_is_told(
    look, target: str, status: int, answer: Callable[[Answer], Any], kind: str, where: str
) -> None:
    """Statuses, content types, documented headers, error envelopes and their codes, and silence."""

    def changed(request: Request, real: Answer) -> Any:
        asked_for = f"{request.path}?{request.query}" if request.query else request.path
        fits = re.fullmatch(f"/api/v1{target}", asked_for) is not None and real.status == status
        return answer(real) if fits else real

    assert (kind, where) in {found[:2] for found in found(look(changed))}


def test_a_cursor_that_leads_nowhere_is_told(look, box: Sandbox) -> None:
    """The second page must not be the first."""

    def changed(request: Request, answer: Answer) -> Answer:
        return box.answer(evolve(request, query="limit=2")) if "cursor" in request.query else answer

    assert {("page", "GET /batches 200", ""), ("page", "GET /images 200", "")} <= found(look(changed))


# a fault of the sandbox, and the kind of difference that it must show as
FAULTS = [
    ("extra-members", "undocumented member"),
    ("null-members", "null"),
    ("missing-members", "missing member"),
    ("epoch-timestamps", "type"),
    ("unknown-status", "word"),
    ("invalid-json", "body"),
    ("wrong-type", "content type"),
    ("empty-object", "missing member"),
    ("redirect", "undocumented status"),
    ("html-502", "undocumented status"),
    ("empty-520", "undocumented status"),
    ("internal-error", "unexpected status"),
    ("rate-limited-bare", "missing header"),
    ("rate-limited-date", "type"),
    ("reset", "no answer"),
    ("truncated", "no answer"),
]


@pytest.mark.parametrize(("fault", "kind"), FAULTS)
def test_faults_of_the_sandbox_are_found(fault: str, kind: str, time: Time) -> None:
    """Over HTTP, as `make live` sees them."""
    clock = Clock(now=time.now, sleep=time.sleep)
    with SandboxServer(api_key=KEY, document=reference()) as server, Pixola(KEY, server.url) as px:
        for number in range(3):
            px.submit(f"A lighthouse, {number}")
        server.sandbox.faults.add(fault, path="*/batches*")
        report = live.check(Settings.resolve(KEY, server.url), spend=False, clock=clock)
    assert kind in {each.kind for each in report.calls.conformance.differences}
    assert {each.where.split()[1].split("/")[1] for each in report.calls.conformance.differences} == {"batches"}


def test_the_sandbox_as_it_is_has_no_difference(look, box: Sandbox) -> None:
    """And everything was looked at: each operation that reads, and each error that costs nothing."""
    report = look()
    assert (found(report), report.calls.changes, report.calls.unchecked, report.differs) == (set(), [], [], False)
    statuses = {(entry.path.split("/")[3], entry.status) for entry in box.journal.entries}
    assert {status for _, status in statuses} == {200, 400, 401, 404}
    reads = {path.split("/")[1] for path, item in reference()["paths"].items() if "get" in item}
    assert {name for name, status in statuses if status == 200} >= reads
    assert report.requests == 20
    assert "no difference; 20 requests" in report.text()


def test_an_empty_account_is_no_difference(look, box: Sandbox) -> None:
    """What could not be looked at is said."""
    box.reset()
    report = look()
    assert not report.differs
    assert report.calls.unchecked == [
        "GET /batches/{batchId}: GET /batches names nothing to ask for",
        "GET /images/{imageId}: GET /images names nothing to ask for",
    ]


def test_it_keeps_to_the_documented_limits(look, time: Time) -> None:
    """Never more than 30 requests in any minute."""
    moments: list[float] = []

    def noted(_request: Request, answer: Answer) -> Answer:
        moments.append(time.elapsed)
        return answer

    look(noted)
    assert max(sum(start <= moment < start + 60 for moment in moments) for start in moments) <= 30
    assert moments == sorted(moments)
    assert min(later - sooner for sooner, later in itertools.pairwise(moments)) >= 2


def test_a_429_is_waited_for_once(look, time: Time) -> None:
    """What was refused is looked at all the same, and the refusal is told."""
    refused: list[str] = []

    def limited(request: Request, answer: Answer) -> Any:
        if request.path.endswith("/shapes") and not refused:
            refused.append(request.path)
            return reply(ERROR % b"rate_limited", 429, retry_after="40")
        return answer

    report = look(limited)
    assert found(report) == set()
    assert 40.0 in time.slept
    assert report.calls.unchecked == ["GET /shapes: 429 after 6 requests, Retry-After 40.0; asked once more"]


def test_a_hundred_items_are_told_once(look) -> None:
    """With how many there were, and one of them as an example."""

    def changed(request: Request, answer: Answer) -> Answer:
        if not request.path.endswith("/models"):
            return answer
        document = each("models", member("vendor", "first"))(json.loads(answer.body))
        return evolve(answer, body=json.dumps(document).encode())

    (difference,) = look(changed).calls.conformance.differences
    assert (difference.count, difference.example, difference.found) == (MODELS, '"first"', "string")


def test_no_secret_is_printed(look) -> None:
    """Neither the key nor a signature, wherever the service repeats them."""

    def leaky(request: Request, answer: Answer) -> Any:
        if answer.status != 200 or request.path.endswith("openapi.json"):
            return answer
        document = json.loads(answer.body) | {
            "yourKey": KEY,
            f"of {KEY}": 1,
            "line\nbreak\x1b[31m": 1,
            "link": SIGNED,
            "token": f"Bearer {'x' * 30}",
        }
        headers = {"set-cookie": "session=0badc0de", "x-debug": KEY, "link": f"<{SIGNED}>; rel=next"}
        return evolve(answer, body=json.dumps(document).encode(), headers={**answer.headers, **headers})

    report = look(leaky)
    for printed in (report.text(), json.dumps(report.document(), ensure_ascii=False)):
        assert "yourKey" in printed
        assert "\x1b" not in printed
        assert "https://cdn.example/a.png?…" in printed
        assert [secret for secret in (KEY, "0badc0de", "x" * 30) if secret in printed] == []


def test_undocumented_headers_are_told_but_differ_from_nothing(look) -> None:
    """They are worth knowing: who stands in front, and what it says of limits."""

    def behind_a_cdn(_request: Request, answer: Answer) -> Answer:
        extra = {"cf-ray": "8a1b-FRA", "server": "cloudflare", "age": "3", "date": "Sun, 01 Mar 2026 13:00:00 GMT"}
        return evolve(answer, headers={**answer.headers, **extra})

    report = look(behind_a_cdn)
    assert not report.differs
    assert {"cf-ray", "server", "age", "date"} <= set(report.calls.headers.seen)
    assert report.calls.headers.seen["server"] == (20, '"cloudflare"')
    assert report.calls.headers.skew is not None
    assert 3500 < report.calls.headers.skew <= 3600


def test_another_document_is_compared_by_the_rules_of_spec_diff(look) -> None:
    """What the service says of itself is a difference too."""

    def changed(request: Request, answer: Answer) -> Answer:
        if not request.path.endswith("/openapi.json"):
            return answer
        document = json.loads(answer.body)
        del document["paths"]["/shapes"]
        return evolve(answer, body=json.dumps(document).encode())

    report = look(changed)
    assert [change.rule for change in report.calls.changes] == ["operation-removed"]
    assert report.differs
    assert "operation-removed" in report.text()
    assert report.document()["documentChanges"][0]["severity"] == "breaking"


def test_without_spend_nothing_is_submitted(look, box: Sandbox) -> None:
    """Not a single POST."""
    look()
    assert sum(entry.method == "POST" for entry in box.journal.entries) == 3  # those of the fixture


def test_a_refused_key_ends_it_at_once(time: Time, service: Wire) -> None:
    """Twenty more refusals would tell nothing."""
    service.script = lambda _heard: reply(ERROR % b"unauthorized", 401)
    with pytest.raises(RefusedKeyError):
        live.check(Settings.resolve(KEY, service.url), spend=False, clock=Clock(now=time.now, sleep=time.sleep))
    assert len(service.heard) == 1
