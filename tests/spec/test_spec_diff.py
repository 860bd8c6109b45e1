"""A change of the document is told by what it means for clients: what breaks them, what is safe, what is cosmetic."""

import copy
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from changes import RULES
from hypothesis import given, settings
from hypothesis import strategies as st
from spec_diff import Change, compare, render

ROOT = Path(__file__).parents[2]
DOCUMENT = json.loads((ROOT / "openapi.json").read_text(encoding="utf-8"))


def operation(document, name):
    method, path = name.split()
    return document["paths"][path][method.lower()]


def schema(document, name):
    return document["components"]["schemas"][name]


def member(document, path):
    name, _, inside = path.partition(".")
    return schema(document, name)["properties"][inside]


def put(path, **keys):
    """Set keys of a member such as `Batch.images`, or of a schema; None removes one."""

    def mutate(document):
        node = member(document, path) if "." in path else schema(document, path)
        node.update({key.rstrip("_"): value for key, value in keys.items()})
        for key in [key for key, value in node.items() if value is None]:
            del node[key]

    return mutate


def parameter(name, **keys):
    return lambda document: document["components"]["parameters"][name].update(keys)


def bounds(name, **keys):
    return lambda document: document["components"]["parameters"][name]["schema"].update(keys)


def on(name, **keys):
    """Set keys of an operation such as `GET /models`."""
    return lambda document: operation(document, name).update(keys)


def top(**keys):
    return lambda document: document.update({key.rstrip("_"): value for key, value in keys.items()})


def without(name):
    """Remove a member of a schema and its mention in `required`."""

    def mutate(document):
        owner, _, inside = name.partition(".")
        del schema(document, owner)["properties"][inside]
        required = schema(document, owner)["required"]
        schema(document, owner)["required"] = [each for each in required if each != inside]

    return mutate


def with_member(owner, name, *, required=False, **says):
    def mutate(document):
        schema(document, owner)["properties"][name] = says or {"type": "string"}
        if required:
            schema(document, owner)["required"].append(name)

    return mutate


def drop_operation(document):
    del document["paths"]["/credits"]


def add_operation(document):
    document["paths"]["/credits"]["post"] = {"responses": {"200": {"description": "Done."}}}


def optional_parameter(document):
    operation(document, "GET /batches")["parameters"].append({"name": "sort", "in": "query", "schema": {}})


def required_path_level_parameter(document):
    one = {"name": "X-Team", "in": "header", "required": True, "schema": {"type": "string"}}
    document["paths"]["/batches"]["parameters"] = [one]


def drop_parameter(document):
    operation(document, "GET /images")["parameters"].pop()


def rename_path_parameter(document):
    document["paths"]["/batches/{id}"] = document["paths"].pop("/batches/{batchId}")
    document["components"]["parameters"]["BatchId"]["name"] = "id"


def default_gone(document):
    del document["components"]["parameters"]["BatchLimit"]["schema"]["default"]


def reorder_parameters(document):
    operation(document, "GET /batches")["parameters"].reverse()


def drop_body(document):
    del operation(document, "POST /generate")["requestBody"]


def optional_body(document):
    operation(document, "POST /generate")["requestBody"]["required"] = False


def body_type(document):
    content = operation(document, "POST /generate")["requestBody"]["content"]
    content["application/x-www-form-urlencoded"] = content.pop("application/json")


def refusing_body(document):
    without("GenerationRequest.style")(document)
    schema(document, "GenerationRequest")["additionalProperties"] = False


def success_gone(document):
    answers = operation(document, "POST /generate")["responses"]
    answers["default"] = answers.pop("200")


def success_added(document):
    operation(document, "POST /generate")["responses"]["202"] = {"description": "Later."}


def error_added(document):
    operation(document, "POST /generate")["responses"]["503"] = {"description": "Closed."}


def error_gone(document):
    del operation(document, "GET /credits")["responses"]["500"]


def answer_type(document):
    operation(document, "GET /credits")["responses"]["200"]["content"]["application/xml"] = {}


def answer_type_gone(document):
    del operation(document, "GET /credits")["responses"]["200"]["content"]["application/json"]


def header_gone(document):
    del document["components"]["responses"]["RateLimited"]["headers"]["Retry-After"]


def header_optional(document):
    document["components"]["responses"]["RateLimited"]["headers"]["Retry-After"]["required"] = False


def header_added(document):
    document["components"]["responses"]["RateLimited"]["headers"]["X-Left"] = {"schema": {"type": "integer"}}


def other_scheme(document):
    document["components"]["securitySchemes"]["bearerAuth"] = {"type": "apiKey", "in": "header", "name": "X-Key"}


def another_way_in(document):
    document["components"]["securitySchemes"]["cookie"] = {"type": "apiKey", "in": "cookie", "name": "session"}
    document["security"].append({"cookie": []})


def alternatives(*schemas):
    return lambda document: member(document, "CreditBalance.plan").update({"oneOf": list(schemas)})


def example(document):
    operation(document, "GET /credits")["responses"]["200"]["content"]["application/json"]["example"] = {}


def quality(**keys):
    """Write the schema out where the request refers to it, with a change."""
    return put("GenerationRequest.quality", **{"$ref": None, **schema(DOCUMENT, "Quality"), **keys})


BREAKING, SAFE, COSMETIC = "breaking", "safe", "cosmetic"
QUALITY = "POST /generate body quality"
CASES = [
    ("response-member-removed", without("BatchImage.url"), BREAKING, "response-property-removed",
     "GET /batches/{batchId} 200 images[].url"),
    ("response-member-optional", put("GenerationAccepted", required=[]), BREAKING, "response-property-optional",
     "POST /generate 200 batchId"),
    ("response-member-nullable", put("GenerationAccepted.batchId", nullable=True), BREAKING,
     "response-nullable-added", "POST /generate 200 batchId"),
    ("response-null-gone", put("CreditBalance.plan", nullable=None), SAFE, "response-nullable-removed",
     "GET /credits 200 plan"),
    ("response-member-required", put("Model", required=["slug", "name", "description", "pricing", "tags"]), SAFE,
     "response-property-required", "GET /models/{model} 200 tags"),
    ("response-type", put("CreditBalance.balance", type="string"), BREAKING, "response-type-changed",
     "GET /credits 200 balance"),
    ("response-integer-to-number", put("CreditBalance.balance", type="number"), BREAKING, "response-type-changed",
     "GET /credits 200 balance"),
    ("response-items-type", put("Model.tags", items={"type": "integer"}), BREAKING, "response-type-changed",
     "GET /models 200 models[].tags[]"),
    ("response-enum-wider", lambda document: schema(document, "BatchStatus")["enum"].append("paused"), BREAKING,
     "response-enum-widened", "GET /batches/{batchId} 200 status"),
    ("response-enum-any-word", put("BatchStatus", enum=None), BREAKING, "response-enum-widened",
     "GET /batches 200 batches[].status"),
    ("response-enum-narrower", lambda document: schema(document, "BatchStatus")["enum"].pop(), SAFE,
     "response-enum-narrowed", "GET /batches/{batchId} 200 status"),
    ("response-member-added", with_member("CreditBalance", "renews"), SAFE, "response-property-added",
     "GET /credits 200 renews"),
    ("response-format", put("Image.createdAt", format="date"), BREAKING, "response-format-changed",
     "GET /images/{imageId} 200 createdAt"),
    ("response-format-gone", put("Image.createdAt", format=None), BREAKING, "response-format-removed",
     "GET /images/{imageId} 200 createdAt"),
    ("response-format-added", put("CreditBalance.balance", format="int32"), SAFE, "response-format-added",
     "GET /credits 200 balance"),
    ("response-bound-looser", put("Image.creditsCharged", minimum=None), SAFE, "response-bound-loosened",
     "GET /images/{imageId} 200 creditsCharged"),
    ("response-closed", put("OpenApiDocument", additionalProperties=False), SAFE,
     "response-additional-properties-closed", "GET /openapi.json 200"),
    ("response-constraint", put("CreditBalance.plan", not_={"enum": ["none"]}), BREAKING,
     "response-constraint-changed", "GET /credits 200 plan"),
    ("response-member-deprecated", put("CreditBalance.plan", deprecated=True), SAFE, "response-schema-deprecated",
     "GET /credits 200 plan"),
    ("request-new-required", with_member("GenerationRequest", "seed", required=True), BREAKING,
     "request-required-property-added", "POST /generate body seed"),
    ("request-new-optional", with_member("GenerationRequest", "seed"), SAFE, "request-property-added",
     "POST /generate body seed"),
    ("request-optional-to-required", put("GenerationRequest", required=["prompt", "model"]), BREAKING,
     "request-property-required", "POST /generate body model"),
    ("request-required-to-optional", put("GenerationRequest", required=[]), SAFE, "request-property-optional",
     "POST /generate body prompt"),
    ("request-member-ignored", without("GenerationRequest.style"), SAFE, "request-property-removed",
     "POST /generate body style"),
    ("request-null-allowed", put("GenerationRequest.style", nullable=True), SAFE, "request-nullable-added",
     "POST /generate body style"),
    ("request-enum-narrower", quality(enum=["hd"]), BREAKING,
     "request-enum-narrowed", QUALITY),
    ("request-enum-wider", quality(enum=None), SAFE,
     "request-enum-widened", QUALITY),
    ("request-number-to-integer", bounds("BatchLimit", type="number"), SAFE, "request-type-widened",
     "GET /batches query limit"),
    ("request-type", bounds("BatchLimit", type="string"), BREAKING, "request-type-changed", "GET /batches query limit"),
    ("request-maximum-lower", bounds("BatchLimit", maximum=50), BREAKING, "request-bound-tightened",
     "GET /batches query limit"),
    ("request-maximum-higher", bounds("BatchLimit", maximum=200), SAFE, "request-bound-loosened",
     "GET /batches query limit"),
    ("request-minimum-higher", bounds("BatchLimit", minimum=2), BREAKING, "request-bound-tightened",
     "GET /batches query limit"),
    ("request-minimum-exclusive", bounds("BatchLimit", exclusiveMinimum=True), BREAKING, "request-bound-tightened",
     "GET /batches query limit"),
    ("request-min-length", put("GenerationRequest.prompt", minLength=3), BREAKING, "request-bound-tightened",
     "POST /generate body prompt"),
    ("request-max-length", put("GenerationRequest.prompt", maxLength=1000), BREAKING, "request-bound-tightened",
     "POST /generate body prompt"),
    ("request-pattern", put("GenerationRequest.model", pattern="^[a-z0-9-]+$"), BREAKING, "request-bound-tightened",
     "POST /generate body model"),
    ("request-format", put("GenerationRequest.model", format="uuid"), BREAKING, "request-format-added",
     "POST /generate body model"),
    ("request-closed", put("GenerationRequest", additionalProperties=False), BREAKING,
     "request-additional-properties-closed", "POST /generate body"),
    ("default-changed", bounds("BatchLimit", default=10), SAFE, "request-default-changed", "GET /batches query limit"),
    ("default-removed", default_gone, SAFE, "request-default-changed", "GET /batches query limit"),
    ("parameter-added", optional_parameter, SAFE, "parameter-added", "GET /batches query sort"),
    ("parameter-added-required", required_path_level_parameter, BREAKING, "parameter-required",
     "GET /batches header X-Team"),
    ("parameter-required", parameter("BatchFilter", required=True), BREAKING, "parameter-required",
     "GET /images query batchId"),
    ("parameter-removed", drop_parameter, BREAKING, "parameter-removed", "GET /images query batchId"),
    ("parameter-style", parameter("BatchFilter", explode=False), BREAKING, "parameter-style-changed",
     "GET /images query batchId"),
    ("parameter-deprecated", parameter("BatchFilter", deprecated=True), SAFE, "parameter-deprecated",
     "GET /images query batchId"),
    ("path-parameter-renamed", rename_path_parameter, SAFE, "path-parameter-renamed", "GET /batches/{id} path id"),
    ("parameter-order", reorder_parameters, COSMETIC, "order-changed", "GET /batches"),
    ("body-removed", drop_body, BREAKING, "request-body-removed", "POST /generate body"),
    ("body-optional", optional_body, SAFE, "request-body-optional", "POST /generate body"),
    ("operation-removed", drop_operation, BREAKING, "operation-removed", "GET /credits"),
    ("operation-added", add_operation, SAFE, "operation-added", "POST /credits"),
    ("operation-deprecated", on("GET /credits", deprecated=True), SAFE, "operation-deprecated", "GET /credits"),
    ("operation-id", on("GET /credits", operationId="balance"), BREAKING, "operation-id-changed", "GET /credits"),
    ("operation-tags", on("GET /credits", tags=["Meta"]), COSMETIC, "operation-tags-changed", "GET /credits"),
    ("operation-summary", on("GET /credits", summary="Money"), COSMETIC, "description-changed", "GET /credits"),
    ("success-removed-and-default", success_gone, BREAKING, "success-status-removed", "POST /generate 200"),
    ("success-added", success_added, BREAKING, "success-status-added", "POST /generate 202"),
    ("error-added", error_added, SAFE, "error-status-added", "POST /generate 503"),
    ("error-removed", error_gone, SAFE, "error-status-removed", "GET /credits 500"),
    ("answer-type-added", answer_type, SAFE, "response-content-type-added", "GET /credits 200"),
    ("answer-type-removed", answer_type_gone, BREAKING, "response-content-type-removed", "GET /credits 200"),
    ("header-removed", header_gone, BREAKING, "response-header-removed", "GET /models 429 header Retry-After"),
    ("header-optional", header_optional, BREAKING, "response-header-optional", "GET /models 429 header Retry-After"),
    ("header-added", header_added, SAFE, "response-header-added", "GET /models 429 header X-Left"),
    ("security-added", on("GET /models", security=[{"bearerAuth": []}]), BREAKING, "security-added", "GET /models"),
    ("security-removed", on("GET /credits", security=[]), SAFE, "security-removed", "GET /credits"),
    ("security-another-way", another_way_in, SAFE, "security-alternative-added", "GET /credits"),
    ("server", top(servers=[{"url": "https://api.pixola.ai"}]), BREAKING, "server-url-changed", "servers"),
    ("server-added", lambda document: document["servers"].append({"url": "https://eu.pixola.ai"}), SAFE,
     "server-added", "servers"),
    ("title", lambda document: document["info"].update(title="Pixels"), COSMETIC, "info-changed", "info title"),
    ("version", lambda document: document["info"].update(version="2"), COSMETIC, "info-changed", "info version"),
    ("openapi-version", top(openapi="3.0.4"), COSMETIC, "info-changed", "openapi"),
    ("info-extension", lambda document: document["info"].update({"x-source": {}}), COSMETIC, "extension-changed",
     "info"),
    ("description", put("CreditBalance.plan", description="What you pay."), COSMETIC, "description-changed",
     "GET /credits 200 plan"),
    ("example", example, COSMETIC, "example-changed", "GET /credits 200"),
    ("extension", on("GET /credits", **{"x-cost": 1}), COSMETIC, "extension-changed", "GET /credits"),
    ("enum-order", lambda document: schema(document, "BatchStatus")["enum"].reverse(), COSMETIC, "order-changed",
     "GET /batches/{batchId} 200 status"),
]  # fmt: skip
SEVERAL = [  # changes that cannot but bring others of the same severity or less
    ("request-member-refused", refusing_body, BREAKING, "request-property-refused", "POST /generate body style"),
    ("body-type-removed", body_type, BREAKING, "request-content-type-removed", "POST /generate body"),
    ("security-other-scheme", other_scheme, BREAKING, "security-alternative-removed", "GET /credits"),
    ("response-alternative", alternatives({"type": "string"}, {"type": "integer"}), BREAKING,
     "response-alternative-added", "GET /credits 200 plan"),
    ("webhook", top(webhooks={"done": {"post": {}}}), BREAKING, "callbacks-changed", "webhooks"),
]  # fmt: skip


def changed(mutate):
    """The document with a change made to it."""
    document = copy.deepcopy(DOCUMENT)
    mutate(document)
    return document


def told(changes):
    return [(change.severity, change.rule) for change in changes]


@pytest.mark.parametrize(
    ("mutate", "severity", "rule", "where"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_single_change_is_told_once_by_its_rule(mutate, severity, rule, where):
    """One change of the document is told by one rule, at its place, and no other rule speaks up."""
    changes = compare(DOCUMENT, changed(mutate))
    companions = {"error-status-added"} if rule == "success-status-removed" else set()
    assert {change.rule for change in changes} - companions == {rule}
    assert {change.severity for change in changes if change.rule == rule} == {severity}
    assert where in [change.where for change in changes]
    assert all(change.what.endswith(".") for change in changes)


@pytest.mark.parametrize(
    ("mutate", "severity", "rule", "where"), [case[1:] for case in SEVERAL], ids=[case[0] for case in SEVERAL]
)
def test_a_change_that_brings_others_is_told_first(mutate, severity, rule, where):
    """A change with consequences is still told by its own rule, and the worst changes come first."""
    changes = compare(DOCUMENT, changed(mutate))
    assert changes[0].severity == severity
    assert (severity, rule, where) in [(change.severity, change.rule, change.where) for change in changes]


@pytest.mark.parametrize("case", [*CASES, *SEVERAL], ids=lambda case: case[0])
def test_every_change_is_told_backwards_too(case):
    """A change that is taken back is told as well, and what is cosmetic one way is cosmetic the other."""
    changes = compare(changed(case[1]), DOCUMENT)
    assert changes
    assert (changes[0].severity == COSMETIC) == (case[2] == COSMETIC)


def test_integer_and_number_are_reversed_by_direction():
    """Number instead of integer breaks readers and not senders; integer instead of number the other way round."""
    wide = changed(put("CreditBalance.balance", type="number"))
    assert told(compare(wide, DOCUMENT)) == [("safe", "response-type-narrowed")]
    wide = changed(bounds("ImageLimit", type="number"))
    assert told(compare(wide, DOCUMENT)) == [("breaking", "request-type-changed")]


def test_identical_documents_have_no_changes():
    """A document compared with a copy of itself gives nothing."""
    assert compare(DOCUMENT, copy.deepcopy(DOCUMENT)) == []


def shuffled(node, chance):
    """A deep copy whose members stand in another order."""
    if isinstance(node, dict):
        names = list(node)
        chance.shuffle(names)
        return {name: shuffled(node[name], chance) for name in names}
    return [shuffled(each, chance) for each in node] if isinstance(node, list) else node


def test_the_order_of_members_is_no_change():
    """The same members in another order give nothing."""
    assert compare(DOCUMENT, json.loads(json.dumps(DOCUMENT, sort_keys=True))) == []


@settings(max_examples=25, deadline=None)
@given(chance=st.randoms(use_true_random=False))
def test_no_order_of_members_is_a_change(chance: random.Random):
    """However the members of all objects are shuffled, nothing is told."""
    assert compare(DOCUMENT, shuffled(DOCUMENT, chance)) == []


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_the_report_does_not_depend_on_the_order_of_members(data):
    """A changed document gives the same report in whatever order its members stand."""
    new = changed(data.draw(st.sampled_from([case[1] for case in CASES])))
    chance = data.draw(st.randoms(use_true_random=False))
    assert compare(DOCUMENT, shuffled(new, chance)) == compare(DOCUMENT, new)


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


def test_the_table_is_complete():
    """Every row of the table of rules was read, and has a severity for at least one direction."""
    assert len(RULES) == 64
    assert all({*severities} & {"breaking", "safe", "cosmetic"} for severities in RULES.values())


def run(*arguments):
    command = [sys.executable, str(ROOT / "scripts" / "spec_diff.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")


@pytest.fixture
def files(tmp_path):
    """Writes documents side by side, each under a name."""

    def write(**documents):
        for name, document in documents.items():
            (tmp_path / name).write_text(json.dumps(document), encoding="utf-8")
        return [tmp_path / name for name in documents]

    return write


def test_the_command_fails_on_a_breaking_change_only(files):
    """Exit code 1 for a breaking change, 0 for safe ones and for none."""
    old, broken, safe = files(
        old=DOCUMENT, broken=changed(drop_operation), safe=changed(with_member("CreditBalance", "renews"))
    )
    assert run(old, broken).returncode == 1
    assert run(old, safe).returncode == 0
    same = run(old, old)
    assert (same.returncode, same.stdout, same.stderr) == (0, "No change.\n", "")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("<html>", "Expecting value"),
        ("[]", "not an OpenAPI 3 document"),
        ('{"swagger": "2.0"}', "not an OpenAPI 3 document"),
        (None, "No such file"),
    ],
    ids=["html", "list", "swagger", "missing"],
)
def test_the_command_says_what_it_cannot_read(files, tmp_path, content, complaint):
    """Exit code 2 and one line on stderr for what is no document."""
    [old] = files(old=DOCUMENT)
    if content is not None:
        (tmp_path / "new").write_text(content, encoding="utf-8")
    done = run(old, tmp_path / "new")
    assert (done.returncode, done.stdout) == (2, "")
    assert complaint in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_three_formats(files):
    """Text and Markdown group the places of one change; JSON lists every change."""
    old, new = files(old=DOCUMENT, new=changed(lambda document: schema(document, "ErrorCode")["enum"].append("busy")))
    text, markdown, listed = (run(old, new, "--format", form) for form in ("text", "markdown", "json"))
    assert {each.returncode for each in (text, markdown, listed)} == {1}
    entries = json.loads(listed.stdout)
    assert {*entries[0]} == {"severity", "where", "what", "rule"}
    assert text.stdout.startswith(f'breaking: {len(entries)}\n  response-enum-widened: Possible now: "busy".\n')
    assert text.stdout.endswith(f"    and {len(entries) - 5} more places\n")
    assert markdown.stdout.startswith(f"## breaking ({len(entries)})\n\n- **response-enum-widened**: ")
    assert "  - `GET /batches 400 error.code`\n" in markdown.stdout


def test_rendering_nothing():
    """Without changes people read a sentence, and programs an empty list."""
    assert [render([], form) for form in ("text", "markdown", "json")] == ["No change.", "No change.", "[]"]
    change = Change("safe", "GET /a", "It is new.", "operation-added")
    assert render([change], "text") == "safe: 1\n  operation-added: It is new.\n    GET /a"
