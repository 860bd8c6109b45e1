"""Waiting for a turn in the request budget of the key, which all threads, tasks and processes share."""

from datetime import timedelta

from .._budget.turn import Turn
from ..errors import QuotaExhaustedError
from .effects import Flow, Now, Release, Reserve, Sleep, Today


def turn(deadline: float, *, is_paid: bool, wait_for_quota: bool) -> Flow[tuple[Turn, float]]:
    """A turn whose time has come, and the deadline, which moves on by the time waited if `wait_for_quota`.

    Otherwise raises `QuotaExhaustedError` when the day is used up, or when the turn would come after the deadline.
    Whatever ends the waiting, the turn is given back.
    """
    mine = yield from Reserve(is_paid, wait_for_quota)
    try:
        while mine.delay > 0:
            if wait_for_quota:
                deadline += mine.delay
            else:
                yield from _check(mine, deadline)
            yield from Sleep(mine.delay)
            mine = yield from Reserve(is_paid, wait_for_quota, mine)
    except GeneratorExit:
        raise
    except BaseException:
        yield from Release(mine)
        raise
    return mine, deadline


def _check(mine: Turn, deadline: float) -> Flow[None]:
    frees_at = mine.frees_at
    if frees_at is None:
        if (yield from Now()) + mine.delay < deadline:
            return
        frees_at = (yield from Today()) + timedelta(seconds=mine.delay)
    raise QuotaExhaustedError(
        f"the requests of this key are used up until {frees_at:%Y-%m-%d %H:%M:%S} UTC; nothing was sent",
        available_at=frees_at,
        is_daily=mine.frees_at is not None,
    )
