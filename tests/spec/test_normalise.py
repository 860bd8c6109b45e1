"""Whatever style a document is written in, the names and types that the client is built on come out the same."""

import copy
import json
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from normalising.calls import CALLS
from normalising.document import UnusableDocumentError, normalise
from normalising.promises import VALUES

from tests.spec.rewrites import REWRITES, rewritings
from tests.support.reference import reference

DOCUMENT = reference()
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
            if not (name in ("description", "summary", "x-description") and isinstance(each, str))
        }
    return [without_words(each) for each in node] if isinstance(node, list) else node


def without_known_values(document):
    """A document without what the reference does not promise: words for people, and which words a member may be."""
    made = json.loads(json.dumps(without_words(document)))
    for schema in made["components"]["schemas"].values():
        for each in schema["properties"].values():
            for note in ("x-known-values", "x-sent"):
                each.pop(note, None)
    return made


def test_every_call_has_its_name_by_method_and_path():
    """Tags, operation ids and answers are those of the table."""
    found = {
        (method, path): (each["tags"], each["operationId"])
        for path, item in EXPECTED["paths"].items()
        for method, each in item.items()
    }
    assert found == {call: ([name.tag], name.operation) for call, name in CALLS.items()}


def test_values_are_those_that_the_reference_promises():
    """Each described in several answers, and one class; nothing must be there but an identity, no word is refused."""
    schemas = EXPECTED["components"]["schemas"]
    assert set(schemas) == {*VALUES, "GenerationRequest"}
    for name, promised in VALUES.items():
        assert [*schemas[name]["properties"]] == [*promised]
        assert "required" not in schemas[name]
        assert [each for each, schema in schemas[name]["properties"].items() if schema.get("x-identity")] == [
            each for each, member in promised.items() if member.is_identity
        ]
    status = schemas["Batch"]["properties"]["status"]
    assert status["x-known-values"] == ["processing", "complete", "failed", "rejected"]
    assert (status["type"], status["x-default"]) == ("string", "processing")
    assert schemas["BatchSummary"]["properties"]["createdAt"]["format"] == "date-time"
    assert all(set(each["responses"]) == {"200"} for each in operations(EXPECTED))


def test_requests_stay_strict_and_lose_their_defaults():
    """A default would be sent on the wire; words that are new are the service's to refuse."""
    request = EXPECTED["components"]["schemas"]["GenerationRequest"]
    assert request["required"] == ["prompt"]
    assert request["properties"]["quality"]["x-known-values"] == ["standard", "hd"]
    assert '"default"' not in json.dumps(EXPECTED)
    assert '"enum"' not in json.dumps(EXPECTED)


def test_calls_say_whether_they_need_a_key():
    """Those of the reference by the reference, new ones by the document."""
    found = {each["operationId"] for each in operations(EXPECTED) if not each["security"]}
    assert found == {"list_models", "list_styles", "list_shapes", "get_openapi"}


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
    media["example"] |= {"seed": 7}
    media["example"]["images"][0]["steps"] = 20
    found = normalise(document)
    schemas = found.document["components"]["schemas"]
    assert schemas["Batch"]["properties"]["seed"] == {"type": "integer"}
    assert schemas["Image"]["properties"]["steps"] == {"type": "integer"}
    assert found.report == []


ANSWER = {"description": "ok", "content": {"application/json": {"schema": {"properties": {"x": {"type": "string"}}}}}}


def test_a_new_call_is_named_by_the_document(document):
    """By its operation id and first tag, in snake_case, where they are good ones, else by method and path."""
    answers = {"responses": {"200": ANSWER}}
    document["paths"]["/usage"] = {"get": {**answers, "operationId": "getUsage", "tags": ["Usage & Limits", "b"]}}
    document["paths"]["/batches/{batchId}"]["delete"] = {**answers, "operationId": "cancel_batch", "tags": ["Batches"]}
    document["paths"]["/videos/{videoId}"] = {"get": {**answers, "operationId": "handler"}}
    document["paths"]["/videos/{videoId}/{part}"] = {"get": {**answers, "operationId": "handler"}}
    document["paths"]["/image/{id}"] = {"get": {**answers, "operationId": "list_images", "tags": ["class"]}}
    document["paths"]["/none"] = {"get": {**answers, "operationId": "None", "tags": [7]}}
    found = normalise(document)
    named = {each["operationId"]: each["tags"] for each in operations(found.document)}
    new = {name: tags for name, tags in named.items() if name not in {each.operation for each in CALLS.values()}}
    assert new == {
        "get_usage": ["usage_limits"],
        "cancel_batch": ["batches"],
        "get_videos": ["videos"],
        "get_videos_2": ["videos"],
        "get_image_2": ["image"],
        "none": ["none"],
    }
    assert "DELETE /batches/{batchId} is new; it is generated as batches.cancel_batch" in found.report
    assert found.lacks == []


def test_a_new_schema_is_named_by_the_document_and_shared(document):
    """By its component, else its title, else by where it stands; one component is one class, and a value is ours."""
    schemas = document["components"]["schemas"]
    schemas["usage_report"] = {"type": "object", "properties": {"used": {"type": "integer"}}}
    schemas["Response"] = {"type": "object", "properties": {"x": {"type": "integer"}}}
    report = {"$ref": "#/components/schemas/usage_report"}
    members = {
        "today": report,
        "days": {"type": "array", "items": report},
        "titled": {"title": "Rate limit", "properties": {"y": {"type": "integer"}}},
        "inline": {"properties": {"z": {"type": "integer"}}},
        "last": {"$ref": "#/components/schemas/Image"},
        "other": {"$ref": "#/components/schemas/Response"},
    }
    media = {"application/json": {"schema": {"type": "object", "properties": members}}}
    responses = {"200": {"description": "", "content": media}}
    document["paths"]["/usage"] = {"get": {"operationId": "get_usage", "responses": responses}}
    made = normalise(document).document["components"]["schemas"]
    assert set(made) - set(EXPECTED["components"]["schemas"]) == {
        "GetUsageResponse", "UsageReport", "RateLimit", "GetUsageResponseInline", "Response2"
    }  # fmt: skip
    held = made["GetUsageResponse"]["properties"]
    assert held["today"] == held["days"]["items"] == {"$ref": "#/components/schemas/UsageReport"}
    assert held["last"]["$ref"] == "#/components/schemas/Image"


def test_a_new_call_says_whether_it_needs_a_key(document):
    """Its own word, else that of the document; where neither says anything it does."""
    paths = document["paths"]
    paths["/a"] = {"get": {"security": [], "responses": {"200": ANSWER}}}
    paths["/b"] = {"get": {"responses": {"200": ANSWER}}}
    assert [normalise(document).document["paths"][path]["get"]["security"] for path in ("/a", "/b")] == [
        [],
        [{"bearerAuth": []}],
    ]
    document["security"] = []
    assert normalise(document).document["paths"]["/b"]["get"]["security"] == []
    del document["security"]
    assert normalise(document).document["paths"]["/b"]["get"]["security"] == [{"bearerAuth": []}]


def remove(*path):
    def change(document):
        holder = document
        for key in path[:-1]:
            holder = holder[key]
        del holder[path[-1]]

    return change


def no_cursor(document):
    document["paths"]["/batches"]["get"]["parameters"].pop()


def member(schema, name):
    return remove("components", "schemas", schema, "properties", name)


def undescribed(path):
    def change(document):
        document["paths"][path]["get"]["responses"]["200"] = {"description": "OK"}

    return change


@pytest.mark.parametrize(
    ("change", "lacks"),
    [
        (remove("paths", "/credits"), ["not described: GET /credits; sent as the reference says"]),
        (remove("paths", "/images"), ["not described: GET /images; sent as the reference says"]),
        (no_cursor, ["not described: cursor of GET /batches; sent as the reference says"]),
        (
            remove("paths", "/generate", "post", "requestBody"),
            [
                f"not described: {name} of POST /generate; sent as the reference says"
                for name in ("prompt", "model", "style", "shape", "quality")
            ],
        ),
        (
            member("GenerationRequest", "style"),
            ["not described: style of POST /generate; sent as the reference says"],
        ),
        (member("ImagePage", "nextCursor"), ["not described: nextCursor of GET /images; read as the reference says"]),
        (member("ImageSummary", "batchId"), ["not described: batchId of GET /images; read as the reference says"]),
        (
            undescribed("/batches/{batchId}"),
            ["not described: Batch in the answer of GET /batches/{batchId}; read as the reference says"],
        ),
        (undescribed("/models"), ["not described: the models of GET /models; read as the reference says"]),
        (remove("paths", "/openapi.json"), []),
    ],
    ids=[
        "call",
        "call-of-parameters",
        "parameter",
        "body",
        "member-of-body",
        "member-of-answer",
        "member-of-item",
        "answer",
        "entries",
        "itself",
    ],
)
def test_what_the_reference_promises_and_the_document_lacks_is_added_and_told(document, change, lacks):
    """The client keeps its calls and members; that the document says less is for somebody to decide."""
    change(document)
    found = normalise(document)
    assert found.lacks == found.report == lacks
    assert without_known_values(found.document) == without_known_values(EXPECTED)


def test_a_member_of_another_type_is_read_as_promised_and_told(document):
    """What is built on it goes on; a number where the document allows whole ones only is no other type."""
    properties = document["components"]["schemas"]["ImageSummary"]["properties"]
    properties["isFavorite"] = {"type": "string"}
    properties["creditsCharged"] = {"type": "number"}
    found = normalise(document)
    told = "isFavorite of GET /images is described as string; read as boolean, as the reference says"
    assert found.lacks == found.report == [told]
    assert found.document["components"]["schemas"]["Image"]["properties"]["isFavorite"]["type"] == "boolean"


@pytest.mark.parametrize(
    ("change", "lacking"),
    [
        (member("Batch", "batchId"), "the document lacks batchId of GET /batches/{batchId}"),
        (member("BatchSummary", "batchId"), "the document lacks batchId of GET /batches"),
        (member("BatchImage", "imageId"), "the document lacks imageId of GET /batches/{batchId}"),
        (member("ImageSummary", "imageId"), "the document lacks imageId of GET /images"),
        (remove("components", "schemas", "BatchImage"), "the document lacks #/components/schemas/BatchImage"),
        (remove("paths", "/generate"), "the document lacks POST /generate, so it is not that of the Pixola API"),
    ],
    ids=["batch", "row", "image-in-batch", "image", "schema", "no-generation"],
)
def test_what_cannot_be_the_api_is_refused_by_name(document, change, lacking):
    """Batches or pictures without an id could never be found again."""
    change(document)
    with pytest.raises(UnusableDocumentError, match=re.escape(lacking)):
        normalise(document)


def test_a_document_without_batches_is_another_api(document):
    """Either of the two calls will do."""
    del document["paths"]["/batches"]
    assert normalise(document).lacks == ["not described: GET /batches; sent as the reference says"]
    del document["paths"]["/batches/{batchId}"]
    with pytest.raises(UnusableDocumentError, match="lacks GET /batches"):
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


def test_inner_schemas_never_take_the_name_of_a_value_or_of_each_other(document):
    """`Batch.page` would be BatchPage, and `Batch.meta-data` and `Batch.metaData` are one attribute."""
    names = ("page", "image", "meta-data", "metaData", "to_dict", "submission")
    inner = {name: {"type": "object", "properties": {"x": {"type": "string"}}} for name in names}
    document["components"]["schemas"]["Batch"]["properties"] |= inner
    found = normalise(document)
    schemas = found.document["components"]["schemas"]
    assert schemas["BatchPage"] == EXPECTED["components"]["schemas"]["BatchPage"]
    assert {"BatchPage2", "BatchImage", "BatchMetaData"} <= set(schemas)
    assert sorted(found.report) == [
        "Batch.metaData gets no attribute, its name is taken",
        "Batch.submission gets no attribute, its name is taken",
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
    assert found["Loop"]["properties"]["up"] == {}
    assert found["Right"]["properties"]["next"] == {}


def test_classes_never_hold_each_other_in_a_circle(document):
    """Each module of the package imports those that it holds; also where a value holds another one back."""
    ref = {name: {"$ref": f"#/components/schemas/{name}"} for name in ("Batch", "Image", "New")}
    schemas = document["components"]["schemas"]
    schemas["Image"]["properties"]["batch"] = ref["Batch"]
    schemas["Batch"]["properties"]["new"] = ref["New"]
    schemas["New"] = {"properties": {"image": ref["Image"], "batch": ref["Batch"]}}
    found = normalise(document).document["components"]["schemas"]
    assert found["Image"]["properties"]["batch"] == {}
    assert found["New"]["properties"]["batch"] == {}
    assert found["New"]["properties"]["image"]["$ref"] == "#/components/schemas/Image"


def test_schemas_that_all_hold_each_other_end(document):
    """Each is one class, however often it is held."""
    names = [f"S{number}" for number in range(40)]
    members = {name: {"$ref": f"#/components/schemas/{name}"} for name in names}
    document["components"]["schemas"] |= {name: {"properties": dict(members)} for name in names}
    document["components"]["schemas"]["CreditBalance"]["properties"] |= members
    found = normalise(document)
    assert set(found.document["components"]["schemas"]) == {*EXPECTED["components"]["schemas"], *names}


def test_there_is_an_end_to_schemas(document):
    """Beyond that a document describes no API."""
    members = {f"m{number}": {"properties": {"x": {"type": "string"}}} for number in range(600)}
    document["components"]["schemas"]["CreditBalance"]["properties"] |= members
    found = normalise(document)
    assert len(found.document["components"]["schemas"]) < 520
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
