"""Compares two OpenAPI documents by what a change means for clients; the rules stand in changes.py.

    python scripts/spec_diff.py OLD NEW [--format text|markdown|json]

Exit code 1 if a change is breaking, 0 if none is, 2 if a document cannot be read. Operations are matched by method and
path, whatever path parameters, operation ids and schemas are called.
"""

import argparse
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from attrs import asdict, frozen
from changes import ANY, Change, Direction, Found, Place, Side, differ, mapping, written
from normalise import METHODS

_SEVERITIES: Final = ("breaking", "safe", "cosmetic")
_INFO: Final = ("title", "version", "description", "summary", "termsOfService", "contact", "license")
_STYLES: Final = ("style", "explode", "allowReserved", "allowEmptyValue")
_MOST_PLACES: Final = 5  # that a report for people lists of one change


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Every change from one OpenAPI 3 document to another, the worst first."""
    forms: dict[str, int] = {}
    found = Found()
    before, after = _Document(Side(old, forms), old), _Document(Side(new, forms), new)
    _heads(found, old, new)
    known, now = operations(old), operations(new)
    for key, name in {**now, **known}.items():
        if key not in now:
            found.add("operation-removed", name, "The operation is gone.")
        elif key not in known:
            found.add("operation-added", name, "There is a new operation.")
        else:
            _Pair(found, before.operation(known[key]), after.operation(now[key]), now[key]).compare()
    return sorted(found.changes, key=lambda one: (_SEVERITIES.index(one.severity), one.where, one.rule, one.what))


def operations(document: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """How each operation is written (`GET /models/{model}`), by its method and its path without names."""
    read = Side(document, {})
    return {
        (method, re.sub(r"\{[^}]*\}", "{}", path)): f"{method.upper()} {path}"
        for path, item in mapping(document.get("paths")).items()
        for method in METHODS
        if path.startswith("/") and method in read(item)
    }


@frozen
class _Operation:
    """An operation, with what it inherits from its path and its document."""

    side: Side
    item: Mapping[str, Any]
    own: Mapping[str, Any]
    parameters: Mapping[tuple[str, str], Mapping[str, Any]]
    security: Mapping[str, str]
    servers: list[str]


@frozen
class _Document:
    side: Side
    says: Mapping[str, Any]

    def operation(self, name: str) -> _Operation:
        """The operation of that method and path."""
        method, _, path = name.partition(" ")
        item = self.side(self.says["paths"][path])
        own = self.side(item[method.lower()])
        servers = [*own.get("servers", ()), *item.get("servers", ())]  # those of the document are told once, above
        return _Operation(
            self.side, item, own, self._parameters(path, item, own), self._security(own), _servers(servers)
        )

    def _parameters(self, path: str, *holders: Mapping[str, Any]) -> dict[tuple[str, str], Mapping[str, Any]]:
        """By place and name; those in the path by their position, as names do not matter there."""
        positions = re.findall(r"\{([^}]*)\}", path)
        found = {}
        for each in (self.side(each) for holder in holders for each in holder.get("parameters", ())):
            place, name = str(each.get("in")), str(each.get("name"))
            if place == "path" and name in positions:
                name = str(positions.index(name))
            found[place, name.lower() if place == "header" else name] = each
        return found

    def _security(self, own: Mapping[str, Any]) -> dict[str, str]:
        """The ways to be let in, by what their schemes are; `{}` where none is needed."""
        schemes = _schemes(self.says)
        found = {}
        for way in own.get("security", self.says.get("security")) or [{}]:
            parts = [[_said(self.side(schemes.get(name))), sorted(way[name])] for name in way]
            found[written(sorted(parts, key=written)) if way else "{}"] = " and ".join(way) or "no key"
        return found


@frozen
class _Pair:
    """Compares an operation with itself in the other document."""

    found: Found
    old: _Operation
    new: _Operation
    where: str

    def compare(self) -> None:
        """Note every change."""
        old, new = self.old.own, self.new.own
        self.found.texts(self.old.item, self.new.item, self.where)
        self.found.texts(old, new, self.where)
        if old.get("operationId") != new.get("operationId"):
            what = f"The operation id is {new.get('operationId')} instead of {old.get('operationId')}."
            self.found.add("operation-id-changed", self.where, f"{what} Generated clients call their function by it.")
        if differ(old, new, "tags"):
            self.found.add("operation-tags-changed", self.where, "The tags are others.")
        self._deprecated("operation-deprecated", self.where, old, new)
        if _said(old.get("callbacks")) != _said(new.get("callbacks")):
            self.found.add("callbacks-changed", self.where, "The callbacks are others.")
        _compare_servers(self.found, self.where, self.old.servers, self.new.servers)
        self._security()
        self._parameters()
        self._body()
        self._responses()

    def _deprecated(self, rule: str, where: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        if bool(old.get("deprecated")) != bool(new.get("deprecated")):
            self.found.add(rule, where, f"It is {'' if new.get('deprecated') else 'no longer '}deprecated.")

    def _security(self) -> None:
        before, after = self.old.security, self.new.security
        if ("{}" in before) != ("{}" in after):
            rule, word = ("security-removed", "no longer") if "{}" in after else ("security-added", "now")
            self.found.add(rule, self.where, f"A key is {word} needed.")
            return
        for way in sorted({*before} - {*after}):
            self.found.add("security-alternative-removed", self.where, f"{before[way]} lets nobody in any more.")
        for way in sorted({*after} - {*before}):
            self.found.add("security-alternative-added", self.where, f"{after[way]} lets you in now.")

    def _parameters(self) -> None:
        before, after = self.old.parameters, self.new.parameters
        self.found.order(before, after, self.where, "parameters")
        for key in {**before, **after}:
            old, new = before.get(key), after.get(key)
            where = f"{self.where} {key[0]} {(new or old or ANY).get('name')}"
            if new is None:
                self.found.add("parameter-removed", where, "The parameter is gone.")
            elif old is None:
                needed = new.get("required") is True
                rule = "parameter-required" if needed else "parameter-added"
                self.found.add(rule, where, f"There is a new {'required ' if needed else ''}parameter.")
            else:
                self._parameter(where, old, new)

    def _parameter(self, where: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        if old.get("name") != new.get("name") and new.get("in") == "path":
            self.found.add("path-parameter-renamed", where, f"The parameter is called {new.get('name')}.")
        self._required("parameter", where, old, new)
        self._deprecated("parameter-deprecated", where, old, new)
        if _style(old) != _style(new):
            self.found.add("parameter-style-changed", where, "Its value is written in another way.")
        self._valued(where, "request", old, new)

    def _required(self, kind: str, where: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        if (old.get("required") is True) != (new.get("required") is True):
            needed = new.get("required") is True
            what = "It is required now." if needed else "It may be absent now."
            self.found.add(f"{kind}-{'required' if needed else 'optional'}", where, what)

    def _valued(self, where: str, direction: Direction, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        """Parameters and headers: a schema, or a media type that has one."""
        self.found.texts(old, new, where)
        if "content" in old or "content" in new:
            self._content(where, direction, old, new)
        else:
            self._schemas(where, direction, old.get("schema", ANY), new.get("schema", ANY))

    def _schemas(self, where: str, direction: Direction, old: Any, new: Any) -> None:
        Place(self.old.side, self.new.side, self.found, direction, where).compare(old, new)

    def _content(self, where: str, direction: Direction, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        before, after = _media(old), _media(new)
        for name in {**before, **after}:
            if name not in after:
                self.found.add("content-type-removed", where, f"{name} is gone.", direction)
            elif name not in before:
                self.found.add("content-type-added", where, f"{name} is possible now.", direction)
            else:
                at = where if "json" in name else f"{where} ({name})"
                media, other = self.old.side(before[name]), self.new.side(after[name])
                self.found.texts(media, other, at)
                if _said(media.get("encoding")) != _said(other.get("encoding")):
                    self.found.add("request-encoding-changed", at, "The parts are encoded in another way.")
                self._schemas(at, direction, media.get("schema", ANY), other.get("schema", ANY))

    def _body(self) -> None:
        where = f"{self.where} body"
        old, new = self.old.side(self.old.own.get("requestBody")), self.new.side(self.new.own.get("requestBody"))
        if old and not new:
            self.found.add("request-body-removed", where, "The request has no body any more.")
        elif new and not old:
            rule = "request-body-required" if new.get("required") is True else "request-body-added"
            self.found.add(rule, where, "The request has a body now.")
        else:
            self.found.texts(old, new, where)
            self._required("request-body", where, old, new)
            self._content(where, "request", old, new)

    def _responses(self) -> None:
        before, after = (
            {code.upper(): each for code, each in mapping(side.own.get("responses")).items() if code[:2] != "x-"}
            for side in (self.old, self.new)
        )
        for status in {**before, **after}:
            where = f"{self.where} {status}"
            if status not in before or status not in after:
                kind = "success" if status[0] in "123" else "error"
                verb, what = ("removed", "is gone") if status not in after else ("added", "is possible now")
                self.found.add(f"{kind}-status-{verb}", where, f"The answer {status} {what}.")
            else:
                old, new = self.old.side(before[status]), self.new.side(after[status])
                self.found.texts(old, new, where)
                if _said(old.get("links")) != _said(new.get("links")):
                    self.found.add("callbacks-changed", where, "The links are others.")
                self._headers(where, _headers(old), _headers(new))
                self._content(where, "response", old, new)

    def _headers(self, where: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        for name in {**before, **after}:
            at = f"{where} header {name}"
            if name not in after:
                self.found.add("header-removed", at, "The header is gone.", "response")
            elif name not in before:
                self.found.add("header-added", at, "There is a new header.", "response")
            else:
                old, new = self.old.side(before[name]), self.new.side(after[name])
                if old.get("required", False) != new.get("required", False):
                    rule = "header-required" if new.get("required") else "header-optional"
                    self.found.add(rule, at, "Whether it is always there changed.", "response")
                self._valued(at, "response", old, new)


def _heads(found: Found, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """What stands in a document beside its operations."""
    before, after = mapping(old.get("info")), mapping(new.get("info"))
    for key in (key for key in _INFO if differ(before, after, key)):
        found.add("info-changed", f"info {key}", f"The {key} is another.")
    for key in (key for key in ("openapi", "tags") if differ(old, new, key)):
        found.add("info-changed", key, f"{key} reads otherwise.")
    found.texts(_extensions(before), _extensions(after), "info")
    found.texts(old, new, "document")
    usual = [{"url": "/"}]
    _compare_servers(found, "servers", _servers(old.get("servers") or usual), _servers(new.get("servers") or usual))
    if _said(old.get("webhooks")) != _said(new.get("webhooks")):
        found.add("callbacks-changed", "webhooks", "The webhooks are others.")
    schemes, others = _schemes(old), _schemes(new)
    for name in schemes.keys() & others.keys():
        found.texts(mapping(schemes[name]), mapping(others[name]), f"security {name}")


def _schemes(document: Mapping[str, Any]) -> Mapping[str, Any]:
    return mapping(mapping(document.get("components")).get("securitySchemes"))


def _extensions(node: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key.startswith("x-")}


def _said(value: Any) -> str:
    """The JSON of a value without what only people read."""
    if isinstance(value, Mapping):
        unread = ("description", "summary", "example", "examples", "externalDocs")
        kept = {key: _said(each) for key, each in value.items() if key not in unread and not key.startswith("x-")}
        return written(kept)
    return written([_said(each) for each in value]) if isinstance(value, list) else written(value)


def _servers(servers: Any) -> list[str]:
    return [_said({**each, "url": str(each.get("url")).rstrip("/")}) for each in map(mapping, servers or ())]


def _compare_servers(found: Found, where: str, old: list[str], new: list[str]) -> None:
    if set(old) - set(new):
        urls = ", ".join(json.loads(json.loads(each)["url"]) for each in new) or "the document's own"
        found.add("server-url-changed", where, f"The service is at {urls} now.")
    elif set(new) - set(old):
        found.add("server-added" if old else "server-url-changed", where, "There is another server.")


def _style(parameter: Mapping[str, Any]) -> str:
    """How the value of a parameter is written, defaults filled in."""
    usual = "form" if parameter.get("in") in ("query", "cookie") else "simple"
    style = parameter.get("style", usual)
    rest = [parameter.get(key, False) for key in ("allowReserved", "allowEmptyValue")]
    return written([style, parameter.get("explode", style == "form"), *rest])


def _media(holder: Mapping[str, Any]) -> dict[str, Any]:
    return {name.partition(";")[0].strip().lower(): each for name, each in mapping(holder.get("content")).items()}


def _headers(response: Mapping[str, Any]) -> dict[str, Any]:
    return {name.title(): each for name, each in mapping(response.get("headers")).items()}


def render(changes: list[Change], form: str) -> str:
    """The changes as `text` or `markdown` for people, grouped by what happened, or as `json`, one by one."""
    if form == "json":
        return json.dumps([asdict(change) for change in changes], indent=2, ensure_ascii=False)
    title, bullet, mark = ("## {} ({})\n", "- **{}**: {}", "`") if form == "markdown" else ("{}: {}", "  {}: {}", "")
    lines: list[str] = []
    for severity in _SEVERITIES:
        groups: dict[tuple[str, str], list[str]] = {}
        for change in changes:
            if change.severity == severity:
                groups.setdefault((change.rule, change.what), []).append(f"{mark}{change.where}{mark}")
        if groups:
            lines += ["", title.format(severity, sum(map(len, groups.values())))]
        for (rule, what), places in sorted(groups.items()):
            more = len(places) - _MOST_PLACES
            named = [*places[:_MOST_PLACES], *([f"and {more} more places"] if more > 0 else [])]
            lines += [bullet.format(rule, what), *(f"    {'- ' if mark else ''}{place}" for place in named)]
    return "\n".join(lines[1:]) or "No change."


def _document(path: Path) -> Mapping[str, Any]:
    """The document in a file; raises `ValueError` or `OSError`."""
    document = json.loads(path.read_bytes())
    if not isinstance(document, dict) or not re.match(r"3\.\d", str(document.get("openapi"))):
        raise ValueError("not an OpenAPI 3 document")
    return document


def main(arguments: list[str] | None = None) -> int:
    """Compare two files; 1 if a change is breaking."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--format", choices=("text", "markdown", "json"), default="text")
    options = parser.parse_args(arguments)
    documents = []
    for path in (options.old, options.new):
        try:
            documents.append(_document(path))
        except (OSError, ValueError, RecursionError) as error:
            print(f"spec_diff: {path}: {error}".replace("\n", " "), file=sys.stderr)
            return 2
    changes = compare(*documents)
    print(render(changes, options.format))
    return 1 if any(change.severity == "breaking" for change in changes) else 0


if __name__ == "__main__":
    sys.exit(main())
