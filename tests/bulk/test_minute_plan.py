"""How many looks a minute has, and where the last one of a minute is made."""

import math
from datetime import UTC, datetime

import pytest

from pixola_ext._budget.limits import Allowance, Budget
from pixola_ext._flows.latency import Latency
from pixola_ext._flows.look_plan import Cohort, LookPlan
from pixola_ext._flows.minute_plan import MINUTE, PAGE, MinutePlan, Outstanding

AT = datetime(2026, 1, 1, tzinfo=UTC)


LATENCY = Latency()


def budget(day, minute=30):
    """So many requests are left."""
    return Budget(Allowance(30, 30 - minute, AT), Allowance(1000, 1000 - day, AT), None)


def submissions_of(count):
    """So many, made at 0."""
    return [Cohort(0.0, count, LATENCY)]


def left_at_the_end(submissions):
    """How many requests of a day are left when all submissions are sent, and how many of these no look has told of.

    All looks were made that the submissions left.
    """
    minute, day, now, untold = MinutePlan(), 1000, 0.0, 0
    while submissions > 0:
        minute.begin(now, budget(day), submissions)
        for _ in range(minute.planned_looks):
            plan = LookPlan(submissions_of(27), now)
            price = minute.price(plan, now, budget(day), Outstanding(submissions, is_over=False), submissions_of)
            if price < math.inf:
                minute.looks(now)
                day, untold = day - 1, 0
        sent = min(30 - minute.planned_looks, submissions)
        submissions, day, untold, now = submissions - sent, day - sent, untold + sent, now + MINUTE
    return day, untold


@pytest.mark.parametrize("submissions", [300, 800, 900, 950])
def test_looks_are_kept_for_the_end_where_the_day_can_spare_them(submissions):
    """The last pictures of a run are not waited for a day because the looks were spent on the first ones."""
    day, _untold = left_at_the_end(submissions)
    assert day >= 8


@pytest.mark.parametrize("submissions", [970, 980, 985])
def test_a_day_that_can_spare_few_looks_still_has_room_for_all_submissions(submissions):
    """And for the pages that the last ones fill."""
    day, untold = left_at_the_end(submissions)
    assert day >= math.ceil(untold / 100)


def test_the_last_look_of_a_minute_does_not_wait_for_all_pictures():
    """When the minute is over there are looks again: it is made where it tells most, sooner."""
    latency = Latency()
    latency.learn(ended=[(14.0, 16.0)] * 60 + [(25.0, 40.0)] * 40)
    plan = LookPlan([Cohort(0.0, 6, latency)], 10.0)
    minute = MinutePlan()
    minute.begin(0.0, budget(500), 0)
    minute.sent.extend([0.5] * 29)
    price = minute.price(plan, 12.0, budget(500, 1), Outstanding(0, is_over=True), lambda _count: [])
    assert 14.0 < plan.reaches(price, PAGE) < 35.0
