"""Copies of the project in which a test may do what CI does."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs
import pytest

AUTHOR: Final = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.com", "-c", "commit.gpgsign=false")


def require_repository(folder: Path, environ: Mapping[str, str] = os.environ) -> None:
    """Skip the test where git or the repository is missing, as in an unpacked sdist; in CI, fail instead."""
    if shutil.which("git", path=environ.get("PATH")) is None:
        reason = "git is not installed"
    elif not (folder / ".git").exists():  # a folder, or a file in a worktree
        reason = "this is not a git repository, and the test needs to know which files belong to the project"
    else:
        return
    (pytest.fail if environ.get("CI") else pytest.skip)(reason)


def git(folder: Path, *words: str) -> str:
    """What git prints."""
    command = ["git", *AUTHOR, *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


@attrs.frozen
class Project:
    """A git repository with one commit of what is in the working tree now."""

    folder: Path

    def run(self, script: str, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run one of its scripts on its own packages."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("COV_", "PIXOLA_"))}
        path = os.pathsep.join([str(self.folder), str(self.folder / "generated")])
        return subprocess.run(
            [sys.executable, f"scripts/{script}", *words],
            cwd=self.folder,
            env={**kept, "PYTHONPATH": path, "NO_PROXY": "*"},
            capture_output=True,
            text=True,
            check=False,
        )

    def copy(self, folder: Path) -> "Project":
        """Another with the same history and the same working tree."""
        return Project(Path(shutil.copytree(self.folder, folder, symlinks=True)))

    def document(self) -> dict[str, Any]:
        """Its openapi.json."""
        document: dict[str, Any] = json.loads((self.folder / "openapi.json").read_text("utf-8"))
        return document

    def changed(self) -> list[str]:
        """The files that differ from the commit, new ones included."""
        git(self.folder, "add", "--intent-to-add", ".")
        return git(self.folder, "diff", "--name-only", "--no-renames", "HEAD").splitlines()

    def commit(self) -> None:
        """Commit everything."""
        git(self.folder, "add", "--all")
        git(self.folder, "commit", "--quiet", "--message", "as it is")
