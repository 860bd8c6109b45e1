"""What breaks, goes or comes in the public API since the last tag must be named in the changelog."""

import re
from collections.abc import Callable

import public_api
import pytest

from tests.support.projects import Project, git


@pytest.fixture
def tagged(project: Project) -> Project:
    """The project, one commit after a version."""
    git(project.folder, "tag", "v0.1.0")
    changelog = project.folder / "CHANGELOG.md"
    changelog.write_text("# Changelog\n\n## [Unreleased]\n\n## [0.1.0]\n\n### Removed\n\n- `Pixola.submit`, `spec`.\n")
    project.commit()
    return project


@pytest.fixture
def edit(tagged: Project) -> Callable[[str, str, str], None]:
    """Replaces text in a file of the package by a pattern that must match."""

    def replace(name: str, pattern: str, by: str) -> None:
        path = tagged.folder / "pixola_ext" / name
        text, count = re.subn(pattern, by, path.read_text("utf-8"), flags=re.MULTILINE)
        assert count
        path.write_text(text, "utf-8")

    return replace


def tell(project: Project, heading: str, text: str) -> None:
    """Write into the section of what is not released."""
    path = project.folder / "CHANGELOG.md"
    path.write_text(path.read_text().replace("[Unreleased]\n", f"[Unreleased]\n\n### {heading}\n\n- {text}\n"))


# In each group: file, pattern and its replacement, and the name that must be told.
CHANGES = {
    "what is gone": [
        ("client.py", r"    def submit\(", "    def submit_now(", "submit"),
        ("errors.py", r"^class QuotaExhaustedError", "class QuotaError", "QuotaExhaustedError"),
        ("__init__.py", r'^    "spec",\n', "", "spec"),
        ("_core.py", r"    def with_options\(", "    def _copy(", "with_options"),  # which the clients inherit
        ("_resources.py", r"    def pages\(", "    def sheets(", "pages"),  # of what a client hands out
    ],
    "what is required now": [
        ("client.py", r"^(    def submit\(\n?\s*self,)", r"\1 must: str,", "submit"),
        (
            "_core.py",
            r"(self, \*\*options: Unpack\[Ch)",
            r"self, must: str, **options: Unpack[Ch",
            "with_options",
        ),
    ],
}

OPTIONS = {
    "app_info": ("_core.py", r"^    app_info: .*\n", "", "Parameter was removed"),
    "journal": ("_core.py", r"^    journal: bool", "    journal: Required[bool]", "Parameter is now required"),
    "must": ("_core.py", r"^(    timeout: float$)", r"    must: Required[str]\n\1", "Parameter was added as required"),
    "clock": ("_core.py", r"^        clock: Clock \| None = None", "        clock: Clock", "Parameter is now required"),
    "timeout": ("settings.py", r"(DEFAULT_TIMEOUT: Final) = 180", r"\1 = 60", "default was changed: 180.0 -> 60.0"),
    "budget": (
        "settings.py",
        r"^    budget: bool = True",
        "    budget: bool = False",
        "default was changed: True -> False",
    ),
}


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES.keys())
def test_a_break_fails_until_it_is_told(
    tagged: Project,
    edit: Callable[[str, str, str], None],
    capsys: pytest.CaptureFixture[str],
    changes: list[tuple[str, str, str, str]],
) -> None:
    """Under Removed or Changed of what is not released; elsewhere and without backticks it does not count."""
    for name, pattern, by, _ in changes:
        edit(name, pattern, by)
    missing = [name for *_, name in changes]
    lines = [f"does not name `{name}` under Removed or Changed" for name in missing]
    assert public_api.main(tagged.folder) == 1
    told = capsys.readouterr().out
    assert [line for line in lines if line in told] == lines
    tell(tagged, "Fixed", " ".join(f"`{name}`." for name in missing))
    tell(tagged, "Changed", " ".join(f"{name} without backticks." for name in missing))
    *others, last = missing
    tell(tagged, "Removed", " ".join(f"`{name}`, for a reason." for name in others))
    assert public_api.main(tagged.folder) == 1
    told = capsys.readouterr().out
    assert [name for name, line in zip(missing, lines, strict=True) if line in told] == [last]
    tell(tagged, "Changed", f"`{last}`, for a reason.")
    assert public_api.main(tagged.folder) == 0, capsys.readouterr().out


def test_a_new_name_must_be_told(
    tagged: Project, edit: Callable[[str, str, str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Under Added."""
    edit("__init__.py", r'^    "spec",\n', '    "spec",\n    "spec_bytes",\n')
    assert public_api.main(tagged.folder) == 1
    assert "does not name `spec_bytes` under Added" in capsys.readouterr().out
    tell(tagged, "Added", "`spec_bytes()`.")
    assert public_api.main(tagged.folder) == 0


def test_options_are_parameters_of_both_clients(
    tagged: Project, edit: Callable[[str, str, str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Though a private class takes them, as the keys of a TypedDict, and other classes know their defaults."""
    edit("_core.py", r"^from typing import ", "from typing import Required, ")
    for name, pattern, by, _ in OPTIONS.values():
        edit(name, pattern, by)
    assert public_api.main(tagged.folder) == 1
    told = capsys.readouterr().out
    for option, (*_, what) in OPTIONS.items():
        for client in ("Pixola", "AsyncPixola"):
            line = rf"\b{client}\.__init__\({option}\): [^;]*{what}.*does not name `{client}` under Removed or Changed$"
            assert re.search(line, told, re.MULTILINE), (client, option)


def test_what_is_not_public_may_change(tagged: Project, edit: Callable[[str, str, str], None]) -> None:
    """Private modules and private names."""
    edit("_api/timing.py", r"^def (\w+)", r"def other_\1")
    edit("client.py", r"\b_([a-z]\w+)\(self", r"_other_\1(self")
    edit("_core.py", r"\b_([a-z]\w+)\(\n?\s*self", r"_other_\1(self")
    assert public_api.main(tagged.folder) == 0


def test_without_a_tag_there_is_nothing_to_compare(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """Which is said."""
    assert public_api.main(project.folder) == 0
    assert capsys.readouterr().out == "public API: there is no tag yet to compare with\n"


def test_a_release_is_compared_with_the_one_before(
    tagged: Project, edit: Callable[[str, str, str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Its own tag does not hide what it breaks."""
    edit("client.py", r"    def submit\(", "    def submit_now(")
    tagged.commit()
    git(tagged.folder, "tag", "v0.2.0")
    assert public_api.main(tagged.folder) == 1
    assert "since v0.1.0" in capsys.readouterr().out
