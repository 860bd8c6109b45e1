"""The document that a sandbox serves, and documents that describe more than a sandbox implements."""

import json
from typing import Any, Final

import pytest

from pixola_ext import spec
from pixola_ext.sandbox.contract import Contract
from pixola_ext.sandbox.coverage import lacks
from tests.support.grown import grown, plain
from tests.support.reference import reference
from tests.support.sandboxes import Opened, Reached


def test_the_document_names_the_sandbox_first(opened: Opened) -> None:
    """A program that takes the base URL from the document calls the sandbox; all else is openapi.json, in its order."""
    box = opened(document=spec())
    served = box.get("/openapi.json").json()
    own, *others = served["servers"]
    assert own == {"url": box.sandbox.base_url, "description": "This sandbox", "x-sandbox": True}
    assert others == spec().get("servers", [])
    assert json.dumps(plain(served)) == json.dumps(plain(spec()))


def test_the_document_has_an_etag(box: Reached) -> None:
    """Which spares a second transfer."""
    answer = box.get("/openapi.json")
    etag = answer.headers["etag"]
    for held in (etag, f'"another", W/{etag}', "*"):
        again = box.get("/openapi.json", headers={"if-none-match": held})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
        assert "content-type" not in again.headers
    assert box.get("/openapi.json", headers={"if-none-match": '"another"'}).content == answer.content


def test_no_server_of_a_path_or_operation_comes_first(opened: Opened) -> None:
    """A path or an operation may have servers of its own, which the document's would not replace."""
    document = reference()
    live = {"url": "https://live.example/api/v1"}
    document["paths"]["/images"]["servers"] = [live]
    document["paths"]["/generate"]["post"]["servers"] = [live]
    box = opened(document=document)
    paths = box.get("/openapi.json").json()["paths"]
    for servers in (paths["/images"]["servers"], paths["/generate"]["post"]["servers"]):
        assert [each["url"] for each in servers] == [box.sandbox.base_url, live["url"]]


def test_a_document_without_servers_names_the_sandbox(opened: Opened) -> None:
    """Without servers a program would take the host that the document came from, and no path."""
    box = opened(document=plain(reference()))
    assert [each["url"] for each in box.get("/openapi.json").json()["servers"]] == [box.sandbox.base_url]


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/sandbox-usage", "get_sandbox_usage (GET /sandbox-usage)"),
        ("HEAD", "/sandbox-usage", "get_sandbox_usage (GET /sandbox-usage)"),
        ("DELETE", "/batches/bt_1", "DELETE /batches/{batchId}"),
    ],
)
def test_an_operation_that_is_lacking_says_so(opened: Opened, method: str, path: str, name: str) -> None:
    """501 in the documented envelope, with the name of the operation; it is noted in the journal."""
    box = opened(document=grown())
    answer = box.http.request(method, box.sandbox.base_url + path)
    assert answer.status_code == 501
    assert box.sandbox.journal.entries[-1].status == 501
    if method != "HEAD":
        message = f"The sandbox does not implement {name}"
        assert answer.json() == {"error": {"code": "not_implemented", "message": message}}


def test_what_no_document_describes_stays_unknown(opened: Opened) -> None:
    """404 for a path, 405 for a method."""
    box = opened(document=grown())
    assert box.http.post(f"{box.sandbox.base_url}/sandbox-usage").status_code == 404
    assert box.http.delete(f"{box.sandbox.base_url}/images/im_1").status_code == 405


def test_a_newer_request_is_accepted(opened: Opened) -> None:
    """New members and parameters are ignored; a new word for the quality is accepted and shown."""
    box = opened(document=grown())
    batch_id = box.submit(negativePrompt="fog", quality="ultra")
    assert box.get("/images?ranking=best&limit=5").status_code == 200
    (batch,) = box.get("/batches").json()["batches"]
    assert (batch["batchId"], batch["quality"]) == (batch_id, "ultra")


def test_bounds_are_those_of_the_document(opened: Opened) -> None:
    """A larger page, another default, and null where it is a value."""
    document = reference()
    limit = document["components"]["parameters"]["BatchLimit"]["schema"]
    limit |= {"maximum": 200, "default": 1}
    document["components"]["schemas"]["GenerationRequest"]["properties"]["model"]["nullable"] = True
    box = opened(document=document)
    box.submit(model=None)
    box.submit()
    assert len(box.get("/batches").json()["batches"]) == 1
    assert len(box.get("/batches?limit=200").json()["batches"]) == 2
    assert box.get("/batches?limit=201").status_code == 400
    assert box.post({"prompt": "a", "style": None}).status_code == 400


def test_what_is_lacking_is_listed() -> None:
    """Operations, parameters, members of both directions, and words; nothing that the sandbox has."""
    added = lacks(grown())
    assert sorted(added) == [
        "answer member `images[].seedling` of GET /images",
        "answer member `seedling` of GET /batches/{batchId}",
        "operation DELETE /batches/{batchId}",
        "operation get_sandbox_usage (GET /sandbox-usage)",
        "parameter `ranking` of GET /images",
        "request member `negativePrompt` of POST /generate",
        "word `ultra` of request member `quality` of POST /generate",
    ]
    assert lacks(reference()) == []


IMAGE: Final = "#/components/schemas/Image"


def inlined(document: dict[str, Any], node: Any) -> Any:
    """A part of a document with its references replaced by what they lead to."""
    if isinstance(node, dict):
        said = Contract(document).resolved(node) if "$ref" in node else node
        return {name: inlined(document, each) for name, each in said.items()}
    return [inlined(document, each) for each in node] if isinstance(node, list) else node


def test_the_notation_makes_no_difference() -> None:
    """Schemas inline or combined, types of OpenAPI 3.1, other names of path parameters, paths with the base path."""
    document = inlined(reference(), reference())
    paths = {f"/api/v1{path}".replace("{", "{the-"): item for path, item in document["paths"].items()}
    body = paths["/api/v1/generate"]["post"]["requestBody"]["content"]["application/json"]
    body["schema"] = {"allOf": [body["schema"], {"properties": {"extra": {"type": ["string", "null"]}}}]}
    assert sorted(lacks({**document, "openapi": "3.1.0", "paths": paths})) == [
        "answer member `height` of GET /shapes/{the-shape}",  # which only the list has
        "answer member `width` of GET /shapes/{the-shape}",
        "request member `extra` of POST /generate",
    ]


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.update(paths=None),
        lambda document: document.update(components=5, servers="none"),
        lambda document: document["paths"].update({"/images": {"$ref": "#/paths/~1images"}}),
        lambda document: document["components"]["schemas"].update(Batch={"$ref": "#/components/schemas/Batch"}),
        lambda document: document["components"]["schemas"]["Image"].update(
            allOf=[{"$ref": "#/components/schemas/Image"}]
        ),
        lambda document: document["paths"]["/generate"]["post"].update(requestBody=None, responses=[]),
    ],
)
def test_an_odd_document_stops_nothing(opened: Opened, change: Any) -> None:
    """The operations of the API reference work whatever the document says, and its gaps can be listed."""
    document = reference()
    change(document)
    box = opened(document=document)
    assert box.get(f"/batches/{box.submit()}").json()["status"] == "complete"
    assert box.get("/images").status_code == box.get("/openapi.json").status_code == 200
    assert isinstance(lacks(document), list)
