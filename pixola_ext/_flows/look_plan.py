"""When the next look at a list is worth a request: arithmetic, no clock is read.

A look costs one request, and every finished picture waits for the next one. Let U(t) be how many pictures are expected
to have finished since the last look. The pictures have then waited A(t) = the integral of U, in picture-seconds. For a
given number of looks the waiting is least if each of them is made at the same A (Lagrange: the price of a request), so

    look when A(t) reaches the price,    price = (the integral of sqrt(U'))² / (2 K²)    for K looks in the time ahead

For example 27 pictures that end one a second from now on, with 3 looks to spend on them:

    integral of sqrt(1) over 27 s = 27    price = 27² / (2 * 3²) = 40.5    A(t) = t²/2 = 40.5 at t = 9, and so on
"""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from .latency import Latency

_STEP: Final = 0.25  # seconds between two points of the plan at its begin ...
_GROWTH: Final = 0.06  # ... and this share of the time since the last look later on
_LONGEST_PLAN: Final = 900.0  # seconds
_WHOLE: Final = 0.98  # of the pictures in flight: the rest is not worth planning for


class Cohort(NamedTuple):
    """Pictures that were submitted at about the same time, and that take equally long; none was seen finished."""

    submitted_at: float
    size: float
    latency: Latency


class Point(NamedTuple):
    """An instant of the plan: how many pictures are expected to have `ended` by then, since the last look."""

    at: float
    ended: float


def _waited(before: Point, point: Point) -> float:
    """The picture-seconds between two points."""
    return (point.at - before.at) * (before.ended + point.ended) / 2.0


class LookPlan:
    """The pictures that will end after the last look, at `since` (monotonic seconds)."""

    def __init__(self, cohorts: Sequence[Cohort], since: float) -> None:
        self.since = since
        self._total = sum(each.size for each in cohorts)
        self._points = [Point(since, 0.0), *self._expected(cohorts)]

    def price(self, looks: float, seconds: float = _LONGEST_PLAN) -> float:
        """What a look has to be worth, in picture-seconds, if `looks` are to be spent in `seconds`."""
        root = 0.0
        for before, point in pairwise(self._points):
            if before.at - self.since >= seconds:
                break
            span = point.at - before.at
            root += math.sqrt(max(point.ended - before.ended, 0.0) / span) * span
        return root * root / (2.0 * looks * looks)

    def price_of_one(self, until: float) -> float:
        """What a look has to be worth if there is one before `until`: what ended before it need not wait for that."""
        best, price, waited = 0.0, 0.0, 0.0
        for before, point in pairwise(self._points):
            waited += _waited(before, point)
            saved = point.ended * (until - point.at)
            if saved > best:
                best, price = saved, waited
        return price

    def reaches(self, price: float, most: float) -> float:
        """When the pictures have waited for `price`, or `most` of them have ended; infinity if neither happens."""
        waited = 0.0
        if price <= 0.0:
            return self.since
        for before, point in pairwise(self._points):
            gained = _waited(before, point)
            if waited + gained >= price:
                return before.at + (point.at - before.at) * (price - waited) / gained
            if point.ended >= most:
                return point.at
            waited += gained
        last = self._points[-1]
        return math.inf if last.ended <= 0.0 else last.at + (price - waited) / last.ended

    def _expected(self, cohorts: Sequence[Cohort]) -> Iterator[Point]:
        at = self.since
        running = [_Running(each, self.since) for each in cohorts]
        while at - self.since < _LONGEST_PLAN:
            at += max(_STEP, _GROWTH * (at - self.since))
            ended = sum(each.ended(at) for each in running)
            yield Point(at, ended)
            if ended >= _WHOLE * self._total:
                return


class _Running:
    """A cohort of which nothing has ended by `since`."""

    def __init__(self, cohort: Cohort, since: float) -> None:
        self._cohort = cohort
        age = since - cohort.submitted_at
        self._known = [(each, each.ended(age)) for each in cohort.latency.likely()]

    def ended(self, at: float) -> float:
        age = at - self._cohort.submitted_at
        share = sum(
            each.weight * ((each.ended(age) - before) / (1.0 - before) if before < 1.0 else 1.0)
            for each, before in self._known
        )
        return self._cohort.size * share
