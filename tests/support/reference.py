"""The frozen document: what the API reference promises, whatever openapi.json becomes.

What tests expect of the API by the reference they take from here, as does what only needs some document of the API to
work on; all else is derived from openapi.json as it is now.
"""

import json
from typing import Any, Final

from tests.support import ROOT

PATH: Final = ROOT / "tests/reference/openapi.json"
_TEXT: Final = PATH.read_text("utf-8")


def reference() -> dict[str, Any]:
    """A copy of the document of the API reference."""
    document: dict[str, Any] = json.loads(_TEXT)
    return document
