"""The calls: those of the reference by name, every other by `px.call`, and the values that they are read as."""

import copy
import importlib
import inspect
import json
import pickle
import pkgutil

import attrs
import pixola_client.api
import pytest
from hypothesis import given
from hypothesis import strategies as st
from normalising.document import normalise
from pixola_client.models import GenerationRequest
from pixola_client.operation import Operation

from pixola_ext import catalog, models, spec
from pixola_ext._api import operations
from pixola_ext._api.operations import Call
from tests.support.reference import reference
from tests.values import bodies

REFERENCE = reference()

CALLS: dict[str, Call[object]] = {
    "list_models": operations.list_models(),
    "get_model": operations.get_model("x"),
    "list_styles": operations.list_styles(),
    "get_style": operations.get_style("x"),
    "list_shapes": operations.list_shapes(),
    "get_shape": operations.get_shape("x"),
    "get_credits": operations.get_credits(),
    "create_generation": operations.create_generation(GenerationRequest("x")),
    "list_batches": operations.list_batches(limit=1, cursor=None),
    "get_batch": operations.get_batch("x"),
    "list_images": operations.list_images(limit=1, cursor=None),
    "get_image": operations.get_image("x"),
}
# Read by `make fetch-spec`, which must not depend on the generated package.
NOT_CALLED = {("GET", "/openapi.json")}

VALUES = {
    "Model": catalog.Model,
    "Pricing": catalog.Pricing,
    "Style": catalog.Style,
    "Shape": catalog.Shape,
    "CreditBalance": models.Credits,
    "BatchSummary": models.BatchSummary,
    "Batch": models.Batch,
    "Image": models.Image,
}
# Schemas of the reference that are read as a value of another name.
READ_AS = {"BatchImage": "Image", "ImageSummary": "Image"}


def generated_modules():
    for package in pkgutil.iter_modules(pixola_client.api.__path__, "pixola_client.api."):
        for module in pkgutil.iter_modules(importlib.import_module(package.name).__path__, f"{package.name}."):
            yield importlib.import_module(module.name)


def documented(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if (method.upper(), path) not in NOT_CALLED:
                yield method.upper(), path, operation


@pytest.mark.parametrize("module", list(generated_modules()), ids=lambda module: module.__name__.rsplit(".", 1)[1])
def test_every_generated_module_is_an_operation(module):
    """A pure function that gives the request and the reader of the answer, under the names of the module."""
    required = [each for each in inspect.signature(module.operation).parameters.values() if each.default is each.empty]
    body = GenerationRequest("x")
    positional = [body if each.name == "body" else "x" for each in required if each.kind is not each.KEYWORD_ONLY]
    named = {each.name: "x" for each in required if each.kind is each.KEYWORD_ONLY}
    operation = module.operation(*positional, **named)
    assert isinstance(operation, Operation)
    assert module.__name__ == f"pixola_client.api.{operation.tag}.{operation.name}"


@pytest.mark.parametrize(("method", "path", "operation"), list(documented(REFERENCE)))
def test_a_call_is_what_the_reference_says(method, path, operation):
    """Name, method, path, and whether it needs a key."""
    call = CALLS[operation["operationId"]]
    template = path.partition("{")
    assert (call.method, call.path) == (method, template[0] + ("x" if template[1] else ""))
    assert call.needs_key == (operation.get("security") != [])
    assert call.is_safe == (method == "GET")


def test_every_call_of_the_reference_is_there():
    """None is forgotten, none made up."""
    assert {operation["operationId"] for *_, operation in documented(REFERENCE)} == set(CALLS)


def test_every_documented_call_has_a_generated_module():
    """Whatever openapi.json describes can be called."""
    operations = [each for item in normalise(spec()).document["paths"].values() for each in item.values()]
    names = {f"pixola_client.api.{each['tags'][0]}.{each['operationId']}" for each in operations}
    assert {module.__name__ for module in generated_modules()} == names


def members():
    schemas = REFERENCE["components"]["schemas"]
    for name in (*VALUES, *READ_AS):
        for member in schemas[name]["properties"] if name in schemas else ():
            yield READ_AS.get(name, name), member


@pytest.mark.parametrize(("value", "member"), sorted(set(members())))
def test_every_member_of_the_reference_is_an_attribute(value, member):
    """In snake_case, so that programs written today run tomorrow."""
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in member)
    assert snake in {each.name for each in attrs.fields(VALUES[value])}


KINDS = sorted({*VALUES.values(), models.Page}, key=lambda kind: kind.__name__)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_values_are_frozen_hashable_and_picklable(kind):
    """They can be shared, stored, copied and sent to another process."""
    identities = {"slug": "x", "batch_id": "x", "image_id": "x", "balance": 1}
    required = {each.name for each in attrs.fields(kind) if each.default is attrs.NOTHING}
    given = {"items": (1,), "next_cursor": 1, "has_more": True} if kind is models.Page else {}
    value = kind(**given, **{name: identity for name, identity in identities.items() if name in required})
    value = attrs.evolve(value, extra=type(value.extra)({"a": [1]}))
    assert hash(value) == hash(pickle.loads(pickle.dumps(value)))
    assert pickle.loads(pickle.dumps(value)) == copy.deepcopy(value) == value
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(value, attrs.fields(kind)[0].name, "y")


@pytest.mark.parametrize("name", [name for name in VALUES if name != "Pricing"])
@given(data=st.data())
def test_a_value_is_the_generated_one_with_behaviour(name, data):
    """Read from whatever body, it is equal to its own JSON read again; what it holds is of our kinds, too."""
    body = data.draw(bodies(name))
    try:
        value = VALUES[name].from_dict(body)
    except ValueError:
        return
    assert type(value) is VALUES[name]
    assert VALUES[name].from_dict(json.loads(json.dumps(value.to_dict()))) == value
    for image in getattr(value, "images", ()):
        assert type(image) is models.Image
