"""Components of the document we generate from: named and shared, opened in answers, strict in requests.

What the templates need to know beyond OpenAPI stands beside it as `x-...`: `x-sent` (a body, not an answer), `x-kind`
(`mapping`: an object whose members are not known), `x-known-values` (words; others are no error), `x-description` (of a
member that is a reference), and those of promises.py.
"""

import re
from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any, Final

from document.keywords import SCALARS
from document.schemas import Schema, SchemaReader

from .findings import Findings
from .names import IMPORTED, class_name
from .promises import ADDED_BY_CLIENT

_DEEPEST: Final = 8  # objects inside objects that get a class of their own
_MOST: Final = 500  # classes; documents whose schemas all hold each other would never end
_TOO_MANY: Final = f"there are more than {_MOST} schemas inside each other; the rest is taken to be anything"
# Members that a generated class could not have beside its own; they stay readable in `extra`.
_TAKEN: Final = frozenset({"", "extra", "fromdict", "todict"})
_NOTHING: Final[Mapping[str, str]] = {}
MAPPING: Final[Mapping[str, Any]] = {"x-kind": "mapping"}


class Components:
    """Collects the named schemas of the new document in `named`; `reserved` names are given only when asked for."""

    def __init__(self, reader: SchemaReader, findings: Findings, reserved: Iterable[str] = ()) -> None:
        self.reader = reader
        self.named: dict[str, Any] = {}
        self._findings = findings
        self._taken = set(map(folded, (*reserved, *IMPORTED)))
        self._open: list[tuple[str, Schema]] = []
        self._shared: dict[tuple[bool, frozenset[int]], str] = {}  # by whether it is sent, and by origin
        self._uses: dict[str, set[str]] = {}

    def claim(self, name: str) -> str:
        """The name, or one with a number if it is taken."""
        free, number = name, 1
        while folded(free) in self._taken:
            number += 1
            free = f"{name}{number}"
        self._taken.add(folded(free))
        return free

    def share(self, schema: Schema, name: str) -> None:
        """Whatever has the members of this form is in an answer the class of this name."""
        if schema.origins:
            self._shared.setdefault((False, schema.origins), name)

    def use(self, user: str, used: str) -> bool:
        """Note that one class holds the other; False, and not noted, if that closed a circle."""
        if user == used or self._reaches(used, user, set()):
            return False
        self._uses.setdefault(user, set()).add(used)
        return True

    def _reaches(self, start: str, end: str, seen: set[str]) -> bool:
        seen.add(start)
        uses = self._uses.get(start, set())
        return end in uses or any(self._reaches(each, end, seen) for each in uses if each not in seen)

    # -- answers: anything may be absent or null, and no word is refused ---------------------------------------------

    def answer(self, node: Any, name: str) -> dict[str, Any]:
        """A schema for a whole answer; an object without a name of its own gets this one."""
        return self._opened(self.reader.schema(node), lambda: name)

    def members(self, name: str, schema: Schema, known: Mapping[str, dict[str, Any]]) -> None:
        """Keep an object of this name with the `known` members, and with those that the form has besides."""
        self._open.append((name, schema))
        made = dict(known)
        for member, node in self._distinct(schema, name, known):
            inside = self.reader.schema(node)
            child = _child(name, member, many=inside.type == "array")
            made[member] = noted(self._opened(inside, lambda child=child: child), inside)
        self._open.pop()
        self.named[name] = described({"type": "object", "properties": made}, schema)

    def _opened(self, schema: Schema, name: Callable[[], str]) -> dict[str, Any]:
        kind = schema.type
        if kind == "object":
            return self._object(schema, name)
        if kind == "array":
            items = self._opened(self.reader.schema(schema.items), name)
            plain = {"type": items["type"]} if items.get("type") in SCALARS else items
            is_clear = "$ref" in plain or "type" in plain
            return {"type": "array", "items": plain} if is_clear and items.get("type") != "array" else {}
        if schema.format == "date-time" and schema.types and schema.types <= {"string", "integer", "number"}:
            return described({"type": "string", "format": "date-time"}, schema)
        if kind is None:
            return {}
        known = {"x-known-values": [*schema.enum]} if schema.enum else {}
        return described({"type": kind, **known}, schema)

    def _object(self, schema: Schema, name: Callable[[], str]) -> dict[str, Any]:
        if not schema.properties:
            return described(dict(MAPPING), schema)
        user = self._open[-1][0] if self._open else ""
        made = self._shared.get((False, schema.origins))
        if made is None:
            if not self._may_enter(schema):
                return {}
            made = self.claim(class_name(schema.name) or name())
            self._shared[False, schema.origins] = made
            self.use(user, made)
            self.members(made, schema, {})
        elif not self.use(user, made):
            return {}
        return {"$ref": f"#/components/schemas/{made}"}

    def _may_enter(self, schema: Schema) -> bool:
        is_circle = any(schema.origins & outer.origins for _, outer in self._open)
        if len(self.named) >= _MOST:
            self._findings.tell(_TOO_MANY)
        return not is_circle and len(self._open) < _DEEPEST and len(self.named) < _MOST

    # -- requests: as strict as they were, but without defaults, which the generator would send ----------------------

    def request(self, node: Any, name: str) -> dict[str, Any]:
        """A schema for a body; an object without a name of its own gets this one."""
        schema = self.reader.schema(node)
        if schema.type != "object" or not schema.properties:
            return self.sent(node, name)
        key = (True, schema.origins)
        if key not in self._shared:
            is_circle = any(schema.origins & outer.origins for _, outer in self._open)
            if is_circle or len(self._open) >= _DEEPEST or len(self.named) >= _MOST:
                return dict(MAPPING)
            self._shared[key] = self.claim(class_name(schema.name) or name)
            required = {
                each for each in schema.required if not self.reader.schema(schema.properties.get(each)).has_default
            }
            self.body(schema, self._shared[key], required)
        elif self._open and not self.use(self._open[-1][0], self._shared[key]):
            return dict(MAPPING)
        return {"$ref": f"#/components/schemas/{self._shared[key]}"}

    def body(
        self, schema: Schema, name: str, required: Container[str], sends: Mapping[str, str] = _NOTHING
    ) -> dict[str, Any]:
        """A schema for an object that we send; `sends` are types of members that hold whatever the document says."""
        if self._open:
            self.use(self._open[-1][0], name)
        self._open.append((name, schema))
        known = {member: self.sent(schema.properties.get(member, {}), name, kind) for member, kind in sends.items()}
        others = {
            member: self.sent(inside, _child(name, member, many=False))
            for member, inside in self._distinct(schema, name, known)
        }
        self._open.pop()
        made: dict[str, Any] = {"type": "object", "properties": {**known, **others}, "x-sent": True}
        if wanted := [each for each in made["properties"] if each in required]:
            made["required"] = wanted
        self.named[name] = described(made, schema)
        return {"$ref": f"#/components/schemas/{name}"}

    def sent(self, node: Any, name: str, kind: str | None = None) -> dict[str, Any]:
        """A schema for one value that we send, of this kind if one is given."""
        schema = self.reader.schema(node)
        kind = kind or schema.type
        if kind == "object":
            return self.request(node, name) if schema.properties else noted(dict(MAPPING), schema)
        if kind == "array":
            items = self.sent(schema.items, name)
            return described({"type": "array", "items": items}, schema) if "type" in items or "$ref" in items else {}
        words = [*dict.fromkeys(word for word in schema.enum or () if isinstance(word, str))]
        made: dict[str, Any] = {"type": kind} if kind in SCALARS else {}
        return described({**made, **(_words(words) if kind == "string" else {})}, schema)

    def _distinct(self, schema: Schema, name: str, known: Iterable[str]) -> list[tuple[str, Any]]:
        """The members beside the known ones that become attributes: each of another name in Python."""
        taken = {*_TAKEN, *ADDED_BY_CLIENT, *map(folded, known)}
        kept = []
        for member, node in schema.properties.items():
            if member in known:
                continue
            if folded(member) in taken:
                self._findings.tell(f"{name}.{member} gets no attribute, its name is taken")
                continue
            taken.add(folded(member))
            kept.append((member, node))
        return kept


def folded(name: str) -> str:
    """What names have in common that would meet in Python: `batchId` and `batch_id`."""
    return re.sub(r"[\W_]", "", name).casefold()


def _words(words: list[str]) -> dict[str, Any]:
    return {"x-known-values": words, "x-sent": True} if words else {}


def described(made: dict[str, Any], schema: Schema) -> dict[str, Any]:
    """The schema with the description of the form."""
    return {**made, "description": schema.description} if schema.description else made


def noted(made: dict[str, Any], schema: Schema) -> dict[str, Any]:
    """The same for a member, which may be a reference; those have no description of their own."""
    return {**made, "x-description": schema.description} if schema.description and made else made


def _child(parent: str, member: str, *, many: bool) -> str:
    """The name of a schema inside another: `Batch.images[]` is BatchImage, `ModelList.models[]` ModelListItem."""
    pascal = "".join(word[:1].upper() + word[1:] for word in re.split(r"[\W_]+", member) if word)
    singular = re.sub(r"(?:(?<=ch)es|(?<=sh)es|(?<=x)es|s)$", "", pascal) if many else pascal
    return f"{parent}Item" if many and parent.startswith(singular) else f"{parent}{singular}"
