"""A change of the served document becomes a diff, a report, labels and an exit code; no change becomes nothing."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from tests.spec.additions import CASES, merged
from tests.spec.breaking_cases import BREAKS
from tests.spec.change_cases import without
from tests.support.command import sandbox
from tests.support.projects import Project, git
from tests.support.reference import PATH
from tests.support.wire import Heard, Wire, reply

FAST = ["--tests", "tests/docs/test_docs.py::test_make_verbs_in_documents_exist"]  # one is as good as all
PROMISES = "tests/spec/test_promises.py"
# What depends on openapi.json and generated/; the rest holds on the reference, or is of other parts.
FOLLOWING = [
    "tests/client",
    "tests/replay",
    "tests/docs",
    "tests/cli",
    "tests/sandbox/test_document.py",
    "tests/sandbox/test_contract.py",
    PROMISES,
    *(f"tests/spec/test_{name}.py" for name in ("openapi", "generate", "templates", "normalise", "concerns")),
]


@attrs.frozen
class Run:
    """A regeneration that has ended."""

    code: int
    said: str
    output: Path

    @property
    def outcome(self) -> dict[str, Any]:
        """What it found."""
        found: dict[str, Any] = json.loads((self.output / "outcome.json").read_text("utf-8"))
        return found

    @property
    def report(self) -> str:
        """The text for people."""
        return (self.output / "report.md").read_text("utf-8")

    @property
    def patch(self) -> str:
        """The diff."""
        return (self.output / "regenerate.patch").read_text("utf-8")


@pytest.fixture(scope="module")
def of_reference(original: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project with the document of the API reference, whatever the service has added since."""
    made = original.copy(tmp_path_factory.mktemp("of_reference") / "project")
    shutil.copyfile(PATH, made.folder / "openapi.json")
    generated = made.run("generate.py")
    assert generated.returncode == 0, generated.stderr
    git(made.folder, "commit", "--quiet", "--all", "--allow-empty", "--message", "as the reference says")
    return made


@pytest.fixture(scope="module")
def type_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where mypy keeps what it knows of modules, by path and content: the first regeneration fills it for all."""
    return tmp_path_factory.mktemp("mypy")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the project of each test is, one after the other: the same, for the sake of that."""
    return tmp_path_factory.mktemp("of_a_test") / "project"


@pytest.fixture
def project(
    of_reference: Project, type_cache: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Project]:
    """A copy of that project for one test."""
    monkeypatch.setenv("MYPY_CACHE_DIR", str(type_cache))
    yield of_reference.copy(folder)
    shutil.rmtree(folder)


@pytest.fixture
def regenerate(project: Project, service: Wire, tmp_path: Path) -> Callable[..., Run]:
    """Serves a document, runs the script in a copy of the project."""

    def run(served: dict[str, Any] | bytes, *words: str, etag: str = '"1"') -> Run:
        def script(heard: Heard) -> bytes:
            if heard.headers.get("if-none-match") == etag:
                return reply(b"", 304)
            return reply(served, etag=etag)

        service.script = script
        output = tmp_path / "found"
        done = project.run("regenerate.py", "--from", f"{service.url}/openapi.json", "--output", str(output), *words)
        return Run(done.returncode, done.stdout + done.stderr, output)

    return run


def with_member(document: dict[str, Any]) -> dict[str, Any]:
    """A batch has a seed."""
    document["components"]["schemas"]["Batch"]["properties"]["seed"] = {"type": "integer", "description": "The seed."}
    return document


def with_another_answer(document: dict[str, Any]) -> dict[str, Any]:
    """A submission answers with an id that is called otherwise."""
    schema = document["components"]["schemas"]["GenerationAccepted"]
    schema["properties"]["id"] = schema["properties"].pop("batchId")
    schema["required"] = ["id"]
    return document


def test_a_safe_change_then_none(project: Project, regenerate: Callable[..., Run]) -> None:
    """The document and the one model of it change, and the label says so; once merged, there is nothing more to do."""
    served = with_member(project.document())
    run = regenerate(served, *FAST)
    assert run.code == 0, run.said
    assert project.changed() == [
        "CHANGELOG.md",
        "docs/schemas/batches.json",
        "generated/PROVENANCE.json",
        "generated/pixola_client/models/batch.py",
        "openapi.json",
    ]
    assert run.outcome == {
        "changed": True,
        "title": "Follow the live document (1 safe)",
        "labels": ["spec", "safe"],
        "failing": None,
    }
    assert "property-added" in run.report
    for stage in ("generate", "types", "tests"):
        assert f"**{stage}**: passes" in run.report
    assert "+    seed: int | None = None" in run.patch
    assert "\nbatch.seed  # int | None\n" in run.report
    assert "\n+- From the document: `Batch.seed`.\n" in run.patch
    assert "- answer member `seed` of GET /batches/{batchId}\n" in run.report
    project.commit()
    for etag in ('"1"', '"2"'):  # the service says that it is the same, or sends the same
        run = regenerate(served, etag=etag)
        assert run.code == 0, run.said
        assert run.outcome == {"changed": False, "title": "", "labels": [], "failing": None}
        assert (run.patch, project.changed()) == ("", [])


def test_the_sandbox_of_another_version(project: Project, tmp_path: Path) -> None:
    """A running `pixola sandbox` whose document has a member more is followed like the service."""
    other = project.copy(tmp_path / "other")
    (other.folder / "openapi.json").write_text(json.dumps(with_member(other.document())), "utf-8")
    with sandbox(PYTHONPATH=str(other.folder), PYTHONSAFEPATH="1") as running:
        output = tmp_path / "found"
        done = project.run("regenerate.py", "--from", f"{running.url}/openapi.json", "--output", str(output), *FAST)
    run = Run(done.returncode, done.stdout + done.stderr, output)
    assert run.code == 0, run.said
    assert run.outcome["labels"] == ["spec", "safe"]
    assert "`GET /batches/{batchId} 200 seed`" in run.report
    assert project.document()["info"]["x-source"]["url"] == f"{running.url}/openapi.json"


def test_a_breaking_change_that_tests_notice(project: Project, regenerate: Callable[..., Run]) -> None:
    """It is labelled, what fails is shown, the exit code is its own, and the diff is there for whoever mends it."""
    document = project.document()
    without("Image.title")(document)
    run = regenerate(document, "--tests", PROMISES)
    assert run.code == 3, run.said
    assert run.outcome["labels"] == ["spec", "breaking", "failing"]
    assert "breaking" in run.outcome["title"]
    told, _, ran = run.report.partition("## What was run")
    assert "- GET /images/{imageId} 200 title: The member is gone. This concerns `Image.title`, `px.images.get`" in told
    assert "- **tests**: fails" in ran
    assert "title: The member is gone. This concerns `Image.title`" in ran
    assert "openapi.json" in run.patch
    assert "`Image.title`" in run.patch.partition("+++ b/CHANGELOG.md")[2]


def test_a_document_without_an_identity_is_refused_by_name(project: Project, regenerate: Callable[..., Run]) -> None:
    """The package stays as it was, and the changelog: the report says what is missing."""
    run = regenerate(with_another_answer(project.document()), *FAST)
    assert (run.code, run.outcome["failing"]) == (3, "generate")
    assert "the document lacks batchId of POST /generate" in run.report
    assert project.changed() == ["openapi.json"]


def test_a_gap_is_refused_when_asked_for(project: Project, regenerate: Callable[..., Run]) -> None:
    """`--strict` takes no document that lacks what the reference promises, and changes nothing."""
    document = project.document()
    del document["components"]["schemas"]["Image"]["properties"]["title"]
    run = regenerate(document, "--strict")
    assert (run.code, project.changed()) == (1, [])
    assert "not described: title of GET /images/{imageId}" in run.said


def test_an_error_page_is_refused(project: Project, regenerate: Callable[..., Run]) -> None:
    """Nothing is written, in the project or beside it."""
    run = regenerate(b"<html>502 Bad Gateway</html>")
    assert run.code == 1
    assert run.said.startswith("fetch_spec: ")
    assert (project.changed(), run.output.exists()) == ([], False)


def test_a_removed_call_is_taken_only_when_told(project: Project, regenerate: Callable[..., Run]) -> None:
    """Then it is breaking."""
    document = project.document()
    del document["paths"]["/openapi.json"]
    assert regenerate(document).code == 1
    run = regenerate(document, "--allow-removal", *FAST)
    assert "breaking" in run.outcome["labels"]
    assert "operation-removed" in run.report


def test_a_new_call_is_a_new_file_in_the_patch(
    project: Project, regenerate: Callable[..., Run], tmp_path: Path
) -> None:
    """The patch alone makes the same tree from the commit it is against."""
    document = project.document()
    document["paths"]["/plans"] = {
        "get": {
            "operationId": "list_plans",
            "summary": "List plans",
            "tags": ["Account"],
            "responses": {"200": {"description": "Plans.", "content": {"application/json": {"schema": {}}}}},
        }
    }
    run = regenerate(document, *FAST)
    assert run.outcome["labels"][:2] == ["spec", "safe"]
    assert "new file mode" in run.patch
    git(project.folder, "worktree", "add", "--quiet", str(tmp_path / "other"), "HEAD")
    git(tmp_path / "other", "apply", str(run.output / "regenerate.patch"))
    made = {path.relative_to(project.folder) for path in (project.folder / "generated").rglob("*.py")}
    assert {path.relative_to(tmp_path / "other") for path in (tmp_path / "other/generated").rglob("*.py")} == made


def test_a_second_change_is_told_beside_the_first(project: Project, regenerate: Callable[..., Run]) -> None:
    """Before the first is committed, too; nothing is told twice."""
    document = with_member(project.document())
    regenerate(document, *FAST)
    document["components"]["schemas"]["Image"]["properties"]["seed"] = {"type": "integer"}
    regenerate(document, *FAST, etag='"2"')
    changelog = (project.folder / "CHANGELOG.md").read_text("utf-8")
    assert changelog.count("`Batch.seed`") == changelog.count("`Image.seed`") == 1


def make(project: Project, *words: str) -> "subprocess.CompletedProcess[str]":
    """A verb of the copy, with the packages that are installed here."""
    (project.folder / ".venv").symlink_to(Path(sys.prefix), target_is_directory=True)
    path = os.pathsep.join([str(project.folder), str(project.folder / "generated")])
    command = ["make", "-o", ".venv/.installed", *words]
    settings = {**os.environ, "PYTHONPATH": path}
    return subprocess.run(command, cwd=project.folder, env=settings, capture_output=True, text=True, check=False)


@pytest.fixture
def _in_parallel(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests of a regeneration run on all cores, and tell in full what failed."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "--numprocesses=auto --dist=loadscope")
    monkeypatch.setenv("CI", "true")


@pytest.mark.slow
@pytest.mark.usefixtures("_in_parallel")
def test_everything_that_may_be_added_is_green(project: Project, regenerate: Callable[..., Run]) -> None:
    """A document with every addition: exit code 0, all tests on what it makes, `make check`, and each name told."""
    run = regenerate(merged(), "--tests", *FOLLOWING)
    assert run.code == 0, run.report
    assert run.outcome["failing"] is None
    changelog = (project.folder / "CHANGELOG.md").read_text("utf-8").replace("\n  ", " ")
    for name in (name for case in CASES for name in case.new):
        assert f"`{name}`" in changelog
    changed = {Path(name).parts[0] for name in project.changed()}
    assert changed == {"openapi.json", "generated", "CHANGELOG.md", "docs"}
    project.commit()
    checked = make(project, "check", "TESTS=")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert project.changed() == []


@pytest.mark.slow
@pytest.mark.usefixtures("_in_parallel")
@pytest.mark.parametrize("case", BREAKS[:1], ids=lambda case: case.name)
def test_a_breaking_change_fails_few_tests_and_each_names_it(
    project: Project, regenerate: Callable[..., Run], case
) -> None:
    """At most five."""
    run = regenerate(case.document(), "--allow-removal", "--tests", *FOLLOWING)
    failed = re.findall(r"^FAILED (.*)", run.report, re.MULTILINE)
    assert 1 <= len(failed) <= 5, run.report
    assert all(any(name in line for name in case.concerns) for line in failed)
