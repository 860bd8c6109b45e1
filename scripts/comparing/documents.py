"""Compares two documents: their operations, and what stands beside them."""

import re
from collections.abc import Mapping
from typing import Any, Final

from document.references import METHODS, Reader, mapping
from document.schemas import SchemaReader

from .changes import SEVERITIES, Change, Found, differ, without_texts
from .fingerprints import Fingerprints
from .operations import Document, OperationComparison
from .servers import compare_servers, security_schemes, servers

_INFO: Final = ("title", "version", "description", "summary", "termsOfService", "contact", "license")


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Every change from one OpenAPI 3 document to another, the worst first."""
    numbers: dict[str, int] = {}
    found = Found()
    before, after = (
        Document(Fingerprints(SchemaReader(old), numbers), old),
        Document(Fingerprints(SchemaReader(new), numbers), new),
    )
    _heads(found, old, new)
    known, now = operations(old), operations(new)
    for key, name in {**now, **known}.items():
        if key not in now:
            found.add("operation-removed", name, "The operation is gone.")
        elif key not in known:
            found.add("operation-added", name, "There is a new operation.")
        else:
            OperationComparison(found, before.operation(known[key]), after.operation(now[key]), now[key]).compare()
    return sorted(found.changes, key=lambda one: (SEVERITIES.index(one.severity), one.where, one.rule, one.what))


def operations(document: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """How each operation is written (`GET /models/{model}`), by its method and its path without names."""
    read = Reader(document)
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
    if without_texts(old.get("webhooks")) != without_texts(new.get("webhooks")):
        found.add("callbacks-changed", "webhooks", "The webhooks are others.")
    schemes, others = security_schemes(old), security_schemes(new)
    for name in schemes.keys() & others.keys():
        found.texts(mapping(schemes[name]), mapping(others[name]), f"security {name}")


def _extensions(node: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key.startswith("x-")}
