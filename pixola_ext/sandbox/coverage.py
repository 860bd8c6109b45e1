"""Which parts of an OpenAPI document the sandbox lacks.

Members of answers are found by calling every operation of a sandbox in memory: a table of them could be wrong.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import evolve, fields, frozen

from . import catalog, parameters, routes
from .contract import PREFIX, Contract, Operation
from .messages import Request
from .records import Submission
from .service import Sandbox

_KNOWN_WORDS: Final = {
    "model": lambda: {*catalog.models()},
    "style": lambda: {*catalog.styles()},
    "shape": lambda: {*catalog.shapes()},
    "quality": lambda: {*parameters.QUALITIES},
}


def lacks(document: Mapping[str, Any]) -> list[str]:
    """Operations, parameters, members and words of `document` that the sandbox lacks, a phrase for each; else nothing.

    An operation that is lacking is answered with 501; other members and parameters of requests are ignored; other
    members of answers are never there. A member of a shared schema is lacking if no operation's answer has it.
    """
    contract = Contract(document)
    answers = _Answers(contract)
    implemented = [each for each in contract.operations if routes.implements(each)]
    for operation in implemented:
        answers.look_at(operation)
    return [
        *(f"operation {each.name}" for each in contract.operations if each not in implemented),
        *(f"{phrase} of {_call(each)}" for each in implemented for phrase in _of_request(contract, each)),
        *(f"answer member `{member.path}` of {_call(member.operation)}" for member in answers.lacking()),
    ]


def _call(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def _of_request(contract: Contract, operation: Operation) -> Iterator[str]:
    known_names = routes.query_of(operation)
    yield from (f"parameter `{name}`" for name in contract.parameters(operation) if name not in known_names)
    known = [member.name for member in fields(Submission)]
    for name, schema in contract.members(contract.body(operation)).items():
        if name not in known:
            yield f"request member `{name}`"
        elif name in _KNOWN_WORDS:
            lacking = (word for word in contract.words(schema) if word not in _KNOWN_WORDS[name]())
            yield from (f"word `{word}` of request member `{name}`" for word in lacking)


@frozen
class _Member:
    """A member of an answer that `operation` describes; `path` has `[]` for the items of an array."""

    operation: Operation
    path: str


class _Answers:
    """The members that answers describe, and those that they have; both by schema, which operations may share."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._probe = _Probe(contract.document)
        self._described: dict[tuple[int, str], _Member] = {}
        self._found: set[tuple[int, str]] = set()

    def lacking(self) -> list[_Member]:
        """Members that are described and that no answer has."""
        return [member for key, member in self._described.items() if key not in self._found]

    def look_at(self, operation: Operation) -> None:
        """Call an operation, and compare its answer with its description."""
        self._compare(self._contract.answer(operation), [self._probe.answer(operation)], _Member(operation, ""))

    def _compare(self, schema: Any, values: list[Any], where: _Member) -> None:
        lists = [value for value in values if isinstance(value, list)]
        objects = [value for value in values if isinstance(value, dict)]
        if lists:
            items = [item for each in lists for item in each]
            self._compare(self._contract.items(schema), items, evolve(where, path=f"{where.path}[]"))
        if objects:
            for part in self._contract.parts(schema):
                self._compare_members(part, objects, where)

    def _compare_members(self, part: Mapping[str, Any], objects: list[dict[str, Any]], where: _Member) -> None:
        for name, schema in self._contract.own_members(part).items():
            key, member = (id(part), name), evolve(where, path=f"{where.path}.{name}".lstrip("."))
            self._described.setdefault(key, member)
            there = [each[name] for each in objects if name in each]
            if there:
                self._found.add(key)
                self._compare(schema, there, member)


class _Probe:
    """Calls the operations of a sandbox that has one finished batch."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._sandbox = Sandbox(document=document)
        self._headers = {"authorization": f"Bearer {self._sandbox.api_key}"}
        made = self._sent("POST", "/generate", json.dumps({"prompt": "a fox"}).encode())
        image = self._sent("GET", "/images")["images"][0]
        self._known = {
            "models": catalog.DEFAULT_MODEL,
            "styles": catalog.DEFAULT_STYLE,
            "shapes": catalog.DEFAULT_SHAPE,
            "batches": made["batchId"],
            "images": image["imageId"],
        }

    def answer(self, operation: Operation) -> Any:
        """The decoded body of the answer to an operation that the sandbox implements."""
        _, name, *tail = operation.path.split("/")
        path = f"/{name}/{self._known[name]}" if tail else f"/{name}"
        return self._sent(operation.method, path, b'{"prompt": "a fox"}' if operation.method == "POST" else b"")

    def _sent(self, method: str, path: str, body: bytes = b"") -> Any:
        request = Request(method, f"{PREFIX}{path}", headers=self._headers, body=body)
        return json.loads(self._sandbox.answer(request).body)
