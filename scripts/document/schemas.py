"""Schemas read alike, however a document writes them: the one reading for the normaliser and for the comparison.

References are followed, `allOf` is merged, and OpenAPI 3.0 and 3.1 come out the same. A view is a merged schema: its
keywords as in JSON Schema, but for

    types         the types without null; `type` and `nullable` are gone
    null          whether null is allowed, where the schema says anything about it
    enum          the values without null; `const` is an `enum` of one
    alternatives  the groups of `oneOf` and `anyOf` with more than one schema that is not null
    minimum, ...  bounds as (tightness, exclusive), where the greater is the tighter
    origins       the identities of the `properties` that it is made of
    names         the component that it is, else the titles
"""

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any, Final, Literal

from attrs import field, frozen

from .keywords import (
    ANY,
    IMPLIED,
    MERGED,
    REWRITTEN,
    TYPE_OF,
    View,
    additional_of,
    component_name,
    inferred,
    is_open,
    items_of,
    joined,
    named_types,
    set_bounds,
    text_of,
    types_of,
    types_of_values,
)
from .references import Reader, listed, mapping

_DEEPEST: Final = 8  # wrappings around the entries of a list

Composition = Literal["allOf", "anyOf"]


@frozen
class Schema:
    """A schema as the normaliser reads it: alternatives united, and examples in place of what it does not describe.

    `types` are without null, None where any type is allowed; `enum` is None where any value is. A schema inside one
    with the same `origins` is a circle. `default` is None where there is none, and so is `name`, that of the component
    or the title, where there are several.
    """

    types: frozenset[str] | None = None
    enum: tuple[Any, ...] | None = None
    properties: Mapping[str, Any] = field(factory=dict)
    required: frozenset[str] = frozenset()
    items: Any = None
    additional: Any = None
    format: str | None = None
    description: str | None = None
    default: Any = None
    origins: frozenset[int] = frozenset()
    name: str | None = None

    @property
    def type(self) -> str | None:
        """The type, None where several or all are allowed."""
        types = self.types
        if types == {"integer", "number"}:
            return "number"
        return next(iter(types)) if types is not None and len(types) == 1 else None

    @property
    def has_default(self) -> bool:
        """Whether a value that is left out means a default of an allowed type."""
        return TYPE_OF.get(type(self.default)) in (self.types or ())


class SchemaReader(Reader):
    """Reads the schemas of one document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        super().__init__(document)
        self._has_siblings = not str(document.get("openapi")).startswith("3.0")  # `$ref` may stand beside keywords
        self._views: dict[int, tuple[Any, View]] = {}  # the schema is kept, so that its identity is not used again
        self._composed: dict[int, tuple[Composition, tuple[Any, ...]]] = {}
        self._compositions: dict[tuple[Composition, tuple[int, ...]], dict[str, Any]] = {}
        self._open: set[int] = set()
        self._inferred: dict[int, tuple[Any, Any]] = {}  # by identity of the example, which is kept for it

    def schema(self, node: Any) -> Schema:
        """The schema with its alternatives united; one that is made of itself allows everything."""
        view = self._united(node)
        types, enum = types_of(view), view.get("enum")
        additional, default = view.get("additionalProperties"), view.get("default")
        return Schema(
            types=types,
            enum=None if enum is None else tuple(enum),
            properties=view.get("properties", ANY),
            required=frozenset(view.get("required", ())),
            items=items_of(view),
            additional=additional if isinstance(additional, Mapping) else None,
            format=text_of(view, "format"),
            description=text_of(view, "description"),
            default=default,
            origins=view.get("origins", frozenset()),
            name=next(iter(names)) if len(names := view.get("names", ())) == 1 else None,
        )

    def media_schema(self, media: Any) -> dict[str, Any]:
        """The schema of a media type together with the examples of the media type."""
        described = mapping(media)
        examples = [self(each).get("value") for each in mapping(described.get("examples")).values()]
        examples += [described["example"]] if "example" in described else []
        return {"allOf": [described.get("schema", {})], **({"examples": examples} if examples else {})}

    def entry(self, node: Any, outer: frozenset[int] = frozenset()) -> Any:
        """The schema of the entries of a list, in whatever envelope, known by their `slug`; None without one."""
        schema = self.schema(node)
        if schema.origins & outer or len(outer) > _DEEPEST:
            return None
        # A group of entries may have a slug of its own: the innermost object with one is the entry.
        inside = (*schema.properties.values(), schema.items, schema.additional)
        deeper = (self.entry(each, outer | schema.origins) for each in inside if each is not None)
        return next((each for each in deeper if each is not None), node if "slug" in schema.properties else None)

    def view(self, node: Any) -> View:
        """The merged schema, alternatives kept apart."""
        if id(node) not in self._views:
            self._views[id(node)] = node, (made := {})
            for part in self._parts(node, set()):
                self._merge(made, part)
        return self._views[id(node)][1]

    def target(self, node: Any) -> Any:
        """The schema itself, or the one that it refers to if it is only a reference."""
        return self(node) if isinstance(node, Mapping) and [*node] == ["$ref"] else node

    # -- what must hold together: `allOf`, references, a single alternative --------------------------------------------

    def _parts(self, node: Any, seen: set[int]) -> list[View]:
        """The schemas that hold together, outer ones first."""
        if node is False:
            return [{"not": {}}]
        if not isinstance(node, Mapping) or id(node) in seen:
            return []
        seen.add(id(node))
        pointer = node.get("$ref")
        if not isinstance(pointer, str):
            part, inner = self._own(node)
        else:
            part, inner = self._own({key: node[key] for key in node if key != "$ref"} if self._has_siblings else ANY)
            inner = [self(node), *inner]
            if not pointer.startswith("#/"):
                part["$ref"] = pointer
        parts = [each for one in inner for each in self._parts(one, seen)]
        parts = [part, *({**each, "null": True} if part.get("null") else each for each in parts)]
        component = component_name(node)
        return [{**each, "names": frozenset({component})} for each in parts] if component else parts

    def _own(self, node: Mapping[str, Any]) -> tuple[View, list[Any]]:
        """The view of a schema without its compositions, and the schemas that must hold besides."""
        part = {key: node[key] for key in node if key not in REWRITTEN}
        groups = [listed(node.get(key)) for key in ("oneOf", "anyOf")]
        others = [[each for each in group if not self._is_null(each)] for group in groups]
        self._values(part, node, is_null_alternative=others != groups)
        if any(group and not left for group, left in zip(groups, others, strict=True)):
            part["types"] = frozenset()
        if isinstance(properties := node.get("properties"), Mapping):
            part |= {"properties": properties, "origins": frozenset({id(properties)} if properties else ())}
        if title := text_of(node, "title"):
            part["names"] = frozenset({title})
        if required := [each for each in listed(node.get("required")) if isinstance(each, str)]:
            part["required"] = required
        if apart := [group for group in others if len(group) > 1]:
            part["alternatives"] = apart
        set_bounds(part, node)
        if isinstance(named := node.get("discriminator"), Mapping):
            part["discriminator"] = [named.get("propertyName"), sorted(mapping(named.get("mapping")))]
        return part, [*listed(node.get("allOf")), *(group[0] for group in others if len(group) == 1)]

    def _values(self, part: View, node: Mapping[str, Any], *, is_null_alternative: bool) -> None:
        """Set which types and values are allowed, and whether null is."""
        types = named_types(node)
        enum = [node["const"]] if "const" in node else node.get("enum")
        null = "null" in types or node.get("nullable") is True or is_null_alternative
        types = types or {IMPLIED[key] for key in IMPLIED if key in node}
        if types:
            part["types"] = types - {"null"}
        if isinstance(enum, list):
            part["enum"] = [value for value in enum if value is not None]
            null = null or (not types and None in enum)
        if types or "enum" in part or null:
            part["null"] = null

    def _is_null(self, node: Any) -> bool:
        """Whether an alternative allows only null."""
        found = self(node)
        return found.get("type") in ("null", ["null"]) or found.get("enum", [found.get("const", ...)]) == [None]

    def _merge(self, made: View, part: Mapping[str, Any]) -> None:
        """Add to a view what must hold besides; of a keyword that is not merged, the outermost one counts."""
        for key, value in part.items():
            if made.get(key) is None:
                made[key] = value
            elif key in MERGED:
                made[key] = MERGED[key](made[key], value)
            elif key == "properties":
                inner = {name: self._compose("allOf", made[key].get(name), each) for name, each in value.items()}
                made[key] = {**made[key], **inner}
            elif key in ("items", "additionalProperties"):
                is_none = made[key] is False or value is False
                made[key] = False if is_none else self._compose("allOf", made[key], value)

    def _compose(self, by: Composition, first: Any, second: Any) -> Any:
        """A schema composed of two, None for one that is missing; the same two make the same one, so circles close."""
        if first is None or second is None:
            return second if first is None else first
        parts: dict[int, Any] = {}
        for node in (first, second):
            composed_by, nodes = self._composed.get(id(node), (by, (self.target(node),)))
            parts |= {id(each): each for each in (nodes if composed_by == by else (node,))}
        if len(parts) == 1:
            return next(iter(parts.values()))
        made = self._compositions.setdefault((by, tuple(sorted(parts))), {by: [*parts.values()]})
        self._composed[id(made)] = by, tuple(parts.values())
        return made

    # -- what may hold: alternatives, examples -------------------------------------------------------------------------

    def _united(self, node: Any) -> View:
        """The view with what any alternative allows; examples describe what the schema leaves open."""
        identity = id(self.target(node))
        if identity in self._open:
            return {}
        self._open.add(identity)
        try:
            made = dict(self.view(node))
            if "types" not in made and "enum" in made:
                made |= types_of_values(made["enum"])
            for group in made.pop("alternatives", ()):
                union = self._union(map(self._united, group))
                self._merge(made, {key: union[key] for key in union if key != "names" or key not in made})
            examples = [*listed(made.get("examples")), *([made["example"]] if "example" in made else [])]
            if examples and is_open(made):
                self._merge(made, self._union(self._united(self._schema_of(each)) for each in examples))
        finally:
            self._open.discard(identity)
        return made

    def _schema_of(self, example: Any) -> Any:
        return self._inferred.setdefault(id(example), (example, inferred(example)))[1]

    def _union(self, views: Iterable[View]) -> View:
        """What holds where any of the views holds; those that allow only null are left out."""
        every = [*views]
        return reduce(self._union_of_two, [view for view in every if types_of(view) != frozenset()] or every[:1])

    def _union_of_two(self, one: View, two: View) -> View:
        made: View = {
            **{key: one.get(key, frozenset()) | two.get(key, frozenset()) for key in ("origins", "names")},
            "required": [name for name in one.get("required", ()) if name in two.get("required", ())],
            "examples": [each for view in (one, two) for each in listed(view.get("examples"))],
            "null": bool(one.get("null") or two.get("null")),
        }
        if None not in (types := (types_of(one), types_of(two))):
            made["types"] = frozenset().union(*filter(None, types))
        if "enum" in one and "enum" in two:
            made["enum"] = joined(one["enum"], two["enum"])
        known, others = one.get("properties", ANY), two.get("properties", ANY)
        made["properties"] = {
            name: self._compose("anyOf", known.get(name), others.get(name)) for name in {**known, **others}
        }
        for key, of in (("items", items_of), ("additionalProperties", additional_of)):
            if (inside := self._compose("anyOf", of(one), of(two))) is not None:
                made[key] = inside
        if one.get("format") == two.get("format"):
            made["format"] = one.get("format")
        return {**made, "description": text_of(one, "description") or text_of(two, "description")}
