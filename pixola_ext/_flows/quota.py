"""Waiting for the request budget of the key, which all threads, tasks and processes share."""

from collections.abc import Callable
from datetime import timedelta

from .._budget.reservation import Reservation
from ..errors import QuotaExhaustedError
from .effects import Flow, Now, Release, Reserve, Sleep, WallClock


def reserve(
    deadline: float, ask: Callable[[Reserve, float], Flow[Reservation]], *, is_paid: bool, wait_for_quota: bool
) -> Flow[tuple[Reservation, float]]:
    """A reservation whose time has come, and the deadline, which is moved by the time waited if `wait_for_quota`.

    Otherwise raises `QuotaExhaustedError` when the day is used up, or when the time would come after the deadline.
    `ask` reserves, and is given the deadline. Whatever ends the waiting, the reservation is released.
    """
    reservation = yield from ask(Reserve(is_paid=is_paid, wait_for_quota=wait_for_quota), deadline)
    try:
        while reservation.delay > 0:
            if wait_for_quota:
                deadline += reservation.delay
            else:
                yield from _check(reservation, deadline)
            yield from Sleep(reservation.delay)
            again = Reserve(is_paid=is_paid, wait_for_quota=wait_for_quota, reservation=reservation)
            reservation = yield from ask(again, deadline)
    except GeneratorExit:
        raise
    except BaseException:
        yield from Release(reservation)
        raise
    return reservation, deadline


def _check(reservation: Reservation, deadline: float) -> Flow[None]:
    frees_at = reservation.frees_at
    if frees_at is None:
        if (yield from Now()) + reservation.delay < deadline:
            return
        frees_at = (yield from WallClock()) + timedelta(seconds=reservation.delay)
    raise QuotaExhaustedError(
        f"the requests of this key are used up until {frees_at:%Y-%m-%d %H:%M:%S} UTC; nothing was sent",
        available_at=frees_at,
        is_daily=reservation.frees_at is not None,
    )
