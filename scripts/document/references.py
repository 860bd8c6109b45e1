"""References inside one document, followed, and what stands there taken for what it should be."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")  # of a path item


class Reader:
    """Follows `$ref`s inside one document; `lost` collects those that lead out of it or to nothing."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self.lost: set[str] = set()

    def __call__(self, node: Any) -> Mapping[str, Any]:
        """The object that `node` is or points to; empty for anything else (3.1's `true` is `{}`), and for circles."""
        seen: set[str] = set()
        while isinstance(node, Mapping) and isinstance(node.get("$ref"), str):
            pointer = node["$ref"]
            if pointer in seen:
                return {}
            seen.add(pointer)
            node = self._at(pointer)
            if node is None:
                self.lost.add(pointer)
        return node if isinstance(node, Mapping) else {}

    def _at(self, pointer: str) -> Any:
        """What a JSON pointer such as `#/components/schemas/Image` leads to; None if there is nothing."""
        if not pointer.startswith("#/"):
            return None
        node: Any = self._document
        for part in unquote(pointer.removeprefix("#/")).split("/"):
            name = part.replace("~1", "/").replace("~0", "~")
            if isinstance(node, list):
                node = node[int(name)] if name.isdecimal() and int(name) < len(node) else None
            else:
                node = node.get(name) if isinstance(node, Mapping) else None
        return node


def mapping(value: Any) -> Mapping[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def listed(value: Any) -> list[Any]:
    """The value if it is an array, else an empty one."""
    return value if isinstance(value, list) else []
