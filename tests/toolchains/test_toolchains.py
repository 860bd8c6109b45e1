"""The runner of the foreign toolchains tells failures and warnings, and its table is that of the last run."""

import re
import sys
from pathlib import Path

import pytest
import toolchains
from toolchain.cases import CASES, Case, Step

ROOT = Path(__file__).parents[2]


def run(tmp_path, *steps, **options):
    """A case of these programs in Python."""
    (tmp_path / "openapi.json").write_text("{}")
    words = {"here": sys.executable, "spec": str(tmp_path / "openapi.json")}
    made = [step if isinstance(step, Step) else Step("done", f'{{here}} -c "{step}"') for step in steps]
    case = Case("a tool", "a-tool", tuple(made), **options)
    return toolchains.run_case(case, tmp_path / "case", words, {})


def test_what_succeeds_is_told_in_order(tmp_path):
    """Each step says what it means."""
    steps = [Step(word, "{here} -c pass") for word in ("generated", "compiled")]
    result = run(tmp_path, *steps)
    assert (result.achieved, result.failures) == (["generated", "compiled"], [])


def test_the_first_failing_step_ends_the_case(tmp_path):
    """And its own words are kept."""
    result = run(tmp_path, "import sys; sys.exit('error: no such thing')", "pass")
    assert (result.achieved, result.failures) == ([], ["done: error: no such thing"])


@pytest.mark.parametrize("line", ["WARN of x", "warning: x", "2 warnings", "x is deprecated"])
def test_a_warning_fails(tmp_path, line):
    """Wherever it is printed, even if the tool is content."""
    result = run(tmp_path, f"import sys; print('{line}', file=sys.stderr)")
    assert result.failures == [f"it warns: {line}"]


def test_a_tolerated_warning_is_told_once(tmp_path):
    """With its reason; another one still fails."""
    tolerated = {"about itself": "it warns of itself"}
    result = run(tmp_path, "print('warning about itself')", "print('warning about itself')", tolerated=tolerated)
    assert (result.failures, result.notes) == ([], ["it warns of itself"])
    assert run(tmp_path, "print('warning about x')", tolerated=tolerated).failures == ["it warns: warning about x"]


def test_no_warnings_is_no_warning(tmp_path):
    """Tools say so."""
    assert run(tmp_path, "print('0 warnings, no warnings')").failures == []


def test_a_registry_out_of_reach_is_told_and_no_success(tmp_path):
    """Only where the step says how that looks."""
    program = "{here} -c \"import sys; sys.exit('cannot resolve host')\""
    result = run(tmp_path, Step("compiled", program, "resolve host"))
    assert (result.achieved, result.failures) == ([], [])
    assert result.notes == ["no `compiled` where the table was made: its registry could not be reached"]
    assert run(tmp_path, Step("compiled", program, "something else")).failures


def test_a_tool_that_is_not_installed_fails(tmp_path):
    """By name."""
    assert run(tmp_path, Step("compiled", "no-such-compiler x")).failures == ["no-such-compiler is not installed"]


def test_a_server_that_does_not_start_fails(tmp_path):
    """Without waiting for it."""
    result = run(tmp_path, "pass", serves="{here} -c pass")
    assert result.failures == ["the server does not listen"]


def test_every_case_is_pinned_and_has_its_files():
    """One exact version each."""
    pins = toolchains.versions()
    for case in CASES:
        assert re.fullmatch(r"\d+(\.\d+)+", pins[case.package]), case.name
        assert all((toolchains.FILES / name).is_file() for name in case.files), case.name


def test_the_table_is_that_of_these_cases():
    """A changed case or pin without a new run is noticed, and so is a failure that was committed."""
    text = (ROOT / "docs/toolchains.md").read_text("utf-8")
    rows = [line.split(" | ")[:2] for line in text.splitlines() if line.startswith("| ")][1:]
    pins = toolchains.versions()
    assert rows == [[f"| {case.name}", pins[case.package]] for case in CASES]
    assert "**failed**" not in text


def test_a_failure_is_the_exit_code(tmp_path, monkeypatch):
    """And stands in the table."""
    monkeypatch.setattr(toolchains, "CASES", (Case("a tool", "mypy", (Step("valid", "{here} -c 1/0"),)),))
    monkeypatch.setattr(toolchains, "CACHE", tmp_path)
    monkeypatch.setattr(
        toolchains, "install", lambda _cache: {"here": sys.executable, "spec": str(ROOT / "openapi.json")}
    )
    assert toolchains.main(["--table", str(tmp_path / "table.md")]) == 1
    assert "**failed**: valid: ZeroDivisionError" in (tmp_path / "table.md").read_text()
