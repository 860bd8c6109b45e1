"""The link: every generated module fits, and nothing the API answers is lost on the way."""

import importlib
import inspect
import pickle
import pkgutil

import attrs
import pixola_client.api
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pixola_client import models as generated
from pixola_client.models import GenerationRequest
from pixola_client.operation import Operation

from pixola_ext import models, spec
from pixola_ext._api import operations
from pixola_ext._api.operations import Call
from tests.values import bodies

# Calls that this package leaves to the generated one, with the reason.
LEFT_OUT = {("GET", "/openapi.json"): "read by `make fetch-spec`, which must not depend on the generated package"}


def generated_modules():
    for package in pkgutil.iter_modules(pixola_client.api.__path__, "pixola_client.api."):
        for module in pkgutil.iter_modules(importlib.import_module(package.name).__path__, f"{package.name}."):
            yield importlib.import_module(module.name)


@pytest.mark.parametrize("module", list(generated_modules()), ids=lambda module: module.__name__.rsplit(".", 1)[1])
def test_every_generated_module_is_an_operation(module):
    """A pure function that gives the request and the reader of the answer, under the names of the module."""
    required = [each for each in inspect.signature(module.operation).parameters.values() if each.default is each.empty]
    body = GenerationRequest(prompt="x")
    operation = module.operation(*(body if each.name == "body" else "x" for each in required))
    assert isinstance(operation, Operation)
    assert module.__name__ == f"pixola_client.api.{operation.tag}.{operation.name}"


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


READ_AS = {
    "Model": models.Model,
    "Pricing": models.Pricing,
    "Style": models.Style,
    "Shape": models.Shape,
    "CreditBalance": models.Credits,
    "GenerationAccepted": models.Accepted,
    "BatchSummary": models.BatchSummary,
    "Batch": models.Batch,
    "Image": models.Image,
}


def read_by(reader, *arguments):
    """The members that were read, those inside too; None if the body was refused."""
    try:
        return attrs.asdict(reader(*arguments), filter=lambda each, _value: each.name != "submission")
    except ValueError:
        return None


@pytest.mark.parametrize("name", READ_AS)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_the_generated_package_reads_as_we_do(name, data):
    """Whatever the body holds: the same members, the same rest in `extra`, the same refusals."""
    body = data.draw(bodies(name))
    assert read_by(getattr(generated, name).from_dict, body) == read_by(models.read, READ_AS[name], body)
