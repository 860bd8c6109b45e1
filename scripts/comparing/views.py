"""What the schemas of a document say, however it writes them, so that two documents can be compared.

References are followed, `allOf` is merged, and the notations of 3.0 and 3.1 come out the same.
"""

from collections.abc import Mapping
from typing import Any, Final

from document.references import Reader, mapping

from .changes import ANY, TEXTS, written

LOWER: Final = ("minimum", "minLength", "minItems", "minProperties", "uniqueItems")
UPPER: Final = ("maximum", "maxLength", "maxItems", "maxProperties")
_SILENT: Final = {"$schema", "$id", "$anchor", "$defs", "$comment", "example", "examples", "xml", *TEXTS}
MARKS: Final = _SILENT | {"default", "deprecated", "readOnly", "writeOnly"}
_BY_NAME: Final = ("properties", "patternProperties", "dependentSchemas")
_SINGLE: Final = ("not", "if", "then", "else", "contains", "propertyNames", "items", "additionalProperties")
_DEEPEST: Final = 8  # levels by which alternatives are told apart


class Side(Reader):
    """One of two documents: its schemas, without the ways of writing them that do not matter."""

    def __init__(self, document: Mapping[str, Any], forms: dict[str, int]) -> None:
        super().__init__(document)
        self._forms = forms
        self._siblings = not str(document.get("openapi")).startswith("3.0")  # of `$ref` are heeded since 3.1
        self._formed: dict[tuple[int, int], int] = {}
        self._views: dict[int, dict[str, Any]] = {}
        self._joined: dict[int, tuple[Any, ...]] = {}
        self._joints: dict[tuple[int, ...], Mapping[str, Any]] = {}

    def view(self, node: Any) -> dict[str, Any]:
        """What a schema says, references followed and `allOf` merged; `types`, `null` and `any` are our own keys."""
        if id(node) not in self._views:
            self._views[id(node)] = {}
            for part in self._parts(node, set()):
                self._merge(self._views[id(node)], part)
        return self._views[id(node)]

    def bare(self, node: Any) -> Any:
        """The node, or what it stands for if it is nothing but a reference."""
        return self(node) if isinstance(node, Mapping) and [*node] == ["$ref"] else node

    def _parts(self, node: Any, seen: set[int]) -> list[dict[str, Any]]:
        """The schemas that hold together, outer ones first."""
        if node is False:
            return [{"not": {}}]
        if not isinstance(node, Mapping) or id(node) in seen:
            return []
        seen.add(id(node))
        pointer = node.get("$ref")
        if not isinstance(pointer, str):
            part, inner = _plain(node)
        elif not pointer.startswith("#/"):
            return [{"$ref": pointer}]
        else:
            part, inner = _plain({key: node[key] for key in node if key != "$ref"} if self._siblings else ANY)
            inner = [self(node), *inner]
        parts = [each for one in inner for each in self._parts(one, seen)]
        return [part, *({**each, "null": True} if part.get("null") else each for each in parts)]

    def _merge(self, made: dict[str, Any], part: Mapping[str, Any]) -> None:
        for key, value in part.items():
            held = made.get(key)
            if held is None:
                made[key] = value
            elif key == "types":
                whole = {"integer"} if "integer" in held | value and "number" in held | value else set()
                made[key] = (held & value) | whole
            elif key == "properties":
                joined = {name: self._join(held.get(name, each), each) for name, each in value.items()}
                made[key] = {**held, **joined}
            elif key == "enum":
                made[key] = [word for word in held if word in value]
            elif key in ("required", "any"):
                made[key] = [*held, *(each for each in value if each not in held)]
            elif key in (*LOWER, *UPPER):
                made[key] = max(held, value)
            elif key == "null":
                made[key] = held and value
            elif key in ("items", "additionalProperties"):
                made[key] = False if False in (held, value) else self._join(held, value)

    def _join(self, first: Any, second: Any) -> Any:
        """A schema that says what both say; the same one for the same two, so that circles close."""
        nodes = [each for node in (first, second) for each in self._joined.get(id(node), (self.bare(node),))]
        parts = {id(each): each for each in nodes}
        if len(parts) == 1:
            return nodes[0]
        made = self._joints.setdefault(tuple(sorted(parts)), {"allOf": [*parts.values()]})
        self._joined[id(made)] = tuple(parts.values())
        return made

    def form(self, node: Any, depth: int = _DEEPEST) -> int:
        """A number that schemas share if they say the same, whichever document they are of."""
        if (id(node), depth) not in self._formed:
            view = self.view(node).items() if depth else ()
            said = {key: self.told(key, value, depth - 1) for key, value in view if counts(key)}
            self._formed[id(node), depth] = self._forms.setdefault(written(said), len(self._forms))
        return self._formed[id(node), depth]

    def told(self, key: str, value: Any, depth: int = _DEEPEST) -> Any:
        """The value of a keyword with schemas replaced by their forms."""
        if key in _BY_NAME:
            return {name: self.form(each, depth) for name, each in mapping(value).items()}
        if key in ("any", "prefixItems"):
            forms = [self.form(each, depth) for each in value]
            return sorted(forms) if key == "any" else forms
        if key in _SINGLE or key.startswith("unevaluated"):
            return self.form(value, depth)
        return sorted(map(written, value)) if key in ("enum", "required") else value


def counts(key: str) -> bool:
    """Whether a keyword says something about values."""
    return key not in MARKS and not key.startswith("x-")


def _plain(own: Mapping[str, Any]) -> tuple[dict[str, Any], list[Any]]:
    """A schema in our own keys, and the schemas that must hold besides: those of `allOf`, and a single alternative."""
    part = {key: own[key] for key in own if key not in ("allOf", "oneOf", "anyOf", "type", "nullable", "const", "enum")}
    kinds = own.get("type")
    types = {kinds} if isinstance(kinds, str) else set(kinds or ())
    words = [own["const"]] if "const" in own else own.get("enum")
    every = [*(own.get("oneOf") or ()), *(own.get("anyOf") or ())]
    some = [each for each in every if mapping(each).get("type") not in ("null", ["null"])]
    null = "null" in types or own.get("nullable") is True or len(some) < len(every)
    if not types and ("properties" in own or "items" in own):
        types = {"object" if "properties" in own else "array"}
    if types:
        part["types"] = types - {"null"}
    if words is not None:
        part["enum"] = [word for word in words if word is not None]
        null = null or (not types and None in words)
    if types or words is not None or null:
        part["null"] = null
    if len(some) > 1:
        part["any"] = some
    _bounds(part, own)
    if isinstance(named := own.get("discriminator"), Mapping):
        part["discriminator"] = [named.get("propertyName"), sorted(mapping(named.get("mapping")))]
    return part, [*(own.get("allOf") or ()), *(some if len(some) == 1 else ())]


def _bounds(part: dict[str, Any], own: Mapping[str, Any]) -> None:
    """Bounds as (how tight, exclusive), so that the greater is the tighter one: upper ones are negated."""
    for key, sign in (*((key, 1) for key in LOWER), *((key, -1) for key in UPPER)):
        exclusive = own.get(f"exclusive{key.capitalize()}")
        both = [(sign * own[key], exclusive is True)] if key in own else []
        both += [] if exclusive is None or isinstance(exclusive, bool) else [(sign * exclusive, True)]
        part.pop(key, None)
        part.pop(f"exclusive{key.capitalize()}", None)
        if both and (key == "minimum" or sign < 0 or both[0][0]):  # a least length of 0 says nothing
            part[key] = max(both)
