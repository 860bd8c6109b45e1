"""The twelve operations of the API reference that the client calls: how each is called, and its documented errors."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from attrs import frozen

from tests.support.reference import reference

DOCUMENT: Final = reference()
PROMPT: Final = "A lighthouse above a calm sea at dusk"
SPEC_ITSELF: Final = ("get", "/openapi.json")  # what `make fetch-spec` asks for; the client has no method for it

Operation = tuple[str, str]  # method and path as the reference writes them
Named = Mapping[str, str]  # the path parameters, and the prompt

KNOWN: Final[Named] = {
    "model": "flux-2",
    "style": "watercolor",
    "shape": "landscape-wide",
    "batchId": "bt_0000000000000000",
    "imageId": "im_0000000000000000",
    "prompt": PROMPT,
}

CALLS: Final[Mapping[Operation, Callable[[Any, Named], Any]]] = {
    ("get", "/models"): lambda px, _named: px.models.list(),
    ("get", "/models/{model}"): lambda px, named: px.models.get(named["model"]),
    ("get", "/styles"): lambda px, _named: px.styles.list(),
    ("get", "/styles/{style}"): lambda px, named: px.styles.get(named["style"]),
    ("get", "/shapes"): lambda px, _named: px.shapes.list(),
    ("get", "/shapes/{shape}"): lambda px, named: px.shapes.get(named["shape"]),
    ("get", "/credits"): lambda px, _named: px.credits(),
    ("post", "/generate"): lambda px, named: px.submit(named["prompt"]),
    ("get", "/batches"): lambda px, _named: list(px.batches.list()),
    ("get", "/batches/{batchId}"): lambda px, named: px.batches.get(named["batchId"]),
    ("get", "/images"): lambda px, _named: list(px.images.list()),
    ("get", "/images/{imageId}"): lambda px, named: px.images.get(named["imageId"]),
}


@frozen
class Refusal:
    """An error as the reference documents it, and the operations that may answer with it."""

    status: int
    code: str
    operations: tuple[Operation, ...]


def operations() -> list[Operation]:
    """Every operation of the document but the one for the document itself."""
    found = [(method, path) for path, item in DOCUMENT["paths"].items() for method in item]
    return [operation for operation in found if operation != SPEC_ITSELF]


def documented_errors(operation: Operation) -> Iterator[tuple[int, str]]:
    """Status and code of every error of an operation: the codes are the names of the examples."""
    method, path = operation
    for status, response in DOCUMENT["paths"][path][method]["responses"].items():
        if int(status) >= 400:
            whole = _resolved(response)
            yield from ((int(status), code) for code in whole["content"]["application/json"]["examples"])


def refusals() -> list[Refusal]:
    """Every documented (status, code), with its operations."""
    by_error: dict[tuple[int, str], list[Operation]] = {}
    for operation in operations():
        for error in documented_errors(operation):
            by_error.setdefault(error, []).append(operation)
    return [Refusal(*error, tuple(found)) for error, found in sorted(by_error.items())]


def operation_of(method: str, path: str) -> Operation:
    """The operation that a request calls; `path` is below the base URL."""
    for operation in operations():
        pattern = re.sub(r"\{[^}]*\}", "[^/]+", operation[1])
        if operation[0] == method.lower() and re.fullmatch(pattern, path):
            return operation
    raise LookupError(f"{method} {path} is not in the reference")


def _resolved(response: Mapping[str, Any]) -> Mapping[str, Any]:
    name = response.get("$ref", "").rpartition("/")[2]
    return DOCUMENT["components"]["responses"][name] if name else response
