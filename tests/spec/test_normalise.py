"""Whatever style a document is written in, the names and types that the client is built on come out the same."""

import copy
import json
import random
from pathlib import Path

import pytest
from calls import CALLS
from hypothesis import given, settings
from normalise import UnusableDocumentError, normalise

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
    """It is not dropped in silence."""
    document["paths"]["/videos/{videoId}"] = {"get": {"responses": {"200": {"description": "ok"}}}}
    found = normalise(document)
    assert found.document["paths"]["/videos/{videoId}"]["get"]["operationId"] == "get_videos"
    assert any("GET /videos/{videoId}" in line for line in found.report)


def test_a_missing_call_is_an_error_that_names_it(document):
    """A client without it would fail much later."""
    del document["paths"]["/credits"]
    with pytest.raises(UnusableDocumentError, match="lacks GET /credits"):
        normalise(document)


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


def test_a_circle_of_references_ends(document):
    """A schema that holds itself becomes one that allows anything."""
    document["components"]["schemas"]["Batch"]["properties"]["parent"] = {"$ref": "#/components/schemas/Batch"}
    assert normalise(document).document["components"]["schemas"]["Batch"]["properties"]["parent"] == {}


def test_normalising_changes_nothing_it_was_given(document):
    """It is a pure function."""
    normalise(document)
    assert document == DOCUMENT
