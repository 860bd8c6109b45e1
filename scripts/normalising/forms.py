"""What a schema says, in one form: references followed, `allOf` joined, alternatives merged, 3.1 like 3.0.

Documents are written by many tools, each with its own way to say the same. The form is what they have in common; where
a schema says nothing, its examples speak.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from typing import Any, Final, TypeVar

from attrs import evolve, field, frozen
from document.references import Reader, listed, mapping

LEAVES: Final = ("string", "integer", "number", "boolean")
_DEEPEST: Final = 8  # wrappings around the entries of a list
_KINDS: Final = frozenset({*LEAVES, "object", "array"})
_TYPES: Final[Mapping[type, str]] = {bool: "boolean", int: "integer", float: "number", str: "string"}
T = TypeVar("T")


@frozen
class Form:
    """One schema. `kinds` are its types without null, None if it does not say; `words` likewise those it allows.

    `origins` are the identities of the schemas that its members come from: a form inside one of the same origin is a
    circle. `default` is None where there is none. `name` is that of the component, or its title.
    """

    kinds: frozenset[str] | None = None
    words: tuple[Any, ...] | None = None
    members: Mapping[str, Any] = field(factory=dict)
    required: frozenset[str] = frozenset()
    items: Any = None
    values: Any = None
    format: str | None = None
    description: str | None = None
    default: Any = None
    examples: tuple[Any, ...] = ()
    origins: frozenset[int] = frozenset()
    name: str | None = None

    @property
    def kind(self) -> str | None:
        """The one type; None if there may be several or any."""
        kinds = self.kinds
        if kinds == {"integer", "number"}:
            return "number"
        return next(iter(kinds)) if kinds is not None and len(kinds) == 1 else None

    @property
    def has_default(self) -> bool:
        """Whether there is a default of a type that is allowed: who leaves it out says that."""
        return _TYPES.get(type(self.default)) in (self.kinds or ())

    @property
    def is_null(self) -> bool:
        """Whether it allows nothing but null."""
        return self.kinds == frozenset()

    @property
    def is_hollow(self) -> bool:
        """Whether it leaves open what is inside."""
        if self.kind == "array":
            return self.items is None
        return self.kind in (None, "object") and not self.members and self.values is None


class Forms:
    """The forms of the schemas of one document."""

    def __init__(self, read: Reader) -> None:
        self.read = read
        self._open: set[int] = set()
        self._inferred: dict[int, tuple[Any, Any]] = {}  # by identity, with what holds it: identities are used again

    def __call__(self, schema: Any) -> Form:
        """The form of a schema; one that is made of itself says nothing."""
        node = self.read(schema)
        if id(node) in self._open:
            return Form()
        self._open.add(id(node))
        try:
            form = reduce(both, map(self, listed(node.get("allOf"))), _own(node))
            for key in ("oneOf", "anyOf"):
                if alternatives := listed(node.get(key)):
                    form = both(form, either(map(self, alternatives)))
        finally:
            self._open.discard(id(node))
        if form.is_hollow and form.examples and not form.is_null:
            form = both(form, either(self(self._schema_of(each)) for each in form.examples))
        component = component_name(schema)
        return evolve(form, name=component) if component else form

    def _schema_of(self, example: Any) -> Any:
        return self._inferred.setdefault(id(example), (example, inferred(example)))[1]

    def entry(self, schema: Any, outer: frozenset[int] = frozenset()) -> Any:
        """The schema of the entries of a list, whatever its wrapping: told by their `slug`; None without one."""
        form = self(schema)
        if form.origins & outer or len(outer) > _DEEPEST:
            return None
        # A group of entries may have a slug of its own: the innermost object with one is the entry.
        inside = (*form.members.values(), form.items, form.values)
        deeper = (self.entry(each, outer | form.origins) for each in inside if each is not None)
        return next((each for each in deeper if each is not None), schema if "slug" in form.members else None)

    def of_media(self, media: Any) -> dict[str, Any]:
        """The schema of a media type together with its examples."""
        said = mapping(media)
        examples = [self.read(each).get("value") for each in mapping(said.get("examples")).values()]
        examples += [said["example"]] if "example" in said else []
        return {"allOf": [said.get("schema", {})], **({"examples": examples} if examples else {})}


def _own(node: Mapping[str, Any]) -> Form:
    """What a schema says itself, without its compositions."""
    words = tuple(each for each in _words(node) if each is not None) if {"const", "enum"} & node.keys() else None
    members = mapping(node.get("properties"))
    values = node.get("additionalProperties")
    return Form(
        kinds=_kinds(node, words),
        words=words,
        members=members,
        required=frozenset(each for each in listed(node.get("required")) if isinstance(each, str)),
        items=_items(node),
        values=values if isinstance(values, Mapping) else None,
        format=_text(node, "format"),
        description=_text(node, "description"),
        default=node.get("default"),
        examples=(*listed(node.get("examples")), *([node["example"]] if "example" in node else ())),
        origins=frozenset({id(members)} if members else ()),
        name=_text(node, "title"),
    )


def component_name(schema: Any) -> str | None:
    """The name of the component that a reference leads to."""
    pointer = schema.get("$ref") if isinstance(schema, Mapping) else None
    named = isinstance(pointer, str) and pointer.startswith("#/components/schemas/")
    return str(pointer).rpartition("/")[2] if named else None


def _text(node: Mapping[str, Any], key: str) -> str | None:
    found = node.get(key)
    return found if isinstance(found, str) and found else None


def _words(node: Mapping[str, Any]) -> list[Any]:
    return [node["const"]] if "const" in node else listed(node.get("enum"))


def _kinds(node: Mapping[str, Any], words: tuple[Any, ...] | None) -> frozenset[str] | None:
    """The types that a schema allows, told by the rest of it if it does not name them."""
    said = node.get("type")
    if said is not None:
        names = [said] if isinstance(said, str) else listed(said)
        kinds = frozenset(map(str, names)) - {"null"}
        return kinds if names and kinds <= _KINDS else None
    if "properties" in node or "additionalProperties" in node:
        return frozenset({"object"})
    if "items" in node or "prefixItems" in node:
        return frozenset({"array"})
    if words is None:
        return None
    kinds = frozenset(_TYPES.get(type(word), "") for word in words)
    return kinds if kinds <= _KINDS else None


def _items(node: Mapping[str, Any]) -> Any:
    """What an array holds, wherever it stands."""
    items = node.get("items")
    several = [*listed(node.get("prefixItems")), *listed(items)]
    return {"anyOf": [*several, *([items] if isinstance(items, Mapping) else ())]} if several else items


def both(one: Form, two: Form) -> Form:
    """What holds where both hold."""
    return evolve(
        one,
        kinds=_where_both(one.kinds, two.kinds, _common),
        words=_where_both(one.words, two.words, lambda a, b: tuple(word for word in a if word in b)),
        members=_members("allOf", one, two),
        required=one.required | two.required,
        items=_joined("allOf", one.items, two.items),
        values=_joined("allOf", one.values, two.values),
        format=one.format or two.format,
        description=one.description or two.description,
        default=two.default if one.default is None else one.default,
        examples=(*one.examples, *two.examples),
        origins=one.origins | two.origins,
        name=_one_of(one.name, two.name),
    )


def _one_of(one: str | None, two: str | None) -> str | None:
    """The name, where only one of them has one or both the same."""
    return one or two if one == two or None in (one, two) else None


def either(alternatives: Iterable[Form]) -> Form:
    """What holds where any of them holds; that one of them is null says nothing more."""
    forms = [*alternatives]
    some = [form for form in forms if not form.is_null]
    return reduce(_one_or_other, some) if some or not forms else forms[0]


def _one_or_other(one: Form, two: Form) -> Form:
    return evolve(
        one,
        kinds=None if one.kinds is None or two.kinds is None else one.kinds | two.kinds,
        words=None if one.words is None or two.words is None else (*one.words, *_new(two.words, one.words)),
        members=_members("anyOf", one, two),
        required=one.required & two.required,
        items=_joined("anyOf", one.items, two.items),
        values=_joined("anyOf", one.values, two.values),
        format=one.format if one.format == two.format else None,
        description=one.description or two.description,
        examples=(*one.examples, *two.examples),
        origins=one.origins | two.origins,
        name=_one_of(one.name, two.name),
    )


def _new(words: Iterable[Any], known: tuple[Any, ...]) -> list[Any]:
    return [word for word in words if word not in known]


def _where_both(one: T | None, two: T | None, common: Callable[[T, T], T | None]) -> T | None:
    if one is None or two is None:
        return two if one is None else one
    return common(one, two)


def _common(one: frozenset[str], two: frozenset[str]) -> frozenset[str] | None:
    integer = {"integer"} if "integer" in one | two and "number" in one | two else set()
    return ((one & two) | integer) or (None if one and two else frozenset())


def _members(word: str, one: Form, two: Form) -> dict[str, Any]:
    theirs = {name: _joined(word, one.members.get(name), schema) for name, schema in two.members.items()}
    return {**one.members, **theirs}


def _joined(word: str, one: Any, two: Any) -> Any:
    """A schema made of two, by `allOf` or `anyOf`; None is one that is not there."""
    if one is None or two is None or one == two:
        return two if one is None else one
    return {word: [one, two]}


def inferred(example: Any) -> dict[str, Any]:
    """A schema that describes an example."""
    if isinstance(example, list):
        return {"type": "array", **({"items": {"anyOf": [*map(inferred, example)]}} if example else {})}
    if isinstance(example, dict):
        return {"type": "object", "properties": {name: inferred(inside) for name, inside in example.items()}}
    return {"type": "null" if example is None else _TYPES.get(type(example), "string")}
