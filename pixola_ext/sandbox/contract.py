"""The OpenAPI document that a sandbox serves: its operations, and the bounds of the values that the sandbox checks.

The document may describe more than the sandbox implements, since the sandbox implements the API reference and the
document follows the service. Documents of OpenAPI 3.0 and 3.1 are read alike, whether schemas are inline or referenced.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Final

from attrs import field, frozen

PREFIX: Final = "/api/v1"  # path of the base URL
_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_COMBINED: Final = ("allOf", "oneOf", "anyOf")
_SERVER: Final = "This sandbox"
# Marks the sandbox's own entry in `servers`, so that programs which keep the document can drop the entry.
SERVER_MARK: Final = "x-sandbox"


@frozen
class Operation:
    """One operation: method in upper case, path template below the base URL, and the members of the document."""

    method: str
    path: str
    item: Mapping[str, Any] = field(repr=False)
    said: Mapping[str, Any] = field(repr=False)

    @property
    def name(self) -> str:
        """Method and path, after the operation id if there is one."""
        call = f"{self.method} {self.path}"
        said = self.said.get("operationId")
        return f"{said} ({call})" if isinstance(said, str) else call

    @property
    def shape(self) -> tuple[str, ...]:
        """The segments of the path, the same for every name of a path parameter."""
        return tuple("{}" if "{" in segment else segment for segment in self.path.split("/"))

    def fits(self, method: str, path: str) -> bool:
        """Whether a request with this method and path, below the base URL, is one of this operation."""
        segments = path.split("/")
        return (
            method == self.method
            and len(segments) == len(self.shape)
            and all(given == mine or (given and mine == "{}") for mine, given in zip(self.shape, segments, strict=True))
        )


class Contract:
    """What an OpenAPI document says. Members of a wrong type are read as absent."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """All operations, in the order of the document."""
        found = []
        for path, said in _mapping(self.document.get("paths")).items():
            item = self.resolved(said)
            methods = [method for method in _METHODS if isinstance(item.get(method), Mapping)]
            found += [Operation(each.upper(), path.removeprefix(PREFIX), item, item[each]) for each in methods]
        return tuple(found)

    def operation(self, method: str, path: str) -> Operation | None:
        """The operation of a request; `path` is below the base URL, and HEAD is read as GET."""
        method = "GET" if method == "HEAD" else method
        return next((each for each in self.operations if each.fits(method, path)), None)

    def parameters(self, operation: Operation) -> dict[str, Any]:
        """Schemas of the parameters by name, those in the path left out."""
        said = [*_list(operation.item.get("parameters")), *_list(operation.said.get("parameters"))]
        given = [self.resolved(each) for each in said]
        return {each["name"]: each.get("schema") for each in given if "name" in each and each.get("in") != "path"}

    def body(self, operation: Operation) -> Any:
        """The schema of the JSON request body."""
        return self._json(operation.said.get("requestBody"))

    def answer(self, operation: Operation) -> Any:
        """The schema of the JSON body of the first successful answer that has one."""
        responses = _mapping(operation.said.get("responses"))
        schemas = (self._json(said) for status, said in responses.items() if str(status).startswith("2"))
        return next((each for each in schemas if each is not None), None)

    def _json(self, said: Any) -> Any:
        content = _mapping(self.resolved(said).get("content"))
        return next((_mapping(each).get("schema") for kind, each in content.items() if "json" in kind), None)

    def members(self, schema: Any) -> dict[str, Any]:
        """Schemas of the members of an object, those of combined schemas included."""
        return {name: said for part in self.parts(schema) for name, said in self.own_members(part).items()}

    def own_members(self, part: Mapping[str, Any]) -> Mapping[str, Any]:
        """Schemas of the members that one part of a schema adds."""
        return _mapping(part.get("properties"))

    def items(self, schema: Any) -> Any:
        """The schema of the items of an array."""
        return next((part["items"] for part in self.parts(schema) if "items" in part), None)

    def words(self, schema: Any) -> tuple[str, ...]:
        """The words that a string can be; none if it is not limited to some."""
        listed = [word for part in self.parts(schema) for word in _list(part.get("enum"))]
        return tuple(word for word in listed if isinstance(word, str))

    def takes_null(self, schema: Any) -> bool:
        """Whether null is a value."""
        return any(
            part.get("nullable") is True or "null" in (part.get("type"), *_list(part.get("type")))
            for part in self.parts(schema)
        )

    def bound(self, schema: Any, name: str, otherwise: int) -> int:
        """`minimum`, `maximum` or `default` of a whole number; `otherwise` if there is none."""
        said = (part.get(name) for part in self.parts(schema))
        return next((int(each) for each in said if isinstance(each, int | float) and each == int(each)), otherwise)

    def parts(self, schema: Any) -> Iterator[Mapping[str, Any]]:
        """The schema and everything that it combines, references resolved."""
        left, seen = [schema], set[int]()
        while left:
            part = self.resolved(left.pop())
            if id(part) in seen:  # a schema may refer to itself
                continue
            seen.add(id(part))
            yield part
            left += [each for name in _COMBINED for each in _list(part.get(name))]

    def resolved(self, said: Any) -> Mapping[str, Any]:
        """What a local reference leads to; what is not a reference is given back."""
        seen = set[str]()
        while isinstance(reference := _mapping(said).get("$ref"), str) and reference not in seen:
            seen.add(reference)
            said = self.document if reference.startswith("#/") else None
            for name in reference.removeprefix("#/").split("/"):
                said = _mapping(said).get(name.replace("~1", "/").replace("~0", "~"))
        return _mapping(said)


def served(document: Mapping[str, Any], base_url: str) -> bytes:
    """The document as a sandbox at `base_url` serves it: every list of servers begins with that URL.

    A program that loads the document from a sandbox therefore sends its requests to the sandbox, and spends no credits
    of the live service. Everything else stays as it is.
    """
    own = {"url": base_url, "description": _SERVER, SERVER_MARK: True}

    def with_own(node: Any, *, always: bool = False) -> Any:
        if not isinstance(node, Mapping) or not (always or "servers" in node):
            return node
        return {**node, "servers": [own, *_list(node.get("servers"))]}

    paths = {
        path: {name: with_own(said) for name, said in with_own(item).items()} if isinstance(item, Mapping) else item
        for path, item in _mapping(document.get("paths")).items()
    }
    changed = {**with_own(document, always=True), "paths": paths}
    return (json.dumps(changed, indent=2, ensure_ascii=False) + "\n").encode()


def _mapping(node: Any) -> Mapping[str, Any]:
    return node if isinstance(node, Mapping) else {}


def _list(node: Any) -> list[Any]:
    return node if isinstance(node, list) else []
