"""The values that the client is built on: each described in several answers, generated as one class.

A list shows less of an image than the call for one; the class has all members that any answer has, and those that the
API reference promises (promises.py) whatever the document says.
"""

from collections.abc import Mapping
from typing import Any

from document.schemas import Schema

from .calls import Name
from .components import Components, noted
from .findings import Findings
from .promises import FOUND_BY_IDENTITY, VALUES, Member


class Values:
    """Collects what the answers of a document say of each value; then `keep` puts the classes among the schemas."""

    def __init__(self, components: Components, findings: Findings) -> None:
        self._components = components
        self._findings = findings
        self._found: dict[str, list[Any]] = {name: [] for name in VALUES}  # the schemas of each

    def collect(self, call: str, name: Name, node: Any) -> None:
        """What the answer of one call says; `schema` is None for one that is not described."""
        if name.entries:
            self._collect_entries(call, name, node)
        elif name.answer:
            self._collect(name.answer, node, call, name.gives, first=True)

    def _collect_entries(self, call: str, name: Name, node: Any) -> None:
        kind = VALUES[name.answer][name.entries].kind
        entry = None if node is None else self._components.reader.entry(node)
        if entry is None:
            self._findings.lack(f"not described: the {name.entries} of {call}; read as the reference says")
        else:
            self._collect(kind, entry, call, {}, first=False)

    def _collect(self, kind: str, node: Any, call: str, gives: Mapping[str, tuple[str, ...]], *, first: bool) -> None:
        schema = self._components.reader.schema(node)
        if schema.type != "object" or not schema.properties:
            if gives.get(kind):
                self._findings.lack(f"not described: {kind} in the answer of {call}; read as the reference says")
            return
        self._found[kind].insert(0 if first else len(self._found[kind]), node)
        self._components.share(schema, kind)
        for member, promised in VALUES[kind].items():
            if member not in schema.properties:
                if member in gives.get(kind, ()):
                    self._lacks(kind, member, promised, call)
                continue
            inside = self._components.reader.schema(schema.properties[member])
            if inside.types and not inside.types & promised.accepted:
                types = " or ".join(sorted(inside.types))
                what = f"{member} of {call} is described as {types}; read as {promised.kind}, as the reference says"
                self._findings.lack(what)
            elif promised.value:
                entry = inside.items if promised.many else schema.properties[member]
                self._collect(promised.value, entry, call, gives, first=False)

    def _lacks(self, kind: str, member: str, promised: Member, call: str) -> None:
        if promised.is_identity and kind in FOUND_BY_IDENTITY:
            self._findings.missing.append(f"{member} of {call}")
        else:
            self._findings.lack(f"not described: {member} of {call}; read as the reference says")

    def keep(self) -> None:
        """One class for each value."""
        for kind, promised in VALUES.items():
            for member in promised.values():
                if member.value:
                    self._components.use(kind, member.value)
        for kind, promised in VALUES.items():
            schema = self._components.reader.schema({"anyOf": self._found[kind]})
            known = {name: self._member(member, schema.properties.get(name)) for name, member in promised.items()}
            self._components.members(
                kind, schema if kind not in _WRAPPED else Schema(description=schema.description), known
            )

    def _member(self, promised: Member, node: Any) -> dict[str, Any]:
        schema = self._components.reader.schema(node)
        words = {"x-known-values": [*schema.enum]} if schema.enum and promised.kind == "string" else {}
        return noted({**promised.schema(), **words}, schema)


_WRAPPED = frozenset({"ModelList", "StyleList", "ShapeList"})  # their wrapping is left open
