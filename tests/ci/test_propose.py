"""There is one pull request, on top of main as it is now, whatever the branch was; it goes when the change goes."""

import json
import subprocess
from pathlib import Path
from typing import Any

import propose
import pytest

from tests.support.projects import Project, git

CHANGED = {"changed": True, "title": "Follow the live document (1 safe)", "labels": ["spec", "safe"], "failing": None}


class Gh:
    """`gh` with these open pull requests; notes what it is asked."""

    def __init__(self, number: str = "") -> None:
        self.number, self.asked = number, []

    def __call__(self, *words: Any) -> str:
        self.asked.append([str(word) for word in words])
        return self.number if words[:2] == ("pr", "list") else ""

    def last(self, *verb: str) -> list[str]:
        """The words of the last call of a verb."""
        return next(words for words in reversed(self.asked) if words[: len(verb)] == list(verb))


@pytest.fixture
def remote(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bare remote whose main is the project's commit."""
    bare = tmp_path / "remote.git"
    git(tmp_path, "clone", "--quiet", "--bare", str(project.folder), str(bare))
    git(project.folder, "remote", "add", "origin", str(bare))
    monkeypatch.setattr(propose, "ROOT", project.folder)
    return bare


def found(tmp_path: Path, project: Project, outcome: dict[str, Any], word: str = "changed") -> Path:
    """The folder that regenerate.py leaves."""
    folder = tmp_path / "found"
    folder.mkdir(exist_ok=True)
    (folder / "outcome.json").write_text(json.dumps(outcome))
    (folder / "report.md").write_text("The report.")
    spec = project.folder / "openapi.json"
    before = spec.read_text("utf-8")
    spec.write_text(before.replace('"title": "Pixola API"', f'"title": "{word}"'), "utf-8")
    diff = subprocess.run(["git", "diff"], cwd=project.folder, capture_output=True, check=True).stdout
    (folder / "regenerate.patch").write_bytes(diff)
    git(project.folder, "checkout", "--quiet", "--", ".")
    return folder


def test_a_pull_request_is_opened(project: Project, remote: Path, tmp_path: Path) -> None:
    """One commit on top of main, with title, report and labels."""
    gh = Gh()
    said = propose.propose(found(tmp_path, project, CHANGED), "origin", propose.command("git"), gh)
    assert said == "a pull request is opened"
    assert git(remote, "rev-parse", "spec/live^") == git(remote, "rev-parse", "main")
    assert git(remote, "diff", "--name-only", "main", "spec/live") == "openapi.json"
    assert git(remote, "log", "-1", "--format=%s", "spec/live") == CHANGED["title"]
    words = gh.last("pr", "create")
    assert words[words.index("--title") + 1] == CHANGED["title"]
    assert Path(words[words.index("--body-file") + 1]).read_text() == "The report."
    assert [words[at + 1] for at, word in enumerate(words) if word == "--label"] == ["spec", "safe"]
    assert "--draft" not in words
    assert {words[2] for words in gh.asked if words[0] == "label"} >= set(CHANGED["labels"])


def test_it_is_rebuilt_from_main(project: Project, remote: Path, tmp_path: Path) -> None:
    """Main has moved on and the document has changed once more: still one commit on top of main."""
    propose.propose(found(tmp_path, project, CHANGED), "origin", propose.command("git"), Gh())
    git(project.folder, "switch", "--quiet", "main")
    (project.folder / "NEWS").write_text("more")
    project.commit()
    git(project.folder, "push", "--quiet", "origin", "main")
    gh = Gh("7")
    outcome = {**CHANGED, "labels": ["spec", "breaking", "failing"], "failing": "tests"}
    said = propose.propose(found(tmp_path, project, outcome, "again"), "origin", propose.command("git"), gh)
    assert said == "pull request 7 is rebuilt"
    assert git(remote, "rev-parse", "spec/live^") == git(remote, "rev-parse", "main")
    assert '"title": "again"' in git(remote, "show", "spec/live:openapi.json")
    words = gh.last("pr", "edit")
    added = {words[at + 1] for at, word in enumerate(words) if word == "--add-label"}
    removed = {words[at + 1] for at, word in enumerate(words) if word == "--remove-label"}
    assert (added, removed) == ({"spec", "breaking", "failing"}, {"safe", "cosmetic"})
    assert gh.last("pr", "ready") == ["pr", "ready", "7", "--undo"]


def test_a_failing_client_is_a_draft(project: Project, remote: Path, tmp_path: Path) -> None:
    """Nobody merges it by mistake."""
    gh = Gh()
    outcome = {**CHANGED, "failing": "tests"}
    propose.propose(found(tmp_path, project, outcome), "origin", propose.command("git"), gh)
    assert "--draft" in gh.last("pr", "create")


def test_without_a_change_nothing_happens(project: Project, remote: Path, tmp_path: Path) -> None:
    """No branch, no pull request."""
    gh = Gh()
    folder = found(tmp_path, project, {"changed": False, "title": "", "labels": [], "failing": None})
    assert propose.propose(folder, "origin", propose.command("git"), gh) == "nothing to propose"
    assert git(remote, "branch", "--list", "spec/*") == ""
    assert len(gh.asked) == 1


def test_a_pull_request_whose_change_is_gone_is_closed(project: Project, remote: Path, tmp_path: Path) -> None:
    """And its branch with it."""
    gh = Gh("7")
    folder = found(tmp_path, project, {"changed": False, "title": "", "labels": [], "failing": None})
    assert propose.propose(folder, "origin", propose.command("git"), gh) == "pull request 7 is closed"
    assert gh.last("pr", "close")[2:4] == ["7", "--delete-branch"]
