"""Which requests lead to which operation of the API reference, and what the others are answered with."""

from typing import Final

from .contract import PREFIX, Contract, Operation
from .messages import RefusalError, Request

_METHODS: Final = {  # of the paths with one segment
    "models": "GET",
    "styles": "GET",
    "shapes": "GET",
    "credits": "GET",
    "generate": "POST",
    "batches": "GET",
    "images": "GET",
    "openapi.json": "GET",
}
PARAMETERS: Final = {  # of the paths with a second segment, by the first: names of the path parameters
    "models": "model",
    "styles": "style",
    "shapes": "shape",
    "batches": "batchId",
    "images": "imageId",
}
_QUERIES: Final = {"batches": ("limit", "cursor"), "images": ("limit", "cursor", "batchId")}


def route(request: Request, contract: Contract) -> tuple[str, str, str | None]:
    """Method, first segment and second segment of a path of the API reference.

    Raises 501 for other operations that the document describes, 405 for other methods, 404 for other paths.
    """
    name, slash, tail = request.path.removeprefix(f"{PREFIX}/").partition("/")
    is_ours = request.path.startswith(f"{PREFIX}/")
    if is_ours and slash and tail and "/" not in tail and name in PARAMETERS:
        method, found = "GET", tail
    elif is_ours and not slash and name in _METHODS:
        method, found = _METHODS[name], None
    else:
        _refuse_lacking(request, contract)
        raise RefusalError(404, "not_found", f"There is nothing at {_short(request.path)}")
    allowed = ("GET", "HEAD") if method == "GET" else (method,)
    if request.method not in allowed:
        _refuse_lacking(request, contract)
        message = f"method: {_short(request.method)} is not allowed here; use {method}"
        raise RefusalError(405, "bad_request", message, allow=", ".join(allowed))
    return method, name, found


def _refuse_lacking(request: Request, contract: Contract) -> None:
    if not request.path.startswith(f"{PREFIX}/"):
        return
    operation = contract.operation(request.method, request.path.removeprefix(PREFIX))
    if operation is not None:
        raise RefusalError(501, "not_implemented", f"The sandbox does not implement {operation.name}")


def implements(operation: Operation) -> bool:
    """Whether an operation of a document is one of the API reference."""
    match operation.shape:
        case ("", name):
            return _METHODS.get(name) == operation.method
        case ("", name, "{}"):
            return name in PARAMETERS and operation.method == "GET"
    return False


def query_of(operation: Operation) -> tuple[str, ...]:
    """The names of the query parameters that the sandbox reads."""
    return _QUERIES.get(operation.path.removeprefix("/"), ())


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"  # noqa: PLR2004  (characters)
