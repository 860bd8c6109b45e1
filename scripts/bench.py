"""Measures what the documents claim, and prints each figure beside its bar.

    python scripts/bench.py [budget] [journal] [sandbox] [client] [command] [bulk]

Without arguments all six. Figures are CPU time (user and system) unless the row names another measure, the best or
the median of several runs: other work on the machine only ever adds. The client is measured beside httpx by hand and
five other SDKs, which the first run installs into a virtual environment under `.cache/bench`. A bar that is missed is
no failure: machines differ.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from measuring.budget import budget
from measuring.bulk import bulk
from measuring.calls import calls
from measuring.command import command
from measuring.environment import interpreter
from measuring.imports import imports
from measuring.journal import journal
from measuring.lag import lag
from measuring.pages import pages
from measuring.refusals import refusals
from measuring.rows import Row
from measuring.sandbox import sandbox
from measuring.waits import waits


def client() -> Iterator[Row]:
    """What a call, an import, a page and a wait cost."""
    python = interpreter()
    yield from calls(python)
    yield from imports(python)
    yield from pages()
    yield from waits()
    yield from lag()
    yield from refusals()


PARTS: Final[Mapping[str, Callable[[], Iterator[Row]]]] = {
    "budget": budget,
    "journal": journal,
    "sandbox": sandbox,
    "client": client,
    "command": command,
    "bulk": bulk,
}


def main(arguments: list[str] | None = None) -> None:
    """Print the rows as they are measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parts = parser.parse_args(arguments).parts or [*PARTS]
    if unknown := [part for part in parts if part not in PARTS]:
        parser.error(f"unknown: {', '.join(unknown)}")
    for part in parts:
        for row in PARTS[part]():
            print(row, flush=True)


if __name__ == "__main__":
    main()
