"""The whole document that the client is generated from: which operations there are, and their names."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from attrs import field, frozen
from document.references import METHODS, Reader
from document.schemas import SchemaReader

from .calls import BATCHES, CALLS, ITSELF, SUBMIT, Key
from .components import Components
from .findings import Findings
from .names import derived
from .operations import Operation
from .promises import VALUES
from .values import Values

_PARAMETER: Final = re.compile(r"\{[^}]*\}|(?<=/):[A-Za-z]\w*|(?<=/)\[\w+\]")  # {model}, :model or [model]


class UnusableDocumentError(ValueError):
    """The document cannot be the Pixola API; the message says why."""


@frozen
class Normalised:
    """The document to generate from, and what was met on the way, one sentence each.

    `lacks` is the part of `report` that the API reference promises and the document does not say.
    """

    document: dict[str, Any]
    report: list[str] = field(factory=list)
    lacks: list[str] = field(factory=list)


@frozen
class _Found:
    """An operation where it was found: its path as written, the item there, and what stands in it."""

    written: str
    item: Mapping[str, Any]
    own: Mapping[str, Any]


def normalise(document: Mapping[str, Any]) -> Normalised:
    """The document to generate from; raises `UnusableDocumentError`."""
    _check(document)
    findings = Findings()
    reader = SchemaReader(document)
    found = _operations(document["paths"], reader, findings)
    _recognise(found, findings)
    names = {**CALLS, **derived({key: each.own for key, each in found.items()})}
    components = Components(reader, findings, [*VALUES, *(name.body for name in CALLS.values())])
    operations = {}
    for key, name in sorted(names.items()):
        needs_key = name.needs_key
        if key not in CALLS:
            needs_key = found[key].own.get("security", document.get("security")) != []
            findings.tell(f"{key[0].upper()} {key[1]} is new; it is generated as {name.tag}.{name.operation}")
        item, own = (found[key].item, found[key].own) if key in found else ({}, {})
        operations[key] = Operation(components, findings, name, *key, item, own, needs_key)
    values = Values(components, findings)
    for each in operations.values():
        if each.is_known and each.own:
            values.collect(str(each), each.name, each.success())
    values.keep()
    paths: dict[str, Any] = {}
    for (method, path), operation in operations.items():
        paths.setdefault(path, {})[method] = operation.normalised()
    if missing := [*findings.missing, *sorted(reader.lost)]:
        raise UnusableDocumentError(f"the document lacks {', '.join(missing)}")
    info = {"title": "Pixola API", "version": "1"}
    made = {"openapi": "3.0.3", "info": info, "paths": paths, "components": {"schemas": components.named}}
    return Normalised(made, findings.report, findings.lacks)


def _recognise(found: Mapping[Key, _Found], findings: Findings) -> None:
    """Refuse what is plainly another API; note the calls that are not described."""
    if SUBMIT not in found:
        raise UnusableDocumentError("the document lacks POST /generate, so it is not that of the Pixola API")
    if not BATCHES & found.keys():
        raise UnusableDocumentError("the document lacks GET /batches, so it is not that of the Pixola API")
    for key in CALLS:
        if key not in found and key != ITSELF:
            findings.lack(f"not described: {key[0].upper()} {key[1]}; sent as the reference says")


def _check(document: object) -> None:
    if not isinstance(document, Mapping):
        raise UnusableDocumentError("the document is not an object")
    if "swagger" in document:
        raise UnusableDocumentError(f"Swagger {document['swagger']} is not supported; convert it to OpenAPI 3 first")
    version = str(document.get("openapi", ""))
    if not re.match(r"3\.[01](\.|$)", version):
        raise UnusableDocumentError(f"OpenAPI {version or 'of no version'} is not supported; 3.0 and 3.1 are")
    if not isinstance(document.get("paths"), Mapping) or not document["paths"]:
        raise UnusableDocumentError("the document has no paths")


# -- which operations there are, and what they are called --------------------------------------------------------------


def _operations(paths: Mapping[str, Any], read: Reader, findings: Findings) -> dict[Key, _Found]:
    """Every operation by method and path, the path as the reference writes it."""
    known = {_shape(path): path for _, path in CALLS}
    prefix = _prefix(paths)
    found: dict[Key, _Found] = {}
    for written, raw in paths.items():
        path = _without(prefix, written)
        canonical = known.get(_shape(path)) or _PARAMETER.sub(_braced, path)
        item = read(raw)
        for method in (method for method in METHODS if method in item):
            first = found.setdefault((method, canonical), _Found(written, item, read(item[method])))
            if first.written != written:
                findings.tell(f"{method.upper()} {written} is {first.written} once more; the first is used")
    return found


def _braced(parameter: re.Match[str]) -> str:
    return f"{{{re.sub(r'[^A-Za-z0-9_-]', '_', parameter[0].strip('{}:[]'))}}}"


def _shape(path: str) -> str:
    return _PARAMETER.sub("{}", path)


def _prefix(paths: Mapping[str, Any]) -> str:
    """What stands before `/models` and the other paths, such as `/api/v1`: what most of them agree on."""
    known = {_shape(path) for _, path in CALLS}
    shapes = [_shape(path).rstrip("/") for path in paths]
    ends = Counter(shape.removesuffix(end) for shape in shapes for end in known if shape.endswith(end))
    return max(ends, key=lambda prefix: (ends[prefix], -len(prefix)), default="")


def _without(prefix: str, path: str) -> str:
    """A path without the prefix, in whose parameters names do not matter, and without a slash at the end."""
    parts, before = path.rstrip("/").split("/"), prefix.split("/")
    is_before = [*map(_segment, parts[: len(before)])] == before
    return "/".join(["", *parts[len(before) :]] if is_before else parts) or "/"


def _segment(part: str) -> str:
    return _shape(f"/{part}").removeprefix("/")
