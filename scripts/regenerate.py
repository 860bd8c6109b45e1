"""Follows the live document: fetches it, compares, generates the client, tests, and says what a reviewer must know.

    python scripts/regenerate.py [--from URL-or-FILE] [--allow-removal] [--output build/regenerate] [--tests PATH ...]

The output folder gets `outcome.json` (`changed`, and if so `title`, `labels`, `failing`), `report.md` (the text of the
pull request) and `regenerate.patch` (against HEAD). Exit code 0 if there was nothing to do or all went well, 1 if the
document was refused, which changes nothing, 3 if the client could not be generated from it or does not pass its tests:
then somebody has to look, and the report says at what.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, Final

from attrs import asdict, field, frozen

ROOT: Final = Path(__file__).resolve().parent.parent
SPEC: Final = ROOT / "openapi.json"
REGENERATED: Final = ("openapi.json", "generated")  # all that a regeneration may change
SEVERITIES: Final = ("breaking", "safe", "cosmetic")
LABEL: Final = "spec"
FAILING: Final = "failing"
REFUSED: Final = 1
BROKEN: Final = 3
_LARGEST_REPORT: Final = 60_000  # characters; GitHub takes 65,536 in a pull request
_LAST_LINES: Final = 40  # of a command that failed


@frozen
class Outcome:
    """What came of it: the title and labels of the pull request, and the stage that fails, if any."""

    changed: bool
    title: str = ""
    labels: list[str] = field(factory=list)
    failing: str | None = None


@frozen
class Stage:
    """A command that was run on the way."""

    name: str
    code: int
    output: str


def run(name: str, *words: str | Path) -> Stage:
    """Run one of our Python commands in the project."""
    command = [sys.executable, *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603  (our own)
    return Stage(name, done.returncode, done.stdout + done.stderr)


def regenerate(fetch: list[str], tests: list[str]) -> tuple[Outcome, str]:
    """The whole way; returns the outcome and the report. A refused document raises `SystemExit`."""
    before = SPEC.read_bytes()
    fetched = run("fetch", "scripts/fetch_spec.py", "--to", SPEC, *fetch)
    if fetched.code != 0:
        print(fetched.output, end="", file=sys.stderr)
        raise SystemExit(REFUSED)
    if SPEC.read_bytes() == before:
        return Outcome(changed=False), "The document has not changed.\n"
    changes, text = _compared(json.loads(before), json.loads(SPEC.read_bytes()))
    stages = _stages(tests)
    failing = next((stage.name for stage in stages if stage.code), None)
    count = Counter(change["severity"] for change in changes)
    severity = next((each for each in SEVERITIES if count[each]), SEVERITIES[-1])
    labels = [LABEL, severity, *([FAILING] if failing else [])]
    told = ", ".join(f"{count[each]} {each}" for each in SEVERITIES if count[each]) or "its source"
    title = f"Follow the live document ({told})"
    return Outcome(changed=True, title=title, labels=labels, failing=failing), _report(told, text, stages)


def _compared(before: dict[str, Any], after: dict[str, Any]) -> tuple[list[dict[str, Any]], str]:
    """The changes as data and as Markdown, without the note where the document came from."""
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for name, document in (("old.json", before), ("new.json", after)):
            document["info"].pop("x-source", None)
            files.append(Path(folder, name))
            files[-1].write_text(json.dumps(document), "utf-8")
        found, text = (
            run("compare", "scripts/spec_diff.py", *files, "--format", form) for form in ("json", "markdown")
        )
    return json.loads(found.output), text.output


def _stages(tests: list[str]) -> list[Stage]:
    """Generate, check types, test; what follows a failure is not run."""
    stages: list[Stage] = []
    for name, *words in (
        ("generate", "scripts/generate.py"),
        ("types", "-m", "mypy"),
        ("tests", "-m", "pytest", "-q", *tests),
    ):
        stages.append(run(name, *words))
        if stages[-1].code != 0:
            break
    return stages


def _report(told: str, text: str, stages: list[Stage]) -> str:
    lines = [f"The live document has changed: {told}.", "", text.strip(), "", "## What was run", ""]
    for stage in stages:
        lines.append(f"- **{stage.name}**: {'fails' if stage.code else 'passes'}")
        if stage.code:
            last = stage.output.replace("```", "'''").splitlines()[-_LAST_LINES:]
            lines += ["", "```text", *last, "```"]
    return "\n".join(lines)[:_LARGEST_REPORT] + "\n"


def _patch() -> bytes:
    """What is different from HEAD, new files included."""
    git = shutil.which("git") or "git"
    for words in (["add", "--intent-to-add"], ["diff", "--binary", "HEAD"]):
        done = subprocess.run([git, *words, "--", *REGENERATED], cwd=ROOT, capture_output=True, check=True)  # noqa: S603
    return done.stdout


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="source", metavar="URL-or-FILE", help="[default: that of fetch_spec.py]")
    parser.add_argument("--allow-removal", action="store_true", help="take a document with fewer operations")
    parser.add_argument("--output", type=Path, default=ROOT / "build/regenerate", metavar="FOLDER")
    parser.add_argument("--tests", nargs="+", default=[], metavar="PATH", help="[default: all]")
    options = parser.parse_args(arguments)
    fetch = ["--from", options.source] if options.source else []
    outcome, report = regenerate(fetch + ["--allow-removal"] * options.allow_removal, options.tests)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "outcome.json").write_text(json.dumps(asdict(outcome), indent=2) + "\n", "utf-8")
    (options.output / "report.md").write_text(report, "utf-8")
    (options.output / "regenerate.patch").write_bytes(_patch() if outcome.changed else b"")
    print(report, end="")
    return BROKEN if outcome.failing else 0


if __name__ == "__main__":
    sys.exit(main())
