"""The arithmetic of the request budget, against a model that tries every instant."""

import doctest

from hypothesis import given
from hypothesis import strategies as st

from pixola_ext._budget import limits as arithmetic
from pixola_ext._budget.limits import Limit, Limits, Schedule, clear

times = st.lists(st.integers(-40, 20), max_size=25).map(sorted)


def is_full(at, times, count, span):
    """Whether some window around `at` would hold too many, looking at each of them."""
    starts = range(at - span + 1, at + 1)
    return any(sum(start <= each < start + span for each in times) >= count for start in starts)


@given(times, st.integers(0, 30), st.integers(1, 6), st.integers(1, 20))
def test_the_earliest_time_is_the_first_that_fills_no_window(times, start, count, span):
    """Whatever was sent before or is booked after, in any order and number."""
    at = clear(start, times, count, span)
    assert at >= start
    assert not is_full(at, times, count, span)
    assert all(is_full(earlier, times, count, span) for earlier in range(start, at))


requests = st.lists(st.tuples(st.integers(-40, 20), st.booleans()), max_size=20).map(sorted)


def schedule_of(requests, limits):
    """A schedule with these requests in it."""
    schedule = Schedule(limits)
    for at, is_paid in requests:
        schedule.add(at, is_paid=is_paid)
    return schedule


def small(day=30, spacing=1):
    """Limits small enough to try every instant."""
    return Limits(Limit(4, 10), Limit(day, 50), polling_share=1, margin=0, spacing=spacing)


@given(requests, st.integers(0, 30), st.booleans())
def test_both_limits_the_spacing_and_the_share_for_polling_hold_at_once(requests, start, is_paid):
    """The earliest time is the first that none of them forbids."""
    every, paid = [at for at, _ in requests], [at for at, is_paid in requests if is_paid]

    def is_forbidden(at):
        rules = [(every, 4, 10), (every, 9, 50), (every, 1, 2)] + ([(paid, 3, 10)] if is_paid else [])
        return any(is_full(at, *rule) for rule in rules)

    at = schedule_of(requests, small(day=9, spacing=2)).earliest(start, is_paid=is_paid)
    assert at >= start
    assert not is_forbidden(at)
    assert all(is_forbidden(earlier) for earlier in range(start, at))


@given(requests, st.lists(st.booleans(), max_size=8))
def test_queued_callers_are_served_in_their_order(requests, waiting):
    """No caller gets a time before one of the same kind that came earlier, and every time is within the limits."""
    schedule = schedule_of(requests, small())
    times_of = {True: [0], False: [0]}
    for is_paid in waiting:
        times_of[is_paid].append(schedule.earliest(0, is_paid=is_paid))
        schedule.add_queue([is_paid], 0)
    assert all(times == sorted(times) for times in times_of.values())
    new = sorted(at for times in times_of.values() for at in times[1:])
    for at in new:
        assert not is_full(at, [each for each in schedule.minute if each != at], 4, 10)


def test_no_more_of_the_queue_is_counted_than_fits_into_one_window():
    """A thousand queued callers cost no more than a window's worth of each kind."""
    schedule = schedule_of([], small(day=3000))
    schedule.add_queue([True, False] * 1000, 0)
    assert len(schedule.minute) == 8


def test_the_example_in_the_documentation_is_true():
    """It is run."""
    assert doctest.testmod(arithmetic) == (0, 8)
