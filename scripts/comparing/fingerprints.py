"""Fingerprints of schemas: equal where two schemas allow the same values, also in two documents."""

from typing import Any, Final

from attrs import field, frozen
from document.references import mapping
from document.schemas import SchemaReader

from .changes import TEXTS, written

_ANNOTATIONS: Final = {"$schema", "$id", "$anchor", "$defs", "$comment", "example", "examples", "xml", *TEXTS}
UNCONSTRAINING: Final = _ANNOTATIONS | {"default", "deprecated", "readOnly", "writeOnly", "origins", "names"}
_BY_NAME: Final = ("properties", "patternProperties", "dependentSchemas")
_SINGLE: Final = ("not", "if", "then", "else", "contains", "propertyNames", "items", "additionalProperties")
_DEPTH: Final = 8  # levels of schemas inside schemas that are looked at


@frozen
class Fingerprints:
    """The fingerprints of one document's schemas; `numbers` is shared with the document it is compared with."""

    reader: SchemaReader
    numbers: dict[str, int]
    _known: dict[tuple[int, int], int] = field(factory=dict)

    def schema(self, node: Any, depth: int = _DEPTH) -> int:
        """The number of all schemas that allow the same values."""
        if (id(node), depth) not in self._known:
            view = self.reader.view(node).items() if depth else ()
            content = {key: self.keyword(key, value, depth - 1) for key, value in view if is_constraint(key)}
            self._known[id(node), depth] = self.numbers.setdefault(written(content), len(self.numbers))
        return self._known[id(node), depth]

    def keyword(self, key: str, value: Any, depth: int = _DEPTH) -> Any:
        """The value of a keyword with each schema in it replaced by its number."""
        if key in _BY_NAME:
            return {name: self.schema(each, depth) for name, each in mapping(value).items()}
        if key == "alternatives":
            return sorted(sorted(self.schema(each, depth) for each in group) for group in value)
        if key == "prefixItems":
            return [self.schema(each, depth) for each in value]
        if key in _SINGLE or key.startswith("unevaluated"):
            return self.schema(value, depth)
        return sorted(map(written, value)) if key in ("enum", "required") else value


def is_constraint(key: str) -> bool:
    """Whether a keyword restricts which values are allowed."""
    return key not in UNCONSTRAINING and not key.startswith("x-")
