"""`pixola spec`: the document, and nothing else."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import pixola_ext
from pixola_ext.cli import exits
from tests.support import ROOT
from tests.support.command import Ran

SPEC = ROOT / "openapi.json"


@pytest.mark.parametrize("options", [(), ("--json",), ("--quiet",)])
def test_it_is_printed_byte_for_byte(command: Callable[..., Ran], options: tuple[str, ...]) -> None:
    """It is one JSON document, so --json changes nothing."""
    ran = command(*options, "spec")
    assert (ran.code, ran.err) == (exits.DONE, "")
    assert ran.out == SPEC.read_text("utf-8")


def test_it_is_written_to_a_file(command: Callable[..., Ran], tmp_path: Path) -> None:
    """Whose name is the result."""
    ran = command("--json", "spec", "--output", "api.json")
    assert (ran.code, ran.json()) == (exits.DONE, {"path": "api.json"})
    assert (tmp_path / "api.json").read_bytes() == SPEC.read_bytes()


def test_a_folder_that_is_not_there_is_a_usage_error(command: Callable[..., Ran]) -> None:
    """Saying why."""
    ran = command("spec", "--output", "nowhere/api.json")
    assert (ran.code, ran.out) == (exits.USAGE, "")
    assert "nowhere/api.json cannot be written (No such file or directory)" in ran.err


def test_the_library_has_it_too() -> None:
    """The same document, afresh each time."""
    document = pixola_ext.spec()
    assert document == json.loads(SPEC.read_bytes())
    document.clear()
    assert pixola_ext.spec()["openapi"].startswith("3.")
