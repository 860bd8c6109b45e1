"""The keywords of a schema, read and merged one by one; what a view is, `schemas.py` says."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from .references import listed

ANY: Final[Mapping[str, Any]] = {}  # the schema that allows everything
LOWER: Final = ("minimum", "minLength", "minItems", "minProperties", "uniqueItems")
UPPER: Final = ("maximum", "maxLength", "maxItems", "maxProperties")
# Each bound, what makes it exclusive, and the sign by which the greater of two is the tighter.
_BOUNDS: Final = tuple(
    (key, f"exclusive{key.capitalize()}", sign) for keys, sign in ((LOWER, 1), (UPPER, -1)) for key in keys
)
SCALARS: Final = ("string", "integer", "number", "boolean")
_TYPES: Final = frozenset({*SCALARS, "object", "array", "null"})
TYPE_OF: Final[Mapping[type, str]] = {bool: "boolean", int: "integer", float: "number", str: "string"}
# The type of a schema that does not name it, by a keyword that is only for values of that type.
IMPLIED: Final = {
    "properties": "object",
    "additionalProperties": "object",
    "items": "array",
    "prefixItems": "array",
}
REWRITTEN: Final = {"allOf", "oneOf", "anyOf", "type", "nullable", "const", "enum", "properties", "required"}

View = dict[str, Any]


def _common_types(held: Iterable[str], value: Iterable[str]) -> frozenset[str]:
    """The types that both allow; an integer is a number, too."""
    types = frozenset(held), frozenset(value)
    is_integer = "integer" in types[0] | types[1] and "number" in types[0] | types[1]
    return (types[0] & types[1]) | ({"integer"} if is_integer else frozenset())


def joined(held: Iterable[Any], value: Iterable[Any]) -> list[Any]:
    """The values of the first list and those of the second that are not in it."""
    return [*held, *(each for each in value if each not in held)]


# How two values of a keyword become the one that holds where both hold.
MERGED: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "types": _common_types,
    "null": lambda held, value: held and value,
    "enum": lambda held, value: [each for each in held if each in value],
    "required": joined,
    "alternatives": joined,
    "examples": lambda held, value: [*listed(held), *listed(value)],
    "origins": lambda held, value: held | value,
    "names": lambda held, value: held | value,
    **dict.fromkeys((*LOWER, *UPPER), max),
}


def named_types(node: Mapping[str, Any]) -> set[str]:
    """The types that `type` names; none if one of them is no type of JSON Schema."""
    named = node.get("type")
    names = [named] if isinstance(named, str) else listed(named)
    types = {name for name in names if isinstance(name, str)}
    return types if types <= _TYPES and len(names) == len(types) else set()


def types_of(view: Mapping[str, Any]) -> frozenset[str] | None:
    """The types of a view; None for all, and where they contradict each other."""
    types = view.get("types")
    return None if types is None or not (types or view.get("null")) else frozenset(types)


def types_of_values(values: Iterable[Any]) -> View:
    types = frozenset(TYPE_OF.get(type(value), "") for value in values)
    return {"types": types} if "" not in types else {}


def items_of(view: Mapping[str, Any]) -> Any:
    """The schema of the items of an array, whatever their position."""
    items = view.get("items")
    several = [*listed(view.get("prefixItems")), *listed(items)]
    return {"anyOf": [*several, *([items] if isinstance(items, Mapping) else ())]} if several else items


def additional_of(view: Mapping[str, Any]) -> Any:
    additional = view.get("additionalProperties")
    return additional if isinstance(additional, Mapping) else None


def is_open(view: Mapping[str, Any]) -> bool:
    """Whether a view does not describe what is inside."""
    types = types_of(view)
    if types == {"array"}:
        return items_of(view) is None
    is_object = types is None or types == {"object"} or len(types) > 1
    return is_object and not view.get("properties") and additional_of(view) is None


def text_of(view: Mapping[str, Any], key: str) -> str | None:
    found = view.get(key)
    return found if isinstance(found, str) and found else None


def set_bounds(part: View, node: Mapping[str, Any]) -> None:
    """Bounds as (tightness, exclusive), upper ones negated, so that the greater one is the tighter."""
    for key, strict, sign in _BOUNDS:
        if key not in node and strict not in node:
            continue
        bound, exclusive = node.get(key), node.get(strict)
        bounds = [(sign * bound, exclusive is True)] if isinstance(bound, int | float) else []
        if isinstance(exclusive, int | float) and not isinstance(exclusive, bool):
            bounds.append((sign * exclusive, True))
        part.pop(key, None)
        part.pop(strict, None)
        if bounds and (key == "minimum" or sign < 0 or bounds[0][0]):  # a least length of 0 allows every length
            part[key] = max(bounds)


def alternatives_of(view: Mapping[str, Any]) -> list[Any]:
    """The schemas of all groups of alternatives in a view."""
    return [each for group in view.get("alternatives", ()) for each in group]


def inferred(example: Any) -> dict[str, Any]:
    """A schema that describes an example."""
    if isinstance(example, list):
        return {"type": "array", **({"items": {"anyOf": [*map(inferred, example)]}} if example else {})}
    if isinstance(example, dict):
        return {"type": "object", "properties": {name: inferred(inside) for name, inside in example.items()}}
    return {"type": "null" if example is None else TYPE_OF.get(type(example), "string")}


def component_name(node: Any) -> str | None:
    """The name of the component that a reference leads to."""
    pointer = node.get("$ref") if isinstance(node, Mapping) else None
    is_component = isinstance(pointer, str) and pointer.startswith("#/components/schemas/")
    return str(pointer).rpartition("/")[2] if is_component else None
