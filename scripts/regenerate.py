"""Follows the live document: fetches it, compares, generates the client, tests, and says what a reviewer must know.

    python scripts/regenerate.py [--from URL-or-FILE] [--allow-removal] [--strict] [--output build/regenerate]
                                 [--tests PATH ...]

The output folder gets `outcome.json` (`changed`, and if so `title`, `labels`, `failing`), `report.md` (the text of the
pull request) and `regenerate.patch` (against HEAD). Exit code 0 if there was nothing to do or all went well, 1 if the
document was refused, which changes nothing, 3 if the client could not be generated from it or does not pass its tests:
then a maintainer has to look, and the report says at what. CHANGELOG.md gets an entry for what users gain and lose.
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Final

from attrs import asdict, field, frozen
from comparing.changes import SEVERITIES, Change
from comparing.documents import compare
from comparing.reports import render
from document.loading import without_source
from reporting.changelog import entered
from reporting.report import gained, lost, missing
from reporting.surfaces import Addition, additions, surface

ROOT: Final = Path(__file__).resolve().parent.parent
SPEC: Final = ROOT / "openapi.json"
CHANGELOG: Final = ROOT / "CHANGELOG.md"
PACKAGE: Final = ROOT / "generated/pixola_client"
# All that a regeneration may change; the schemas of the command follow the values.
REGENERATED: Final = ("openapi.json", "generated", "CHANGELOG.md", "docs/cli.md", "docs/schemas")
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
    before, offered = SPEC.read_bytes(), surface(PACKAGE)
    fetched = run("fetch", "scripts/fetch_spec.py", "--to", SPEC, *fetch)
    if fetched.code != 0:
        print(fetched.output, end="", file=sys.stderr)
        raise SystemExit(REFUSED)
    if SPEC.read_bytes() == before:
        return Outcome(changed=False), "The document has not changed.\n"
    old, new = (without_source(json.loads(each)) for each in (before, SPEC.read_bytes()))
    changes = compare(old, new)
    stages = [run("generate", "scripts/generate.py")]
    added: list[Addition] = []
    if stages[0].code == 0:
        added = additions(offered, surface(PACKAGE))
        CHANGELOG.write_text(entered(CHANGELOG.read_text("utf-8"), added, changes), "utf-8")
        stages += [run("reference", "scripts/command_reference.py"), *_tried(tests)]
    parts = [*gained(added), *lost(changes)]
    parts += [render(changes, "markdown").strip(), ""]
    parts += missing(new) if stages[0].code == 0 else []
    return _outcome(changes, stages), _report(_summary(changes), parts, stages)


def _outcome(changes: list[Change], stages: list[Stage]) -> Outcome:
    failing = next((stage.name for stage in stages if stage.code), None)
    found = {change.severity for change in changes}
    severity = next((each for each in SEVERITIES if each in found), SEVERITIES[-1])
    labels = [LABEL, severity, *([FAILING] if failing else [])]
    return Outcome(
        changed=True, title=f"Follow the live document ({_summary(changes)})", labels=labels, failing=failing
    )


def _summary(changes: list[Change]) -> str:
    count = Counter(change.severity for change in changes)
    return ", ".join(f"{count[each]} {each}" for each in SEVERITIES if count[each]) or "its source"


def _tried(tests: list[str]) -> list[Stage]:
    """Check types, test; what follows a failure is not run."""
    stages: list[Stage] = []
    parallel = ("--numprocesses=auto", "--dist=loadscope")
    for name, *words in (("types", "-m", "mypy"), ("tests", "-m", "pytest", "-q", *(tests or parallel))):
        stages.append(run(name, *words))
        if stages[-1].code != 0:
            break
    return stages


def _report(summary: str, parts: list[str], stages: list[Stage]) -> str:
    lines = [f"The live document has changed: {summary}.", "", *parts, "## What was run", ""]
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
    parser.add_argument(
        "--strict", action="store_true", help="refuse a document that lacks what the reference promises"
    )
    parser.add_argument("--output", type=Path, default=ROOT / "build/regenerate", metavar="FOLDER")
    parser.add_argument("--tests", nargs="+", default=[], metavar="PATH", help="[default: all]")
    options = parser.parse_args(arguments)
    fetch = ["--from", options.source] if options.source else []
    fetch += ["--allow-removal"] * options.allow_removal + ["--strict"] * options.strict
    outcome, report = regenerate(fetch, options.tests)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "outcome.json").write_text(json.dumps(asdict(outcome), indent=2) + "\n", "utf-8")
    (options.output / "report.md").write_text(report, "utf-8")
    (options.output / "regenerate.patch").write_bytes(_patch() if outcome.changed else b"")
    print(report, end="")
    return BROKEN if outcome.failing else 0


if __name__ == "__main__":
    sys.exit(main())
