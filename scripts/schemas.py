"""Schemas of the document we generate from: named by where they stand, opened in answers, strict in requests."""

import re
from collections.abc import Mapping
from typing import Any, Final

_LEAVES: Final = ("string", "integer", "number", "boolean")
# Formats that the generator would parse, and so choke on; answers keep the text.
_PARSED: Final = frozenset({"date", "date-time", "uuid", "uri", "binary", "byte"})
_DEEPEST_ENVELOPE: Final = 5  # objects and arrays around the entries of a list
_REQUEST_KEYS: Final = ("minLength", "maxLength", "minimum", "maximum", "description")


class Reader:
    """Follows `$ref`s inside one document; a circle ends in a schema that allows anything."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def __call__(self, node: Any) -> Mapping[str, Any]:
        """The object that `node` is or points to; empty for anything else (3.1's `true` is `{}`)."""
        seen: set[str] = set()
        while isinstance(node, Mapping) and isinstance(node.get("$ref"), str):
            pointer = node["$ref"]
            if pointer in seen or not pointer.startswith("#/"):
                return {}
            seen.add(pointer)
            node = self._at(pointer)
        return node if isinstance(node, Mapping) else {}

    def _at(self, pointer: str) -> Any:
        node: Any = self._document
        for part in pointer.removeprefix("#/").split("/"):
            name = part.replace("~1", "/").replace("~0", "~")
            node = node.get(name) if isinstance(node, Mapping) else None
        return node


class Schemas:
    """Collects the named schemas of the new document in `named`."""

    def __init__(self, read: Reader, report: list[str]) -> None:
        self.read = read
        self.named: dict[str, Any] = {}
        self._report = report
        self._open: list[Mapping[str, Any]] = []

    def response(self, schema: Any, name: str) -> dict[str, Any]:
        """A schema for an answer: every member may be absent or null, and no word is refused."""
        merged = self._merged(schema)
        if any(merged is outer or merged == outer for outer in self._open):
            return {}
        kind = self._kind(merged)
        if kind == "object":
            self._open.append(merged)
            try:
                return self._object(merged, name)
            finally:
                self._open.pop()
        if kind == "array":
            return {"type": "array", "items": self.response(merged.get("items", {}), name)}
        if kind is None or merged.get("format") == "date-time":
            return {}
        opened: dict[str, Any] = {"type": kind}
        words = merged.get("enum") or ([merged["const"]] if "const" in merged else None)
        if words:
            opened["x-known-values"] = [word for word in words if word is not None]
        if merged.get("format") and merged["format"] not in _PARSED:
            opened["format"] = merged["format"]
        return _described(opened, merged)

    def entries(self, schema: Any, member: str, name: str) -> dict[str, Any]:
        """A schema for a list whose envelope is open: its entries, told by their `slug`, as one flat array."""
        entry = self._entry(schema, depth=0) or {}
        return self.response({"type": "object", "properties": {member: {"type": "array", "items": entry}}}, name)

    def _entry(self, schema: Any, depth: int) -> Mapping[str, Any] | None:
        merged = self._merged(schema)
        members = merged.get("properties", {})
        inside = [*members.values(), merged.get("items"), merged.get("additionalProperties")]
        deeper = (self._entry(each, depth + 1) for each in inside if isinstance(each, Mapping))
        # A group of entries may have a slug of its own: the innermost object with one is the entry.
        found = next((each for each in deeper if each), None) if depth < _DEEPEST_ENVELOPE else None
        return found or (merged if "slug" in members else None)

    def _is_array(self, schema: Any) -> bool:
        return self._kind(self._merged(schema)) == "array"

    def _object(self, schema: Mapping[str, Any], name: str) -> dict[str, Any]:
        members = {
            member: _nullable(self.response(inside, _child(name, member, many=self._is_array(inside))))
            for member, inside in schema.get("properties", {}).items()
        }
        made = _described({"type": "object", "properties": members, "additionalProperties": True}, schema)
        if not members:
            made.pop("properties")
        if self.named.setdefault(name, made) != made:
            self._report.append(f"two different schemas stand at {name}; the first is used")
        return {"$ref": f"#/components/schemas/{name}"}

    def request(self, schema: Any, name: str) -> dict[str, Any]:
        """A schema for a body: as strict as it was, but without defaults, which the generator would send."""
        merged = self._merged(schema)
        members = {member: self.parameter(inside) for member, inside in merged.get("properties", {}).items()}
        required = [member for member in merged.get("required", ()) if member in members]
        made: dict[str, Any] = {"type": "object", "properties": members, "additionalProperties": False}
        if required:
            made["required"] = required
        self.named[name] = _described(made, merged)
        return {"$ref": f"#/components/schemas/{name}"}

    def parameter(self, schema: Any) -> dict[str, Any]:
        """A schema for one value that we send."""
        merged = self._merged(schema)
        kind = self._kind(merged)
        if kind == "array":
            return {"type": "array", "items": self.parameter(merged.get("items", {}))}
        made: dict[str, Any] = {"type": kind if kind in _LEAVES else "string"}
        if kind == "string" and merged.get("enum"):
            made["enum"] = [word for word in merged["enum"] if isinstance(word, str)]
        # `limit` is a whole number, even where a document says `number`.
        if kind == "number" and merged.get("format") not in ("float", "double"):
            made["type"] = "integer"
        return {**made, **{key: merged[key] for key in _REQUEST_KEYS if key in merged}}

    def of_media(self, media: Mapping[str, Any]) -> Mapping[str, Any]:
        """The schema of a media type, or one inferred from its example."""
        schema = media.get("schema")
        if schema:
            return self.read(schema)
        examples = [self.read(each).get("value") for each in (media.get("examples") or {}).values()]
        return inferred(media.get("example", next(iter(examples), None)))

    def _merged(self, schema: Any) -> Mapping[str, Any]:
        """The schema without references and compositions: one object that allows what they allow."""
        read = self.read(schema)
        parts = [*read.get("allOf", ()), *read.get("oneOf", ()), *read.get("anyOf", ())]
        if not parts:
            return read
        return _union([{key: value for key, value in read.items() if key not in _COMPOSED}, *map(self._merged, parts)])

    def _kind(self, schema: Mapping[str, Any]) -> str | None:
        kind = schema.get("type")
        if isinstance(kind, list):
            others = [each for each in kind if each != "null"]
            kind = others[0] if len(others) == 1 else None
        if kind is None and "properties" in schema:
            return "object"
        if kind is None and ("items" in schema or "prefixItems" in schema):
            return "array"
        if kind is None and isinstance(schema.get("const"), str):
            return "string"
        return kind if kind in (*_LEAVES, "object", "array") else None


_COMPOSED: Final = ("allOf", "oneOf", "anyOf")


def _union(parts: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    made: dict[str, Any] = {}
    for part in parts:
        if part.get("type") == "null":
            continue
        for key, value in part.items():
            if key == "properties":
                made["properties"] = {**made.get("properties", {}), **value}
            elif key in ("required", "enum"):
                made[key] = [*made.get(key, ()), *(each for each in value if each not in made.get(key, ()))]
            elif key == "type" and made.get("type", value) != value:
                made["type"] = ["mixed"]
            else:
                made.setdefault(key, value)
    return made


_TYPES: Final[Mapping[type, str]] = {bool: "boolean", int: "integer", float: "number", str: "string"}


def inferred(example: Any) -> dict[str, Any]:
    """A schema that describes an example."""
    if isinstance(example, list):
        return {"type": "array", "items": inferred(example[0]) if example else {}}
    if isinstance(example, dict):
        return {"type": "object", "properties": {name: inferred(inside) for name, inside in example.items()}}
    return {"type": _TYPES[type(example)]} if type(example) in _TYPES else {}


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    if not schema:
        return schema  # anything, null included
    return {"allOf": [schema], "nullable": True} if "$ref" in schema else {**schema, "nullable": True}


def _described(made: dict[str, Any], source: Mapping[str, Any]) -> dict[str, Any]:
    description = source.get("description")
    return {**made, "description": description} if isinstance(description, str) and description else made


def _child(parent: str, member: str, *, many: bool) -> str:
    """The name of a schema inside another: `Batch.images[]` is BatchImage, `ModelList.models[]` ModelListItem."""
    pascal = "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", member) if word)
    singular = re.sub(r"(?:(?<=ch)es|(?<=sh)es|(?<=x)es|s)$", "", pascal) if many else pascal
    return f"{parent}Item" if many and parent.startswith(singular) else f"{parent}{singular}"
