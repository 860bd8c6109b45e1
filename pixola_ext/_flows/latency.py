"""How long jobs of one kind take, learned from what is seen of them: arithmetic, no clock is read.

Waiting times are taken to be lognormal, with a median and a spread that are not known. Both are kept as a table of
hypotheses with weights. A job that was seen finished between two polls, or that was still running when it was last
polled, makes each hypothesis more or less likely:

    >>> latency = Latency()
    >>> latency.learn(ended=[(5.0, 8.0)] * 3)  # three jobs ended 5 to 8 s after their submission
    >>> 5.5 < latency.median() < 8.0
    True
    >>> latency.learn(running=[20.0] * 9)  # nine more are still running after 20 s
    >>> 15.0 < latency.median() < 30.0
    True
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

_MEDIANS: Final = tuple(0.02 * 1.18**n for n in range(64))  # seconds; up to eleven minutes
_SPREADS: Final = (0.1, 0.25, 0.5, 0.9)  # sigma of the logarithm; 0.25 is that of one model in the sandbox
_PRIOR_MEDIAN: Final = 14.0  # seconds, when no job of a kind is known
_PRIOR_SPREAD: Final = 0.8  # sigma of the logarithm of that
_REMEMBERED: Final = 200.0  # jobs; what is older counts less and less
_LEAST_WEIGHT: Final = 0.02  # of a hypothesis that is still taken into account, beside the most likely one
_MOST_LIKELY: Final = 16  # hypotheses that are taken into account
_SMALLEST: Final = 1e-9  # probability, of what a hypothesis calls impossible

Interval = tuple[float, float]  # seconds after the submission: still running at the first, ended by the second


class Hypothesis(NamedTuple):
    """One lognormal distribution: `centre` is the logarithm of its median; and how much it is believed, 0 to 1."""

    centre: float
    spread: float
    weight: float

    def ended(self, age: float) -> float:
        """The share of jobs that have ended by `age` seconds."""
        return _share(self.centre, self.spread, age)


def _share(centre: float, spread: float, age: float) -> float:
    return 0.0 if age <= 0.0 else 0.5 * math.erfc((centre - math.log(age)) / (spread * math.sqrt(2.0)))


def _logarithm(probability: float) -> float:
    return math.log(max(probability, _SMALLEST))


def _fewer(found: list[Hypothesis]) -> list[Hypothesis]:
    """At most `_MOST_LIKELY` of the hypotheses, evenly over their medians, each with the weight of its neighbours."""
    found.sort()
    size = math.ceil(len(found) / _MOST_LIKELY)
    groups = [found[start : start + size] for start in range(0, len(found), size)]
    chosen = [max(group, key=lambda each: each.weight) for group in groups]
    return [each._replace(weight=sum(one.weight for one in group)) for each, group in zip(chosen, groups, strict=True)]


class Latency:
    """How long one kind of job takes."""

    def __init__(self) -> None:
        prior = math.log(_PRIOR_MEDIAN)
        self._grid = [(math.log(median), spread) for median in _MEDIANS for spread in _SPREADS]
        self._prior = [-0.5 * ((centre - prior) / _PRIOR_SPREAD) ** 2 for centre, _ in self._grid]
        self._ended = [0.0] * len(self._grid)
        self._running = [0.0] * len(self._grid)
        self._likely: dict[bool, list[Hypothesis]] = {}

    def learn(self, ended: Sequence[Interval] = (), running: Iterable[float] = ()) -> None:
        """Jobs that `ended` within these intervals since the last call, and the ages of all `running` ones."""
        ends, ages = Counter(ended), Counter(running)
        kept = max(1.0 - len(ended) / _REMEMBERED, 0.5)
        for place, (centre, spread) in enumerate(self._grid):
            gained = sum(
                count * _logarithm(_share(centre, spread, end) - _share(centre, spread, begin))
                for (begin, end), count in ends.items()
            )
            self._ended[place] = kept * self._ended[place] + gained
            self._running[place] = sum(
                count * _logarithm(1.0 - _share(centre, spread, age)) for age, count in ages.items()
            )
        self._likely = {}

    def likely(self, *, with_running: bool = True) -> list[Hypothesis]:
        """The hypotheses that matter; their weights add up to 1. `with_running`: by the jobs that still run, too."""
        if with_running not in self._likely:
            running = self._running if with_running else [0.0] * len(self._grid)
            logarithms = [sum(terms) for terms in zip(self._prior, self._ended, running, strict=True)]
            highest = max(logarithms)
            found = [
                Hypothesis(centre, spread, math.exp(logarithm - highest))
                for (centre, spread), logarithm in zip(self._grid, logarithms, strict=True)
                if logarithm - highest > math.log(_LEAST_WEIGHT)
            ]
            found = _fewer(found)
            total = sum(each.weight for each in found)
            self._likely[with_running] = [each._replace(weight=each.weight / total) for each in found]
        return self._likely[with_running]

    def median(self) -> float:
        """The median that is expected, in seconds."""
        return math.exp(sum(each.weight * each.centre for each in self.likely()))

    def ended(self, age: float) -> float:
        """The share of jobs expected to have ended by `age` seconds."""
        return sum(each.weight * each.ended(age) for each in self.likely())

    def usually_ended(self, age: float) -> float:
        """The same, by the jobs that have ended: one that is never seen to end does not become usual by that."""
        return sum(each.weight * each.ended(age) for each in self.likely(with_running=False))
