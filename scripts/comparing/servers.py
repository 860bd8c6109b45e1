"""Where a service is, and who is let in: what documents and operations both may say."""

import json
from collections.abc import Mapping
from typing import Any

from document.references import mapping

from .changes import Found, said


def security_schemes(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The security schemes by name."""
    return mapping(mapping(document.get("components")).get("securitySchemes"))


def servers(said_servers: Any) -> list[str]:
    """Servers in a form in which they can be compared."""
    return [said({**each, "url": str(each.get("url")).rstrip("/")}) for each in map(mapping, said_servers or ())]


def compare_servers(found: Found, where: str, old: list[str], new: list[str]) -> None:
    """Note what happened to the servers."""
    if set(old) - set(new):
        urls = ", ".join(json.loads(json.loads(each)["url"]) for each in new) or "the document's own"
        found.add("server-url-changed", where, f"The service is at {urls} now.")
    elif set(new) - set(old):
        found.add("server-added" if old else "server-url-changed", where, "There is another server.")
