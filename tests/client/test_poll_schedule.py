"""When a job is polled: what was learned helps, and never breaks the bound."""

import doctest
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixola_ext._flows import poll_schedule
from pixola_ext._flows.poll_schedule import POLLS_PER_MINUTE, PollSchedule

SECONDS = st.one_of(st.floats(0, 5), st.floats(0, 120), st.floats(0, 3600))


def polled(schedule, seconds, start=0.0):
    """The polls of one job that takes `seconds`; the wait begins `start` seconds after its submission."""
    polls = []
    while not polls or polls[-1] < seconds:
        polls.append(max(schedule.next_poll(polls), start))
    return polls


def most_in_a_minute(polls):
    """The most polls in any minute."""
    return max(sum(first <= each < first + 60 for each in polls) for first in polls)


@given(st.lists(SECONDS, min_size=1, max_size=12))
def test_whatever_was_learned_the_end_is_noticed_within_the_bound(latencies):
    """Within 3 s, or 20 % of the time that the job took, in at most so many polls a minute; any sequence of jobs."""
    schedule = PollSchedule()
    for seconds in latencies:
        polls = polled(schedule, seconds)
        assert polls[-1] - seconds <= max(3.0, 0.2 * seconds) + 1e-9
        assert most_in_a_minute(polls) <= POLLS_PER_MINUTE
        assert polls == sorted(set(polls))
        schedule.learn(polls[-2] if len(polls) > 1 else 0.0, polls[-1])


@given(st.lists(st.tuples(st.floats(0, 1e9), st.floats(0, 1e9)), max_size=40), st.floats(0, 1e6))
def test_the_bound_holds_for_a_wait_that_begins_late_and_for_any_memory(observed, start):
    """However wrong what was learned is, and however long after the submission the first poll comes."""
    schedule = PollSchedule()
    for earliest, latest in observed:
        schedule.learn(earliest, latest)
    polls = polled(schedule, start + 600, start)
    assert polls[0] <= max(start, 3.0)
    assert all(later - earlier <= max(3.0, 0.2 * earlier) + 1e-6 for earlier, later in pairwise(polls))
    assert most_in_a_minute(polls) <= POLLS_PER_MINUTE


def test_a_job_that_takes_far_longer_than_those_before_is_noticed_soon():
    """One of 8 s after three of 0.6 s: what was learned does not use up the polls of the minute."""
    schedule = PollSchedule()
    for _ in range(3):
        polls = polled(schedule, 0.6)
        schedule.learn(0.0, polls[-1])
    assert polled(schedule, 8.0)[-1] <= 11.0


def test_a_poll_that_came_late_does_not_break_the_limit():
    """As when the budget delays it: the next polls are counted from when it came."""
    schedule, polls = PollSchedule(), []
    while len(polls) < 40:
        polls.append(schedule.next_poll(polls) + (50.0 if len(polls) % 7 == 5 else 0.0))
    assert most_in_a_minute(polls) <= POLLS_PER_MINUTE


@pytest.mark.parametrize("seconds", [0.3, 2.0, 5.0, 12.0, 45.0])
def test_the_usual_time_is_learned(seconds):
    """After a few jobs a poll comes soon after the time that they took, and the estimate is near it."""
    schedule = PollSchedule()
    for _ in range(8):
        schedule.learn(seconds * 0.9, seconds * 1.1)
    median, spread = schedule.estimate()
    assert median == pytest.approx(seconds, rel=0.15, abs=0.1)
    assert spread < 0.35
    assert polled(schedule, seconds)[-1] - seconds <= max(0.3, 0.15 * seconds)


def test_the_example_in_the_documentation_is_true():
    """It is run."""
    assert doctest.testmod(poll_schedule) == (0, 5)
