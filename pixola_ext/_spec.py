"""openapi.json as this package carries it: beside the package in a wheel, at the top in a checkout."""

import json
from functools import cache
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).parent


@cache
def spec_bytes() -> bytes:
    """The document, byte for byte."""
    shipped = _PACKAGE / "openapi.json"
    return (shipped if shipped.exists() else _PACKAGE.parent / "openapi.json").read_bytes()


def spec() -> dict[str, Any]:
    """The OpenAPI 3.0 document that this version of the package was generated from, as a fresh dict."""
    document: dict[str, Any] = json.loads(spec_bytes())
    return document
