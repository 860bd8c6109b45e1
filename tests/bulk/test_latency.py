"""What is learned about how long jobs take, from a few intervals."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixola_ext._flows.latency import Latency

AGES = st.one_of(st.floats(0.0, 1e9), st.sampled_from([-1e9, 0.0, 5e-324, 1e300, math.inf]))
INTERVALS = st.lists(st.tuples(AGES, AGES), max_size=30)


def test_without_any_job_a_wide_guess_is_made():
    """Around a quarter of a minute: neither a second nor five minutes would surprise."""
    latency = Latency()
    assert 5.0 < latency.median() < 30.0
    assert 0.0 < latency.ended(2.0) < 0.3
    assert 0.9 < latency.ended(300.0) <= 1.0


@pytest.mark.parametrize("median", [0.5, 5.0, 15.0, 60.0, 240.0])
def test_the_median_is_learned_from_jobs_that_were_seen_finished_between_two_polls(median):
    """Within a quarter, from forty jobs with a spread of half."""
    chance = random.Random(3)  # noqa: S311
    latency, poll = Latency(), median / 5.0
    for _ in range(40):
        begin = poll * (median * chance.lognormvariate(0.0, 0.5) // poll)
        latency.learn(ended=[(begin, begin + poll)])
    assert latency.median() == pytest.approx(median, rel=0.25)


def test_jobs_that_still_run_make_the_median_longer():
    """And it forgets them when they are no longer told: ages are of all that run now."""
    latency = Latency()
    latency.learn(ended=[(5.0, 8.0)] * 3)
    before = latency.median()
    latency.learn(running=[20.0] * 9)
    assert latency.median() > 2.0 * before
    latency.learn()
    assert latency.median() == pytest.approx(before)


def test_a_service_that_becomes_slower_is_noticed():
    """What is older than some hundred jobs counts little."""
    latency = Latency()
    latency.learn(ended=[(4.0, 6.0)] * 100)
    for _ in range(30):
        latency.learn(ended=[(35.0, 45.0)] * 20)
    assert latency.median() == pytest.approx(40.0, rel=0.2)


@given(INTERVALS, st.lists(AGES, max_size=30))
def test_whatever_is_seen_weights_add_up_to_one(ended, running):
    """No age and no interval is refused, however extreme; the share that has ended grows with age."""
    latency = Latency()
    latency.learn(ended, running)
    assert sum(each.weight for each in latency.likely()) == pytest.approx(1.0)
    assert 0.0 < latency.median() < math.inf
    shares = [latency.ended(age) for age in (-1.0, 0.0, 1.0, 10.0, 100.0, 1e9, math.inf)]
    assert shares == sorted(shares)
    assert 0.0 <= shares[0] <= shares[-1] <= 1.0 + 1e-9


@given(st.integers(1, 5000))
def test_any_number_of_jobs_may_end_at_once(count):
    """Hundreds of equal intervals are as certain as they can be, and no less."""
    latency = Latency()
    latency.learn(ended=[(9.0, 11.0)] * count)
    assert sum(each.weight for each in latency.likely()) == pytest.approx(1.0)
