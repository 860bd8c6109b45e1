"""Answers are compared with a document of any version of OpenAPI 3, and examples never show too much."""

import json
from typing import Any

import pytest
from conformance.answers import Conformance, Reply, shortened


def test_a_document_of_version_3_1_is_understood() -> None:
    """Types as lists, constants, maps and alternatives: the document may be replaced by the live one."""
    item = {
        "type": "object",
        "required": ["kind", "size"],
        "properties": {
            "kind": {"const": "a"},
            "size": {"type": ["integer", "null"], "exclusiveMinimum": 0},
            "either": {"oneOf": [{"type": "string"}, {"type": "object", "properties": {"x": {"type": "integer"}}}]},
            "map": {"type": "object", "additionalProperties": {"type": "integer"}},
        },
    }
    answer = {"content": {"application/json": {"schema": {"type": "array", "items": item}}}}
    document = {"openapi": "3.1.0", "paths": {"/models": {"get": {"responses": {"2XX": answer}}}}}
    check = Conformance(document)
    good = [{"kind": "a", "size": None, "either": "x", "map": {"b": 1}}, {"kind": "a", "size": 3, "either": {"x": 1}}]
    bad = [{"kind": "b", "size": 0, "either": {"x": "1"}, "map": {"b": "1"}}]
    json_type = {"content-type": "application/json; charset=utf-8"}
    check.check("GET", "/models", Reply(200, json_type, json.dumps(good).encode()))
    assert check.differences == []
    check.check("GET", "/models", Reply(200, json_type, json.dumps(bad).encode()))
    told = {(each.kind, each.path) for each in check.differences}
    assert told == {("word", "[].kind"), ("bound", "[].size"), ("type", "[].either.x"), ("type", "[].map.*")}


@pytest.mark.parametrize("value", ["line\nbreak \x1b[31m", "x" * 1000, ["a"] * 3, {"a": 1, "b": 2}, None, 1.5])
def test_an_example_is_one_short_line(value: Any) -> None:
    """Whatever the service sends."""
    text = shortened(value)
    assert text.isprintable()
    assert 0 < len(text) <= 60
