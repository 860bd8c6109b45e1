"""Machines that share keys, in virtual time: all is done, within the limits, and more keys are what makes it faster."""

import pytest
from simulating.machines import Fleet, together
from simulating.runs import Case


@pytest.mark.parametrize("machines", [1, 3])
def test_machines_on_one_key_stay_within_its_limits(machines):
    """However many there are, and each picture is submitted once."""
    result = together(Fleet(machines, 1, Case(40)))
    assert (result.done, result.refused) == (40, 0)
    assert 40 + 1 <= result.requests_each * 40 < 40 * 1.6 + 2 * machines


def test_more_keys_do_more_in_the_same_time():
    """Each of them has its own limits."""
    one, two = (together(Fleet(1, keys, Case(40))) for keys in (1, 2))
    assert (two.done, two.refused) == (80, 0)
    assert two.makespan < 1.5 * one.makespan
