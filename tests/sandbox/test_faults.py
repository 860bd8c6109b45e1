"""Failures on demand, asked for in the three ways, as a client meets them."""

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from pixola_ext.sandbox.faults import FATES, KINDS
from tests.support.sandboxes import Opened, Reached

BROKEN = (httpx.TransportError,)
GATEWAY = (500, 502, 503, 504, 520, 529)


def faulty(box: Reached, fault: str, path: str = "/credits", **kwargs: Any) -> httpx.Response:
    """An answer with a fault asked for by header."""
    return box.get(path, headers={"X-Sandbox-Fault": fault}, **kwargs)


def url_of(box: Reached, prompt: str = "a cat") -> str:
    """The URL of a small new picture."""
    found: str = box.get(f"/batches/{box.submit(prompt, shape='panorama')}").json()["images"][0]["url"]
    return found


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("bad-request", 400, "bad_request"),
        ("unauthorized", 401, "unauthorized"),
        ("not-found", 404, "not_found"),
        ("content-flagged", 409, "content_flagged"),
        ("insufficient-credits", 409, "insufficient_credits"),
        ("rate-limited", 429, "rate_limited"),
        ("internal-error", 500, "internal_error"),
    ],
)
def test_every_documented_error(box: Reached, fault: str, status: int, code: str) -> None:
    """By header, in the documented envelope."""
    answer = faulty(box, fault)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


@pytest.mark.parametrize("status", GATEWAY)
def test_what_a_proxy_answers(box: Reached, status: int) -> None:
    """A page in HTML, or nothing at all."""
    page, empty = faulty(box, f"html-{status}"), faulty(box, f"empty-{status}")
    assert (page.status_code, page.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert (empty.status_code, empty.content) == (status, b"")


def test_the_kinds_of_retry_after(box: Reached) -> None:
    """Seconds, a date by the sandbox's clock, ten years, and none."""
    assert faulty(box, "rate-limited").headers["retry-after"] == "1"
    answer = faulty(box, "rate-limited-date")
    date, now = (parsedate_to_datetime(answer.headers[name]) for name in ("retry-after", "date"))
    assert (date - now).total_seconds() == 2
    assert faulty(box, "rate-limited-huge").headers["retry-after"] == "315360000"
    assert "retry-after" not in faulty(box, "rate-limited-bare").headers


def test_a_redirect_leads_to_another_origin(box: Reached) -> None:
    """One that does not exist."""
    answer = faulty(box, "redirect")
    assert (answer.status_code, answer.headers["location"]) == (302, "https://elsewhere.invalid/")


@pytest.mark.parametrize(
    ("fault", "batches"), [("reset", 0), ("reset-after", 1), ("html-502", 0), ("html-502-after", 1)]
)
def test_before_or_after_acceptance(box: Reached, fault: str, batches: int) -> None:
    """A submission that fails may or may not have been accepted."""
    try:
        answer = box.post({"prompt": "a cat"}, headers={"X-Sandbox-Fault": fault})
    except httpx.TransportError:
        assert fault.startswith("reset")
    else:
        assert answer.status_code == 502
    assert len(box.get("/batches").json()["batches"]) == batches


@pytest.mark.parametrize("fault", ["hang", "drip"])
def test_what_never_ends_times_out(box: Reached, fault: str) -> None:
    """On the client's side; the sandbox goes on."""
    with pytest.raises(httpx.TimeoutException):
        faulty(box, fault, timeout=0.3)
    assert box.get("/credits").status_code == 200


def test_a_truncated_answer_breaks_off(box: Reached) -> None:
    """Fewer bytes than announced."""
    with pytest.raises(httpx.RemoteProtocolError):
        faulty(box, "truncated")


def test_bodies_that_are_not_json(box: Reached) -> None:
    """Half of it, the wrong label, or an empty object."""
    with pytest.raises(ValueError, match="Expecting|Unterminated"):
        faulty(box, "invalid-json").json()
    assert faulty(box, "wrong-type").headers["content-type"].startswith("text/html")
    assert faulty(box, "empty-object").json() == {}


CHANGED: list[tuple[str, Callable[[dict[str, Any]], bool]]] = [
    ("unknown-status", lambda image: image["status"] == "warming_up"),
    ("missing-members", lambda image: image.keys() == {"imageId", "batchId", "url", "status"}),
    ("null-members", lambda image: image["model"] is None and image["createdAt"] is None and image["url"] is not None),
    ("extra-members", lambda image: "sandboxExtra" in image and "model" in image),
    ("epoch-timestamps", lambda image: image["createdAt"] == 1_772_366_400_000),
]


@pytest.mark.parametrize(("fault", "holds"), CHANGED)
def test_members_that_change(box: Reached, fault: str, holds: Callable[[dict[str, Any]], bool]) -> None:
    """By header in any answer, and by a word in the prompt whenever its batch is looked at."""
    box.submit()
    assert holds(faulty(box, fault, "/images").json()["images"][0])
    batch = box.get(f"/batches/{box.submit(f'a cat sandbox:{fault}')}").json()
    image = box.get(f"/images/{box.get('/images').json()['images'][0]['imageId']}").json()
    assert holds(image)
    assert batch["images"][0]["imageId"] == image["imageId"]


@pytest.mark.parametrize(
    ("word", "statuses", "status", "charged"),
    [
        ("fails", ["failed"], "failed", 0),
        ("is-rejected", ["rejected"], "rejected", 0),
        ("partial", ["complete", "failed"], "complete", 12),
        ("never-finishes", ["processing"], "processing", 0),
    ],
)
def test_what_becomes_of_a_batch(box: Reached, word: str, statuses: list[str], status: str, charged: int) -> None:
    """A word in the prompt decides."""
    batch = box.get(f"/batches/{box.submit(f'a cat, sandbox:{word}!')}").json()
    assert batch["status"] == status
    assert [image["status"] for image in batch["images"]] == statuses
    assert box.get("/credits").json()["balance"] == 1000 - charged


def test_a_word_in_the_prompt_fails_the_submission(box: Reached) -> None:
    """As a test card number does."""
    assert box.post({"prompt": "a cat sandbox:internal-error"}).status_code == 500
    assert box.post({"prompt": "a cat sandbox:internal-error-after"}).status_code == 500
    assert len(box.get("/batches").json()["batches"]) == 1


def test_unknown_words_in_a_prompt_mean_nothing(box: Reached) -> None:
    """Only the documented ones do."""
    assert box.post({"prompt": "a sandbox:castle on a sandbox: beach"}).status_code == 200


@pytest.mark.parametrize("body", [b'{"prompt": "sandbox:reset', b'["sandbox:reset"]', b'{"prompt": ["sandbox:reset"]}'])
def test_words_in_a_malformed_body_mean_nothing(box: Reached, body: bytes) -> None:
    """What is wrong with it is said first."""
    assert box.post(content=body).json()["error"]["code"] == "bad_request"


def test_an_unknown_fault_in_the_header_is_refused(box: Reached) -> None:
    """So that a typing error does not make a test pass."""
    answer = faulty(box, "html-999")
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "x-sandbox-fault: there is no fault 'html-999'"


# -- downloads --------------------------------------------------------------------------------------------------------


def test_downloads_that_go_wrong(box: Reached) -> None:
    """Expired, mislabelled, not an image, leading elsewhere."""
    assert box.http.get(url_of(box, "sandbox:download-expired")).status_code == 403
    page = box.http.get(url_of(box, "sandbox:download-not-an-image"))
    assert (page.headers["content-type"], page.text) == ("text/html", "<html>Sign in</html>")
    assert box.http.get(url_of(box, "sandbox:download-mislabelled")).headers["content-type"] == "image/png"
    assert box.http.get(url_of(box, "sandbox:download-redirect")).status_code == 302


@pytest.mark.parametrize("fault", ["download-truncated", "download-oversized"])
def test_downloads_that_break_off(box: Reached, fault: str) -> None:
    """With another length than announced."""
    with box.http.stream("GET", url_of(box, f"sandbox:{fault}")) as answer:
        assert (int(answer.headers["content-length"]) > 10**9) is (fault == "download-oversized")
        with pytest.raises(httpx.RemoteProtocolError):
            answer.read()


def test_a_download_without_end(box: Reached) -> None:
    """No length is announced, and bytes come until the client disconnects, which ends the answer."""
    with box.http.stream("GET", url_of(box, "sandbox:download-endless")) as answer:
        assert "content-length" not in answer.headers
        size = 0
        for chunk in answer.iter_raw():
            size += len(chunk)
            if size > 2_000_000:
                break
    assert box.get("/credits").status_code == 200


# -- rules ------------------------------------------------------------------------------------------------------------


def admin(box: Reached, method: str, name: str, document: Any = None) -> httpx.Response:
    """An admin call."""
    return box.http.request(method, f"{box.sandbox.origin}/_sandbox/{name}", json=document)


def test_a_rule_counts(box: Reached) -> None:
    """So many times, for what it matches."""
    rule = {"fault": "html-502", "match": {"method": "GET", "path": "/api/v1/batches*"}, "times": 2}
    assert admin(box, "POST", "faults", rule).status_code == 200
    assert box.get("/credits").status_code == 200
    assert [box.get("/batches").status_code for _ in range(3)] == [502, 502, 200]
    (kept,) = admin(box, "GET", "faults").json()["rules"]
    assert (kept["hits"], kept["times"]) == (2, 2)
    assert admin(box, "DELETE", "faults").json()["rules"] == []


def test_a_rule_has_chance_from_the_seed(opened: Opened) -> None:
    """The same seed fails the same requests."""

    def outcomes(seed: int) -> list[int]:
        box = opened(seed=seed)
        admin(box, "POST", "faults", {"fault": "html-503", "probability": 0.3})
        return [box.get("/credits").status_code for _ in range(60)]

    first = outcomes(1)
    assert 5 < first.count(503) < 35
    assert first == outcomes(1) != outcomes(2)


def test_rules_reach_pictures(box: Reached) -> None:
    """Their origin is subject to them too."""
    url = url_of(box)
    box.sandbox.faults.add("html-503", path="/images/*", times=1)
    assert box.http.get(url, headers={"authorization": ""}).status_code == 503


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({}, "fault"),
        ({"fault": "nothing"}, "fault"),
        ({"fault": "reset", "times": -1}, "times"),
        ({"fault": "reset", "times": 1.5}, "times"),
        ({"fault": "reset", "probability": 2}, "probability"),
        ({"fault": "reset", "match": []}, "match"),
        ({"fault": "reset", "match": {"host": "x"}}, "host"),
        ({"fault": "reset", "often": 1}, "often"),
    ],
)
def test_a_malformed_rule_names_the_field(box: Reached, document: Any, field: str) -> None:
    """In the same envelope."""
    answer = admin(box, "POST", "faults", document)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith(f"{field}: ")


def test_the_document_lists_every_fault() -> None:
    """The tables in docs/sandbox.md are complete."""
    text = (Path(__file__).parents[2] / "docs/sandbox.md").read_text("utf-8")
    named = {*KINDS, *FATES} - {f"{kind}-{status}" for kind in ("html", "empty") for status in GATEWAY}
    missing = [name for name in named if f"`{name}`" not in text and f"`{name.removesuffix('-after')}`" not in text]
    assert [name for name in missing if not name.startswith(("html-", "empty-"))] == []
    for status in GATEWAY:
        assert f"{status}" in text
