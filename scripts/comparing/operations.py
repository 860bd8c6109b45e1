"""Compares an operation with itself in another document: parameters, body, answers, security, servers."""

import re
from collections.abc import Mapping
from typing import Any

from attrs import frozen
from document.keywords import ANY
from document.references import mapping

from .changes import Direction, Found, differ, without_texts, written
from .fingerprints import Fingerprints
from .schemas import SchemaComparison
from .servers import compare_servers, security_schemes, servers


@frozen
class Operation:
    """An operation, with what it inherits from its path and its document."""

    schemas: Fingerprints
    item: Mapping[str, Any]
    own: Mapping[str, Any]
    parameters: Mapping[tuple[str, str], Mapping[str, Any]]
    security: Mapping[str, str]
    servers: list[str]


@frozen
class Document:
    schemas: Fingerprints
    says: Mapping[str, Any]

    def operation(self, name: str) -> Operation:
        """The operation of that method and path."""
        method, _, path = name.partition(" ")
        item = self.schemas.reader(self.says["paths"][path])
        own = self.schemas.reader(item[method.lower()])
        own_servers = [
            *own.get("servers", ()),
            *item.get("servers", ()),
        ]  # those of the document are compared once, for all
        return Operation(
            self.schemas, item, own, self._parameters(path, item, own), self._security(own), servers(own_servers)
        )

    def _parameters(self, path: str, *holders: Mapping[str, Any]) -> dict[tuple[str, str], Mapping[str, Any]]:
        """By place and name; those in the path by their position, as names do not matter there."""
        positions = re.findall(r"\{([^}]*)\}", path)
        found = {}
        for each in (self.schemas.reader(each) for holder in holders for each in holder.get("parameters", ())):
            place, name = str(each.get("in")), str(each.get("name"))
            if place == "path" and name in positions:
                name = str(positions.index(name))
            found[place, name.lower() if place == "header" else name] = each
        return found

    def _security(self, own: Mapping[str, Any]) -> dict[str, str]:
        """The alternatives of authentication, by what their schemes are; `{}` where none is needed."""
        schemes = security_schemes(self.says)
        found = {}
        for way in own.get("security", self.says.get("security")) or [{}]:
            parts = [[without_texts(self.schemas.reader(schemes.get(name))), sorted(way[name])] for name in way]
            found[written(sorted(parts, key=written)) if way else "{}"] = " and ".join(way) or "no key"
        return found


@frozen
class OperationComparison:
    """Compares an operation with itself in the other document."""

    found: Found
    old: Operation
    new: Operation
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
        if without_texts(old.get("callbacks")) != without_texts(new.get("callbacks")):
            self.found.add("callbacks-changed", self.where, "The callbacks are others.")
        compare_servers(self.found, self.where, self.old.servers, self.new.servers)
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
            self.found.add("security-alternative-removed", self.where, f"{before[way]} is no longer accepted.")
        for way in sorted({*after} - {*before}):
            self.found.add("security-alternative-added", self.where, f"{after[way]} is accepted now.")

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
        SchemaComparison(self.old.schemas, self.new.schemas, self.found, direction, where).compare(old, new)

    def _content(self, where: str, direction: Direction, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        before, after = _media(old), _media(new)
        for name in {**before, **after}:
            if name not in after:
                self.found.add("content-type-removed", where, f"{name} is gone.", direction)
            elif name not in before:
                self.found.add("content-type-added", where, f"{name} is possible now.", direction)
            else:
                at = where if "json" in name else f"{where} ({name})"
                media, other = self.old.schemas.reader(before[name]), self.new.schemas.reader(after[name])
                self.found.texts(media, other, at)
                if without_texts(media.get("encoding")) != without_texts(other.get("encoding")):
                    self.found.add("request-encoding-changed", at, "The parts are encoded in another way.")
                self._schemas(at, direction, media.get("schema", ANY), other.get("schema", ANY))

    def _body(self) -> None:
        where = f"{self.where} body"
        old, new = (
            self.old.schemas.reader(self.old.own.get("requestBody")),
            self.new.schemas.reader(self.new.own.get("requestBody")),
        )
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
                old, new = self.old.schemas.reader(before[status]), self.new.schemas.reader(after[status])
                self.found.texts(old, new, where)
                if without_texts(old.get("links")) != without_texts(new.get("links")):
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
                old, new = self.old.schemas.reader(before[name]), self.new.schemas.reader(after[name])
                if old.get("required", False) != new.get("required", False):
                    rule = "header-required" if new.get("required") else "header-optional"
                    self.found.add(rule, at, "Whether it is always there changed.", "response")
                self._valued(at, "response", old, new)


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
