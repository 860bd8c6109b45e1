"""Schemas of the document we generate from: named by where they stand, opened in answers, strict in requests."""

import re
from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any, Final

from document.references import Reader

from .forms import LEAVES, Form, Forms

_DEEPEST: Final = 8  # objects inside objects that get a class of their own
_MOST: Final = 500  # classes; documents whose schemas all hold each other would never end
_TOO_MANY: Final = f"there are more than {_MOST} schemas inside each other; the rest is taken to be anything"
# Members that a generated class could not have beside its own; they stay readable among those without an attribute.
_TAKEN: Final = frozenset({"", "additionalproperties", "additionalkeys", "fromdict", "todict"})
_NOTHING: Final[Mapping[str, str]] = {}


class Schemas:
    """Collects the named schemas of the new document in `named`; `reserved` names are given only when asked for."""

    def __init__(self, read: Reader, report: list[str], reserved: Iterable[str] = ()) -> None:
        self.form = Forms(read)
        self.named: dict[str, Any] = {}
        self._report = report
        self._taken = set(map(_folded, reserved))
        self._open: list[Form] = []

    def claim(self, name: str) -> str:
        """The name, or one with a number if it is taken."""
        free, number = name, 1
        while _folded(free) in self._taken:
            number += 1
            free = f"{name}{number}"
        self._taken.add(_folded(free))
        return free

    # -- answers: anything may be absent or null, and no word is refused ---------------------------------------------

    def response(self, schema: Any, name: str) -> dict[str, Any]:
        """A schema for an answer; an object gets this name."""
        return self._opened(self.form(schema), lambda: name)

    def answer(self, schema: Any, name: str) -> dict[str, Any]:
        """A schema for a whole answer of which we know that it is an object, whatever the document says."""
        form = self.form(schema)
        return self._object(form if form.kind == "object" else Form(), name)

    def entries(self, schema: Any, member: str, name: str) -> dict[str, Any]:
        """A schema for a list whose envelope is open: its entries, told by their `slug`, as one flat array."""
        entry = self._entry(schema, set())
        if entry is None:
            self._report.append(f"the entries of {name} are not described")
        members = {member: {"type": "array", "items": {} if entry is None else entry}}
        return self.response({"type": "object", "properties": members}, name)

    def _entry(self, schema: Any, outer: set[int]) -> Any:
        form = self.form(schema)
        if form.origins & outer or len(outer) > _DEEPEST:
            return None
        # A group of entries may have a slug of its own: the innermost object with one is the entry.
        inside = (*form.members.values(), form.items, form.values)
        deeper = (self._entry(each, outer | form.origins) for each in inside if each is not None)
        return next((each for each in deeper if each is not None), schema if "slug" in form.members else None)

    def _opened(self, form: Form, name: Callable[[], str]) -> dict[str, Any]:
        kind = form.kind
        if kind == "object":
            return self._object(form, name()) if self._may_enter(form) else {}
        if kind == "array":
            items = self._opened(self.form(form.items), name)
            return {"type": "array", "items": items} if items else {}  # the code for a list of anything is not typed
        if kind is None or form.format == "date-time":
            return {}
        known = {"x-known-values": [*form.words]} if form.words else {}
        return _described({"type": kind, **known}, form)

    def _may_enter(self, form: Form) -> bool:
        is_circle = any(form.origins & outer.origins for outer in self._open)
        if len(self.named) >= _MOST and _TOO_MANY not in self._report:
            self._report.append(_TOO_MANY)
        return not is_circle and len(self._open) < _DEEPEST and len(self.named) < _MOST

    def _object(self, form: Form, name: str) -> dict[str, Any]:
        self._open.append(form)
        members: dict[str, Any] = {}
        for member, schema in self._distinct(form, name):
            inside = self.form(schema)
            child = _child(name, member, many=inside.kind == "array")
            members[member] = _nullable(self._opened(inside, lambda child=child: self.claim(child)))
        self._open.pop()
        return self._keep(name, {"type": "object", "properties": members, "additionalProperties": True}, form)

    # -- requests: as strict as they were, but without defaults, which the generator would send ----------------------

    def request(self, schema: Any, name: str) -> dict[str, Any]:
        """A schema for a body; an object gets this name."""
        form = self.form(schema)
        required = {each for each in form.required if not self.form(form.members.get(each)).has_default}
        return self.body(form, name, required) if form.kind == "object" else self.sent(schema, name)

    def body(
        self, form: Form, name: str, required: Container[str], sends: Mapping[str, str] = _NOTHING
    ) -> dict[str, Any]:
        """A schema for an object that we send; `sends` are types of members that hold whatever the document says."""
        members = {
            member: self.sent(inside, _child(name, member, many=False), sends.get(member))
            for member, inside in self._distinct(form, name)
        }
        made: dict[str, Any] = {"type": "object", "properties": members, "additionalProperties": False}
        named = [each for each in members if each in required]
        return self._keep(name, {**made, "required": named} if named else made, form)

    def sent(self, schema: Any, name: str, kind: str | None = None) -> dict[str, Any]:
        """A schema for one value that we send, of this kind if one is given."""
        form = self.form(schema)
        kind = kind or form.kind
        if kind == "object":
            return self.request(schema, self.claim(name)) if form.members else {"type": "object"}
        if kind == "array":
            return {"type": "array", "items": self.sent(form.items, name)}
        words = [*dict.fromkeys(word for word in form.words or () if isinstance(word, str))]
        made: dict[str, Any] = {"type": kind} if kind in LEAVES else {}
        return _described({**made, **({"enum": words} if words and kind == "string" else {})}, form)

    def _distinct(self, form: Form, name: str) -> list[tuple[str, Any]]:
        """The members that become attributes: each of another name in Python."""
        taken = set(_TAKEN)
        kept = []
        for member, schema in form.members.items():
            if _folded(member) in taken:
                self._report.append(f"{name}.{member} gets no attribute, its name is taken")
                continue
            taken.add(_folded(member))
            kept.append((member, schema))
        return kept

    def _keep(self, name: str, made: dict[str, Any], form: Form) -> dict[str, Any]:
        if not made["properties"]:
            del made["properties"]
        self.named[name] = _described(made, form)
        return {"$ref": f"#/components/schemas/{name}"}


def _folded(name: str) -> str:
    """What names have in common that would meet in Python: `batchId` and `batch_id`."""
    return re.sub(r"[\W_]", "", name).casefold()


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    if not schema:
        return schema  # anything, null included
    return {"allOf": [schema], "nullable": True} if "$ref" in schema else {**schema, "nullable": True}


def _described(made: dict[str, Any], form: Form) -> dict[str, Any]:
    return {**made, "description": form.description} if form.description else made


def _child(parent: str, member: str, *, many: bool) -> str:
    """The name of a schema inside another: `Batch.images[]` is BatchImage, `ModelList.models[]` ModelListItem."""
    pascal = "".join(word[:1].upper() + word[1:] for word in re.split(r"[\W_]+", member) if word)
    singular = re.sub(r"(?:(?<=ch)es|(?<=sh)es|(?<=x)es|s)$", "", pascal) if many else pascal
    return f"{parent}Item" if many and parent.startswith(singular) else f"{parent}{singular}"
