"""When to poll one job, given how long jobs of its kind have taken: arithmetic, no clock is read.

Two rules bind every schedule, whatever was learned:

- *The bound.* A job that ends is noticed within `LONGEST_GAP` seconds, or within `LARGEST_SHARE` of the time elapsed
  since its submission if that is longer. So no gap between two polls is longer than that.
- *The limit.* No minute holds more than `POLLS_PER_MINUTE` polls.

The bound says how small the limit can be. The end may come at any time, so the first poll comes by 3 s and each gap is
as long as it may be at most: 3, 6, 9, 12, 15, 18, 21.6, 25.9, 31.1, 37.3, 44.8 and 53.7 s. These are 12 polls in the
first minute, and any schedule that keeps the bound has at least as many; later minutes need fewer. (With six polls a
minute, no gap could be promised to be shorter than 9.7 s.) Two more are left for polls between those, where the end is
likely: with 14 the mean delay of noticing is 11 % of the sandbox's waiting times, with 12 it is 14 %. A poll is put
between only if every later minute then still has room for the polls that the bound asks for.

Waiting times are taken to be lognormal. For example with a kind of job of which three have taken 8 s:

    >>> schedule = PollSchedule()
    >>> for _ in range(3):
    ...     schedule.learn(7.9, 8.1)
    >>> polls = []
    >>> while len(polls) < 9:
    ...     polls.append(schedule.next_poll(polls))
    >>> [round(at, 1) for at in polls]  # the bound; three polls around the usual time; the bound again
    [3.0, 6.0, 8.0, 9.4, 11.3, 14.3, 17.3, 20.8, 24.9]
"""

import math
from collections import deque
from collections.abc import Sequence
from typing import Final

POLLS_PER_MINUTE: Final = 14  # polls of one job in any minute
LONGEST_GAP: Final = 3.0  # seconds between two polls of a job that has not taken long yet
LARGEST_SHARE: Final = 0.2  # ... or this share of the time that it has taken
_MINUTE: Final = 60.0  # seconds
_SHORTEST_GAP: Final = 0.1  # seconds between two polls of one job

# Standard normal deviates at which a poll is worth most beside those of the bound; found by trying (spread 0.25).
_DEVIATES: Final = (0.0, 0.6, 1.3)

_PRIOR_MEDIAN: Final = 6.0  # seconds, when no job of a kind is known
_PRIOR_SPREAD: Final = 1.0  # sigma of the logarithm, then
_PRIOR_WEIGHT: Final = 0.05  # how many observations the prior median is worth
_USUAL_SPREAD: Final = 0.25  # sigma of one model's times ...
_USUAL_WEIGHT: Final = 20.0  # ... and how many observations that is worth: they are blurred by the gaps
_REMEMBERED: Final = 32  # jobs; what is older no longer counts
_INSTANT: Final = 0.001  # seconds; the logarithm needs more than 0


class PollSchedule:
    """How long one kind of job takes, and when to poll one."""

    __slots__ = ("_logarithms",)

    def __init__(self) -> None:
        self._logarithms: deque[float] = deque(maxlen=_REMEMBERED)

    def learn(self, earliest: float, latest: float) -> None:
        """A job ended between `earliest` and `latest` seconds after it was submitted."""
        middle = math.sqrt(max(earliest, latest / 2, _INSTANT) * max(latest, _INSTANT))
        self._logarithms.append(math.log(middle))

    def estimate(self) -> tuple[float, float]:
        """The median in seconds and the spread (sigma of the logarithm) to be expected of the next job."""
        count, prior = len(self._logarithms), math.log(_PRIOR_MEDIAN)
        if count == 0:
            return _PRIOR_MEDIAN, _PRIOR_SPREAD
        centre = (sum(self._logarithms) + _PRIOR_WEIGHT * prior) / (count + _PRIOR_WEIGHT)
        squares = sum((value - centre) ** 2 for value in self._logarithms)
        variance = (squares + _USUAL_WEIGHT * _USUAL_SPREAD**2) / (count + _USUAL_WEIGHT)
        return math.exp(centre), math.sqrt(variance * (1 + 1 / count))  # the centre is uncertain, too

    def next_poll(self, polls: Sequence[float]) -> float:
        """When to poll next, given when the job was polled before, in seconds after its submission."""
        after = polls[-1] if polls else 0.0
        due = latest = _latest(after)
        median, spread = self.estimate()
        for deviate in _DEVIATES:
            likely = median * math.exp(spread * deviate)
            if after + _SHORTEST_GAP <= likely < latest:
                due = likely if _leaves_room([*polls, likely]) else latest
                break
        return allowed(due, polls)


def _latest(after: float) -> float:
    """When the poll after one at `after` seconds has to come, by the bound."""
    return after + max(LONGEST_GAP, LARGEST_SHARE * after)


def _leaves_room(polls: list[float]) -> bool:
    """Whether the limit is kept if after these polls come only those of the bound."""
    end = polls[-1] + _MINUTE
    while polls[-1] < end:
        if allowed(polls[-1], polls[:-1]) > polls[-1]:
            return False
        polls.append(_latest(polls[-1]))
    return True


def allowed(due: float, polls: Sequence[float]) -> float:
    """`due`, or the first instant after it at which one more poll keeps the limit."""
    return due if len(polls) < POLLS_PER_MINUTE else max(due, polls[-POLLS_PER_MINUTE] + _MINUTE)
