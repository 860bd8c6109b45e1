"""Machines and keys in virtual time: what more of either is worth, and what the database between them has to do.

    python scripts/scale.py [--plot docs/many-machines.svg]

Each key has a run of 100 pictures on a sandbox of its own with the real limits; its machines share ledger, journal and
budget, whose transactions take as long as `scripts/shared_ledger.py` measures. A machine works on several keys where
there are more keys than machines.
"""

import argparse
from pathlib import Path
from typing import Final

from simulating.machines import Fleet, FleetResult, together
from simulating.plotting import plot_fleets
from simulating.runs import Case

_MACHINES: Final = (1, 4, 16, 64)
_KEYS: Final = (1, 10, 100)
_CASE: Final = Case(100)
_HEAD: Final = "machines keys  done  each    lag  makespan  a minute  429  transactions each  a second"


def row(fleet: Fleet, result: FleetResult) -> str:
    """A line of the table."""
    return (
        f"{fleet.machines:8} {fleet.keys:4} {result.done:5} {result.requests_each:5.2f} {result.mean_lag:6.1f}"
        f" {result.makespan:9.0f} {result.a_minute:9.1f} {result.refused:4} {result.transactions_each:18.1f}"
        f" {result.transactions_a_second:9.1f}"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw pictures a minute and transactions")
    options = parser.parse_args()
    print(_HEAD)
    known: dict[tuple[int, int], FleetResult] = {}
    results: list[tuple[Fleet, FleetResult]] = []
    for keys in _KEYS:
        for machines in _MACHINES:
            fleet = Fleet(machines, keys, _CASE)
            like = (fleet.machines_a_key, keys)
            if like not in known:
                known[like] = together(fleet)
            results.append((fleet, known[like]))
            print(row(*results[-1]), flush=True)
    if options.plot is not None:
        plot_fleets(results, options.plot)


if __name__ == "__main__":
    main()
