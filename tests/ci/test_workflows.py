"""The workflows hold no logic, no loose version and no permission that they do not use; make check lints them."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
LOADED = [pytest.param(path, yaml.safe_load(path.read_bytes()), id=path.stem) for path in WORKFLOWS]
WRITES = {  # all that may be written, and by which job
    ("regenerate", "propose"): {"contents", "issues", "pull-requests"},
    ("release", "attest"): {"attestations", "id-token"},
    ("release", "publish"): {"id-token"},
}


def steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    """The steps of all jobs."""
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_by_hash_with_their_version(path: Path) -> None:
    """One hash for each action in all workflows."""
    lines = [line for line in path.read_text("utf-8").splitlines() if "uses:" in line]
    assert all(re.search(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line) for line in lines)


def test_an_action_has_one_version() -> None:
    """Whichever workflow uses it."""
    text = "".join(path.read_text("utf-8") for path in WORKFLOWS)
    pins = set(re.findall(r"uses: (\S+)@(\S+) # (\S+)", text))
    assert len(pins) == len({name for name, _, _ in pins})


@pytest.mark.parametrize(("path", "workflow"), LOADED)
def test_nothing_may_be_written_but_what_is_listed(path: Path, workflow: dict[str, Any]) -> None:
    """A workflow reads at most; each job that writes is one that has to."""
    assert workflow["permissions"] in ({}, {"contents": "read"})
    for name, job in workflow["jobs"].items():
        granted = {scope for scope, right in job.get("permissions", {}).items() if right == "write"}
        assert granted == WRITES.get((path.stem, name), set())


@pytest.mark.parametrize(("path", "workflow"), LOADED)
def test_steps_run_verbs_and_scripts_that_exist(path: Path, workflow: dict[str, Any]) -> None:
    """One line each, without anything that GitHub fills in."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for line in (step["run"] for step in steps(workflow) if "run" in step):
        assert "\n" not in line.strip()
        assert "${{" not in line
        assert set(re.findall(r"^make ([a-z-]+)", line)) <= targets
        assert all((ROOT / name).is_file() for name in re.findall(r"(?:scripts|docs|\.ci)/\S+", line))


@pytest.mark.parametrize(("path", "workflow"), LOADED)
def test_every_job_ends(path: Path, workflow: dict[str, Any]) -> None:
    """By a limit of its own, not GitHub's six hours."""
    assert all(int(job["timeout-minutes"]) <= 30 for job in workflow["jobs"].values())


def test_the_matrix_is_what_is_promised() -> None:
    """Every Python of the classifiers on three systems, and the oldest dependencies on the oldest and the newest."""
    ci = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_bytes())
    matrix = ci["jobs"]["test"]["strategy"]["matrix"]
    named = re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text("utf-8"))
    assert matrix["python"] == named
    assert [re.sub(r"-.*", "", name) for name in matrix["os"]] == ["ubuntu", "macos", "windows"]
    assert [each["python"] for each in matrix["include"]] == [named[0], named[-1]]
    assert {each["resolution"] for each in matrix["include"]} == {"lowest-direct"}


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda text: re.sub(r"@[0-9a-f]{40} # ", "@", text), "unpinned-uses"),
        (lambda text: text.replace('run: test "$FAILED"', 'run: test "${{ github.head_ref }}"'), "template-injection"),
        (lambda text: text.replace("contents: read", "contents: write"), "excessive-permissions"),
    ],
)
def test_zizmor_as_make_check_runs_it_would_notice(tmp_path: Path, spoil: Any, complaint: str) -> None:
    """A loose action, an injection, a permission too many."""
    line = next(line for line in (ROOT / "Makefile").read_text("utf-8").splitlines() if "zizmor" in line)
    words = line.split()[1:-1]
    (tmp_path / "ci.yml").write_text(spoil((ROOT / ".github/workflows/ci.yml").read_text("utf-8")))
    program = Path(sys.executable).with_name("zizmor")
    ran = subprocess.run([program, *words, tmp_path / "ci.yml"], capture_output=True, text=True, check=False)
    assert ran.returncode != 0
    assert complaint in ran.stdout
