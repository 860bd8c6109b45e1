"""When a look is worth a request."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixola_ext._flows.latency import Latency
from pixola_ext._flows.look_plan import Cohort, LookPlan


def known(median, jobs=200):
    """A latency that is well known: all jobs took nearly as long."""
    latency = Latency()
    latency.learn(ended=[(median * 0.9, median * 1.1)] * jobs)
    return latency


COHORTS = st.lists(
    st.builds(Cohort, st.floats(-2000.0, 100.0), st.integers(1, 1000), st.sampled_from([Latency(), known(15.0)])),
    max_size=6,
)


def test_nothing_in_flight_is_never_worth_a_look():
    """At no price above nothing."""
    assert LookPlan([], 0.0).reaches(1.0, 85.0) == math.inf


def test_one_picture_is_looked_for_after_its_usual_time():
    """Later by about the price: one picture waits a second in a second."""
    plan = LookPlan([Cohort(0.0, 1, known(20.0))], 0.0)
    assert 20.0 < plan.reaches(5.0, 85.0) < 32.0


def test_pictures_that_end_evenly_are_looked_for_at_even_intervals():
    """The example of the module: 27 pictures, one a second, and three looks for them."""
    latency = known(1.0)
    plan = LookPlan([Cohort(float(second) - 1.0, 1, latency) for second in range(27)], 0.0)
    price = plan.price(3.0)
    first = plan.reaches(price, 85.0)
    assert first == pytest.approx(9.0, abs=1.5)
    assert price == pytest.approx(40.5, rel=0.3)


def test_a_full_page_is_looked_at_whatever_the_price():
    """A list shows a hundred pictures, so the look is not later than `most` of them."""
    plan = LookPlan([Cohort(0.0, 300, known(10.0))], 0.0)
    assert plan.reaches(1e9, 85.0) < 12.0


def test_the_only_look_before_an_instant_is_made_where_it_saves_most():
    """Of pictures that end evenly until then, in the middle: later fewer are told of, earlier they have waited less."""
    latency = known(1.0)
    plan = LookPlan([Cohort(float(second) - 1.0, 1, latency) for second in range(40)], 0.0)
    assert plan.reaches(plan.price_of_one(40.0), 85.0) == pytest.approx(20.0, abs=2.0)
    assert plan.reaches(plan.price_of_one(20.0), 85.0) == pytest.approx(10.0, abs=2.0)


def test_fewer_looks_are_each_worth_more():
    """The price falls with the square of how many looks there are."""
    plan = LookPlan([Cohort(0.0, 50, known(15.0))], 0.0)
    assert plan.price(1.0) == pytest.approx(25.0 * plan.price(5.0))


@given(COHORTS, st.lists(st.floats(0.0, 1e6), min_size=2, max_size=5), st.floats(1.0, 500.0))
def test_a_higher_price_is_reached_later(cohorts, prices, most):
    """Never sooner, never before the last look, and never as an error."""
    plan = LookPlan(cohorts, 50.0)
    found = [plan.reaches(price, most) for price in sorted(prices)]
    assert found == sorted(found)
    assert all(at >= 50.0 for at in found)


@given(COHORTS, st.floats(0.01, 1000.0), st.floats(0.0, 1e6))
def test_a_price_is_a_number_of_picture_seconds(cohorts, looks, seconds):
    """At least nothing, whatever is in flight."""
    assert 0.0 <= LookPlan(cohorts, 50.0).price(looks, seconds) < math.inf
