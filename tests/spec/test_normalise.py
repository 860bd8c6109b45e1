"""Whatever style a document is written in, the names and types that the client is built on come out the same."""

import copy
import json
from pathlib import Path

import pytest
from normalise import CALLS, UnusableDocumentError, normalise

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


def inline(node, root):
    if isinstance(node, dict):
        if "$ref" in node:
            target = root
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            return inline(target, root)
        return {name: inline(each, root) for name, each in node.items()}
    return [inline(each, root) for each in node] if isinstance(node, list) else node


def all_inline(document):
    document["paths"] = inline(document["paths"], document)
    del document["components"]["schemas"]


def no_ids_no_tags(document):
    for each in operations(document):
        del each["operationId"], each["tags"]


def same_ids(document):
    for each in operations(document):
        each["operationId"] = "handler"


def prefixed(document):
    document["paths"] = {f"/api/v1{path}": item for path, item in document["paths"].items()}


def other_parameter_names(document):
    document["paths"] = {
        path.replace("{model}", "{slug}").replace("{batchId}", "{id}"): item for path, item in document["paths"].items()
    }


def undeclared_path_parameters(document):
    for each in operations(document):
        each["parameters"] = [
            one
            for one in each.get("parameters", ())
            if "/BatchLimit" in one["$ref"]
            or "Cursor" in one["$ref"]
            or "Limit" in one["$ref"]
            or "Filter" in one["$ref"]
        ]


def titled(document):
    for schema in document["components"]["schemas"].values():
        schema["title"] = "Thing"


def renamed_schemas(document):
    text = json.dumps(document)
    for name in document["components"]["schemas"]:
        text = text.replace(f'"#/components/schemas/{name}"', f'"#/components/schemas/X{name}Dto"')
    document.clear()
    document.update(json.loads(text))
    document["components"]["schemas"] = {
        f"X{name}Dto": each for name, each in document["components"]["schemas"].items()
    }


def default_errors(document):
    for each in operations(document):
        each["responses"] = {"200": each["responses"]["200"], "default": {"description": "Any error"}}


def nullable_as_in_31(document):
    document["openapi"] = "3.1.0"
    for schema in document["components"]["schemas"].values():
        for each in schema.get("properties", {}).values():
            if each.pop("nullable", False):
                each["type"] = [each["type"], "null"]


def unions_with_null(document):
    document["openapi"] = "3.1.0"
    for schema in document["components"]["schemas"].values():
        for name, each in schema.get("properties", {}).items():
            if each.pop("nullable", False):
                schema["properties"][name] = {"anyOf": [each, {"type": "null"}]}


def composed(document):
    schemas = document["components"]["schemas"]
    for name in ("Batch", "Image", "Model"):
        schema = schemas.pop(name)
        half = dict(list(schema["properties"].items())[:2])
        rest = dict(list(schema["properties"].items())[2:])
        schemas[name] = {"allOf": [{"type": "object", "properties": half}, {"type": "object", "properties": rest}]}


REWRITES = [
    all_inline,
    no_ids_no_tags,
    same_ids,
    prefixed,
    other_parameter_names,
    undeclared_path_parameters,
    titled,
    renamed_schemas,
    default_errors,
    nullable_as_in_31,
    unions_with_null,
    composed,
]


@pytest.mark.parametrize("rewrite", REWRITES, ids=lambda each: each.__name__)
def test_the_same_api_in_another_style_makes_the_same_document(document, rewrite):
    """But for what people read, nothing differs."""
    rewrite(document)
    assert without_words(normalise(document).document) == without_words(EXPECTED)


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
