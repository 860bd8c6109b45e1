"""How late the schedule of waiting notices the end, over the waiting times of the sandbox's catalog; no clock runs."""

import math
import random
from collections.abc import Iterator
from statistics import fmean
from typing import Final, NamedTuple

from pixola_ext._flows.poll_schedule import LARGEST_SHARE, LONGEST_GAP, POLLS_PER_MINUTE, PollSchedule
from pixola_ext.sandbox import world
from pixola_ext.sandbox.catalog import models

from .rows import Row

_GENERATIONS: Final = 100  # of each model and quality, one after the other, from knowing nothing
_BAR: Final = 12.0  # per cent of the generation time
_SPREADS: Final = (0.15, 0.25, 0.35)
_SEED: Final = 20261


class Waited(NamedTuple):
    """One generation that was waited for: its time in seconds, how late its end was seen, and when it was polled."""

    seconds: float
    lag: float
    polls: tuple[float, ...]


def waited(schedule: PollSchedule, seconds: float) -> Waited:
    """A wait on its own for a generation of so many seconds; `schedule` learns from it."""
    polls: list[float] = []
    while not polls or polls[-1] < seconds:
        polls.append(schedule.next_poll(polls))
    schedule.learn(polls[-2] if len(polls) > 1 else 0.0, polls[-1])
    return Waited(seconds, polls[-1] - seconds, tuple(polls))


def simulated(spread: float) -> list[Waited]:
    """Every model in both qualities, each with a schedule of its own that starts from nothing."""
    chance = random.Random(_SEED)  # noqa: S311
    found = []
    for model in models().values():
        for median in (model.seconds, model.seconds * world._HD_FACTOR):  # noqa: SLF001  (the sandbox's own figures)
            schedule = PollSchedule()
            for _ in range(_GENERATIONS):
                images = [median * chance.lognormvariate(0, spread) for _ in range(model.images)]
                found.append(waited(schedule, max(images)))
    return found


def most_in_a_minute(polls: tuple[float, ...]) -> int:
    """The most polls in any minute."""
    return max(sum(start <= poll < start + 60 for poll in polls) for start in polls)


def mean_lag(waits: list[Waited]) -> float:
    """The mean lag as a share of the mean generation time, in per cent."""
    return sum(each.lag for each in waits) / sum(each.seconds for each in waits) * 100


def mean_share(waits: list[Waited]) -> float:
    """The mean, over all generations, of the lag as a share of each one's own time, in per cent."""
    return fmean(each.lag / each.seconds for each in waits) * 100


def learned(waits: list[Waited]) -> list[Waited]:
    """Without the first quarter of each model and quality, in which its usual time is still being learned."""
    return [each for number, each in enumerate(waits) if number % _GENERATIONS >= _GENERATIONS // 4]


def worst_overrun(rounds: int = 300) -> float:
    """How close to its bound the lag came, in per cent of it, in sequences of jobs that mislead what is learned."""
    chance = random.Random(_SEED)  # noqa: S311
    worst = 0.0
    for _ in range(rounds):
        schedule = PollSchedule()
        usual = math.exp(chance.uniform(-2, 6))  # seconds; a run of like jobs, then one of any length
        for seconds in [usual] * chance.randrange(6) + [math.exp(chance.uniform(-2, 7)) for _ in range(3)]:
            found = waited(schedule, seconds)
            worst = max(worst, found.lag / max(LONGEST_GAP, LARGEST_SHARE * seconds) * 100)
            if most_in_a_minute(found.polls) > POLLS_PER_MINUTE:
                raise RuntimeError("more polls in a minute than promised")
    return worst


def lag() -> Iterator[Row]:
    """Rows for the sandbox's own spread, which the bar is for, and for others."""
    own = world._SPREAD  # noqa: SLF001
    for spread in sorted({own, *_SPREADS}):
        waits = simulated(spread)
        bar = _BAR if spread == own else None
        mark = " (the sandbox's)" if spread == own else ""
        yield Row(f"detection lag at spread {spread:.2f}{mark}", mean_lag(waits), "%", bar)
        yield Row("... once a model's usual time is learned", mean_lag(learned(waits)), "%")
        yield Row("... as the mean of each one's own share", mean_share(waits), "%")
        yield Row(f"requests a generation at spread {spread:.2f}", fmean(len(each.polls) for each in waits), "")
        most = max(most_in_a_minute(each.polls) for each in waits)
        yield Row(f"most requests in any minute at spread {spread:.2f}", most, "", POLLS_PER_MINUTE)
    yield Row("longest lag after misleading jobs, of its bound (3 s or 20 %)", worst_overrun(), "%", 100.0)
