"""The table of a measurement: a figure, its bar, and whether it was met."""

from typing import Final, NamedTuple

_WIDTH: Final = 62  # characters of the description


class Row(NamedTuple):
    """One figure; `most` is the bar, None for a figure that is shown for comparison only."""

    what: str
    figure: float
    unit: str
    most: float | None = None

    @property
    def verdict(self) -> str:
        """`ok`, `MISSED`, or nothing where there is no bar."""
        if self.most is None:
            return ""
        return "ok" if self.figure <= self.most else "MISSED"

    def __str__(self) -> str:
        bar = "" if self.most is None else f"<= {self.most:,.2f}"
        return f"{self.what:{_WIDTH}} {self.figure:10,.2f} {self.unit:8} {bar:12} {self.verdict}".rstrip()
