"""Every operation of the API reference with every answer that it documents."""

from collections.abc import Iterator
from typing import Any, Final

import httpx
import pytest

from tests.support.contract import answer_violations
from tests.support.sandboxes import Opened, Reached

OPEN: Final = (200, 429, 500)
KEYED: Final = (*OPEN, 401)
STATUSES: Final = {
    ("get", "/models"): OPEN,
    ("get", "/models/{model}"): (*KEYED, 400, 404),
    ("get", "/styles"): OPEN,
    ("get", "/styles/{style}"): (*KEYED, 400, 404),
    ("get", "/shapes"): OPEN,
    ("get", "/shapes/{shape}"): (*KEYED, 400, 404),
    ("get", "/credits"): KEYED,
    ("post", "/generate"): (*KEYED, 400, 409),
    ("get", "/batches"): (*KEYED, 400),
    ("get", "/batches/{batchId}"): (*KEYED, 400, 404),
    ("get", "/images"): (*KEYED, 400),
    ("get", "/images/{imageId}"): (*KEYED, 400, 404),
    ("get", "/openapi.json"): OPEN,
}
DOCUMENTED: Final = [(method, path, status) for (method, path), known in STATUSES.items() for status in known]
UNKNOWN: Final = "nothing"
UNREADABLE: Final = "%FF"


class Caller:
    """Calls operations so that they answer with a given status."""

    def __init__(self, box: Reached) -> None:
        self._box = box
        batch_id = box.submit("A fox in the snow", quality="hd")
        image_id = box.get("/images").json()["images"][0]["imageId"]
        self._known = {
            "{model}": "flux-2",
            "{style}": "watercolor",
            "{shape}": "landscape-wide",
            "{batchId}": batch_id,
            "{imageId}": image_id,
        }

    def call(self, method: str, path: str, status: int) -> httpx.Response:
        """The answer of `status`; a server error is the only one that has to be asked for."""
        box = self._box
        if status == 429:
            box.sandbox.configure(rate_limits=True)
            while box.get("/credits").status_code != 429:
                pass
        headers = {401: {"authorization": "Bearer pxk_wrong"}, 500: {"x-sandbox-fault": "internal-error"}}
        return box.http.request(
            method,
            box.sandbox.base_url + self._target(path, status),
            headers=headers.get(status),
            json=self._body(status) if method == "post" else None,
        )

    def _target(self, path: str, status: int) -> str:
        for parameter, known in self._known.items():
            path = path.replace(parameter, {400: UNREADABLE, 404: UNKNOWN}.get(status, known))
        return f"{path}?limit=0" if status == 400 and "%" not in path else path

    def _body(self, status: int) -> dict[str, Any]:
        return {400: {"prompt": ""}, 409: {"prompt": "gore"}}.get(status, {"prompt": "a cat"})


@pytest.fixture
def caller(opened: Opened) -> Iterator[Caller]:
    """A caller of a sandbox with one batch."""
    return Caller(opened())


@pytest.mark.parametrize(("method", "path", "status"), DOCUMENTED)
def test_every_documented_answer_is_as_documented(caller: Caller, method: str, path: str, status: int) -> None:
    """All operations with all their statuses: the body fits its schema, and the required headers are there."""
    answer = caller.call(method, path, status)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    assert answer_violations(method, path, status, answer.json()) == []
    assert (status == 429) == ("retry-after" in answer.headers)


@pytest.mark.parametrize("word", ["", "fails", "is-rejected", "partial", "never-finishes"])
def test_batches_in_every_state_are_as_documented(box: Reached, word: str) -> None:
    """Also those without a picture, with several, and unfinished."""
    batch_id = box.submit(f"a cat sandbox:{word}", model="midjourney-v7")
    image_id = box.get("/images").json()["images"][-1]["imageId"]
    for template, path in (
        ("/batches", "/batches"),
        ("/batches/{batchId}", f"/batches/{batch_id}"),
        ("/images", f"/images?batchId={batch_id}"),
        ("/images/{imageId}", f"/images/{image_id}"),
    ):
        assert answer_violations("get", template, 200, box.get(path).json()) == []


@pytest.mark.parametrize("path", sorted({path for method, path, _ in DOCUMENTED if method == "get"}))
def test_head_is_get_without_the_body(caller: Caller, path: str) -> None:
    """Same status, same headers, nothing else (RFC 9110, 9.3.2)."""
    got, head = caller.call("get", path, 200), caller.call("head", path, 200)
    assert head.content == b""
    named = ("content-type", "content-length", "etag")
    assert (head.status_code, [head.headers.get(name) for name in named]) == (
        got.status_code,
        [got.headers.get(name) for name in named],
    )
