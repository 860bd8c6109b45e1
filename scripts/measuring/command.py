"""CPU of the command's help, version and completion, beside that of a Python that has only imported click."""

import subprocess
import sys
from collections.abc import Iterator
from statistics import median
from typing import Final

from .environment import ROOT, variables
from .rows import Row

_TURNS: Final = 9
_BAR: Final = 40.0  # milliseconds
_END: Final = "\nimport sys, time\nprint(time.process_time(), file=sys.stderr)"
_RUN: Final = "from pixola_ext.cli.root import run\ntry:\n    run({words!r})\nexcept SystemExit:\n    pass"

PROGRAMS: Final = {
    "pixola --help": (["--help"], {}),
    "pixola --version": (["--version"], {}),
    "pixola generate --help": (["generate", "--help"], {}),
    "completion of a command": ([], {"COMP_WORDS": "pixola gen", "COMP_CWORD": "1"}),
    "completion of a slug": ([], {"COMP_WORDS": "pixola generate -m fl", "COMP_CWORD": "3"}),
}


def _milliseconds(code: str, **settings: str) -> float:
    """CPU of a whole process, its start included."""
    if settings:
        settings["_PIXOLA_COMPLETE"] = "bash_complete"
    program = [sys.executable, "-c", f"{code}{_END}"]
    done = subprocess.run(  # noqa: S603
        program, capture_output=True, text=True, check=True, env={**variables(), **settings}, cwd=ROOT
    )
    return float(done.stderr) * 1000


def command() -> Iterator[Row]:
    """A row for each of `PROGRAMS`."""
    codes = {name: (_RUN.format(words=words), settings) for name, (words, settings) in PROGRAMS.items()}
    for code, settings in codes.values():  # the first run compiles
        _milliseconds(code, **settings)
    turns = [
        (_milliseconds("import click"), {name: _milliseconds(code, **more) for name, (code, more) in codes.items()})
        for _ in range(_TURNS)
    ]
    for name in codes:
        yield Row(f"{name}, CPU beyond import click", median(turn[name] - click for click, turn in turns), "ms", _BAR)
