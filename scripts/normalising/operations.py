"""One operation of the document we generate from: its parameters, its body, its answer."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import frozen
from document.references import listed, mapping

from .calls import CALLS, Name
from .components import MAPPING, Components, folded
from .findings import Findings

# Headers that are not parameters, even where a document declares them (OpenAPI 3.0.3, Parameter Object, `name`).
_NO_PARAMETERS: Final = frozenset({"accept", "authorization", "content-type"})
_TAKEN: Final = frozenset({"", "body", "operation"})  # what generated functions call something else
_SECURITY: Final = [{"bearerAuth": []}]


@frozen
class Operation:
    """A call with its name, and where it stands in the document that was given: its path item and its operation.

    A call that the document does not describe has neither; then it is as the API reference says.
    """

    components: Components
    findings: Findings
    name: Name
    method: str
    path: str
    item: Mapping[str, Any]
    own: Mapping[str, Any]
    needs_key: bool = True

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def is_known(self) -> bool:
        """Whether it is a call that the client is built on."""
        return (self.method, self.path) in CALLS

    def normalised(self) -> dict[str, Any]:
        """The operation as it is generated."""
        made: dict[str, Any] = {
            "tags": [self.name.tag],
            "operationId": self.name.operation,
            "summary": str(self.own.get("summary") or self.name.operation.replace("_", " ")),
            "description": str(self.own.get("description") or ""),
            "parameters": [*self._path_parameters(), *self._query_parameters()],
            "security": _SECURITY if self.needs_key else [],
        }
        if (body := self._body()) is not None:
            made["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
        return {**made, "responses": self._responses()}

    def _path_parameters(self) -> list[dict[str, Any]]:
        names = re.findall(r"\{([^}]*)\}", self.path)
        return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]

    def _query_parameters(self) -> list[dict[str, Any]]:
        declared = dict(self._declared())
        promised = self.name.sends if self.method == "get" else {}
        for name in promised:
            if name not in declared:
                self._lacks(name)
        taken, made = set(_TAKEN), []
        for name in [*promised, *(each for each in declared if each not in promised)]:
            if folded(name) in taken:
                self.findings.tell(f"{self}: the query {name} is left out, its name is taken")
                continue
            taken.add(folded(name))
            made.append(self._parameter(name, declared.get(name, {}), promised.get(name)))
        return sorted(made, key=lambda each: str(each["name"]))

    def _parameter(self, name: str, declared: Mapping[str, Any], kind: str | None) -> dict[str, Any]:
        schema = self.components.sent(_schema_of(self.components, declared), f"{self.name.operation}_{name}", kind)
        if isinstance(description := declared.get("description"), str):
            schema = {"description": description, **schema}
        is_required = declared.get("required") is True and kind is None
        return {"name": name, "in": "query", "required": is_required, "schema": schema}

    def _declared(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The parameters in the query, those of the operation last, so that they win."""
        for holder in (self.item, self.own):
            for each in map(self.components.reader, listed(holder.get("parameters"))):
                place, name = each.get("in"), str(each.get("name", ""))
                if place == "query":
                    yield name, each
                elif place in ("header", "cookie") and name.lower() not in _NO_PARAMETERS:
                    self.findings.report.append(f"{self}: the {place} {name} is left out")

    def _body(self) -> dict[str, Any] | None:
        declared = self.components.reader(self.own.get("requestBody"))
        schema = _json_schema(self.components, declared)
        if self.name.body:
            return self._promised_body(schema)
        if schema is None:
            if declared:
                self.findings.tell(f"{self}: the body is not JSON, it is left out")
            return None
        return self.components.request(schema, f"{_pascal(self.name.operation)}Request")

    def _promised_body(self, schema: Any) -> dict[str, Any]:
        described = self.components.reader.schema(schema)
        for member in self.name.sends:
            if member not in described.properties:
                self._lacks(member)
        for member in sorted(described.required - {*self.name.always}):
            if not self.components.reader.schema(described.properties.get(member)).has_default:
                self.findings.tell(f"{self} requires {member}, which the client may leave out")
        return self.components.body(described, self.name.body, self.name.always, self.name.sends)

    def _responses(self) -> dict[str, Any]:
        if self.name.answer:
            return _success({"$ref": f"#/components/schemas/{self.name.answer}"})
        if self.is_known:
            return _success(dict(MAPPING))
        if (schema := self.success()) is not None:
            return _success(self.components.answer(schema, f"{_pascal(self.name.operation)}Response"))
        if {"204", "205"} & mapping(self.own.get("responses")).keys():
            return {"204": {"description": "Success"}}
        self.findings.tell(f"{self}: the answer is not described as JSON, it is taken to be anything")
        return _success({})

    def success(self) -> Any:
        """The schema of the first answer that is a success and has one; that of `default` if no success is named."""
        responses = {str(status): each for status, each in mapping(self.own.get("responses")).items()}
        statuses = [status for status in sorted(responses) if status.startswith("2")] or ["default"]
        answers = (self.components.reader(responses.get(status)) for status in statuses)
        schemas = (_json_schema(self.components, answer) for answer in answers)
        return next((schema for schema in schemas if schema is not None), None)

    def _lacks(self, member: str) -> None:
        if self.own:  # a call that is not described at all is told once
            self.findings.lack(f"not described: {member} of {self}; sent as the reference says")


def _success(schema: dict[str, Any]) -> dict[str, Any]:
    return {"200": {"description": "Success", "content": {"application/json": {"schema": schema}}}}


def _pascal(operation: str) -> str:
    return "".join(word.capitalize() for word in operation.split("_"))


def _json_schema(components: Components, holder: Mapping[str, Any]) -> Any:
    """The schema of the JSON in a body or answer, None if there is none."""
    for media_type, media in mapping(holder.get("content")).items():
        if "json" in media_type.lower() or media_type == "*/*":
            return components.reader.media_schema(media)
    return None


def _schema_of(components: Components, parameter: Mapping[str, Any]) -> Any:
    """The schema of a parameter, which may stand in a media type."""
    if (inside := _json_schema(components, parameter)) is not None:
        return inside
    return components.reader.media_schema(parameter)
