"""Servers and security schemes, which documents and operations may both declare."""

import json
from collections.abc import Mapping
from typing import Any, Final

from document.references import mapping

from .changes import Found, without_texts

SANDBOX: Final = "x-sandbox"


def security_schemes(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The security schemes by name."""
    return mapping(mapping(document.get("components")).get("securitySchemes"))


def servers(declared: Any) -> list[str]:
    """Servers in a form in which they can be compared."""
    return [without_texts({**each, "url": str(each.get("url")).rstrip("/")}) for each in map(mapping, declared or ())]


def compare_servers(found: Found, where: str, old: list[str], new: list[str]) -> None:
    """Note what happened to the servers."""
    if set(old) - set(new):
        urls = ", ".join(json.loads(json.loads(each)["url"]) for each in new) or "the document's own"
        found.add("server-url-changed", where, f"The service is at {urls} now.")
    elif set(new) - set(old):
        found.add("server-added" if old else "server-url-changed", where, "There is another server.")


def without_sandbox(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document without the servers that a running `pixola sandbox` puts first, on all three levels.

    A sandbox marks its entries with `x-sandbox`; the address of a sandbox is no part of the contract.
    """
    items = {
        path: {name: _without_sandbox(value) for name, value in _without_sandbox(item).items()}
        if isinstance(item, Mapping)
        else item
        for path, item in mapping(document.get("paths")).items()
    }
    return {**_without_sandbox(document), **({"paths": items} if items else {})}


def _without_sandbox(node: Any) -> Any:
    if not isinstance(node, Mapping) or not isinstance(node.get("servers"), list):
        return node
    servers = [each for each in node["servers"] if SANDBOX not in mapping(each)]
    others = {name: value for name, value in node.items() if name != "servers"}
    return {name: servers if name == "servers" else value for name, value in node.items()} if servers else others
