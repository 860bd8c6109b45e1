"""Copies of the project in which a test may do what CI does."""

import shutil
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.support.projects import Project, git, require_repository


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project as it is in the working tree, committed or not; of which each test gets a copy."""
    require_repository(ROOT)
    folder = tmp_path_factory.mktemp("original") / "project"
    listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    for name in filter(None, listed):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    git(folder, "init", "--quiet", "--initial-branch", "main")
    made = Project(folder)
    made.commit()
    return made


@pytest.fixture
def project(original: Project, tmp_path: Path) -> Project:
    """A copy of the project for one test."""
    return original.copy(tmp_path / "project")
