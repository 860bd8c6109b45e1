"""What programs do without a dispatcher, in the same virtual time and under the same limits."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any, Final

from pixola_ext._api.operations import create_generation, get_batch
from pixola_ext._flows.effects import Flow, Now, Sleep
from pixola_ext._flows.request import request
from pixola_ext.errors import RateLimitedError
from pixola_ext.models import GenerationRequest
from pixola_ext.settings import Policy

from .runs import DAY, Case, Result, World

_QUICK_START: Final = 2.0  # seconds between two polls, in the examples of the vendor
_LONGEST_BACKOFF: Final = 60.0  # seconds
_SIDE_BY_SIDE: Final = 30  # generations at once
_POLICY: Final = Policy(timeout=DAY, max_retries=0, is_budgeted=True, wait_for_quota=True)

Pauses = Callable[[], Iterator[float]]  # between the polls of one batch


def sequential(case: Case) -> Result:
    """One after the other, polled every 2 s: the vendor's example, with a limiter."""
    return _run(case, lanes=1, pauses=_even)


def concurrent(case: Case) -> Result:
    """Many at the same time, each polled every 2 s, with a limiter."""
    return _run(case, lanes=_SIDE_BY_SIDE, pauses=_even)


def backing_off(case: Case) -> Result:
    """Many at the same time, each polled with pauses that double, with a limiter."""
    return _run(case, lanes=_SIDE_BY_SIDE, pauses=_doubling)


def _even() -> Iterator[float]:
    while True:
        yield _QUICK_START


def _doubling() -> Iterator[float]:
    yield from (min(_QUICK_START * 2**number, _LONGEST_BACKOFF) for number in count())


def _run(case: Case, *, lanes: int, pauses: Pauses) -> Result:
    world, prompts = World(case), case.prompts()
    ended = 0

    def lane_ended(_value: Any) -> None:
        nonlocal ended
        ended += 1

    world.driver.start([_lane(world, prompts, pauses) for _ in range(lanes)], lane_ended)
    world.time.run(DAY, lambda: ended == lanes)
    return world.result()


def _lane(world: World, prompts: Iterator[str], pauses: Pauses) -> Flow[None]:
    for prompt in prompts:
        batch = yield from _patiently(create_generation(GenerationRequest(prompt)))
        for pause in pauses():
            yield from Sleep(pause)
            if (yield from _patiently(get_batch(batch.batch_id))).is_terminal:
                break
        world.knows(batch.batch_id)


def _patiently(call: Any) -> Flow[Any]:
    while True:
        try:
            return (yield from request(call, _POLICY))
        except RateLimitedError as error:
            yield from Sleep(error.retry_after or _LONGEST_BACKOFF)
        yield from Now()
