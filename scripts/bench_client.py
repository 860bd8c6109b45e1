"""Measure what the client costs, beside httpx by hand and five other SDKs, and print it beside its bars.

    python scripts/bench_client.py

The first run installs the others into a virtual environment under `.cache/bench`. Figures are CPU time (user and
system): the servers are other processes, clients take turns, and each ratio is the median over all turns.
"""

from collections.abc import Iterator

from measuring.calls import calls
from measuring.environment import interpreter
from measuring.imports import imports
from measuring.lag import lag
from measuring.pages import pages
from measuring.refusals import refusals
from measuring.rows import Row
from measuring.waits import waits


def rows() -> Iterator[Row]:
    """Everything, as it is measured."""
    python = interpreter()
    yield from calls(python)
    yield from imports(python)
    yield from pages()
    yield from waits()
    yield from lag()
    yield from refusals()


def main() -> None:
    """Print the table. It never fails for a bar: machines are noisy."""
    for row in rows():
        print(row, flush=True)


if __name__ == "__main__":
    main()
