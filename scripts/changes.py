"""What a change means for clients: the table of rules, and the comparison of schemas by the direction they travel in.

Severities are read from the table; where it has two, for answers and for requests, so has the id of the rule:
`response-enum-widened` and `request-enum-widened`.
Components that no operation uses are not weighed; a schema that stands in one body twice is told at the nearer place.

    type-changed                   breaking  breaking  another type, or answers may hold more, requests fewer
    type-narrowed                  safe      -         answers hold fewer types, or integer instead of number
    type-widened                   -         safe      requests may hold more types, or number instead of integer
    nullable-added                 breaking  safe      however 3.0 or 3.1 writes it
    nullable-removed               safe      breaking
    enum-widened                   breaking  safe      more words, or any word
    enum-narrowed                  safe      breaking
    format-added                   safe      breaking
    format-removed                 breaking  safe
    format-changed                 breaking  breaking
    bound-tightened                safe      breaking  minimum, maxLength, ...; another pattern counts as tighter
    bound-loosened                 safe      safe      clients seldom check what they receive
    default-changed                safe      safe      who says nothing gets something else: worth reading, not alarming
    property-removed               breaking  safe      in requests it is ignored from now on
    property-refused               -         breaking  removed, and additionalProperties is false
    property-added                 safe      safe      optional in requests
    required-property-added        -         breaking
    property-required              safe      breaking  was optional
    property-optional              breaking  safe      was required
    additional-properties-opened   safe      safe
    additional-properties-closed   safe      breaking
    alternative-added              breaking  safe      of oneOf and anyOf, in any order
    alternative-removed            safe      breaking
    constraint-changed             breaking  breaking  a keyword that is not weighed: not, if, discriminator, ...
    schema-deprecated              safe      safe      or no longer, as in every rule of this name
    operation-added                safe
    operation-removed              breaking
    operation-deprecated           safe
    operation-id-changed           breaking  for generated clients, whose functions are called by it
    operation-tags-changed         cosmetic
    path-parameter-renamed         safe      the wire is the same; arguments of generated functions are called otherwise
    parameter-added                safe      optional
    parameter-removed              breaking  a filter that is ignored gives the caller something else
    parameter-required             breaking  was optional, or is new
    parameter-optional             safe
    parameter-style-changed        breaking  style, explode and the like: another way to write it
    parameter-deprecated           safe
    request-body-added             safe      optional
    request-body-removed           breaking
    request-body-required          breaking  was optional, or is new
    request-body-optional          safe
    request-encoding-changed       breaking  of the parts of a form
    content-type-added             safe      safe
    content-type-removed           breaking  breaking
    success-status-added           breaking  2xx and 3xx: clients know the old ones only
    success-status-removed         breaking
    error-status-added             safe      4xx, 5xx and default
    error-status-removed           safe
    header-added                   safe      -
    header-removed                 breaking  -
    header-required                safe      -         was optional
    header-optional                breaking  -         was required
    callbacks-changed              breaking  and webhooks, links: not weighed further
    security-added                 breaking  to an operation that needed none
    security-removed               safe      the operation needs none any more
    security-alternative-added     safe
    security-alternative-removed   breaking  schemes are compared by what they are, not by name
    server-added                   safe
    server-url-changed             breaking  or removed
    description-changed            cosmetic  and summaries, titles, links to documentation
    example-changed                cosmetic
    extension-changed              cosmetic  x-...
    order-changed                  cosmetic  of words, parameters, tags
    info-changed                   cosmetic  title, version, contact, licence, list of tags, version of OpenAPI
"""

import json
import re
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, cast

from attrs import field, frozen
from references import Reader, mapping

Severity = Literal["breaking", "safe", "cosmetic"]
Direction = Literal["response", "request"]
_ROW: Final = re.compile(r"^    ([a-z-]+) +(breaking|safe|cosmetic|-)(?: {1,9}(breaking|safe|-)(?= |$))?", re.MULTILINE)
RULES: Final = {rule: (answer, request) for rule, answer, request in _ROW.findall(__doc__ or "")}
ANY: Final[Mapping[str, Any]] = {}
_LOWER: Final = ("minimum", "minLength", "minItems", "minProperties", "uniqueItems")
_UPPER: Final = ("maximum", "maxLength", "maxItems", "maxProperties")
_TEXTS: Final = {"description": "description", "title": "title", "summary": "summary", "externalDocs": "link"}
_SILENT: Final = {"$schema", "$id", "$anchor", "$defs", "$comment", "example", "examples", "xml", *_TEXTS}
_MARKS: Final = _SILENT | {"default", "deprecated", "readOnly", "writeOnly"}
_WEIGHED: Final = {"types", "null", "enum", "format", "pattern", "properties", "required", "items", "any"}
_UNWEIGHED: Final = _MARKS | _WEIGHED | {*_LOWER, *_UPPER, "additionalProperties"}
_BY_NAME: Final = ("properties", "patternProperties", "dependentSchemas")
_SINGLE: Final = ("not", "if", "then", "else", "contains", "propertyNames", "items", "additionalProperties")
_DEEPEST: Final = 8  # levels by which alternatives are told apart


@frozen
class Change:
    """One change, and what it means for a client."""

    severity: Severity
    where: str
    what: str
    rule: str


@frozen
class Found:
    """Collects changes; severities come from the table."""

    changes: list[Change] = field(factory=list)

    def add(self, rule: str, where: str, what: str, direction: Direction | None = None) -> None:
        """Note a change by its rule."""
        severity = RULES[rule][direction == "request"]
        named = f"{direction}-{rule}" if direction else rule
        self.changes.append(Change(cast(Severity, severity), where.strip(), what, named))

    def texts(self, old: Mapping[str, Any], new: Mapping[str, Any], where: str) -> None:
        """Note what only people read."""
        for key, word in _TEXTS.items():
            if differ(old, new, key):
                self.add("description-changed", where, f"The {word} reads otherwise.")
        if differ(old, new, "example", "examples"):
            self.add("example-changed", where, "The example is another.")
        for key in sorted(key for key in {*old, *new} if key.startswith("x-") and differ(old, new, key)):
            self.add("extension-changed", where, f"The extension {key} is another.")

    def order(self, old: Iterable[Any], new: Iterable[Any], where: str, what: str) -> None:
        """Note that the same things stand in another order."""
        before, after = list(map(written, old)), list(map(written, new))
        if before != after and sorted(before) == sorted(after):
            self.add("order-changed", where, f"The order of the {what} is another.")


def written(value: Any) -> str:
    """JSON that is the same for the same value; unlike in Python, `true` is not 1."""
    return json.dumps(value, sort_keys=True, default=sorted)


def differ(old: Mapping[str, Any], new: Mapping[str, Any], *keys: str) -> bool:
    """Whether two objects differ in any of these members."""
    return any(written(old.get(key)) != written(new.get(key)) for key in keys)


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
            elif key in (*_LOWER, *_UPPER):
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
            said = {key: self.told(key, value, depth - 1) for key, value in view if _counts(key)}
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


def _counts(key: str) -> bool:
    return key not in _MARKS and not key.startswith("x-")


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
    for key, sign in (*((key, 1) for key in _LOWER), *((key, -1) for key in _UPPER)):
        exclusive = own.get(f"exclusive{key.capitalize()}")
        both = [(sign * own[key], exclusive is True)] if key in own else []
        both += [] if exclusive is None or isinstance(exclusive, bool) else [(sign * exclusive, True)]
        part.pop(key, None)
        part.pop(f"exclusive{key.capitalize()}", None)
        if both and (key == "minimum" or sign < 0 or both[0][0]):  # a least length of 0 says nothing
            part[key] = max(both)


def _bound(key: str, bound: tuple[float, bool] | str | None) -> str:
    if bound is None or isinstance(bound, str):
        return bound or "none"
    return f"{-bound[0] if key in _UPPER else bound[0]}{' exclusive' if bound[1] else ''}"


@frozen
class Place:
    """Compares the schemas of one body, parameter or header, the nearest members first."""

    old: Side
    new: Side
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
        pair = (id(self.old.bare(old)), id(self.new.bare(new)))
        if pair not in self._met:
            self._met.add(pair)
            self._left.append((path, old, new))

    def _add(self, rule: str, path: str, what: str) -> None:
        self.found.add(rule, f"{self.where} {path}", what, self.direction)

    def _schema(self, path: str, node: Any, other: Any) -> None:
        old, new = self.old.view(node), self.new.view(other)
        self.found.texts(old, new, f"{self.where} {path}")
        if bool(old.get("deprecated")) != bool(new.get("deprecated")):
            self._add("schema-deprecated", path, f"It is {'' if new.get('deprecated') else 'no longer '}deprecated.")
        if "any" in old or "any" in new:
            self._alternatives(path, old.get("any", [node]), new.get("any", [other]))
        if ("any" in old) == ("any" in new) and self._types(path, old, new):
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
            told = "Only some words are possible now.", "Any word is possible now."
        else:
            lost, come = _without(words, now), _without(now, words)
            gone, more = bool(lost), bool(come)
            told = f"Not possible any more: {', '.join(lost)}.", f"Possible now: {', '.join(come)}."
            self.found.order(words, now, f"{self.where} {path}", "words")
        for rule, happened, what in (("enum-narrowed", gone, told[0]), ("enum-widened", more, told[1])):
            if happened:
                self._add(rule, path, what)
        if differ(old, new, "format"):
            rule = "changed" if "format" in old and "format" in new else "added" if "format" in new else "removed"
            self._add(f"format-{rule}", path, f"The format is {new.get('format')} instead of {old.get('format')}.")
        if differ(old, new, "default"):
            what = f"The default is {_shown(new, 'default')} instead of {_shown(old, 'default')}."
            self._add("default-changed", path, what)
        for key in (*_LOWER, *_UPPER, "pattern"):
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

    def _named(self, side: Side, view: Mapping[str, Any]) -> dict[str, Any]:
        """The members that travel in this direction."""
        unseen = "readOnly" if self.direction == "request" else "writeOnly"
        named = {**dict.fromkeys(view.get("required", ()), ANY), **view.get("properties", {})}
        return {name: node for name, node in named.items() if not side.view(node).get(unseen)}

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
            one, two = (side.told(key, view[key]) if key in view else None for side, view in pair)
            if _counts(key) and written(one) != written(two):
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
        return self.old.form(one) == self.new.form(two)


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
