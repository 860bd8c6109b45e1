"""Compares two OpenAPI documents by what a change means for clients; the rules stand in comparing/changes.py.

    python scripts/spec_diff.py OLD NEW [--format text|markdown|json]

Exit code 1 if a change is breaking, 0 if none is, 2 if a document cannot be read or is not valid.
Operations are matched by method and path, whatever path parameters, operation ids and schemas are called.
"""

import argparse
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from comparing.changes import SEVERITIES, Change, Found, differ, said
from comparing.operations import Document, Pair
from comparing.reports import FORMS, render
from comparing.servers import compare_servers, security_schemes, servers
from comparing.views import Side
from document.loading import RefusedError, checked, parsed
from document.references import mapping
from normalise import METHODS

_INFO: Final = ("title", "version", "description", "summary", "termsOfService", "contact", "license")
_LONGEST: Final = 300  # characters of a complaint; validators quote whole documents


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Every change from one OpenAPI 3 document to another, the worst first."""
    forms: dict[str, int] = {}
    found = Found()
    before, after = Document(Side(old, forms), old), Document(Side(new, forms), new)
    _heads(found, old, new)
    known, now = operations(old), operations(new)
    for key, name in {**now, **known}.items():
        if key not in now:
            found.add("operation-removed", name, "The operation is gone.")
        elif key not in known:
            found.add("operation-added", name, "There is a new operation.")
        else:
            Pair(found, before.operation(known[key]), after.operation(now[key]), now[key]).compare()
    return sorted(found.changes, key=lambda one: (SEVERITIES.index(one.severity), one.where, one.rule, one.what))


def operations(document: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """How each operation is written (`GET /models/{model}`), by its method and its path without names."""
    read = Side(document, {})
    return {
        (method, re.sub(r"\{[^}]*\}", "{}", path)): f"{method.upper()} {path}"
        for path, item in mapping(document.get("paths")).items()
        for method in METHODS
        if path.startswith("/") and method in read(item)
    }


def _heads(found: Found, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """What stands in a document beside its operations."""
    before, after = mapping(old.get("info")), mapping(new.get("info"))
    for key in (key for key in _INFO if differ(before, after, key)):
        found.add("info-changed", f"info {key}", f"The {key} is another.")
    for key in (key for key in ("openapi", "tags") if differ(old, new, key)):
        found.add("info-changed", key, f"{key} reads otherwise.")
    found.texts(_extensions(before), _extensions(after), "info")
    found.texts(old, new, "document")
    usual = [{"url": "/"}]
    compare_servers(found, "servers", servers(old.get("servers") or usual), servers(new.get("servers") or usual))
    if said(old.get("webhooks")) != said(new.get("webhooks")):
        found.add("callbacks-changed", "webhooks", "The webhooks are others.")
    schemes, others = security_schemes(old), security_schemes(new)
    for name in schemes.keys() & others.keys():
        found.texts(mapping(schemes[name]), mapping(others[name]), f"security {name}")


def _extensions(node: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key.startswith("x-")}


def _document(path: Path) -> dict[str, Any]:
    """The document in a file; raises `RefusedError` or `OSError`."""
    return checked(parsed(path.read_bytes()))[0]


def main(arguments: list[str] | None = None) -> int:
    """Compare two files; 1 if a change is breaking."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--format", choices=FORMS, default="text")
    options = parser.parse_args(arguments)
    documents = []
    for path in (options.old, options.new):
        try:
            documents.append(_document(path))
        except (OSError, RefusedError) as error:
            print(f"spec_diff: {path}: {' '.join(str(error).split())[:_LONGEST]}", file=sys.stderr)
            return 2
    changes = compare(*documents)
    print(render(changes, options.format))
    return 1 if any(change.severity == "breaking" for change in changes) else 0


if __name__ == "__main__":
    sys.exit(main())
