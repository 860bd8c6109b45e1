"""Simulates bulk runs in virtual time, and prints what each policy takes.

    python scripts/simulate.py [--quick] [--plot docs/bulk.svg]

The dispatcher is that of `pixola_ext`, the service is the world of the sandbox with the real limits. Beside it stand
what programs do by themselves, an oracle that knows when every picture ends and makes as many requests as the
dispatcher, and the bound: N + ceil(N / 100) requests for N pictures. `--quick` leaves out the naive
policies above 100 pictures, which take days. Runs of up to 100 pictures are eight with different chances, together. A
bar that is missed is marked, and is no failure.
"""

import argparse
import math
from collections.abc import Callable
from pathlib import Path
from statistics import fmean
from typing import Final, NamedTuple

from attrs import evolve
from simulating.naive import backing_off, concurrent, sequential
from simulating.oracle import with_best_looks
from simulating.plotting import plot
from simulating.runs import Case, Result, dispatched

_HEAD: Final = ("policy", "N", "median", "failing", "done", "requests", "each", "lag", "p95", "makespan", "429")


class Bar(NamedTuple):
    """What a run is expected to keep: requests for each picture, mean lag and makespan in seconds, pictures done."""

    each: float = math.inf
    lag: float = math.inf
    makespan: float = math.inf
    done: int = 0

    def is_kept(self, result: Result) -> bool:
        """Whether a result keeps it."""
        within = result.requests_each <= self.each and result.mean_lag <= self.lag and result.makespan <= self.makespan
        return within and result.done >= self.done and result.refused == 0


BARS: Final = {
    20: Bar(each=1.45, lag=2.5),
    100: Bar(lag=5.5, makespan=230.0),
    900: Bar(lag=11.0, makespan=34 * 60.0),
    985: Bar(makespan=36 * 60.0, done=985),
    None: Bar(done=965),
}
_FEW: Final = 100  # pictures, of which one run says little
_RUNS: Final = 8
_FRUGAL: Final = Bar(each=1.03)


def oracle(case: Case) -> Result:
    """The dispatcher's run, with as many looks at the best instants."""
    return with_best_looks(dispatched(case))


def frugal(case: Case) -> Result:
    """The dispatcher with `--frugal`."""
    return dispatched(case, frugal=True)


def pooled(policy: Callable[[Case], Result], case: Case) -> Result:
    """The result of a policy; for few pictures, of several runs together."""
    if case.n is None or case.n > _FEW:
        return policy(case)
    runs = [policy(evolve(case, seed=seed)) for seed in range(1, _RUNS + 1)]
    return Result(
        sum(each.requests for each in runs),
        sum(each.refused for each in runs),
        fmean(each.makespan for each in runs),
        sum(each.submitted for each in runs),
        [lag for each in runs for lag in each.lags],
        [end for each in runs for end in each.ends],
    )


def row(name: str, case: Case, result: Result, bar: Bar | None) -> str:
    """A line of the table."""
    verdict = "" if bar is None else "ok" if bar.is_kept(result) else "MISSED"
    cells = (
        f"{name:12}",
        f"{case.n or 'endless':>8}",
        f"{case.median:6.0f}",
        f"{case.failing:8.0%}",
        f"{result.done:6}",
        f"{result.requests:9}",
        f"{result.requests_each:6.3f}",
        f"{result.mean_lag:8.2f}",
        f"{result.late_lag:8.1f}",
        f"{result.makespan:9.0f}",
        f"{result.refused:4}",
        verdict,
    )
    return " ".join(cells).rstrip()


def cases(*, quick: bool) -> list[tuple[str, Callable[[Case], Result], Case, Bar | None]]:
    """What is run."""
    found: list[tuple[str, Callable[[Case], Result], Case, Bar | None]] = []
    for n in (20, 100, 900, 985, None):
        for median in (5.0, 15.0, 60.0) if n in (20, 100, 900) else (15.0,):
            usual = BARS[n] if median == 15.0 else None  # noqa: PLR2004  (the median that the bars are for)
            found.append(("dispatcher", dispatched, Case(n, median), usual))
    found.append(("dispatcher", dispatched, Case(100, failing=0.1), None))
    found.append(("frugal", frugal, Case(900), _FRUGAL))
    found += [("oracle", oracle, Case(n), None) for n in (20, 100, 900)]
    for n in (20, 100) if quick else (20, 100, 900, None):
        for name, policy in (("sequential", sequential), ("concurrent", concurrent), ("backoff", backing_off)):
            found.append((name, policy, Case(n), None))
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="leave out what takes minutes")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw requests and lags")
    options = parser.parse_args()
    print(" ".join(_HEAD))
    results: list[tuple[str, Case, Result]] = []
    for name, policy, case, bar in cases(quick=options.quick):
        result = pooled(policy, case)
        results.append((name, case, result))
        print(row(name, case, result, bar), flush=True)
    for n in (20, 100, 900, 985):
        print(f"{'bound':12} {n:>8} {'':6} {'':8} {n:6} {n + math.ceil(n / 100):9} {1 + math.ceil(n / 100) / n:6.3f}")
    if options.plot is not None:
        plot(results, options.plot)


if __name__ == "__main__":
    main()
