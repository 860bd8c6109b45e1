"""The API reference as a document: complete, valid, easy on every toolchain. It is frozen; openapi.json is not."""

import re
from typing import Any

import pytest
from openapi_spec_validator import validate as validate_document

from tests.support.contract import violations
from tests.support.reference import reference

DOCUMENT = reference()
SCHEMAS = DOCUMENT["components"]["schemas"]
OPEN, KEYED = False, True

# The API reference, typed in: query parameters, members of the answer, statuses, and whether a key is needed.
REFERENCE: dict[tuple[str, str], tuple[bool, set[str], str, str]] = {
    ("get", "/models"): (OPEN, set(), "models", "429 500"),
    ("get", "/models/{model}"): (
        KEYED,
        set(),
        "slug name bestFor description tags released pricing researcher researcherUrl urls samplePrompts",
        "400 401 404 429 500",
    ),
    ("get", "/styles"): (OPEN, set(), "styles", "429 500"),
    ("get", "/styles/{style}"): (KEYED, set(), "slug name category prompt alias image", "400 401 404 429 500"),
    ("get", "/shapes"): (OPEN, set(), "shapes", "429 500"),
    ("get", "/shapes/{shape}"): (KEYED, set(), "slug name aspectRatio width height", "400 401 404 429 500"),
    ("get", "/credits"): (KEYED, set(), "balance plan", "401 429 500"),
    ("post", "/generate"): (KEYED, set(), "batchId", "400 401 409 429 500"),
    ("get", "/batches"): (KEYED, {"limit", "cursor"}, "batches nextCursor hasMore", "400 401 429 500"),
    ("get", "/batches/{batchId}"): (KEYED, set(), "batchId status images", "400 401 404 429 500"),
    ("get", "/images"): (KEYED, {"limit", "cursor", "batchId"}, "images nextCursor hasMore", "400 401 429 500"),
    ("get", "/images/{imageId}"): (
        KEYED,
        set(),
        "imageId batchId url title prompt model status createdAt creditsCharged",
        "400 401 404 429 500",
    ),
    ("get", "/openapi.json"): (OPEN, set(), "openapi", "429 500"),
}
ROWS = {
    "BatchSummary": "batchId status prompt quality imageCount createdAt",
    "BatchImage": "imageId url model status creditsCharged",
    "ImageSummary": "imageId batchId url title model status createdAt creditsCharged isFavorite",
    "GenerationRequest": "prompt model style shape quality",
}
CODES = {
    "400": {"bad_request"},
    "401": {"unauthorized"},
    "404": {"not_found"},
    "409": {"content_flagged", "insufficient_credits"},
    "429": {"rate_limited"},
    "500": {"internal_error"},
}


def operations() -> dict[tuple[str, str], dict[str, Any]]:
    return {(method, path): each for path, item in DOCUMENT["paths"].items() for method, each in item.items()}


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        kind, name = node["$ref"].split("/")[-2:]
        node = DOCUMENT["components"][kind][name]
    return node


def nodes(node: Any, path: str = ""):
    yield path, node
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, child in children:
        yield from nodes(child, f"{path}/{name}")


def schema_nodes():
    """Every schema in the document, with where it stands; examples are not schemas."""
    for path, node in nodes(DOCUMENT):
        parent = path.rsplit("/", 2)[-2:]
        is_schema = parent[0] in ("schemas", "properties") or parent[-1] in ("schema", "items")
        if isinstance(node, dict) and is_schema and "/example" not in path:
            yield path, node


def test_the_document_is_valid_openapi():
    """By an independent validator."""
    validate_document(DOCUMENT)
    assert DOCUMENT["openapi"] == "3.0.3"


def test_it_has_exactly_the_calls_of_the_reference():
    """None is missing, none invented."""
    assert set(operations()) == set(REFERENCE)


@pytest.mark.parametrize(
    ("call", "expected"), REFERENCE.items(), ids=lambda value: " ".join(value) if len(value) == 2 else ""
)
def test_a_call_has_what_the_reference_says(call, expected):
    """Security, query parameters, members of the answer, statuses."""
    keyed, query, members, statuses = expected
    operation = operations()[call]
    parameters = [resolved(each) for each in operation.get("parameters", ())]
    answer = resolved(resolved(operation["responses"]["200"])["content"]["application/json"]["schema"])
    assert operation.get("security", DOCUMENT["security"]) == ([{"bearerAuth": []}] if keyed else [])
    assert {each["name"] for each in parameters if each["in"] == "query"} == query
    assert {each["name"] for each in parameters if each["in"] == "path"} == set(re.findall(r"\{(\w+)\}", call[1]))
    assert set(answer["properties"]) == set(members.split())
    assert set(operation["responses"]) == {"200", *statuses.split()}


@pytest.mark.parametrize(("name", "members"), ROWS.items())
def test_a_row_has_the_members_of_the_reference(name, members):
    """Items of pages, images of a batch, and the request."""
    assert set(SCHEMAS[name]["properties"]) == set(members.split())


def test_bounds_and_defaults_are_those_of_the_reference():
    """Page sizes, cursors, status words, qualities, what a request must have."""
    parameters = DOCUMENT["components"]["parameters"]
    assert parameters["BatchLimit"]["schema"] == {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}
    assert parameters["ImageLimit"]["schema"] == {"type": "integer", "minimum": 1, "maximum": 100, "default": 50}
    assert parameters["Cursor"]["schema"]["minimum"] == 0
    assert SCHEMAS["BatchPage"]["properties"]["nextCursor"]["minimum"] == 0
    assert SCHEMAS["BatchStatus"]["enum"] == ["processing", "complete", "failed", "rejected"]
    assert SCHEMAS["Quality"]["enum"] == ["standard", "hd"]
    assert SCHEMAS["GenerationRequest"]["required"] == ["prompt"]


def test_errors_are_shared_and_have_the_codes_of_the_reference():
    """One component per status, an example per code, Retry-After on 429."""
    found: dict[str, set[str]] = {}
    for operation in operations().values():
        for status, response in operation["responses"].items():
            if status != "200":
                media = resolved(response)["content"]["application/json"]
                assert "$ref" in response
                assert media["schema"] == {"$ref": "#/components/schemas/ErrorResponse"}
                found.setdefault(status, set()).update(media["examples"])
                assert all(each["value"]["error"]["code"] == code for code, each in media["examples"].items())
    assert found == CODES
    assert set(SCHEMAS["ErrorCode"]["enum"]) == set().union(*CODES.values())
    header = DOCUMENT["components"]["responses"]["RateLimited"]["headers"]["Retry-After"]
    assert (header["required"], header["schema"]["type"]) == (True, "integer")


def test_operations_are_named_tagged_and_described():
    """Unique snake_case ids; one tag each, declared; words everywhere."""
    ids = [operation["operationId"] for operation in operations().values()]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", each) for each in ids)
    declared = {tag["name"] for tag in DOCUMENT["tags"]}
    assert all(tag["description"] for tag in DOCUMENT["tags"])
    assert {tag for operation in operations().values() for tag in operation["tags"]} == declared
    assert all(len(operation["tags"]) == 1 for operation in operations().values())
    assert all(operation["summary"] and operation["description"] for operation in operations().values())
    assert all(DOCUMENT["info"][each] for each in ("description", "contact", "license", "version"))


def test_everything_is_described():
    """Every schema, member, parameter, header, response and body says what it is."""
    silent = [
        path
        for path, node in schema_nodes()
        if "$ref" not in node and "description" not in node and not path.endswith(("/items", "/schema"))
    ]
    assert silent == []
    for kind in ("parameters", "responses", "securitySchemes"):
        assert all(each["description"] for each in DOCUMENT["components"][kind].values())


def test_every_object_and_enum_is_a_named_component():
    """No generator has to invent a name."""
    inline = [
        path
        for path, node in schema_nodes()
        if (node.get("type") == "object" or "enum" in node) and not re.fullmatch(r"/components/schemas/\w+", path)
    ]
    assert inline == []


def test_names_upset_no_generator():
    """No schema called Error, none with a member of its own name."""
    assert "Error" not in SCHEMAS
    for name, schema in SCHEMAS.items():
        assert name.lower() not in {member.lower() for member in schema.get("properties", {})}


def test_types_upset_no_generator():
    """No unions of primitives, no nullable enums, no array without items."""
    for path, node in schema_nodes():
        assert not {"oneOf", "anyOf"} & set(node), path
        assert not ("enum" in node and node.get("nullable")), path
        assert node.get("type") != "array" or "items" in node, path
        assert "$ref" not in node or set(node) == {"$ref"}, path


def examples():
    for path, node in nodes(DOCUMENT):
        if not isinstance(node, dict):
            continue
        if "schema" in node and "example" in node:
            yield path, node["schema"], node["example"]
        if "schema" in node and "examples" in node:
            for name, each in node["examples"].items():
                yield f"{path}/{name}", node["schema"], each["value"]
        if "type" in node and "example" in node and isinstance(node["type"], str):
            yield path, node, node["example"]


EXAMPLES = list(examples())


@pytest.mark.parametrize(("path", "schema", "example"), EXAMPLES, ids=[path for path, *_ in EXAMPLES])
def test_every_example_validates(path, schema, example):
    """Examples are answers of the service, not decoration."""
    assert violations(schema, example) == []


def test_every_body_has_an_example():
    """Requests and answers alike."""
    media = [node for path, node in nodes(DOCUMENT) if path.endswith("/content/application/json")]
    assert len(media) == 13 + 1 + 6
    assert all("example" in each or "examples" in each for each in media)


@pytest.mark.parametrize("wrong", [{"batchId": 7}, {}, {"batchId": None}, []])
def test_the_validator_notices_what_is_wrong(wrong):
    """The check above can fail, through references too."""
    assert violations({"$ref": "#/components/schemas/GenerationAccepted"}, wrong) != []
