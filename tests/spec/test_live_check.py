"""`make live` finds nothing on the sandbox as it is, and every kind of difference on a service that differs."""

import copy
import itertools
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import live_check
import pytest
from attrs import evolve
from conformance import Conformance, Reply, shortened
from live_calls import Clock, RefusedKeyError

from pixola_ext import Pixola, spec
from pixola_ext.sandbox import Sandbox
from pixola_ext.sandbox.messages import Answer, Request
from pixola_ext.sandbox.server import SandboxServer
from pixola_ext.settings import Settings
from tests.faces import START, Time
from tests.wire import Heard, Wire, reply
from tests.wire import Reply as WireReply

KEY = "pxk_live_0123456789"
SIGNED = "https://cdn.example/a.png?expires=1&signature=0badc0de0badc0de"
MODELS = len(Pixola.sandbox().models.list())


@pytest.fixture
def box(time: Time) -> Sandbox:
    """A sandbox with three batches, one after the other."""
    sandbox = Sandbox(api_key=KEY, clock=lambda: START.timestamp() + time.elapsed)
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
def look(box: Sandbox, service: Wire, time: Time) -> Callable[..., live_check.Report]:
    """Checks the sandbox behind a socket that changes its answers to some requests."""
    clock = Clock(now=time.now, today=lambda: START + timedelta(seconds=time.elapsed), sleep=time.sleep)

    def run(change: Callable[[Request, Answer], Answer | WireReply] | None = None) -> live_check.Report:
        def script(heard: Heard) -> WireReply:
            request = asked(heard)
            answer = box.answer(request)
            changed = answer if change is None else change(request, answer)
            return sent(changed) if isinstance(changed, Answer) else changed

        service.script = script
        return live_check.check(Settings.resolve(KEY, service.url), spend=False, clock=clock)

    return run


def found(report: live_check.Report) -> set[tuple[str, str, str]]:
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


@pytest.mark.parametrize(("path", "change", "expected"), BODIES, ids=lambda value: str(value) if value else "-")
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
    with SandboxServer(api_key=KEY) as server, Pixola(KEY, server.url) as px:
        for number in range(3):
            px.submit(f"A lighthouse, {number}")
        server.sandbox.faults.add(fault, path="*/batches*")
        report = live_check.check(Settings.resolve(KEY, server.url), spend=False, clock=clock)
    assert kind in {each.kind for each in report.calls.conformance.differences}
    assert {each.where.split()[1].split("/")[1] for each in report.calls.conformance.differences} == {"batches"}


def test_the_sandbox_as_it_is_has_no_difference(look, box: Sandbox) -> None:
    """And everything was looked at: each operation that reads, and each error that costs nothing."""
    report = look()
    assert (found(report), report.calls.changes, report.calls.unchecked, report.differs) == (set(), [], [], False)
    statuses = {(entry.path.split("/")[3], entry.status) for entry in box.journal.entries}
    assert {status for _, status in statuses} == {200, 400, 401, 404}
    reads = {path.split("/")[1] for path, item in spec()["paths"].items() if "get" in item}
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
        document = json.loads(answer.body) | {"yourKey": KEY, "link": SIGNED, "token": f"Bearer {'x' * 30}"}
        headers = {"set-cookie": "session=0badc0de", "x-debug": KEY, "link": f"<{SIGNED}>; rel=next"}
        return evolve(answer, body=json.dumps(document).encode(), headers={**answer.headers, **headers})

    report = look(leaky)
    for printed in (report.text(), json.dumps(report.document(), ensure_ascii=False)):
        assert "yourKey" in printed
        assert "https://cdn.example/a.png?…" in printed
        assert [secret for secret in (KEY, "0badc0de", "x" * 30) if secret in printed] == []


@pytest.mark.parametrize("value", ["line\nbreak \x1b[31m", "x" * 1000, ["a"] * 3, {"a": 1, "b": 2}, None, 1.5])
def test_an_example_is_one_short_line(value: Any) -> None:
    """Whatever the service sends."""
    text = shortened(value)
    assert text.isprintable()
    assert 0 < len(text) <= 60


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


def test_a_document_of_version_3_1_is_understood() -> None:
    """Types as lists, constants, maps and alternatives: the document may be replaced by the live one."""
    item = {
        "type": "object",
        "required": ["kind", "size"],
        "properties": {
            "kind": {"const": "a"},
            "size": {"type": ["integer", "null"], "exclusiveMinimum": 0},
            "either": {"oneOf": [{"type": "string"}, {"type": "object", "properties": {"x": {"type": "integer"}}}]},
            "map": {"type": "object", "additionalProperties": {"type": "integer"}},
        },
    }
    answer = {"content": {"application/json": {"schema": {"type": "array", "items": item}}}}
    document = {"openapi": "3.1.0", "paths": {"/models": {"get": {"responses": {"2XX": answer}}}}}
    check = Conformance(document)
    good = [{"kind": "a", "size": None, "either": "x", "map": {"b": 1}}, {"kind": "a", "size": 3, "either": {"x": 1}}]
    bad = [{"kind": "b", "size": 0, "either": {"x": "1"}, "map": {"b": "1"}}]
    json_type = {"content-type": "application/json; charset=utf-8"}
    check.check("GET", "/models", Reply(200, json_type, json.dumps(good).encode()))
    assert check.differences == []
    check.check("GET", "/models", Reply(200, json_type, json.dumps(bad).encode()))
    told = {(each.kind, each.path) for each in check.differences}
    assert told == {("word", "[].kind"), ("bound", "[].size"), ("type", "[].either.x"), ("type", "[].map.*")}


# -- the command -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({}, "create one at https://www.pixola.ai/settings and set PIXOLA_API_KEY"),
        ({"PIXOLA_API_KEY": "pxk_a b"}, "api_key"),
        ({"PIXOLA_API_KEY": KEY, "PIXOLA_BASE_URL": "http://www.pixola.ai/api/v1"}, "use https"),
        ({"PIXOLA_API_KEY": KEY, "PIXOLA_BASE_URL": "http://127.0.0.1:1/api/v1"}, "cannot reach"),
    ],
)
def test_what_cannot_be_checked_is_said_in_one_line(environ, says, capsys, time: Time) -> None:
    """Exit code 2, and nothing on stdout."""
    assert live_check.main([], environ, Clock(now=time.now, sleep=time.sleep)) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert says in err
    assert KEY not in err


def test_a_key_that_is_refused_is_no_difference(capsys, time: Time) -> None:
    """It says where to get one."""
    with SandboxServer(api_key="pxk_another") as server:
        environ = {"PIXOLA_API_KEY": KEY, "PIXOLA_BASE_URL": server.url}
        assert live_check.main([], environ, Clock(now=time.now, sleep=time.sleep)) == 2
    assert "refuses the key" in capsys.readouterr().err


@pytest.mark.parametrize(("faults", "code"), [([], 0), (["extra-members"], 1)])
def test_the_exit_code_tells_whether_anything_differs(faults, code, capsys, time: Time) -> None:
    """And --json is one document."""
    with SandboxServer(api_key=KEY) as server:
        for fault in faults:
            server.sandbox.faults.add(fault, path="*/models")
        environ = {"PIXOLA_API_KEY": KEY, "PIXOLA_BASE_URL": server.url}
        assert live_check.main(["--json"], environ, Clock(now=time.now, sleep=time.sleep)) == code
    document = json.loads(capsys.readouterr().out)
    assert bool(document["differences"]) == bool(code)
    assert document["requests"] == 15


# -- with --spend ------------------------------------------------------------------------------------------------------


@pytest.fixture
def spend(time: Time):
    """Checks a sandbox over HTTP, and generates; all on one clock that is moved by hand."""

    def run(fault: str | None = None, **conditions: Any) -> tuple[live_check.Report, Sandbox]:
        def now() -> float:
            return START.timestamp() + time.elapsed

        clock = Clock(now=time.now, today=lambda: START + timedelta(seconds=time.elapsed), sleep=time.sleep)
        with SandboxServer(api_key=KEY, clock=now, latency=10.0) as server:
            if fault is not None:
                server.sandbox.faults.add(fault, **conditions)
            settings = Settings.resolve(KEY, server.url)
            return live_check.check(settings, spend=True, clock=clock, client_clock=time.clock()), server.sandbox

    return run


def test_a_generation_is_followed_to_its_end(spend) -> None:
    """With the cheapest model, in standard quality: which members appear when, the picture, and what it cost."""
    report, box = spend()
    assert (found(report), report.trouble) == (set(), None)
    generation = report.generation
    assert generation is not None
    (batch,) = box.world.accounts[KEY].batches
    assert (batch.batch_id, batch.submission.quality) == (generation.batch_id, "standard")
    assert batch.price == min(model["pricing"]["standard"] for model in _models(box))
    told = [moment.what for moment in generation.moments]
    assert told.index("GET /batches/{batchId}: status is processing") < told.index(
        "GET /batches/{batchId}: images[].url"
    )
    assert any(re.fullmatch(r"downloaded a png of \d+ bytes in \d+\.\d\d s", what) for what in told)
    assert told[-1] == f"credits: 1000 before, {1000 - batch.price} now, {batch.price} charged"
    seconds = [moment.seconds for moment in generation.moments]
    assert seconds == sorted(seconds)
    assert (generation.store["status"], generation.store["content-type"]) == ("200", "image/png")
    printed = report.text() + json.dumps(report.document())
    assert "signature=" not in printed
    assert KEY not in printed


def test_without_spend_nothing_is_submitted(look, box: Sandbox) -> None:
    """Not a single POST."""
    look()
    assert sum(entry.method == "POST" for entry in box.journal.entries) == 3  # those of the fixture


def test_differences_of_a_generation_are_told(spend) -> None:
    """Though the client makes light of them."""
    report, _ = spend("extra-members", path="*/generate")
    assert ("undocumented member", "POST /generate 200", "sandboxExtra") in found(report)
    assert report.trouble is None


def test_a_generation_that_fails_is_told(spend) -> None:
    """What was found until then is reported all the same."""
    report, _ = spend("content-flagged", path="*/generate")
    assert report.generation is None
    assert report.trouble is not None
    assert report.trouble.startswith("ContentFlaggedError")
    assert report.differs


def _models(box: Sandbox) -> list[dict[str, Any]]:
    return json.loads(box.answer(Request("GET", "/api/v1/models")).body)["models"]


def test_a_refused_key_ends_it_at_once(time: Time, service: Wire) -> None:
    """Twenty more refusals would tell nothing."""
    service.script = lambda _heard: reply(ERROR % b"unauthorized", 401)
    with pytest.raises(RefusedKeyError):
        live_check.check(Settings.resolve(KEY, service.url), spend=False, clock=Clock(now=time.now, sleep=time.sleep))
    assert len(service.heard) == 1
