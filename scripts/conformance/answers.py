"""Compares answers of the service with an OpenAPI document, and collects what differs by operation and JSON path.

Strict where the client is lenient: what it would swallow is what is to be known. In a path `[]` stands for every item
of an array and `*` for every member of a map, so that a hundred items with one difference are reported once.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import define, field, frozen
from comparing.documents import operations
from document.keywords import ANY, alternatives_of
from document.references import mapping
from document.schemas import SchemaReader
from openapi_schema_validator import OAS31Validator

_LONGEST: Final = 60  # characters of an example
_LONGEST_NAME: Final = 200  # characters of a path or a word
_DEEPEST: Final = 6  # levels of an envelope
_QUERY: Final = re.compile(r"(https?://[^\s\"'<>?#]*)[?#][^\s\"'<>]*")
_USER: Final = re.compile(r"(https?://)[^\s\"'<>/?#@]*@")
_KEY: Final = re.compile(r"pxk_[\w-]+|(?i:bearer)\s+\S{16,}|eyJ[\w-]+\.[\w-]+\.[\w-]*")
_TYPES: Final[Mapping[type, str]] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
    type(None): "null",
}
_BOUNDS: Final = {  # what they bound, and the sign under which a greater one is the tighter (changes.py)
    **dict.fromkeys(("minimum", "minLength", "minItems", "minProperties"), 1),
    **dict.fromkeys(("maximum", "maxLength", "maxItems", "maxProperties"), -1),
}
_MEASURED: Final = {"imum": (int, float), "Length": (str,), "Items": (list,), "Properties": (dict,)}


@frozen
class Difference:
    """One way in which answers differ from the document: what is documented, what was found, and how often."""

    kind: str
    where: str
    path: str
    documented: str
    found: str
    example: str
    count: int = 1


@frozen
class Reply:
    """One answer, whole; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@frozen
class Marked:
    """How the entries of an answer are recognised, wherever they are: a member that each has, and one around them."""

    member: str
    around: str = ""


def shortened(value: Any, secrets: Sequence[str] = ()) -> str:
    """A value as an example: short, and without keys, tokens and the queries of URLs."""
    if isinstance(value, list):
        return f"[{len(value)} items]"
    text = "{" + ", ".join(value) + "}" if isinstance(value, dict) else json.dumps(value, ensure_ascii=False)
    return shown(text, secrets, _LONGEST)


def shown(text: str, secrets: Sequence[str] = (), longest: int = _LONGEST_NAME) -> str:
    """Text of the service as it may be printed: without secrets and control characters, and no longer than that."""
    for secret in secrets:
        text = text.replace(secret, "…")
    for pattern, instead in ((_QUERY, r"\1?…"), (_USER, r"\1…@"), (_KEY, "…")):
        text = pattern.sub(instead, text)
    text = "".join(letter if letter.isprintable() else "�" for letter in text)
    return text if len(text) <= longest else text[: longest - 1] + "…"


@define
class Conformance:
    """Collects the differences of all answers from `document`; `secrets` never show in an example."""

    document: Mapping[str, Any]
    secrets: Sequence[str] = ()
    _found: dict[tuple[str, ...], Difference] = field(factory=dict)
    _reader: SchemaReader = field(init=False)
    _words: frozenset[str] = field(init=False)
    _written: dict[tuple[str, str], str] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._reader = SchemaReader(self.document)
        self._words = frozenset(self._status_words(self.document))
        self._written = operations(self.document)

    @property
    def differences(self) -> list[Difference]:
        """Everything so far, in the order in which it was met."""
        return list(self._found.values())

    def note(self, kind: str, where: str, path: str = "", **details: Any) -> None:
        """One difference; the same one again is counted."""
        documented, found = (shown(str(details.get(name, "")), self.secrets) for name in ("documented", "found"))
        key = (kind, where, shown(path, self.secrets), documented, found)
        known = self._found.get(key)
        if known is None:
            example = shortened(details["example"], self.secrets) if "example" in details else ""
            self._found[key] = Difference(*key, example)
        else:
            self._found[key] = Difference(*key, known.example, known.count + 1)

    def check(self, method: str, path: str, reply: Reply, marked: Marked | None = None) -> Any:
        """Compare an answer to `method path` (as our openapi.json writes it); its JSON, or None if there is none."""
        where = f"{method} {path} {reply.status}"
        response = self._response(where, mapping(self._operation(method, path).get("responses")), reply.status)
        self._headers(where, mapping(response.get("headers")), reply.headers)
        schema = self._media(where, mapping(response.get("content")), reply)
        try:
            body = json.loads(reply.body)
        except (ValueError, RecursionError):
            if schema is not ANY or reply.body:
                text = reply.body[:400].decode("utf-8", "replace")
                self.note("body", where, documented="JSON", found="something else", example=text)
            return None
        if marked is not None and reply.status < 300:  # noqa: PLR2004  (a success)
            self._enveloped(where, schema, body, marked)
        self.value(where, schema, body)
        return body

    def _operation(self, method: str, path: str) -> Mapping[str, Any]:
        """What the document says of a call, however it names the parameters of the path."""
        written = self._written.get((method.lower(), re.sub(r"\{[^}]*\}", "{}", path)), "").partition(" ")[2]
        item = self._reader(mapping(self.document.get("paths")).get(written))
        return self._reader(item.get(method.lower()))

    # -- around the body ----------------------------------------------------------------------------------------------

    def _response(self, where: str, responses: Mapping[str, Any], status: int) -> Mapping[str, Any]:
        """What the document says of this status, or, if it does not, of the nearest one."""
        for name in (str(status), f"{status // 100}XX", "default"):
            if name in responses:
                return self._reader(responses[name])
        self.note("undocumented status", where, documented=", ".join(responses) or "no such operation", found=status)
        same = [each for each in responses if (each[0] < "4") == (status < 400)]  # noqa: PLR2004  (errors)
        return self._reader(responses[same[-1]]) if same and not 300 <= status < 400 else ANY  # noqa: PLR2004

    def _headers(self, where: str, documented: Mapping[str, Any], found: Mapping[str, str]) -> None:
        for name, node in documented.items():
            header, value = self._reader(node), found.get(name.lower())
            if value is not None:
                number = re.fullmatch(r"-?\d{1,18}", value)
                self.value(where, header.get("schema", ANY), int(value) if number else value, f"header {name}")
            elif header.get("required") is True:
                self.note("missing header", where, f"header {name}", documented="always there")

    def _media(self, where: str, content: Mapping[str, Any], reply: Reply) -> Any:
        """The schema of the body; the one of JSON if the type is another."""
        kind = reply.headers.get("content-type", "none").partition(";")[0].strip().lower()
        if content and kind not in content:
            self.note("content type", where, documented=", ".join(content), found=kind)
        media = self._reader(content.get(kind, next(iter(content.values()), ANY)))
        return media.get("schema", ANY)

    def _enveloped(self, where: str, schema: Any, body: Any, marked: Marked) -> None:
        """Entries elsewhere than documented are reported once, and compared all the same."""
        documented = next(self._documented_at(schema, marked), None)
        if documented is None:
            return
        path, entry = documented
        for at, value in entries(body, marked):
            if at != path:
                details = {"documented": path or "the body itself", "found": at or "the body itself"}
                self.note("envelope", where, path, **details, example=value)
                self.value(where, entry, value, path)

    def _documented_at(self, schema: Any, marked: Marked, path: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
        view = self._reader.view(schema)
        members = mapping(view.get("properties"))
        if marked.member in members and marked.around not in members:
            yield path, schema
        elif depth < _DEEPEST:
            for name, inside in members.items():
                yield from self._documented_at(inside, marked, _joined(path, name), depth + 1)
            if "items" in view:
                yield from self._documented_at(view["items"], marked, f"{path}[]", depth + 1)

    def _status_words(self, node: Any) -> Iterator[str]:
        """The words that the document knows for a `status`, wherever it lists them."""
        left = [node]
        while left:
            node = left.pop()
            if isinstance(node, dict):
                status = mapping(node.get("properties")).get("status")
                yield from self._reader.view(status).get("enum", ()) if status is not None else ()
                left += node.values()
            elif isinstance(node, list):
                left += node

    # -- the body -----------------------------------------------------------------------------------------------------

    def value(self, where: str, schema: Any, value: Any, path: str = "") -> None:
        """Compare a JSON value with a schema."""
        view = self._reader.view(schema)
        if alternatives := alternatives_of(view):
            schema, view = self._nearest(where, alternatives, value, path)
        if value is None:
            if view.get("null") is False:
                self.note("null", where, path, documented=_kinds(view), found="null")
            return
        kind = _TYPES[type(value)]
        if "types" in view and not _fits(value, kind, view["types"]):
            self.note("type", where, path, documented=_kinds(view), found=kind, example=value)
            return
        self._leaf(where, path, view, value)
        if kind == "object":
            self._members(where, path, view, value)
        elif kind == "array":
            for item in value:
                self.value(where, view.get("items", ANY), item, f"{path}[]")

    def _nearest(self, where: str, alternatives: Sequence[Any], value: Any, path: str) -> tuple[Any, Mapping[str, Any]]:
        """The alternative that the value differs least from."""

        def distance(alternative: Any) -> tuple[bool, int]:
            trial = Conformance(self.document)
            trial.value(where, alternative, value, path)
            is_other_type = any(each.kind == "type" and each.path == path for each in trial.differences)
            return is_other_type, len(trial.differences)

        nearest = min(alternatives, key=distance)
        return nearest, self._reader.view(nearest)

    def _leaf(self, where: str, path: str, view: Mapping[str, Any], value: Any) -> None:
        words = view.get("enum")
        if path.rpartition(".")[2] == "status" and words is None and isinstance(value, str):
            words = sorted(self._words)
        if words and value not in words:
            self.note("word", where, path, documented=" | ".join(map(str, words)), found="another", example=value)
        rules = {key: view[key] for key in ("format", "pattern") if key in view}
        if rules and not OAS31Validator(rules, format_checker=OAS31Validator.FORMAT_CHECKER).is_valid(value):
            self.note("format", where, path, documented=", ".join(rules.values()), found="another", example=value)
        for key, sign in _BOUNDS.items():
            if key in view and isinstance(value, _MEASURED[key[3:]]) and not isinstance(value, bool):
                bound, exclusive = sign * view[key][0], view[key][1]
                size = value if isinstance(value, int | float) else len(value)
                if sign * size < sign * bound or (exclusive and size == bound):
                    self.note("bound", where, path, documented=f"{key} {bound}", found="beyond it", example=value)

    def _members(self, where: str, path: str, view: Mapping[str, Any], value: Mapping[str, Any]) -> None:
        known, others = mapping(view.get("properties")), view.get("additionalProperties")
        for name in view.get("required", ()):
            if name not in value:
                self.note("missing member", where, _joined(path, name), documented="required")
        for name, inside in value.items():
            if name in known:
                self.value(where, known[name], inside, _joined(path, name))
            elif isinstance(others, Mapping):
                self.value(where, others, inside, _joined(path, "*"))
            elif known and others is not True:
                kind = _TYPES[type(inside)]
                self.note("undocumented member", where, _joined(path, name), found=kind, example=inside)


def entries(body: Any, marked: Marked, path: str = "", depth: int = 0) -> Iterator[tuple[str, dict[str, Any]]]:
    """The entries of an answer and where they are, whatever the envelope is."""
    if depth > _DEEPEST:
        return
    if isinstance(body, list):
        for item in body:
            yield from entries(item, marked, f"{path}[]", depth + 1)
    elif isinstance(body, dict):
        if marked.member in body and not {marked.around, "items"} & body.keys():
            yield path, body
            return
        for name, inside in body.items():
            is_map = isinstance(inside, dict) and inside.get(marked.member) == name
            yield from entries(inside, marked, _joined(path, "*" if is_map else name), depth + 1)


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _fits(value: Any, kind: str, types: Any) -> bool:
    whole = isinstance(value, float) and value.is_integer()
    return kind in types or (kind == "integer" and "number" in types) or (whole and "integer" in types)


def _kinds(view: Mapping[str, Any]) -> str:
    kinds = sorted(view.get("types", ())) or ["one of its words"]
    return " or ".join([*kinds, *(["null"] if view.get("null") else [])])
