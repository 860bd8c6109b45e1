"""One operation of the document we generate from: its parameters, its body, its answer."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from attrs import frozen
from document.references import listed, mapping

from .calls import Name
from .schemas import Schemas

# Headers that are not parameters, even where a document declares them (OpenAPI 3.0.3, Parameter Object, `name`).
_NO_PARAMETERS: Final = frozenset({"accept", "authorization", "content-type"})


@frozen
class Operation:
    """A call with its name, and where it stands in the document that was given: its path item and its operation.

    What is met and left out goes into `report`; what the client needs and is not there, into `lacking`.
    """

    schemas: Schemas
    name: Name
    method: str
    path: str
    item: Mapping[str, Any]
    own: Mapping[str, Any]
    report: list[str]
    lacking: list[str]

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"

    def normalised(self) -> dict[str, Any]:
        """The operation as it is generated."""
        made: dict[str, Any] = {
            "tags": [self.name.tag],
            "operationId": self.name.operation,
            "summary": str(self.own.get("summary") or self.name.operation.replace("_", " ")),
            "parameters": [*self._path_parameters(), *self._query_parameters()],
        }
        if (body := self._body()) is not None:
            made["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
        content = {"application/json": {"schema": self._answer()}}
        return {**made, "responses": {"200": {"description": "Success", "content": content}}}

    def _path_parameters(self) -> list[dict[str, Any]]:
        names = re.findall(r"\{([^}]*)\}", self.path)
        return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]

    def _query_parameters(self) -> list[dict[str, Any]]:
        declared = dict(self._declared())
        if self.method == "get":
            self._needs((name for name in self.name.sends if name not in declared), "the parameter")
        return [
            {
                "name": name,
                "in": "query",
                "required": each.get("required") is True and name not in self.name.sends,
                "schema": self.schemas.sent(
                    _schema_of(self.schemas, each), f"{self.name.response}Parameter", self.name.sends.get(name)
                ),
            }
            for name, each in sorted(declared.items())
        ]

    def _declared(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The parameters in the query, those of the operation last, so that they win."""
        for holder in (self.item, self.own):
            for each in map(self.schemas.form.read, listed(holder.get("parameters"))):
                place, name = each.get("in"), str(each.get("name", ""))
                if place == "query" and name:
                    yield name, each
                elif place in ("header", "cookie") and name.lower() not in _NO_PARAMETERS:
                    self.report.append(f"{self}: the {place} {name} is left out")

    def _body(self) -> dict[str, Any] | None:
        declared = self.schemas.form.read(self.own.get("requestBody"))
        schema = _json_schema(self.schemas, declared)
        if schema is None:
            self._needs(self.name.sends if self.method != "get" else (), "the body's member")
            if declared:
                self.report.append(f"{self}: the body is not JSON, it is left out")
            return None
        if not self.name.is_known:
            return self.schemas.request(schema, self.name.body)
        form = self.schemas.form(schema)
        self._needs((member for member in self.name.sends if member not in form.members), "the body's member")
        for member in sorted(form.required - {*self.name.always}):
            if not self.schemas.form(form.members.get(member)).has_default:
                self.report.append(f"{self} requires {member}, which the client may leave out")
        return self.schemas.body(form, self.name.body, self.name.always, self.name.sends)

    def _answer(self) -> dict[str, Any]:
        schema = self._success()
        if schema is None:
            self.report.append(f"{self}: the answer is not described as JSON, it is taken to be anything")
        if self.name.entries:
            return self.schemas.entries(schema, self.name.entries, self.name.response)
        members = self.schemas.form(schema).members
        self._needs((member for member in self.name.reads if member not in members), "the answer's member")
        if self.name.is_known:
            return self.schemas.answer(schema, self.name.response)
        return self.schemas.response(schema, self.name.response)

    def _success(self) -> Any:
        """The schema of the first answer that is a success and has one; that of `default` if no success is named."""
        responses = {str(status): each for status, each in mapping(self.own.get("responses")).items()}
        statuses = [status for status in sorted(responses) if status.startswith("2")] or ["default"]
        answers = (self.schemas.form.read(responses.get(status)) for status in statuses)
        schemas = (_json_schema(self.schemas, answer) for answer in answers)
        return next((schema for schema in schemas if schema is not None), None)

    def _needs(self, names: Iterable[str], what: str) -> None:
        self.lacking.extend(f"{what} {name} of {self}" for name in names)


def _json_schema(schemas: Schemas, holder: Mapping[str, Any]) -> Any:
    """The schema of the JSON in a body or answer, None if there is none."""
    for media_type, media in mapping(holder.get("content")).items():
        if "json" in media_type.lower() or media_type == "*/*":
            return schemas.form.of_media(media)
    return None


def _schema_of(schemas: Schemas, parameter: Mapping[str, Any]) -> Any:
    """The schema of a parameter, which may stand in a media type."""
    if (inside := _json_schema(schemas, parameter)) is not None:
        return inside
    return schemas.form.of_media(parameter)
