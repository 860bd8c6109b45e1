"""Whatever style a document is written in, the names and types that the client is built on come out the same."""

import copy
import json
import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from normalise import UnusableDocumentError, normalise
from normalising.calls import CALLS

from tests.spec.rewrites import REWRITES, rewritings

DOCUMENT = json.loads((Path(__file__).parents[2] / "openapi.json").read_text())
EXPECTED = normalise(DOCUMENT).document


@pytest.fixture
def document():
    """A copy to rewrite."""
    return copy.deepcopy(DOCUMENT)


def operations(document):
    return [each for item in document["paths"].values() for each in item.values()]


def without_words(node):
    """A document without what people read."""
    if isinstance(node, dict):
        return {
            name: without_words(each)
            for name, each in node.items()
            if not (name in ("description", "summary") and isinstance(each, str))
        }
    return [without_words(each) for each in node] if isinstance(node, list) else node


def test_every_call_has_its_name_by_method_and_path():
    """Tags, operation ids and answers are those of the table."""
    found = {
        (method, path): (each["tags"], each["operationId"])
        for path, item in EXPECTED["paths"].items()
        for method, each in item.items()
    }
    assert found == {call: ([name.tag], name.operation) for call, name in CALLS.items()}


def test_answers_are_open():
    """Every member may be null and none must be there; times and words are not parsed."""
    schemas = EXPECTED["components"]["schemas"]
    for name, schema in schemas.items():
        if name != "GenerationRequest":
            assert "required" not in schema
            assert schema["additionalProperties"] is True
            assert all(each == {} or each.get("nullable") for each in schema["properties"].values())
    assert schemas["Batch"]["properties"]["status"]["x-known-values"] == [
        "processing",
        "complete",
        "failed",
        "rejected",
    ]
    assert "enum" not in schemas["Batch"]["properties"]["status"]
    assert schemas["BatchPageItem"]["properties"]["createdAt"] == {}
    assert all(set(each["responses"]) == {"200"} for each in operations(EXPECTED))


def test_requests_stay_strict_and_lose_their_defaults():
    """A default would be sent on the wire."""
    request = EXPECTED["components"]["schemas"]["GenerationRequest"]
    assert request["required"] == ["prompt"]
    assert request["properties"]["quality"]["enum"] == ["standard", "hd"]
    assert "default" not in json.dumps(EXPECTED)


@settings(max_examples=150, deadline=None)
@given(rewriting=rewritings())
def test_the_same_api_in_another_style_makes_the_same_document(rewriting):
    """But for what people read, nothing differs, however the document is rewritten; and nothing is reported."""
    found = normalise(rewriting(DOCUMENT))
    assert without_words(found.document) == without_words(EXPECTED)
    assert found.report == []


@pytest.mark.parametrize("rewrite", REWRITES, ids=lambda each: each.__name__)
def test_each_rewrite_rewrites(rewrite):
    """Were it to change nothing, nothing would be tested; alone it is understood whatever chance says."""
    changed = set()
    for seed in range(20):
        rewritten = copy.deepcopy(DOCUMENT)
        rewrite(rewritten, random.Random(seed))  # noqa: S311  (the same every time)
        changed.add(json.dumps(rewritten) != json.dumps(DOCUMENT))
        assert without_words(normalise(rewritten).document) == without_words(EXPECTED)
    assert True in changed


def test_a_catalog_in_another_envelope_makes_the_same_document(document):
    """A bare array, a flat list of styles or a map by category: the entries are found by their slug."""
    schemas = document["components"]["schemas"]
    schemas["ModelList"] = {"type": "array", "items": schemas["ModelList"]["properties"]["models"]["items"]}
    schemas["StyleList"] = {
        "type": "object",
        "additionalProperties": {"type": "array", "items": {"$ref": "#/components/schemas/Style"}},
    }
    assert without_words(normalise(document).document) == without_words(EXPECTED)


def test_an_example_stands_in_for_a_schema(document):
    """Members and types are read from it."""
    media = document["paths"]["/batches/{batchId}"]["get"]["responses"]["200"]["content"]["application/json"]
    del media["schema"]
    found = normalise(document).document["components"]["schemas"]
    assert set(found["Batch"]["properties"]) == {"batchId", "status", "images"}
    assert found["BatchImage"]["properties"]["creditsCharged"] == {"type": "integer", "nullable": True}


def test_a_new_call_is_generated_and_reported(document):
    """It is not dropped in silence, and calls of the same words get names of their own."""
    answers = {"responses": {"200": {"description": "ok"}}}
    document["paths"]["/videos/{videoId}"] = {"get": answers}
    document["paths"]["/videos/{videoId}/{part}"] = {"get": answers}
    document["paths"]["/image/{id}"] = {"get": answers}
    found = normalise(document)
    assert found.document["paths"]["/videos/{videoId}"]["get"]["operationId"] == "get_videos"
    assert found.document["paths"]["/videos/{videoId}/{part}"]["get"]["operationId"] == "get_videos_2"
    assert found.document["paths"]["/image/{id}"]["get"]["operationId"] == "get_image_2"
    assert "GET /videos/{videoId} is not a call we know; it is generated as videos.get_videos" in found.report


def remove(*path):
    def change(document):
        holder = document
        for key in path[:-1]:
            holder = holder[key]
        del holder[path[-1]]

    return change


def no_cursor(document):
    document["paths"]["/batches"]["get"]["parameters"].pop()


@pytest.mark.parametrize(
    ("change", "lacking"),
    [
        (remove("paths", "/credits"), "the document lacks GET /credits"),
        (no_cursor, "the parameter cursor of GET /batches"),
        (remove("paths", "/generate", "post", "requestBody"), "the body's member prompt of POST /generate"),
        (
            remove("components", "schemas", "GenerationRequest", "properties", "style"),
            "the document lacks the body's member style of POST /generate",
        ),
        (
            remove("components", "schemas", "ImagePage", "properties", "nextCursor"),
            "the document lacks the answer's member nextCursor of GET /images",
        ),
        (remove("components", "schemas", "BatchImage"), "the document lacks #/components/schemas/BatchImage"),
    ],
    ids=["call", "parameter", "body", "member-of-body", "member-of-answer", "schema"],
)
def test_what_the_client_needs_and_is_missing_is_an_error_that_names_it(document, change, lacking):
    """A client without it would fail much later."""
    change(document)
    with pytest.raises(UnusableDocumentError, match=re.escape(lacking)):
        normalise(document)


def test_a_reference_out_of_the_document_is_an_error_that_names_it(document):
    """Nothing is fetched for it."""
    document["components"]["schemas"]["Batch"]["properties"]["images"] = {"$ref": "https://elsewhere.example/x.json"}
    with pytest.raises(UnusableDocumentError, match=r"lacks https://elsewhere\.example/x\.json"):
        normalise(document)


def test_what_is_newly_required_is_reported_and_stays_optional(document):
    """The client may leave it out; whether that is still accepted, the service says."""
    document["components"]["schemas"]["GenerationRequest"]["required"].append("model")
    found = normalise(document)
    assert found.report == ["POST /generate requires model, which the client may leave out"]
    assert found.document["components"]["schemas"]["GenerationRequest"]["required"] == ["prompt"]


def test_a_path_that_is_there_twice_is_reported(document):
    """One of them is generated, not the last by chance."""
    document["paths"]["/images/{id}/"] = document["paths"]["/images/{imageId}"]
    found = normalise(document)
    assert found.report == ["GET /images/{id}/ is /images/{imageId} once more; the first is used"]


def test_inner_schemas_never_take_the_name_of_a_call_or_of_each_other(document):
    """`Batch.page` would be BatchPage, and `Batch.meta-data` and `Batch.metaData` are one attribute."""
    inner = {"type": "object", "properties": {"x": {"type": "string"}}}
    members = document["components"]["schemas"]["Batch"]["properties"]
    members |= {"page": inner, "image": inner, "meta-data": inner, "metaData": inner, "to_dict": inner}
    found = normalise(document)
    schemas = found.document["components"]["schemas"]
    assert schemas["BatchPage"] == EXPECTED["components"]["schemas"]["BatchPage"]
    assert {"BatchPage2", "BatchImage", "BatchImage2", "BatchMetaData"} <= set(schemas)
    assert sorted(found.report) == [
        "Batch.metaData gets no attribute, its name is taken",
        "Batch.to_dict gets no attribute, its name is taken",
    ]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"swagger": "2.0", "paths": {}}, "Swagger 2.0"),
        ({"openapi": "4.0.0", "paths": {"/": {}}}, "OpenAPI 4.0.0"),
        ({"openapi": "3.0.3"}, "no paths"),
        ([], "not an object"),
    ],
)
def test_what_is_no_openapi_3_is_refused(document, reason):
    """With a message that says what it is instead."""
    with pytest.raises(UnusableDocumentError, match=reason):
        normalise(document)


def test_circles_end(document):
    """A schema that holds itself, in whatever way, becomes one that allows anything."""
    ref = {name: {"$ref": f"#/components/schemas/{name}"} for name in ("Batch", "Loop", "Left", "Right", "Image")}
    schemas = document["components"]["schemas"]
    schemas["Batch"]["properties"] |= {
        "parent": ref["Batch"],
        "children": {"type": "array", "items": ref["Batch"]},
        "loop": ref["Loop"],
    }
    schemas["Loop"] = {"allOf": [ref["Loop"], ref["Left"], {"$ref": "#/components/schemas/Self"}]}
    schemas["Self"] = {"$ref": "#/components/schemas/Self"}
    schemas["Left"] = {"properties": {"next": ref["Right"], "up": {"anyOf": [ref["Loop"], ref["Batch"]]}}}
    schemas["Right"] = {"properties": {"next": {"oneOf": [ref["Left"], ref["Right"]]}}}
    found = normalise(document).document["components"]["schemas"]
    assert found["Batch"]["properties"]["parent"] == {}
    assert found["Batch"]["properties"]["children"] == {}
    assert found["BatchLoop"]["properties"]["up"] == {}
    assert found["BatchLoopNext"]["properties"]["next"] == {}


def test_schemas_that_all_hold_each_other_end(document):
    """Named by where they stand they would be without number."""
    names = [f"S{number}" for number in range(40)]
    members = {name: {"$ref": f"#/components/schemas/{name}"} for name in names}
    document["components"]["schemas"] |= {name: {"properties": dict(members)} for name in names}
    document["components"]["schemas"]["CreditBalance"]["properties"] |= members
    found = normalise(document)
    assert len(found.document["components"]["schemas"]) < 1000
    assert found.report == ["there are more than 500 schemas inside each other; the rest is taken to be anything"]


def test_normalising_changes_nothing_it_was_given(document):
    """It is a pure function."""
    normalise(document)
    assert document == DOCUMENT


def places(node, path=()):
    """Every place in a document."""
    yield path
    inside = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, each in inside:
        yield from places(each, (*path, key))


PLACES = [*places(DOCUMENT)][1:]
ODD = st.sampled_from([None, True, 7, "x", [], ["x"], [None], {}, {"x": 7}, {"$ref": "#/nowhere"}, {"$ref": 7}])


@settings(max_examples=400, deadline=None)
@given(where=st.sampled_from(PLACES), odd=ODD)
def test_a_broken_document_is_understood_or_refused(where, odd):
    """Whatever stands in one place: a document comes out, or the one error that says what is wrong."""
    document = copy.deepcopy(DOCUMENT)
    holder = document
    for key in where[:-1]:
        holder = holder[key]
    holder[where[-1]] = copy.deepcopy(odd)
    try:
        found = normalise(document)
    except UnusableDocumentError as refused:
        assert str(refused)
    else:
        assert json.loads(json.dumps(found.document)) == found.document
