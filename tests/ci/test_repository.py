"""Tests that need the repository skip where there is none, but in CI nothing is skipped."""

from pathlib import Path

import pytest

from tests.support.projects import require_repository


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A folder with a program called git."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("git", "git.exe"):
        (folder / name).touch(0o755)
    return folder


@pytest.mark.parametrize(
    ("environ", "outcome"), [({}, pytest.skip.Exception), ({"CI": "true"}, pytest.fail.Exception)], ids=["here", "CI"]
)
@pytest.mark.parametrize(("is_installed", "reason"), [(False, "git is not installed"), (True, "not a git repository")])
def test_without_git_or_repository_the_reason_is_told(
    tmp_path: Path,
    program: Path,
    environ: dict[str, str],
    outcome: type[BaseException],
    is_installed: bool,
    reason: str,
) -> None:
    """As a skip on a developer's machine, as a failure in CI."""
    path = str(program if is_installed else tmp_path / "empty")
    with pytest.raises(outcome, match=reason):
        require_repository(tmp_path, {**environ, "PATH": path})


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_a_repository_or_a_worktree_is_enough(tmp_path: Path, program: Path, kind: str) -> None:
    """In a worktree, .git is a file."""
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / ".git").mkdir() if kind == "folder" else (repository / ".git").touch()
    require_repository(repository, {"CI": "true", "PATH": str(program)})
