"""Every verb of the Makefile can be found, installing tells its steps, and cleaning removes no source."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.support import ROOT
from tests.support.projects import Project, git

MAKEFILE: Final = (ROOT / "Makefile").read_text("utf-8")
DOWNLOADS: Final = {".venv/", ".toolchains/", ".cache/"}  # what `make clean` leaves
INTERPRETER: Final = """#!/bin/sh
echo "ran $*" >&2
case "$*" in *venv*) mkdir -p .venv/bin && cp "$0" .venv/bin/python;; esac
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no make")


def make(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run make in a folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(["make", *words], cwd=folder, env=kept, capture_output=True, text=True, check=True)


def test_bare_make_lists_every_verb() -> None:
    """Each with a text, the texts below each other; .PHONY names the same verbs, so none is without a rule."""
    rows = [re.fullmatch(r"(  make ([a-z-]+) {2,})(\S.*)", line) for line in make(ROOT).stdout.splitlines()]
    found = [row for row in rows if row is not None]
    assert len(found) == len(rows)
    assert len({len(row[1]) for row in found}) == 1
    phony = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert sorted(row[2] for row in found) == sorted(" ".join(phony).split())


@pytest.mark.parametrize("tool", [pytest.param(("UV=", "PYTHON={}"), id="pip"), pytest.param(("UV={}",), id="uv")])
def test_installing_tells_each_step_before_it_runs(tmp_path: Path, tool: tuple[str, ...]) -> None:
    """On stderr, since the programs themselves are told to be quiet; the result of a verb stays alone on stdout."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "pyproject.toml").touch()
    interpreter = tmp_path / "interpreter"
    interpreter.write_text(INTERPRETER)
    interpreter.chmod(0o755)
    ran = make(tmp_path, "install", *(each.format(interpreter) for each in tool))
    assert ran.stdout == ""
    lines = ran.stderr.splitlines()
    assert [line.startswith("ran ") for line in lines] == [False, True] * (len(lines) // 2)
    assert lines[-1].startswith("ran ")
    assert "--group dev" in lines[-1]
    assert make(tmp_path, "install", "UV=").stderr == ""  # the second time there is nothing to do


def test_cleaning_leaves_sources_and_downloads(project: Project) -> None:
    """Of all that git ignores, what was downloaded stays and nothing else."""
    ignored = [line.replace("*", "x").lstrip("/") for line in (ROOT / ".gitignore").read_text("utf-8").splitlines()]
    for name in [*ignored, ".coverage", "tests/ci/__pycache__/", "scripts/__pycache__/"]:
        path = project.folder / name
        path.parent.mkdir(exist_ok=True)
        if name.endswith("/") or name == ".venv":  # which may be a link as well
            path.mkdir()
            (path / "file").touch()
        else:
            path.touch()
    (project.folder / ".venv/__pycache__").mkdir()
    (project.folder / "notes.txt").write_text("not committed yet")
    make(project.folder, "clean")
    assert project.changed() == ["notes.txt"]
    left = git(project.folder, "ls-files", "--others", "--ignored", "--exclude-standard", "--directory").splitlines()
    assert set(left) == DOWNLOADS
    assert (project.folder / ".venv/__pycache__").is_dir()


def test_checking_validates_every_yaml_file() -> None:
    """Workflows, issue forms, dependabot.yml and the compose file, each by a schema: a misspelt field is noticed."""
    lines = [line for line in make(ROOT, "--dry-run", "check").stdout.splitlines() if "check-jsonschema" in line]
    named = {word for line in lines for word in line.split() if word.endswith(".yml")}
    there = {path for folder in (".github", "deploy") for path in (ROOT / folder).rglob("*.yml")}
    assert named == {path.relative_to(ROOT).as_posix() for path in there}


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [("bug.yml", "type: textarea", "type: textbox"), ("config.yml", "contact_links", "contacts")],
)
def test_a_form_that_github_would_not_show_is_noticed(tmp_path: Path, name: str, good: str, bad: str) -> None:
    """By the command that `make check` runs, which passes on the form as it is."""
    path = ROOT / ".github/ISSUE_TEMPLATE" / name
    commands = make(ROOT, "--dry-run", "check").stdout.splitlines()
    words = next(line for line in commands if path.relative_to(ROOT).as_posix() in line).split()
    options = [word for word in words[1:] if not word.endswith(".yml")]
    spoilt = tmp_path / name
    spoilt.write_text(path.read_text("utf-8").replace(good, bad))
    program = Path(sys.executable).with_name("check-jsonschema")
    ran = [subprocess.run([program, *options, each], capture_output=True, check=False) for each in (path, spoilt)]
    assert [each.returncode for each in ran] == [0, 1]
