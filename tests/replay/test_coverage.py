"""The cassettes hold whatever the API reference documents, on both faces, and nothing that no scenario needs."""

import json
from collections.abc import Iterator

import pytest
import yaml

from tests.replay.documented import CALLS, DOCUMENT, SPEC_ITSELF, Operation, documented_errors, operation_of, operations
from tests.replay.scenarios import SCENARIOS
from tests.replay.tape import API, CASSETTES, shown_pictures

BASE = f"{API}/api/v1"


def answers(face_name: str) -> Iterator[tuple[Operation, int, str | None]]:
    """Operation, status and error code of every answer of the API that one face has on its cassettes."""
    for path in sorted((CASSETTES / face_name).glob("*.yaml")):
        for each in yaml.safe_load(path.read_text("utf-8"))["interactions"]:
            request, status = each["request"], each["response"]["status"]["code"]
            if request["uri"].startswith(f"{BASE}/"):
                code = json.loads(each["response"]["body"]["string"])["error"]["code"] if status >= 400 else None
                called = request["uri"].removeprefix(BASE).partition("?")[0]
                yield operation_of(request["method"], called), status, code


@pytest.mark.parametrize("face_name", ["sync", "async"])
def test_every_documented_answer_of_every_operation_is_on_a_cassette(face_name: str) -> None:
    """Success and every error with its code, operation by operation."""
    documented = {(operation, 200, None) for operation in operations()}
    documented |= {(operation, *error) for operation in operations() for error in documented_errors(operation)}
    assert documented - set(answers(face_name)) == set()


def test_every_error_code_of_the_document_is_among_them() -> None:
    """The rows are read from the examples of the answers, the words from the schema: neither knows more."""
    codes = {code for operation in operations() for _, code in documented_errors(operation)}
    assert codes == set(DOCUMENT["components"]["schemas"]["ErrorCode"]["enum"])


def test_every_operation_can_be_called() -> None:
    """All of the reference but the one that is the document."""
    assert set(CALLS) == set(operations())
    assert SPEC_ITSELF[1] in DOCUMENT["paths"]


@pytest.mark.parametrize("face_name", ["sync", "async"])
def test_every_cassette_has_a_scenario(face_name: str) -> None:
    """And the other way round."""
    assert {path.stem for path in (CASSETTES / face_name).iterdir()} == {scenario.name for scenario in SCENARIOS}


def test_every_picture_is_on_a_cassette() -> None:
    """None is left from an older recording, none is missing."""
    assert set((CASSETTES / "pictures").iterdir()) == shown_pictures(CASSETTES)
