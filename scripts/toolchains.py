"""Gives openapi.json to other people's validators, generators and mocks, and writes what came of it.

    python scripts/toolchains.py [--only WORD] [--table docs/toolchains.md]

Everything is kept in .toolchains/, which git ignores. Exit code 1 if a tool fails, or warns of something that is ours;
with --only, nothing is written. The tools and their steps are in toolchain/cases.py, their pins and the programs that
they run in tests/toolchains.
"""

import argparse
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
import venv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from attrs import field, frozen
from toolchain.cases import CASES, Case, Step

ROOT: Final = Path(__file__).resolve().parent.parent
SPEC: Final = ROOT / "openapi.json"
FILES: Final = ROOT / "tests" / "toolchains"
CACHE: Final = ROOT / ".toolchains"
TABLE: Final = ROOT / "docs" / "toolchains.md"
STEP_TIMEOUT: Final = 600.0  # seconds; a first `cargo check` is the longest
START_TIMEOUT: Final = 30.0  # seconds that a server has to listen
_WARNING: Final = re.compile(r"\bwarn(ing)?s?\b|deprecat|⚠", re.IGNORECASE)
_NO_WARNING: Final = re.compile(r"\b(0|no) warnings?\b", re.IGNORECASE)
_TELLING: Final = (r"error\b[^(]*:", r"error", r"")  # what a line with the reason looks like, best first
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
_LONGEST: Final = 200  # characters of a complaint in the table

_HEAD: Final = """\
# Other toolchains

`make toolchains` writes this file. It gives `openapi.json`, as it is, to each of these tools. A failure, or a warning
that is ours, fails the run. A live round trip submits, polls and reads an image from a running `pixola sandbox` with
the code that the tool made; what reads live answers takes one of each kind from it. A tool that loads the document from
the sandbox sends its requests to the first of the `servers`, the sandbox; one that goes elsewhere fails the run.

| Tool | Version | Outcome | To know |
|---|---|---|---|"""


class StepError(Exception):
    """A step failed; the message says how."""


@frozen
class Result:
    """What became of a case: what was achieved in order, what to know, and the failure, if any."""

    case: Case
    achieved: list[str] = field(factory=list)
    notes: list[str] = field(factory=list)
    failures: list[str] = field(factory=list)


def install(cache: Path) -> dict[str, str]:
    """Bring the pinned tools into the cache, unless they are there; returns the words that steps use for them."""
    cache.mkdir(exist_ok=True)
    environment = cache / "venv"
    scripts = environment / ("Scripts" if os.name == "nt" else "bin")
    if _changed(cache / "requirements.txt"):
        venv.create(environment, clear=True, with_pip=True)
        _call(scripts / "python", "-m", "pip", "install", "--quiet", "--requirement", FILES / "requirements.txt")
        shutil.copy(FILES / "requirements.txt", cache)
    if _changed(cache / "package.json"):
        npm = _program("npm")
        shutil.rmtree(cache / "node_modules", ignore_errors=True)
        words = ("--ignore-scripts", "--legacy-peer-deps", "--no-package-lock", "--no-audit", "--no-fund")
        shutil.copy(FILES / "package.json", cache)
        try:
            _call(npm, "install", "--prefix", cache, "--loglevel", "error", *words)
        except BaseException:
            (cache / "package.json").unlink()
            raise
    jar = next(environment.glob("**/openapi-generator.jar"))
    return {
        "python": str(scripts),
        "venv": str(scripts / "python"),
        "node": str(cache / "node_modules" / ".bin"),
        "jar": str(jar),
        "here": sys.executable,
        "spec": str(SPEC),
    }


def _changed(copy: Path) -> bool:
    return not copy.exists() or copy.read_bytes() != (FILES / copy.name).read_bytes()


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise StepError(f"{name} is not installed")
    return found


def _call(*command: str | Path) -> None:
    subprocess.run(list(map(str, command)), check=True)  # noqa: S603  (our own command)


def run_case(case: Case, folder: Path, words: Mapping[str, str], environment: Mapping[str, str]) -> Result:
    """Run the steps of a case in a fresh folder, up to the first that fails."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in case.files:
        shutil.copy(FILES / name, folder)
    shutil.copy(words["spec"], folder / "openapi.json")
    result = Result(case, notes=[case.note] if case.note else [])
    try:
        own = {**environment, "PIXOLA_STATE_DIR": str(folder / "state")}
        with _server(case, folder, words, own) as settings:
            for step in case.steps:
                _run_step(result, step, folder, words, settings)
    except StepError as error:
        result.failures.append(str(error))
    return result


def _run_step(
    result: Result, step: Step, folder: Path, words: Mapping[str, str], environment: Mapping[str, str]
) -> None:
    command = _filled(step.command, words)
    try:
        ran = subprocess.run(  # noqa: S603  (a command of the table)
            [_program(command[0]), *command[1:]],
            cwd=folder,
            env={**environment},
            capture_output=True,
            text=True,
            timeout=STEP_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise StepError(f"`{command[0]}` did not end within {STEP_TIMEOUT:g} seconds") from error
    output = _COLOUR.sub("", ran.stdout + ran.stderr)
    if ran.returncode != 0 and step.unreachable and re.search(step.unreachable, output):
        result.notes.append(f"no `{step.means}` where the table was made: its registry could not be reached")
        return
    if ran.returncode != 0:
        raise StepError(f"{step.means or command[0]}: {_last_words(output)}")
    _weigh_warnings(result, output)
    if step.means:
        result.achieved.append(step.means)


def _weigh_warnings(result: Result, output: str) -> None:
    """Warnings that are not tolerated fail the case; those that are, are printed."""
    for line in output.splitlines():
        if not _WARNING.search(line) or _NO_WARNING.search(line):
            continue
        reason = next((why for what, why in result.case.tolerated.items() if re.search(what, line)), None)
        if reason is None:
            raise StepError(f"it warns: {line.strip()[:_LONGEST]}")
        if reason not in result.notes:
            result.notes.append(reason)


def _filled(command: str, words: Mapping[str, str]) -> list[str]:
    return [word.format_map(words) for word in shlex.split(command)]


def _last_words(output: str) -> str:
    """The line that tells most about a failure."""
    lines = [line.strip() for line in output.splitlines() if line.strip()] or ["no output"]
    telling = (line for pattern in _TELLING for line in lines if re.search(pattern, line, re.IGNORECASE))
    return next(telling)[:_LONGEST]


@contextmanager
def _server(
    case: Case, folder: Path, words: Mapping[str, str], environment: Mapping[str, str]
) -> Iterator[Mapping[str, str]]:
    """What the case serves itself, for the length of a block; gives the environment for its steps."""
    if case.serves is None:
        yield environment
        return
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = _filled(case.serves, {**words, "port": str(port)})
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env={**environment}, stdout=log, stderr=log)  # noqa: S603
    try:
        _await_port(port, process)
        yield {**environment, "PIXOLA_BASE_URL": f"http://127.0.0.1:{port}"}
    finally:
        process.terminate()
        process.wait()


def _await_port(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise StepError("the server does not listen")


@contextmanager
def sandbox() -> Iterator[tuple[str, str]]:
    """`pixola sandbox` for the length of a block; gives its base URL and key."""
    options = ["--port", "0", "--latency", "0.1", "--no-rate-limits", "--credits", "1000000"]
    command = [sys.executable, "-c", "from pixola_ext.cli import main; main()", "--json", "sandbox", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  (our own command)
        try:
            assert process.stdout is not None  # noqa: S101  (it was asked for)
            ready = json.loads(process.stdout.readline())
            yield ready["url"], ready["api_key"]
        finally:
            process.terminate()


def table(results: list[Result], versions: Mapping[str, str]) -> str:
    """The document."""
    rows = [
        f"| {each.case.name} | {versions[each.case.package]} | {_outcome(each)} | {'; '.join(each.notes)} |"
        for each in results
    ]
    return "\n".join([_HEAD, *rows, ""])


def _outcome(result: Result) -> str:
    failed = [f"**failed**: {each.replace('|', '/')}" for each in result.failures]
    return ", ".join([*result.achieved, *failed])


def versions() -> dict[str, str]:
    """The pinned version of each package."""
    pins = re.findall(r"^([\w.-]+)==([\w.]+)", (FILES / "requirements.txt").read_text("utf-8"), re.MULTILINE)
    return {**dict(pins), **json.loads((FILES / "package.json").read_text("utf-8"))["dependencies"]}


def _environment(cache: Path) -> dict[str, str]:
    """What tools see: no colours, no telemetry, no downloads of their own, caches of their own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PIXOLA_")}
    quiet = {"NO_COLOR": "1", "CI": "1", "DO_NOT_TRACK": "1", "REDOCLY_TELEMETRY": "off", "NO_PROXY": "127.0.0.1"}
    quiet |= {"REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NODE_NO_WARNINGS": "1", "PYTHONPATH": "made"}
    go = {"GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOCACHE": str(cache / "go")}
    # How the generated Rust is styled is not ours; that it compiles is.
    rust = {"CARGO_NET_RETRY": "0", "CARGO_TARGET_DIR": str(cache / "cargo"), "RUSTFLAGS": "--cap-lints=allow"}
    return {**kept, **quiet, **go, **rust}


def main(arguments: list[str] | None = None) -> int:
    """Run all cases and write the table; 1 if one fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="WORD", help="cases with this in their name; writes nothing")
    parser.add_argument("--table", type=Path, default=TABLE, metavar="FILE")
    options = parser.parse_args(arguments)
    words, results = install(CACHE), []
    with sandbox() as (url, key):
        settings = {**_environment(CACHE), "PIXOLA_BASE_URL": url, "PIXOLA_API_KEY": key}
        for case in (each for each in CASES if (options.only or "").lower() in each.name.lower()):
            folder = CACHE / "cases" / re.sub(r"\W+", "-", case.name.lower())
            result = run_case(case, folder, {**words, "sandbox": url}, settings)
            print(f"{case.name}: {_outcome(result)}", flush=True)
            results.append(result)
    if not options.only:
        options.table.write_text(table(results, versions()), "utf-8")
    return 1 if any(result.failures for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
