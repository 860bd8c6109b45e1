"""How long generations usually take, learned as they finish, and when to look at one: arithmetic, no clock is read.

Waiting times are taken to be lognormal. The looks of a minute are few, so each stands where it shortens the expected
delay of noticing most: none before the first pictures are likely, then closely, then thinning out with the tail.
"""

import math
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

LOOKS_A_MINUTE: Final = 6  # requests that waiting for one job may cost in any minute
_MINUTE: Final = 60.0  # seconds

# Standard normal deviates at which `LOOKS_A_MINUTE` looks notice a lognormal end with the least mean delay; found by
# coordinate descent (spread 0.25, the seventh look a minute after the first).
_DEVIATES: Final = (-0.78, -0.08, 0.50, 1.10, 1.85, 3.00)
_TAIL: Final = 1.15  # each later look is so many times as late as the one before
_WIDEST: Final = 1.5  # no look is later than so many times the one before ...
_GAP: Final = 10.0  # ... unless that is within so many seconds
_SHORTEST: Final = 0.1  # seconds between two looks at one job

_PRIOR_MEDIAN: Final = 6.0  # seconds, when nothing is known of a model
_PRIOR_SPREAD: Final = 1.0  # sigma of the logarithm, then
_PRIOR_WEIGHT: Final = 0.05  # how many observations the prior median is worth
_USUAL_SPREAD: Final = 0.25  # sigma of one model's times ...
_USUAL_WEIGHT: Final = 20.0  # ... and how many observations that is worth: they are blurred by the looks
_REMEMBERED: Final = 32  # generations; what is older no longer counts
_INSTANT: Final = 0.001  # seconds; the logarithm needs something


class Pace:
    """How long one kind of generation takes."""

    __slots__ = ("_logarithms",)

    def __init__(self) -> None:
        self._logarithms: deque[float] = deque(maxlen=_REMEMBERED)

    def learn(self, earliest: float, latest: float) -> None:
        """One ended between `earliest` and `latest` seconds after it was submitted."""
        middle = math.sqrt(max(earliest, latest / 2, _INSTANT) * max(latest, _INSTANT))
        self._logarithms.append(math.log(middle))

    def estimate(self) -> tuple[float, float]:
        """The median in seconds and the spread (sigma of the logarithm) to be expected of the next one."""
        count, prior = len(self._logarithms), math.log(_PRIOR_MEDIAN)
        if count == 0:
            return _PRIOR_MEDIAN, _PRIOR_SPREAD
        centre = (sum(self._logarithms) + _PRIOR_WEIGHT * prior) / (count + _PRIOR_WEIGHT)
        squares = sum((value - centre) ** 2 for value in self._logarithms)
        variance = (squares + _USUAL_WEIGHT * _USUAL_SPREAD**2) / (count + _USUAL_WEIGHT)
        return math.exp(centre), math.sqrt(variance * (1 + 1 / count))  # the centre is uncertain, too

    def next_look(self, looked: Sequence[float]) -> float:
        """When to look next, in seconds after the submission, having looked at those instants before."""
        after = looked[-1] if looked else -math.inf
        median, spread = self.estimate()
        due = next((look for look in _planned(median, spread) if look >= after + _SHORTEST), max(after, median) * _TAIL)
        if looked:  # a guess that was wrong must not leave a gap
            due = min(due, max(after * _WIDEST, after + _GAP))
        return allowed(due, looked)


def _planned(median: float, spread: float) -> Iterator[float]:
    """The looks at `_DEVIATES`, with more of them between where there is time for more."""
    first, last = (median * math.exp(spread * _DEVIATES[end]) for end in (0, -1))
    between = max(1, int((last - first) / _MINUTE))
    for left, right in pairwise(_DEVIATES):
        for step in range(between):
            yield median * math.exp(spread * (left + (right - left) * step / between))
    yield last


def allowed(due: float, looked: Sequence[float]) -> float:
    """`due`, or the first instant after it at which one more look keeps to `LOOKS_A_MINUTE`."""
    return due if len(looked) < LOOKS_A_MINUTE else max(due, looked[-LOOKS_A_MINUTE] + _MINUTE)
