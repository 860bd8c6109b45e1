"""The documents are true: every Python block runs, every link leads somewhere, every verb exists."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.support import ROOT

DOCUMENTS: Final = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("examples/*.md")])
_BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK: Final = re.compile(r"\]\((?!https?:)([^)#\s]+)")


def blocks(path: Path, language: str) -> list[str]:
    """The blocks of one language in a document."""
    return [code for name, code in _BLOCK.findall(path.read_text("utf-8")) if name == language]


PYTHON: Final = [
    pytest.param(path, code, id=f"{path.name}-{number}")
    for path in DOCUMENTS
    for number, code in enumerate(blocks(path, "python"), start=1)
]


@pytest.mark.parametrize(("path", "code"), PYTHON)
def test_python_blocks_run(path: Path, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a reader would paste them, in an empty folder; tests among them pass."""
    monkeypatch.chdir(tmp_path)
    exec(compile(code, str(path), "exec"), {"__name__": "__main__"})  # noqa: S102  (our own documents)
    if "\ndef test_" in code:
        Path("test_pasted.py").write_text(code)
        words = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider"]
        others = ["-p", "no:asyncio", "-p", "no:schemathesis"]  # plugins that have nothing to do here
        ran = subprocess.run([*words, *others], capture_output=True, text=True, check=False)
        assert f"{code.count('def test_')} passed" in ran.stdout, ran.stdout


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    """Links within the repository."""
    missing = [link for link in _LINK.findall(path.read_text("utf-8")) if not (path.parent / link).exists()]
    assert missing == []


def test_make_verbs_in_documents_exist() -> None:
    """A verb that a document names is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for path in DOCUMENTS:
        named = set(re.findall(r"(?:`|^)make ([a-z-]+)", path.read_text("utf-8"), re.MULTILINE))
        assert named <= targets, path.name


def test_the_architecture_names_files_that_exist() -> None:
    """The table "to change X" leads to files and folders that are there."""
    text = (ROOT / "docs/architecture.md").read_text("utf-8")
    rows = [line.split("|")[2] for line in text.splitlines() if line.startswith("| ")][2:]
    for name in re.findall(r"`([\w./]+(?:\.py|/))`", " ".join(rows)):
        assert any((folder / name).exists() for folder in (ROOT, ROOT / "pixola_ext")), name


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.py")), ids=lambda path: path.name)
def test_examples_run(path: Path, tmp_path: Path) -> None:
    """As a program in an empty folder, without a key, and without a word of complaint."""
    words = [sys.executable, "-W", "error", str(path)]
    ran = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.strip()
