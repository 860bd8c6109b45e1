"""The rows of a measurement: a figure, its bar, and whether it was met."""

from collections.abc import Callable
from typing import Final, NamedTuple

_WIDTH: Final = 62  # characters of the description
_RUNS: Final = 5


class Row(NamedTuple):
    """One figure; its bar is the `most` or the `least` it may be. Without a bar it is shown for comparison only."""

    what: str
    figure: float
    unit: str
    most: float | None = None
    least: float | None = None

    @property
    def verdict(self) -> str:
        """`ok`, `MISSED`, or nothing where there is no bar."""
        if self.most is None and self.least is None:
            return ""
        is_met = (self.most is None or self.figure <= self.most) and (self.least is None or self.figure >= self.least)
        return "ok" if is_met else "MISSED"

    def __str__(self) -> str:
        bars = ("<=", self.most), (">=", self.least)
        bar = " ".join(f"{sign} {bound:,.2f}" for sign, bound in bars if bound is not None)
        return f"{self.what:{_WIDTH}} {self.figure:10,.2f} {self.unit:8} {bar:12} {self.verdict}".rstrip()


def smallest(measure: Callable[[], float]) -> float:
    """The smallest of several measurements."""
    return min(measure() for _ in range(_RUNS))


def largest(measure: Callable[[], float]) -> float:
    """The largest of several measurements."""
    return max(measure() for _ in range(_RUNS))
