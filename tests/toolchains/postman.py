"""Checks a Postman collection: one request for each operation of openapi.json, and the key sent as a bearer token."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def requests(item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The requests in a folder and below."""
    if "request" in item:
        yield item["request"]
    for each in item.get("item", ()):
        yield from requests(each)


def main(spec: str, made: str) -> None:
    """Fail with an assertion if something is missing."""
    paths = json.loads(Path(spec).read_text("utf-8"))["paths"]
    collection = json.loads(Path(made).read_text("utf-8"))
    wanted = sorted(method.upper() for item in paths.values() for method in item)
    found = list(requests(collection))
    assert sorted(each["method"] for each in found) == wanted
    assert collection["auth"]["type"] == "bearer"


if __name__ == "__main__":
    main(*sys.argv[1:])
