"""Names for calls that are new to us: the document's own where they are good ones, else by method and path."""

import builtins
import keyword
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from normalising.calls import CALLS, Key, Name

_RESERVED: Final = frozenset({*dir(builtins), *keyword.kwlist, *keyword.softkwlist, "self", "true", "false"})
# What generated modules import beside the values.
IMPORTED: Final = (
    "Any", "AuthenticatedClient", "ClassVar", "Client", "Extra", "Final", "Literal", "Mapping", "Operation", "Response",
    "Self", "Sequence",
)  # fmt: skip


def derived(operations: Mapping[Key, Mapping[str, Any]]) -> dict[Key, Name]:
    """A name for each call, each another one; `operations` are all of the document."""
    counts = Counter(_snake(own.get("operationId")) for own in operations.values())
    taken = {name.operation for name in CALLS.values()}
    made = {}
    for method, path in sorted(operations.keys() - CALLS.keys()):
        own = operations[method, path]
        words = re.findall(r"[a-z0-9]+", re.sub(r"\{[^}]*\}", "", path).lower()) or ["root"]
        operation = _snake(own.get("operationId"))
        if not operation or counts[operation] > 1 or operation in taken:
            operation = _free(_by_path(method, path, words), taken)
        taken.add(operation)
        tag = next(filter(None, map(_snake, _listed(own.get("tags"))[:1])), "") or _identifier(words[0])
        made[method, path] = Name(tag, operation)
    return made


def _by_path(method: str, path: str, words: Iterable[str]) -> str:
    verb = {"get": "get" if path.endswith("}") else "list", "post": "create"}.get(method, method)
    return "_".join([verb, *words])


def _free(name: str, taken: Iterable[str]) -> str:
    number = 1
    free = name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _snake(name: object) -> str:
    """The name in snake_case; empty if it makes no identifier."""
    if not isinstance(name, str):
        return ""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    made = "_".join(re.findall(r"[a-z0-9]+", split.lower()))
    return made if re.match(r"[a-z]", made) and made not in _RESERVED else ""


def _identifier(word: str) -> str:
    return word if re.match(r"[a-z]", word) and word not in _RESERVED else f"tag_{word}"


def class_name(name: str | None) -> str:
    """The name in PascalCase; empty if it makes no identifier."""
    made = "".join(word[:1].upper() + word[1:] for word in re.findall(r"[A-Za-z0-9]+", name or ""))
    return made if re.match(r"[A-Z]", made) and made not in _RESERVED else ""
