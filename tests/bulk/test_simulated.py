"""Whole runs in virtual time keep the bars of `make simulate`, which has more of them."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulate import BARS, Case, dispatched, pooled
from simulating.oracle import with_best_looks
from simulating.runs import Result


@pytest.mark.parametrize("count", [20, 100, 985])
def test_a_run_keeps_its_bar(count):
    """Requests for each picture, lag and makespan; 985 are all made within the day; none is refused by the limits."""
    result = pooled(dispatched, Case(count))
    assert BARS[count].is_kept(result), result


@given(st.lists(st.integers(0, 60), min_size=1, max_size=7), st.integers(1, 4))
def test_no_looks_are_better_than_those_of_the_oracle(ends, looks):
    """Compared with all choices of as many ends; the last picture is always told of."""
    ends = sorted(map(float, ends))
    found = with_best_looks(Result(len(ends) + looks, 0, 0.0, len(ends), ends, ends))
    chosen = (
        {*others, ends[-1]} for others in itertools.combinations_with_replacement(ends, min(looks, len(ends)) - 1)
    )
    least = min(sum(min(look for look in each if look >= end) - end for end in ends) for each in chosen)
    assert np.isclose(sum(found.lags), least)
