"""What an addition is, and what several are made of."""

from collections.abc import Callable
from typing import Any

import attrs

from tests.spec.change_cases import operation

Serve = Callable[..., tuple[Any, list[Any]]]


@attrs.frozen
class Case:
    """One addition: `grow` makes it in a document, `use` is the program of a user on the package that it makes.

    `new` are the names that the report of a regeneration tells. In the program `serve(body, status)` gives a client
    whose requests are all answered so, and the list of what it asks: the JSON that it sends, else the query.
    """

    name: str
    grow: Callable[[dict[str, Any]], Any]
    use: Callable[[Serve], None]
    new: tuple[str, ...] = ()


IMAGE = {"imageId": "im_1", "batchId": "bt_1", "status": "complete"}


def answer(said: Any, status: str = "200") -> dict[str, Any]:
    """The responses of an operation with one success."""
    return {status: {"description": "Done.", "content": {"application/json": {"schema": said}}}}


def add(path: str, method: str, **says: Any) -> Callable[[dict[str, Any]], None]:
    """A new operation."""
    return lambda document: document["paths"].setdefault(path, {}).update({method: says})


def query(call: str, name: str, said: Any) -> Callable[[dict[str, Any]], None]:
    """A new optional query parameter."""
    declared = {"name": name, "in": "query", "schema": said}
    return lambda document: operation(document, call).setdefault("parameters", []).append(declared)
