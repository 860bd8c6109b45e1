"""What the vendor adds reaches the user by regeneration alone: each kind of addition, generated and used."""

import json
import os
import subprocess
import sys
from pathlib import Path

import generate
import pytest
from comparing.documents import compare
from openapi_python_client.cli import app
from openapi_spec_validator import validate
from reporting.surfaces import additions, surface

from tests.spec.additions import CASES, grown, merged
from tests.support import ROOT
from tests.support.reference import PATH, reference


def in_process(*words, what=""):
    """The generator without a process of its own; the formatter is left out, as nobody reads what is made."""
    if words[1] == "openapi_python_client":
        assert not app([*map(str, words[2:])], standalone_mode=False)


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """What the package that the reference makes offers."""
    folder = tmp_path_factory.mktemp("reference")
    generate.generate(PATH, folder)
    return surface(folder / generate.PACKAGE)


def made(document: dict, folder: Path) -> Path:
    """The package that a document makes."""
    (folder / "openapi.json").write_text(json.dumps(document), "utf-8")
    generate.generate(folder / "openapi.json", folder)
    return folder


def use(folder: Path, *names: str) -> None:
    """Run the programs of these changes on a package."""
    path = os.pathsep.join([str(folder), str(ROOT)])
    settings = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-W", "error", "-m", "tests.spec.additions.use", *names]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=settings)
    assert ran.returncode == 0, ran.stderr


def test_there_are_enough_and_each_has_its_name():
    """Of every kind of addition."""
    assert len({case.name for case in CASES}) == len(CASES) >= 25


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_added_is_there_after_regeneration(case, before, tmp_path, monkeypatch):
    """A valid document that has changed; the names are reported; a user's program sends and reads what is new."""
    document = grown(case)
    validate(document)
    assert compare(reference(), document) != [] or case.name in ("schema that nothing uses", "order")
    monkeypatch.setattr(generate, "_run", in_process)
    folder = made(document, tmp_path)
    assert sorted(each.name for each in additions(before, surface(folder / generate.PACKAGE))) == sorted(case.new)
    use(folder, case.name)


def test_all_together_are_there_after_regeneration(before, tmp_path):
    """One document with all of them makes a package that type-checks, in which none is in another's way."""
    validate(merged())
    folder = made(merged(), tmp_path)
    generate.verify(folder)
    names = [each.name for each in additions(before, surface(folder / generate.PACKAGE))]
    assert sorted(names) == sorted(name for case in CASES for name in case.new)
    use(folder, *(case.name for case in CASES))
