"""openapi.json as this package carries it: beside the package in a wheel, at the top in a checkout."""

import json
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

_NAME = "openapi.json"


@cache
def spec_bytes() -> bytes:
    """The document, byte for byte."""
    shipped = resources.files("pixola_ext").joinpath(_NAME)  # also in a zip file
    return shipped.read_bytes() if shipped.is_file() else Path(__file__).parents[1].joinpath(_NAME).read_bytes()


def spec() -> dict[str, Any]:
    """The OpenAPI 3.0 document that this version of the package was generated from, as a fresh dict."""
    document: dict[str, Any] = json.loads(spec_bytes())
    return document
