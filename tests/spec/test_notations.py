"""What is written in another way is no change, and what is rare is compared too."""

import copy
import json

import pytest
from comparing.documents import compare

from tests.spec.change_cases import (
    DOCUMENT,
    alternatives,
    bounds,
    changed,
    operation,
    put,
    schema,
    with_member,
    without,
)


def told(changes):
    return [(change.severity, change.rule) for change in changes]


def modern(node):
    """The document in the notation of OpenAPI 3.1."""
    if isinstance(node, list):
        return [modern(each) for each in node]
    if not isinstance(node, dict):
        return node
    made = {name: modern(each) for name, each in node.items() if name != "nullable"}
    if node.get("nullable") is True:
        made["type"] = [made["type"], "null"]
    return made


def test_the_notations_of_null_are_the_same():
    """`nullable: true` with a type says what 3.1 says with a list of types, in both directions."""
    new = {**modern(DOCUMENT), "openapi": "3.1.0"}
    assert '"null"' in json.dumps(new)
    assert [change.where for change in compare(DOCUMENT, new)] == ["openapi"]
    assert [change.where for change in compare(new, DOCUMENT)] == ["openapi"]


@pytest.mark.parametrize(
    "notation",
    [
        {"anyOf": [{"$ref": "#/components/schemas/Quality"}, {"type": "null"}]},
        {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Quality"}]},
        {"allOf": [{"$ref": "#/components/schemas/Quality"}], "nullable": True},
    ],
    ids=["anyOf", "oneOf", "allOf"],
)
def test_a_reference_or_null_is_a_nullable_schema(notation):
    """The three ways of writing a reference that may be null are one change from the reference alone: null."""
    new = changed(put("BatchSummary.quality", **{"$ref": None}, **notation))
    assert told(compare(DOCUMENT, new)) == [("breaking", "response-nullable-added")]


def test_bounds_are_the_same_in_both_versions():
    """`exclusiveMinimum` as a flag and as a number say the same."""
    old = changed(bounds("Cursor", exclusiveMinimum=True))
    new = changed(lambda document: document["components"]["parameters"]["Cursor"].update(
        schema={"type": "integer", "format": "int64", "exclusiveMinimum": 0}
    ))  # fmt: skip
    assert compare(old, new) == []


def test_names_of_schemas_do_not_matter():
    """A schema under another name, and one written out where it was referred to, are no changes."""
    text = json.dumps(DOCUMENT)
    assert compare(DOCUMENT, json.loads(text.replace("BatchImage", "Picture"))) == []
    inlined = changed(put("Batch.status", **{"$ref": None}, **schema(DOCUMENT, "BatchStatus")))
    assert compare(DOCUMENT, inlined) == []


def test_allof_is_merged():
    """Members that moved into a part of `allOf` are still there; one that is missing there is gone."""

    def split(document):
        image = schema(document, "Image")
        moved = {"url": image["properties"].pop("url")}
        image["allOf"] = [{"type": "object", "properties": moved}]

    new = changed(split)
    assert compare(DOCUMENT, new) == []
    schema(new, "Image")["allOf"][0]["properties"].clear()
    schema(new, "Image")["required"].remove("url")
    assert told(compare(DOCUMENT, new)) == [("breaking", "response-property-removed")]


def test_the_order_of_alternatives_does_not_matter():
    """oneOf and anyOf are compared whatever the order; a new one breaks readers, a lost one does not."""
    schemas = [{"type": "string"}, {"type": "integer"}, {"$ref": "#/components/schemas/Pricing"}]
    two, three = (changed(alternatives(*schemas[:count])) for count in (2, 3))
    assert compare(three, changed(alternatives(*reversed(schemas)))) == []
    assert told(compare(two, three)) == [("breaking", "response-alternative-added")]
    assert told(compare(three, two)) == [("safe", "response-alternative-removed")]


def test_an_alternative_is_compared_inside():
    """A member that is gone from a schema among alternatives is told at its place."""
    either = alternatives({"type": "integer"}, {"$ref": "#/components/schemas/Shape"})
    old, new = changed(either), changed(either)
    without("Shape.name")(new)
    places = [change.where for change in compare(old, new)]
    assert "GET /credits 200 plan<Shape>.name" in places


def circular(*, leaf="string"):
    """A document whose schemas go round in circles, also through `allOf`, `oneOf` and two parts with one member."""
    ref = {name: {"$ref": f"#/components/schemas/{name}"} for name in ("Tree", "Loop", "Left", "Right")}
    schemas = {
        "Tree": {"type": "object", "properties": {"leaf": {"type": leaf}, "trees": {"items": ref["Tree"]}}},
        "Loop": {"allOf": [ref["Loop"], ref["Left"], ref["Right"]]},
        "Left": {"properties": {"next": ref["Loop"], "tree": ref["Tree"]}},
        "Right": {"properties": {"next": ref["Right"], "self": {"oneOf": [ref["Right"], ref["Left"]]}}},
    }
    holder = {"description": "", "content": {"application/json": {"schema": ref["Loop"]}}}
    paths = {"/trees": {"get": {"responses": {"200": holder}}}}
    info = {"title": "", "version": ""}
    return {"openapi": "3.1.0", "info": info, "paths": paths, "components": {"schemas": schemas}}


def test_circles_end():
    """Schemas that contain themselves are compared, and a change in them is told where it is met first."""
    assert compare(circular(), circular()) == []
    changes = compare(circular(), circular(leaf="integer"))
    assert ("response-type-changed", "GET /trees 200 tree.leaf") in [(each.rule, each.where) for each in changes]


def test_members_for_one_direction_only():
    """A required member that is read-only is nothing to send, and one that is write-only nothing to read."""
    new = changed(with_member("GenerationRequest", "id", required=True, type="string", readOnly=True))
    assert compare(DOCUMENT, new) == []
    new = changed(with_member("CreditBalance", "secret", required=True, type="string", writeOnly=True))
    assert compare(DOCUMENT, new) == []


def test_references_into_lists_and_quoted_paths_are_followed():
    """A reference to a parameter by its number in a list, with its path quoted, leads to the same parameter."""
    pointer = "#/paths/~1images~1%7BimageId%7D/parameters/0"
    new = changed(lambda document: document["paths"]["/images/{imageId}"].update(
        parameters=operation(document, "GET /images/{imageId}").pop("parameters")
    ))  # fmt: skip
    assert compare(DOCUMENT, new) == []
    operation(new, "GET /images/{imageId}")["parameters"] = [{"$ref": pointer}]
    assert compare(DOCUMENT, new) == []


@pytest.mark.parametrize(
    "odd",
    [
        {"openapi": "3.1.0", "info": {"title": "", "version": ""}},
        {"openapi": "3.0.0", "info": {"title": "", "version": ""}, "paths": {}},
        {"openapi": "3.1.0", "info": {"title": "", "version": ""}, "paths": {"/a": {"get": {}}}},
        {"openapi": "3.1.0", "components": {"schemas": {"A": True, "B": False}}, "paths": {"/a": {"get": {
            "parameters": [{"name": "q", "in": "query", "content": {"application/json": {"schema": True}}}],
            "responses": {"2XX": {"description": "", "content": {"text/plain": {}, "application/json": {"schema": {
                "$ref": "https://elsewhere.example/schema.json"}}}, "links": {"next": {"operationId": "b"}}}},
            "callbacks": {"done": {"{$request.body#/url}": {"post": {}}}},
            "requestBody": {"content": {"multipart/form-data": {"encoding": {"file": {}}, "schema": {
                "if": False, "prefixItems": [True], "type": ["null"], "enum": [None], "patternProperties": {"x": {}},
                "additionalProperties": {"$ref": "#/components/schemas/B"}, "dependentSchemas": {"a": True},
                "unevaluatedProperties": False, "discriminator": {"propertyName": "kind", "mapping": {}}}}}},
        }}}},
    ],
    ids=["no-paths", "empty-paths", "empty-operation", "rare-keywords"],
)  # fmt: skip
def test_rare_documents_are_compared_too(odd):
    """What is rare but valid is compared with itself and with the repository's document, both ways."""
    assert compare(odd, copy.deepcopy(odd)) == []
    assert "operation-removed" in [change.rule for change in compare(DOCUMENT, odd)]
    assert "operation-added" in [change.rule for change in compare(odd, DOCUMENT)]
