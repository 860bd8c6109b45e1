"""The link: every generated module fits, and nothing the API answers is lost on the way."""

import importlib
import inspect
import pickle
import pkgutil

import attrs
import httpx
import pixola_client.api
import pytest
from pixola_client import Client
from pixola_client import models as generated

from pixola_ext import models, spec
from pixola_ext._api import operations
from pixola_ext._api.operations import Call

# Calls that this package leaves to the generated one, with the reason.
LEFT_OUT = {("GET", "/openapi.json"): "read by `make fetch-spec`, which must not depend on the generated package"}


def generated_modules():
    for package in pkgutil.iter_modules(pixola_client.api.__path__, "pixola_client.api."):
        for module in pkgutil.iter_modules(importlib.import_module(package.name).__path__, f"{package.name}."):
            yield importlib.import_module(module.name)


@pytest.mark.parametrize("module", list(generated_modules()), ids=lambda module: module.__name__.rsplit(".", 1)[1])
def test_every_generated_module_is_an_operation(module):
    """A pure request builder and a parser that takes client and response: what `Operation` asks for."""
    builder, parser = inspect.signature(module._get_kwargs), inspect.signature(module._parse_response)
    assert set(parser.parameters) == {"client", "response"}
    assert all(each.kind is inspect.Parameter.KEYWORD_ONLY for each in parser.parameters.values())
    given = {name: "x" for name, each in builder.parameters.items() if each.default is each.empty and name != "body"}
    if "body" in builder.parameters:
        given["body"] = attrs.make_class("Body", [])()
        type(given["body"]).to_dict = lambda _self: {}
    request = module._get_kwargs(**given)
    assert {"method", "url"} <= set(request) <= {"method", "url", "params", "json", "headers"}
    module._parse_response(client=Client(base_url=""), response=httpx.Response(200, json={}))


CALLS: dict[str, Call[object]] = {
    "list_models": operations.list_models(),
    "get_model": operations.get_model("x"),
    "list_styles": operations.list_styles(),
    "get_style": operations.get_style("x"),
    "list_shapes": operations.list_shapes(),
    "get_shape": operations.get_shape("x"),
    "get_credits": operations.get_credits(),
    "create_generation": operations.create_generation(models.Submission("x")),
    "list_batches": operations.list_batches(limit=1, cursor=None),
    "get_batch": operations.get_batch("x"),
    "list_images": operations.list_images(limit=1, cursor=None),
    "get_image": operations.get_image("x"),
}


def documented():
    for path, methods in spec()["paths"].items():
        for method, operation in methods.items():
            if (method.upper(), path) not in LEFT_OUT:
                yield operation["operationId"], method.upper(), path, operation


def test_every_documented_call_has_a_function_and_a_generated_module():
    """By the names of the spec, without one too many."""
    names = {name for name, *_ in documented()}
    assert names == set(CALLS)
    assert names | {"get_openapi"} == {module.__name__.rsplit(".", 1)[1] for module in generated_modules()}


@pytest.mark.parametrize(("name", "method", "path", "operation"), list(documented()))
def test_a_call_is_what_the_spec_says(name, method, path, operation):
    """Method, path, and whether it needs a key."""
    call = CALLS[name]
    template = path.partition("{")
    assert (call.method, call.path) == (method, template[0] + ("x" if template[1] else ""))
    assert call.needs_key == (operation.get("security") != [])
    assert call.is_paid == (method == "POST")


VALUES = {
    "Model": models.Model,
    "Pricing": models.Pricing,
    "Style": models.Style,
    "Shape": models.Shape,
    "CreditBalance": models.Credits,
    "GenerationAccepted": models.Accepted,
    "BatchSummary": models.BatchSummary,
    "Batch": models.Batch,
    "BatchImage": models.Image,
    "ImageSummary": models.Image,
    "Image": models.Image,
    "BatchPage": models.Page,
    "ImagePage": models.Page,
}
# Schemas and members that have no value or attribute of their own, with the reason.
SCHEMAS_LEFT_OUT = {
    "ModelList": "a list",
    "StyleList": "a list",
    "StyleGroup": "each style names its category",
    "ShapeList": "a list",
    "GenerationRequest": "the arguments of submit",
    "ErrorResponse": "errors.APIError",
    "ErrorDetail": "errors.APIError",
    "OpenApiDocument": "see LEFT_OUT",
}
EXPOSED_AS = {("BatchPage", "batches"): "items", ("ImagePage", "images"): "items"}


def snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def objects():
    return {name: schema for name, schema in spec()["components"]["schemas"].items() if schema["type"] == "object"}


def test_every_schema_of_the_spec_has_a_value_or_a_reason():
    """A new schema cannot be overlooked."""
    assert set(objects()) == set(VALUES) | set(SCHEMAS_LEFT_OUT)


@pytest.mark.parametrize("name", VALUES)
def test_every_response_member_of_the_spec_is_exposed(name):
    """Each property is an attribute in snake_case."""
    known = {each.name for each in attrs.fields(VALUES[name])}
    wanted = {EXPOSED_AS.get((name, member), snake(member)) for member in objects()[name]["properties"]}
    assert wanted <= known


@pytest.mark.parametrize(
    "kind", sorted(set(VALUES.values()), key=lambda kind: kind.__name__), ids=lambda kind: kind.__name__
)
def test_values_are_frozen_hashable_and_picklable(kind):
    """They can be shared, stored and sent to another process."""
    given = {"items": (1,), "next_cursor": 1, "has_more": True} if kind is models.Page else {}
    identities = {"slug": "x", "batch_id": "x", "image_id": "x", "balance": 1}
    names = {each.name for each in attrs.fields(kind)}
    value = kind(**given, **{name: identity for name, identity in identities.items() if name in names})
    if "extra" in names:
        value = attrs.evolve(value, extra=models.Extra({"a": [1]}))
    assert hash(value) == hash(pickle.loads(pickle.dumps(value)))
    assert pickle.loads(pickle.dumps(value)) == value
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(value, next(iter(names)), "y")


@pytest.mark.parametrize("name", ["Batch", "Image", "Model", "BatchPage", "ImagePage", "CreditBalance", "StyleList"])
def test_responses_are_open_in_the_generated_package(name):
    """Every member may be absent, so that no parser raises for what the service leaves out."""
    assert getattr(generated, name).from_dict({}).to_dict() == {}


GENERATED = {
    "Model": ["Model", "ModelListItem"],
    "Pricing": ["ModelPricing", "ModelListItemPricing"],
    "Style": ["Style", "StyleListItem"],
    "Shape": ["Shape", "ShapeListItem"],
    "CreditBalance": ["CreditBalance"],
    "GenerationAccepted": ["GenerationAccepted"],
    "BatchSummary": ["BatchPageItem"],
    "Batch": ["Batch"],
    "BatchImage": ["BatchImage"],
    "ImageSummary": ["ImagePageItem"],
    "Image": ["Image"],
}


def test_the_generated_package_has_a_class_for_every_value():
    """But for the pages, whose items are in other classes."""
    assert set(GENERATED) == {name for name, kind in VALUES.items() if kind is not models.Page}
    assert [each for names in GENERATED.values() for each in names if not hasattr(generated, each)] == []


PARSERS = [
    (name, getattr(generated, each)) for name, names in GENERATED.items() for each in names if hasattr(generated, each)
]


@pytest.mark.parametrize(("name", "parsing"), PARSERS)
def test_our_readers_find_what_the_generated_parsers_find(name, parsing):
    """Each member under the same name of the API and with the same name in Python; others stay in `extra`."""
    documented = {each.name for each in attrs.fields(parsing)} - {"additional_properties"}
    numbers, flags = {"credits_charged", "image_count", "balance", "standard", "hd", "width", "height"}, {"is_favorite"}
    lists, objects = {"tags", "urls", "sample_prompts", "images"}, {"pricing"}
    samples = {
        **dict.fromkeys(numbers, 7),
        **dict.fromkeys(flags, True),
        **{member: [] for member in lists},
        **{member: {} for member in objects},
        "created_at": "2026-03-01T12:00:00+00:00",
    }
    answer = {models.api_name(member): samples.get(member, "x") for member in documented}
    parsed, value = parsing.from_dict(answer), models.read(VALUES[name], answer)
    exposed = documented & {each.name for each in attrs.fields(VALUES[name])}
    assert not parsed.additional_properties
    assert set(value.extra) == {models.api_name(member) for member in documented - exposed}
    for member in exposed - lists - objects - {"created_at"}:
        assert getattr(value, member) == getattr(parsed, member) == samples.get(member, "x")
    assert all(getattr(value, member) is not None for member in exposed)


@pytest.mark.parametrize(("parsing", "name"), [(generated.BatchPage, "batches"), (generated.ImagePage, "images")])
def test_our_pages_are_those_of_the_generated_parsers(parsing, name):
    """Items, cursor and whether there is more."""
    kind, item = {
        "batches": (models.BatchSummary, {"batchId": "bt_1"}),
        "images": (models.Image, {"imageId": "im_1"}),
    }[name]
    answer = {name: [item, item], "nextCursor": 3, "hasMore": True}
    parsed, page = parsing.from_dict(answer), models.page(kind, name, answer)
    assert not parsed.additional_properties
    assert len(page.items) == len(getattr(parsed, name)) == 2
    assert (page.next_cursor, page.has_more) == (parsed.next_cursor, parsed.has_more) == (3, True)
