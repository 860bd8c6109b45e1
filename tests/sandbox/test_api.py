"""The operations of the API, in the process and over HTTP."""

import json
from functools import partial
from typing import Any

import httpx
import pytest

from pixola_ext.sandbox.limits import RateLimits
from tests.support.sandboxes import KEY, Opened, Reached

ERRORS = {400: "bad_request", 401: "unauthorized", 404: "not_found", 405: "bad_request", 429: "rate_limited"}


def refused(answer: httpx.Response, status: int) -> str:
    """The message of a refusal, which is in the documented envelope."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    error = answer.json()["error"]
    assert error.keys() == {"code", "message"}
    assert error["code"] == ERRORS[status]
    return str(error["message"])


@pytest.mark.parametrize("path", ["/models", "/styles", "/shapes", "/openapi.json"])
def test_open_calls_need_no_key(box: Reached, path: str) -> None:
    """The three lists and the document are for everyone."""
    del box.http.headers["authorization"]
    assert box.get(path).status_code == 200


@pytest.mark.parametrize(
    "path", ["/models/flux-2", "/styles/anime", "/shapes/square", "/credits", "/batches", "/images", "/images/im_1"]
)
@pytest.mark.parametrize("header", [None, "Bearer pxk_wrong", "Bearer", f"Basic {KEY}", KEY, "Bearer \xff"])
def test_everything_else_needs_one(box: Reached, path: str, header: str | None) -> None:
    """Without a valid key the answer is 401, and says which scheme is wanted."""
    headers = {} if header is None else {"authorization": header.encode("latin-1")}
    del box.http.headers["authorization"]
    answer = box.get(path, headers=headers)
    assert "API key" in refused(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"


def test_the_scheme_is_read_in_any_case(box: Reached) -> None:
    """`bearer` is `Bearer` (RFC 9110, 11.1)."""
    assert box.get("/credits", headers={"authorization": f"bearer {KEY}"}).json() == {"balance": 1000, "plan": "free"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "prompt: is required"),
        ({"prompt": ""}, "prompt: must not be empty"),
        ({"prompt": " \n"}, "prompt: must not be empty"),
        ({"prompt": 5}, "prompt: must be a string"),
        ({"prompt": None}, "prompt: must be a string"),
        ({"prompt": "\ud800"}, "prompt: holds half a character"),
        ({"prompt": "a", "model": "flux-22"}, "model: unknown model 'flux-22'"),
        ({"prompt": "a", "model": ""}, "model: unknown model"),
        ({"prompt": "a", "style": "none of these"}, "style: unknown style"),
        ({"prompt": "a", "shape": ["square"]}, "shape: must be a string"),
        ({"prompt": "a", "quality": "worst"}, "quality: unknown quality 'worst'"),
        ({"prompt": "a", "quality": None}, "quality: must be a string"),
        ({"prompt": "a", "model": None}, "model: must be a string"),
        ([], "body: must be a JSON object"),
        ("a", "body: must be a JSON object"),
    ],
)
def test_a_malformed_submission_names_the_field(box: Reached, body: Any, message: str) -> None:
    """And costs nothing."""
    answer = box.post(content=json.dumps(body), headers={"content-type": "application/json"})
    assert refused(answer, 400).startswith(message)
    assert box.get("/batches").json()["batches"] == []


@pytest.mark.parametrize("content", [b"", b"{", b'{"prompt": NaN}', b"\xff", b"[" * 100_000, b'{"prompt": "a"} x'])
def test_what_is_not_json_is_refused(box: Reached, content: bytes) -> None:
    """Whatever bytes come."""
    assert refused(box.post(content=content), 400) == "body: must be JSON"


def test_another_content_type_is_refused(box: Reached) -> None:
    """A form is not JSON, even if it looks like it."""
    answer = box.post(content=b'{"prompt": "a"}', headers={"content-type": "text/plain"})
    assert refused(answer, 400) == "body: the content type must be application/json"


def test_a_huge_body_is_refused(box: Reached) -> None:
    """Bodies are bounded."""
    assert "must not be larger" in refused(box.post({"prompt": "a" * 2_000_000}), 400)


def test_unknown_members_are_ignored(box: Reached) -> None:
    """A client that is newer than the service still works."""
    assert box.post({"prompt": "a", "seed": 5}).status_code == 200


@pytest.mark.parametrize("path", ["/batches", "/images"])
@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("limit=0", "limit: must be a whole number from 1 to 100"),
        ("limit=101", "limit: must be a whole number from 1 to 100"),
        ("limit=ten", "limit: must be"),
        ("limit=", "limit: must be"),
        ("limit=1.5", "limit: must be"),
        ("limit=%2B5", "limit: must be"),
        ("limit=٣", "limit: must be"),
        ("limit=1&limit=2", "limit: is given twice"),
        ("limit=" + "9" * 400, "limit: must be"),
        ("cursor=-1", "cursor: must be"),
        ("cursor=null", "cursor: must be"),
        (f"cursor={2**63}", "cursor: must be"),
        ("cursor=%FF", "query: cannot be read"),
    ],
)
def test_a_malformed_page_names_the_field(box: Reached, path: str, query: str, message: str) -> None:
    """Both lists read their query strictly."""
    assert refused(box.get(f"{path}?{query}"), 400).startswith(message)


def test_an_empty_filter_is_refused(box: Reached) -> None:
    """It is more likely a bug than a wish for everything."""
    assert refused(box.get("/images?batchId="), 400) == "batchId: must not be empty"


@pytest.mark.parametrize(
    "path", ["/models/nothing", "/styles/nothing", "/shapes/nothing", "/batches/bt_1", "/images/im_1"]
)
def test_an_unknown_resource_is_not_found(box: Reached, path: str) -> None:
    """404 in the envelope."""
    assert refused(box.get(path), 404).startswith("There is no such")


@pytest.mark.parametrize(
    "path", ["", "/", "/nothing", "/models/", "/models/flux-2/more", "/credits/", "/batches/%2F/x"]
)
def test_an_unknown_route_is_not_found(box: Reached, path: str) -> None:
    """404 in the same envelope."""
    assert refused(box.get(path), 404).startswith("There is nothing at")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/models"),
        ("DELETE", "/batches/bt_1"),
        ("GET", "/generate"),
        ("OPTIONS", "/generate"),
        ("X-A", "/credits"),
    ],
)
def test_another_method_is_refused(box: Reached, method: str, path: str) -> None:
    """405 in the envelope, saying which method is allowed."""
    answer = box.http.request(method, box.sandbox.base_url + path)
    assert "is not allowed here" in refused(answer, 405)
    assert answer.headers["allow"] in {"GET, HEAD", "POST"}


def test_a_slug_may_be_percent_encoded(box: Reached) -> None:
    """`flux%2D2` is `flux-2`."""
    assert box.get("/models/flux%2D2").json()["slug"] == "flux-2"


def test_the_catalog_is_large_enough(box: Reached) -> None:
    """Forty models, sixty styles, twelve shapes, and the ones that the API reference names."""
    models = {model["slug"] for model in box.get("/models").json()["models"]}
    styles = {style["slug"] for group in box.get("/styles").json()["styles"] for style in group["styles"]}
    shapes = {shape["slug"]: shape for shape in box.get("/shapes").json()["shapes"]}
    assert len(models) >= 40
    assert len(styles) >= 60
    assert len(shapes) >= 12
    assert models >= {"flux-2", "gpt-image-1.5"}
    assert styles >= {"watercolor", "anime", "art-deco", "no-style"}
    assert shapes.keys() >= {"square", "landscape-wide"}
    for shape in shapes.values():
        width, height = (float(part) for part in shape["aspectRatio"].split(":"))
        assert shape["width"] / shape["height"] == pytest.approx(width / height, rel=0.01)


def test_answers_carry_an_id_and_the_date_of_the_sandbox(box: Reached) -> None:
    """The date is the sandbox's, so that what a client reckons with is consistent."""
    answer = box.get("/credits")
    assert answer.headers["x-request-id"] == "req_00000001"
    assert answer.headers["date"] == "Sun, 01 Mar 2026 12:00:00 GMT"


def test_over_the_limit_the_wait_is_told(opened: Opened) -> None:
    """The thirty-first request in a minute is refused; after Retry-After seconds one is allowed again."""
    box = opened(rate_limits=True)
    for _ in range(30):
        assert box.get("/credits").status_code == 200
        box.time.elapsed += 0.5
    answer = box.get("/credits")
    assert "try again in 45 seconds" in refused(answer, 429)
    box.time.elapsed += int(answer.headers["retry-after"])
    assert box.get("/credits").status_code == 200
    assert box.get("/credits").status_code == 429


def test_the_day_has_a_limit_too(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """One request more than a day allows, here 40, waits until the first is a day old."""
    monkeypatch.setattr("pixola_ext.sandbox.world.RateLimits", partial(RateLimits, per_day=40))
    box = opened(rate_limits=True)
    for _ in range(40):
        assert box.get("/credits").status_code == 200
        box.time.elapsed += 3
    answer = box.get("/credits")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) == 86_400 - 120


def test_open_calls_without_a_key_are_not_limited(opened: Opened) -> None:
    """The limits are per key."""
    box = opened(rate_limits=True)
    del box.http.headers["authorization"]
    assert {box.get("/models").status_code for _ in range(31)} == {200}
