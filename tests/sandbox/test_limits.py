"""Rate limits as sliding windows."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixola_ext.sandbox.limits import RateLimits, Window

GAPS = st.lists(st.floats(0, 30, allow_nan=False), max_size=200)


@given(gaps=GAPS)
def test_no_minute_holds_more_than_its_limit(gaps: list[float]) -> None:
    """Whichever minute one looks at, and whenever the requests come."""
    limits = RateLimits(per_minute=5, per_day=1000)
    now, allowed = 0.0, []
    for gap in gaps:
        now += gap
        if limits.admit(now) == 0:
            allowed.append(now)
    assert all(allowed[n + 5] - allowed[n] >= 60 for n in range(len(allowed) - 5))
    assert all(later >= earlier for earlier, later in pairwise(allowed))


@given(gaps=GAPS)
def test_the_wait_that_is_told_is_exact(gaps: list[float]) -> None:
    """After it a request is allowed, and not before; both windows are kept in mind."""
    limits = RateLimits(per_minute=3, per_day=20)
    now = 0.0
    for gap in gaps:
        now += gap
        delay = limits.admit(now)
        if delay > 0:
            assert limits.admit(now + delay * 0.999) > 0
            assert limits.admit(now + delay + 1e-6) == 0
            now += delay + 1e-6


def test_what_lies_in_the_future_does_not_count() -> None:
    """When the clock was moved back, the requests of the time to come have not been made yet."""
    window = Window(2, 60.0)
    window.take(1000.0)
    window.take(1001.0)
    assert window.delay(1002.0) == pytest.approx(58.0)
    assert window.delay(500.0) == 0
    assert window.used(500.0) == 0
