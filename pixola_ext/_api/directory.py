"""The operations of the generated package by their names, those that regeneration adds, too."""

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Literal

import pixola_client.api
from attrs import frozen
from pixola_client.operation import Operation

from .._display import printable
from ..errors import ConfigurationError


@frozen
class Parameter:
    """A parameter of an operation. `kind` is the type of its values; `is_body` tells that it is the body."""

    name: str
    kind: Any
    is_required: bool
    is_body: bool


@frozen
class Described:
    """An operation as its module describes it."""

    name: str
    tag: str
    summary: str
    make: Callable[..., Operation[Any]]
    parameters: tuple[Parameter, ...]


@cache
def operation_names() -> Mapping[str, str]:
    """The modules by the names of their operations, of all tags."""
    found = {}
    for tag in pkgutil.iter_modules(pixola_client.api.__path__, f"{pixola_client.api.__name__}."):
        package = importlib.import_module(tag.name)
        for module in pkgutil.iter_modules(package.__path__, f"{tag.name}."):
            found[module.name.rpartition(".")[2]] = module.name
    return found


def described(name: str) -> Described:
    """The operation of that name, one of `operation_names`."""
    module = importlib.import_module(operation_names()[name])
    hints = typing.get_type_hints(module.operation)
    parameters = tuple(
        Parameter(
            each.name,
            _alternative(hints[each.name]),
            is_required=each.default is inspect.Parameter.empty,
            is_body=hasattr(_alternative(hints[each.name]), "from_dict") or each.name == "body",
        )
        for each in inspect.signature(module.operation).parameters.values()
    )
    return Described(name, module.__name__.split(".")[-2], (module.__doc__ or "").strip(), module.operation, parameters)


def _alternative(kind: Any) -> Any:
    """The type beside None in a union."""
    others = [each for each in typing.get_args(kind) if each is not type(None)]
    is_literal = typing.get_origin(kind) is Literal
    return kind if is_literal or not others or typing.get_origin(kind) in (list, tuple, dict) else others[0]


def operation_of(name: str, params: Mapping[str, str], body: Any) -> Operation[Any]:
    """The operation with arguments as text and a body of JSON; raises `ConfigurationError` for what does not fit."""
    known = described(name)
    by_name = {each.name: each for each in known.parameters if not each.is_body}
    unknown = [each for each in params if each not in by_name]
    if unknown:
        names = ", ".join(by_name) or "none"
        raise ConfigurationError(
            f"param: {name} has no {printable(unknown[0], 60)}; there are {names}", setting="param"
        )
    arguments = {each: _value(text, by_name[each]) for each, text in params.items()}
    missing = [each.name for each in by_name.values() if each.is_required and each.name not in arguments]
    if missing:
        raise ConfigurationError(f"param: {name} needs {', '.join(missing)}", setting="param")
    of_body = next((each for each in known.parameters if each.is_body), None)
    if of_body is None and body is not None:
        raise ConfigurationError(f"json: {name} takes no body", setting="json")
    if of_body is not None and (body is not None or of_body.is_required):
        arguments[of_body.name] = _body(name, of_body, body)
    try:
        return known.make(**arguments)
    except ValueError as error:  # what cannot stand in a path
        raise ConfigurationError(f"param: {printable(str(error), 200)}", setting="param") from error


def _value(text: str, parameter: Parameter) -> Any:
    kind = parameter.kind
    try:
        if kind is bool:
            return {"true": True, "false": False}[text.lower()]
        return kind(text) if kind in (int, float) else text
    except (ValueError, KeyError) as error:
        what = {bool: "true or false", int: "a whole number", float: "a number"}[kind]
        raise ConfigurationError(
            f"param: {parameter.name} must be {what}, not {printable(repr(text), 60)}", setting="param"
        ) from error


def _body(name: str, parameter: Parameter, body: Any) -> Any:
    if body is None:
        raise ConfigurationError(f"json: {name} needs a body", setting="json")
    if not hasattr(parameter.kind, "from_dict"):
        return body
    try:
        return parameter.kind.from_dict(body)
    except Exception as error:  # whatever the reader of the document stumbles over
        raise ConfigurationError(
            f"json: not a body of {name} ({printable(str(error), 200)})", setting="json"
        ) from error
