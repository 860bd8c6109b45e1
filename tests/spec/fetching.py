"""Documents to fetch, made of the reference document."""

import copy
import json
from datetime import UTC, datetime

import fetch_spec
import httpx

from tests.support.reference import PATH, reference

RAW = PATH.read_bytes()
DOCUMENT = reference()
TOP_LEVEL = list(DOCUMENT)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PRODUCTION = httpx.URL("https://www.pixola.ai/api/v1/openapi.json")


def changed(**top):
    """The document with a new answer member, and other top-level members."""
    document = copy.deepcopy(DOCUMENT)
    document["components"]["schemas"]["CreditBalance"]["properties"]["renews"] = {"type": "string"}
    return {**document, **top}


def without(*paths):
    document = changed()
    for path in paths:
        del document["paths"][path]
    return document


def source_of(target):
    return json.loads(target.read_bytes())["info"]["x-source"]


def digest(document):
    """What the note of a source says of the document itself."""
    return fetch_spec._digest(document)
