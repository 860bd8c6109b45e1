"""Turns any reasonable OpenAPI document of the Pixola API into the one that the client is generated from.

    python scripts/normalise.py [openapi.json]

The generator takes its names from the document and is easily upset by it. Here names follow from method and path alone
(calls.py), schemas are named by where they stand, answers are opened (anything may be absent, null or another word) and
requests stay strict but without defaults, which would be sent. A pure function; what it meets and does not know, it
reports; what the client needs and the document lacks is an error that names it.
"""

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen
from document.references import Reader
from normalising.calls import CALLS, Key, Name
from normalising.operations import Operation
from normalising.schemas import Schemas

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_PARAMETER: Final = re.compile(r"\{[^}]*\}|(?<=/):[A-Za-z]\w*|(?<=/)\[\w+\]")  # {model}, :model or [model]


class UnusableDocumentError(ValueError):
    """The document cannot be the Pixola API; the message says why."""


@frozen
class Normalised:
    """The document to generate from, and what was met on the way, one sentence each."""

    document: dict[str, Any]
    report: list[str] = field(factory=list)


@frozen
class _Found:
    """An operation where it was found: its path as written, the item there, and what stands in it."""

    written: str
    item: Mapping[str, Any]
    own: Mapping[str, Any]


def normalise(document: Mapping[str, Any]) -> Normalised:
    """The document to generate from; raises `UnusableDocumentError`."""
    _check(document)
    report: list[str] = []
    read = Reader(document)
    found = _operations(document["paths"], read, report)
    if missing := [f"{method.upper()} {path}" for method, path in CALLS if (method, path) not in found]:
        raise UnusableDocumentError(f"the document lacks {', '.join(missing)}")
    names = {**CALLS, **_derived_names([key for key in sorted(found) if key not in CALLS], report)}
    reserved = [name for each in CALLS.values() for name in (each.response, each.body)]
    schemas = Schemas(read, report, reserved)
    paths: dict[str, Any] = {}
    lacking: list[str] = []
    for method, path in sorted(found):
        item, own = found[method, path].item, found[method, path].own
        operation = Operation(schemas, names[method, path], method, path, item, own, report, lacking)
        paths.setdefault(path, {})[method] = operation.normalised()
    if lacking or read.lost:
        raise UnusableDocumentError(f"the document lacks {', '.join([*lacking, *sorted(read.lost)])}")
    info = {"title": "Pixola API", "version": "1"}
    made = {"openapi": "3.0.3", "info": info, "paths": paths, "components": {"schemas": schemas.named}}
    return Normalised(made, report)


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


def _operations(paths: Mapping[str, Any], read: Reader, report: list[str]) -> dict[Key, _Found]:
    """Every operation by method and path, the path as the reference writes it."""
    known = {_shape(path): path for _, path in CALLS}
    prefix = _prefix(paths)
    found: dict[Key, _Found] = {}
    for written, raw in paths.items():
        path = _without(prefix, written)
        canonical = known.get(_shape(path)) or _PARAMETER.sub(lambda each: f"{{{each[0].strip('{}:[]')}}}", path)
        item = read(raw)
        for method in (method for method in METHODS if method in item):
            first = found.setdefault((method, canonical), _Found(written, item, read(item[method])))
            if first.written != written:
                report.append(f"{method.upper()} {written} is {first.written} once more; the first is used")
    return found


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


def _derived_names(keys: list[Key], report: list[str]) -> dict[Key, Name]:
    """Names for calls that we do not know, each another one."""
    taken = Counter(name.operation for name in CALLS.values())
    made = {}
    for method, path in keys:
        words = re.findall(r"[a-z0-9]+", _PARAMETER.sub("", path).lower()) or ["root"]
        verb = {"get": "get" if path.endswith("}") else "list", "post": "create"}.get(method, method)
        operation = "_".join([verb, *words])
        taken[operation] += 1
        operation += f"_{taken[operation]}" if taken[operation] > 1 else ""
        pascal = "".join(word.capitalize() for word in operation.split("_"))
        report.append(f"{method.upper()} {path} is not a call we know; it is generated as {words[0]}.{operation}")
        made[method, path] = Name(words[0], operation, f"{pascal}Response", f"{pascal}Request", is_known=False)
    return made


def main() -> int:
    """Print the normalised document, and the report on stderr; 1 if the document cannot be used."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("spec", nargs="?", type=Path, default=Path(__file__).parent.parent / "openapi.json")
    try:
        found = normalise(json.loads(parser.parse_args().spec.read_bytes()))
    except (OSError, ValueError, RecursionError) as error:
        print(f"normalise: {error}", file=sys.stderr)
        return 1
    print(json.dumps(found.document, indent=2))
    print(*found.report, sep="\n", end="\n" if found.report else "", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
