"""Draws what policies take: requests for each picture, and how late its end is known."""

from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from typing import Final

from .machines import Fleet, FleetResult
from .runs import Case, Result

_NAMED: Final = ("dispatcher", "frugal", "oracle")  # policies whose points are named; those of the others coincide


def plot(results: Sequence[tuple[str, Case, Result]], path: Path) -> None:
    """Draw the results with a median of 15 s and no failures, one point for each run."""
    import matplotlib.pyplot as plt  # noqa: PLC0415  (slow to import, and only for this)

    figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
    policies = list(dict.fromkeys(name for name, _, _ in results))
    for policy, marker in zip(policies, cycle("os^vx+"), strict=False):  # points of two policies may be one
        shown = [
            (case, result)
            for name, case, result in results
            if name == policy and case.median == Case(1).median and not case.failing
        ]
        axes.plot(
            [result.requests_each for _, result in shown],
            [max(result.mean_lag, 0.1) for _, result in shown],
            marker,
            label=policy,
        )
        for case, result in shown if policy in _NAMED else ():
            axes.annotate(
                f"N={case.n or 'endless'}",
                (result.requests_each, max(result.mean_lag, 0.1)),
                textcoords="offset points",
                xytext=(5, 4),
                fontsize=7,
            )
    axes.axvline(1.01, color="grey", linewidth=0.8, linestyle=":")
    axes.set(
        xscale="log",
        xlim=(0.95, 12.0),
        yscale="log",
        xlabel="requests for each picture (dotted: the bound)",
        ylabel="mean seconds from finished to known",
    )
    axes.legend(frameon=False)
    figure.savefig(path, metadata={"Date": None})


def plot_fleets(results: Sequence[tuple[Fleet, FleetResult]], path: Path) -> None:
    """Draw what machines and keys are worth, one line for each number of keys."""
    import matplotlib.pyplot as plt  # noqa: PLC0415  (as above)

    figure, (left, right) = plt.subplots(ncols=2, figsize=(8, 3.6), layout="constrained")
    for keys, marker in zip(dict.fromkeys(fleet.keys for fleet, _ in results), cycle("os^"), strict=False):
        shown = [(fleet.machines, result) for fleet, result in results if fleet.keys == keys]
        machines = [count for count, _ in shown]
        label = "1 key" if keys == 1 else f"{keys} keys"
        left.plot(machines, [result.a_minute for _, result in shown], f"-{marker}", label=label)
        right.plot(machines, [result.transactions_a_second for _, result in shown], f"-{marker}", label=label)
    for axes, what in ((left, "pictures a minute"), (right, "database transactions a second")):
        axes.set(xscale="log", yscale="log", xlabel="machines", ylabel=what)
        axes.set_xticks([1, 4, 16, 64], ["1", "4", "16", "64"])
        axes.minorticks_off()
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=3, frameon=False)
    figure.savefig(path, metadata={"Date": None})
