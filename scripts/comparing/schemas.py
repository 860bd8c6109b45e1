"""Compares two schemas by the direction they travel in: what readers of answers and senders of requests notice."""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, Final

from attrs import field, frozen
from document.keywords import ANY, LOWER, UPPER, alternatives_of
from document.references import mapping

from .changes import Direction, Found, differ, written
from .fingerprints import UNCONSTRAINING, Fingerprints, is_constraint

_WEIGHED: Final = {"types", "null", "enum", "format", "pattern", "properties", "required", "items", "alternatives"}
_UNWEIGHED: Final = UNCONSTRAINING | _WEIGHED | {*LOWER, *UPPER, "additionalProperties"}


def _bound(key: str, bound: tuple[float, bool] | str | None) -> str:
    if bound is None or isinstance(bound, str):
        return bound or "none"
    return f"{-bound[0] if key in UPPER else bound[0]}{' exclusive' if bound[1] else ''}"


@frozen
class SchemaComparison:
    """Compares the schemas of one body, parameter or header, the nearest members first."""

    old: Fingerprints
    new: Fingerprints
    found: Found
    direction: Direction
    where: str
    _left: deque[tuple[str, Any, Any]] = field(factory=deque)
    _met: set[tuple[int, int]] = field(factory=set)

    def compare(self, old: Any, new: Any) -> None:
        """Note every change of what the two schemas say."""
        self._later("", old, new)
        while self._left:
            path, before, after = self._left.popleft()
            self._schema(path, before, after)

    def _later(self, path: str, old: Any, new: Any) -> None:
        pair = (id(self.old.reader.target(old)), id(self.new.reader.target(new)))
        if pair not in self._met:
            self._met.add(pair)
            self._left.append((path, old, new))

    def _add(self, rule: str, path: str, what: str) -> None:
        self.found.add(rule, f"{self.where} {path}", what, self.direction)

    def _schema(self, path: str, node: Any, other: Any) -> None:
        old, new = self.old.reader.view(node), self.new.reader.view(other)
        self.found.texts(old, new, f"{self.where} {path}")
        if bool(old.get("deprecated")) != bool(new.get("deprecated")):
            self._add("schema-deprecated", path, f"It is {'' if new.get('deprecated') else 'no longer '}deprecated.")
        if "alternatives" in old or "alternatives" in new:
            self._alternatives(path, alternatives_of(old) or [node], alternatives_of(new) or [other])
        if ("alternatives" in old) == ("alternatives" in new) and self._types(path, old, new):
            self._values(path, old, new)
            self._members(path, old, new)
            self._inside(path, old, new)

    def _types(self, path: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
        """Compare types; false if nothing else is worth comparing."""
        before, after = old.get("types"), new.get("types")
        wider, narrower = (before, after) if self.direction == "response" else (after, before)
        if before != after:
            held = wider if wider is None or "number" not in wider else wider | {"integer"}
            fits = held is None or (narrower is not None and narrower <= held)
            rule = ("type-narrowed" if self.direction == "response" else "type-widened") if fits else "type-changed"
            self._add(rule, path, f"The type is {_kinds(after)} instead of {_kinds(before)}.")
            if before and after and not before & after and not {*before, *after} >= {"integer", "number"}:
                return False
        if old.get("null", new.get("null")) != new.get("null", old.get("null")):
            rule = "nullable-added" if new["null"] else "nullable-removed"
            self._add(rule, path, f"It may {'now' if new['null'] else 'no longer'} be null.")
        return True

    def _values(self, path: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        words, now = old.get("enum"), new.get("enum")
        if words is None or now is None:
            gone, more = (now is not None and words != now), (words is not None and words != now)
            sentences = "Only some words are possible now.", "Any word is possible now."
        else:
            lost, come = _without(words, now), _without(now, words)
            gone, more = bool(lost), bool(come)
            sentences = f"Not possible any more: {', '.join(lost)}.", f"Possible now: {', '.join(come)}."
            self.found.order(words, now, f"{self.where} {path}", "words")
        for rule, happened, what in (("enum-narrowed", gone, sentences[0]), ("enum-widened", more, sentences[1])):
            if happened:
                self._add(rule, path, what)
        if differ(old, new, "format"):
            rule = "changed" if "format" in old and "format" in new else "added" if "format" in new else "removed"
            self._add(f"format-{rule}", path, f"The format is {new.get('format')} instead of {old.get('format')}.")
        if differ(old, new, "default"):
            what = f"The default is {_shown(new, 'default')} instead of {_shown(old, 'default')}."
            self._add("default-changed", path, what)
        for key in (*LOWER, *UPPER, "pattern"):
            if differ(old, new, key):
                tighter = key in new and (key == "pattern" or key not in old or new[key] > old[key])
                what = f"The bound {key} is {_bound(key, new.get(key))} instead of {_bound(key, old.get(key))}."
                self._add("bound-tightened" if tighter else "bound-loosened", path, what)

    def _members(self, path: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        before, after = self._named(self.old, old), self._named(self.new, new)
        closed = new.get("additionalProperties") is False or new.get("unevaluatedProperties") is False
        for name in {**before, **after}:
            at = f"{path}.{name}" if path else name
            required, was = name in new.get("required", ()), name in old.get("required", ())
            if name not in after:
                refused = closed and self.direction == "request"
                self._add("property-refused" if refused else "property-removed", at, "The member is gone.")
            elif name not in before:
                needed = required and self.direction == "request"
                rule = "required-property-added" if needed else "property-added"
                self._add(rule, at, f"There is a new {'required ' if needed else ''}member.")
            else:
                if required != was:
                    rule = "property-required" if required else "property-optional"
                    self._add(rule, at, "It is required now." if required else "It may be absent now.")
                self._later(at, before[name], after[name])

    def _named(self, schemas: Fingerprints, view: Mapping[str, Any]) -> dict[str, Any]:
        """The members that travel in this direction."""
        unseen = "readOnly" if self.direction == "request" else "writeOnly"
        named = {**dict.fromkeys(view.get("required", ()), ANY), **view.get("properties", {})}
        return {name: node for name, node in named.items() if not schemas.reader.view(node).get(unseen)}

    def _inside(self, path: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        more, now = old.get("additionalProperties", ANY), new.get("additionalProperties", ANY)
        if (more is False) != (now is False):
            rule = "additional-properties-closed" if now is False else "additional-properties-opened"
            self._add(rule, path, f"Members of other names are {'not' if now is False else 'now'} allowed.")
        elif more is not False:
            self._later(f"{path}{{}}", more, now)
        self._later(f"{path}[]", old.get("items", ANY), new.get("items", ANY))
        pair = (self.old, old), (self.new, new)
        for key in sorted({*old, *new} - _UNWEIGHED):
            one, two = (schemas.keyword(key, view[key]) if key in view else None for schemas, view in pair)
            if is_constraint(key) and written(one) != written(two):
                self._add("constraint-changed", path, f"What `{key}` asks is different.")

    def _alternatives(self, path: str, old: list[Any], new: list[Any]) -> None:
        """Pair those that say the same, then those of one name, then the last two; the rest came or went."""
        gone, come = [*old], [*new]
        for same in (self._alike, _namesakes, _anything):
            for one in [*gone]:
                two = next((each for each in come if same(one, each)), None)
                if two is not None and (same is not _anything or len(gone) == len(come) == 1):
                    gone.remove(one)
                    come.remove(two)
                    self._later(f"{path}<{_called(two)}>", one, two)
        for rule, rest, what in (("removed", gone, "An alternative is gone"), ("added", come, "A new alternative")):
            for each in rest:
                self._add(f"alternative-{rule}", path, f"{what}: {_called(each) or 'a schema without a name'}.")

    def _alike(self, one: Any, two: Any) -> bool:
        return self.old.schema(one) == self.new.schema(two)


def _namesakes(one: Any, two: Any) -> bool:
    return _called(one) == _called(two) != ""


def _anything(_one: Any, _two: Any) -> bool:
    return True


def _called(node: Any) -> str:
    says = mapping(node)
    return str(says.get("$ref", "")).rpartition("/")[2] or str(says.get("title") or says.get("type") or "")


def _without(words: Iterable[Any], others: Iterable[Any]) -> list[str]:
    known = {written(word) for word in others}
    return [written(word) for word in words if written(word) not in known]


def _kinds(types: Iterable[str] | None) -> str:
    return "anything" if types is None else " or ".join(sorted(types)) or "null"


def _shown(view: Mapping[str, Any], key: str) -> str:
    return written(view[key]) if key in view else "none"
