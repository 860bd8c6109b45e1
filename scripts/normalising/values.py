"""The values that the client is built on: each described in several answers, generated as one class.

A list shows less of an image than the call for one; the class has all members that any answer has, and those that the
API reference promises (promises.py) whatever the document says.
"""

from collections.abc import Mapping
from typing import Any

from .calls import Name
from .findings import Findings
from .forms import Form
from .promises import FOUND_BY_IDENTITY, VALUES, Member
from .schemas import Schemas, noted


class Values:
    """Collects what the answers of a document say of each value; then `keep` puts the classes among the schemas."""

    def __init__(self, schemas: Schemas, findings: Findings) -> None:
        self._schemas = schemas
        self._findings = findings
        self._found: dict[str, list[Any]] = {name: [] for name in VALUES}  # the schemas of each

    def collect(self, call: str, name: Name, schema: Any) -> None:
        """What the answer of one call says; `schema` is None for one that is not described."""
        if name.entries:
            self._collect_entries(call, name, schema)
        elif name.answer:
            self._collect(name.answer, schema, call, name.gives, first=True)

    def _collect_entries(self, call: str, name: Name, schema: Any) -> None:
        kind = VALUES[name.answer][name.entries].kind
        entry = None if schema is None else self._schemas.form.entry(schema)
        if entry is None:
            self._findings.lack(f"not described: the {name.entries} of {call}; read as the reference says")
        else:
            self._collect(kind, entry, call, {}, first=False)

    def _collect(self, kind: str, schema: Any, call: str, gives: Mapping[str, tuple[str, ...]], *, first: bool) -> None:
        form = self._schemas.form(schema)
        if form.kind != "object" or not form.members:
            if gives.get(kind):
                self._findings.lack(f"not described: {kind} in the answer of {call}; read as the reference says")
            return
        self._found[kind].insert(0 if first else len(self._found[kind]), schema)
        self._schemas.share(form, kind)
        for member, promised in VALUES[kind].items():
            if member not in form.members:
                if member in gives.get(kind, ()):
                    self._lacks(kind, member, promised, call)
                continue
            inside = self._schemas.form(form.members[member])
            if inside.kinds and not inside.kinds & promised.accepted:
                said = " or ".join(sorted(inside.kinds))
                what = f"{member} of {call} is described as {said}; read as {promised.kind}, as the reference says"
                self._findings.lack(what)
            elif promised.value:
                entry = inside.items if promised.many else form.members[member]
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
                    self._schemas.use(kind, member.value)
        for kind, promised in VALUES.items():
            form = self._schemas.form({"anyOf": self._found[kind]})
            known = {name: self._member(member, form.members.get(name)) for name, member in promised.items()}
            self._schemas.members(kind, form if kind not in _WRAPPED else Form(description=form.description), known)

    def _member(self, promised: Member, schema: Any) -> dict[str, Any]:
        form = self._schemas.form(schema)
        words = {"x-known-values": [*form.words]} if form.words and promised.kind == "string" else {}
        return noted({**promised.schema(), **words}, form)


_WRAPPED = frozenset({"ModelList", "StyleList", "ShapeList"})  # their wrapping is left open
