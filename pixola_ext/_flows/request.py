"""One call with its retries, inside one deadline."""

from typing import Final, TypeVar

from attrs import evolve

from .._api.operations import Call
from .._budget.turn import NOW, Turn
from .._timing import backoff
from ..errors import (
    APIError,
    ConnectError,
    PixolaError,
    RateLimitedError,
    RequestError,
    ServerError,
    UnexpectedResponseError,
)
from ..settings import Policy, RequestEvent, RetryEvent
from . import quota
from .effects import Flow, Hold, Now, Random, Release, Send, Sleep, Tell

T = TypeVar("T")

LONGEST_RETRY_AFTER: Final = 120.0  # seconds; a 429 that asks for more is raised at once
LONGEST_HOLD: Final = 900.0  # seconds that one 429 keeps everybody on the key from asking, even if it says ten years
_NO_ANSWER: Final = frozenset({408, 425, 499})  # refusals by a proxy that gave up waiting, not by the service


def brief(policy: Policy, timeout: float) -> Policy:
    """`policy` for a single attempt of at most `timeout` seconds."""
    return evolve(policy, timeout=min(policy.timeout, timeout), max_retries=0)


def request(call: Call[T], policy: Policy) -> Flow[T]:
    """Send `call` until it gives a value, an error that repeating cannot mend, or the deadline is near.

    A safe call, which changes nothing, is repeated after any failure that may pass; any other only when the service
    cannot have carried it out: it was never delivered, or refused with 429. Its other errors have `may_be_done`.
    """
    deadline = (yield from Now()) + policy.timeout
    attempt = 0
    turn = NOW
    while True:
        attempt += 1
        if policy.is_budgeted:
            turn, deadline = yield from quota.turn(
                deadline, is_paid=not call.is_safe, wait_for_quota=policy.wait_for_quota
            )
        if policy.on_request is not None:
            yield from Tell(policy.on_request, RequestEvent(call.method, call.path, attempt))
        remaining = deadline - (yield from Now())
        try:
            return call.read((yield from Send(call, remaining)))
        except PixolaError as error:
            error.may_be_done = not call.is_safe and _is_unconfirmed(error)
            if policy.is_budgeted:
                yield from _accounted(error, turn)
            if attempt > policy.max_retries or not _may_repeat(error, is_safe=call.is_safe):
                raise
            delay = _delay(error, attempt, (yield from Random()))
            if delay is None or (yield from Now()) + delay >= deadline:
                raise
            if policy.on_retry is not None:
                yield from Tell(policy.on_retry, RetryEvent(call.method, call.path, attempt, delay, error))
        yield from Sleep(delay)


def _accounted(error: PixolaError, turn: Turn) -> Flow[None]:
    """What a failure means to the budget: never delivered, it did not count; refused with 429, everybody pauses."""
    if isinstance(error, ConnectError):
        yield from Release(turn)
    elif isinstance(error, RateLimitedError):
        yield from Hold(None if error.retry_after is None else min(error.retry_after, LONGEST_HOLD))


def _may_repeat(error: PixolaError, *, is_safe: bool) -> bool:
    if isinstance(error, ConnectError | RateLimitedError):
        return True
    return is_safe and isinstance(error, RequestError | ServerError)


def _is_unconfirmed(error: PixolaError) -> bool:
    """Whether the service may have carried out what ended in this error."""
    if isinstance(error, APIError):
        return isinstance(error, ServerError) or error.status in _NO_ANSWER
    return isinstance(error, RequestError | UnexpectedResponseError) and not isinstance(error, ConnectError)


def _delay(error: PixolaError, attempt: int, random: float) -> float | None:
    """Seconds until the next attempt: what the service asks for, else a backoff; None if it asks for too much."""
    wanted = error.retry_after if isinstance(error, RateLimitedError | ServerError) else None
    if wanted is not None and wanted > LONGEST_RETRY_AFTER:
        return None
    return max(wanted or 0.0, backoff(attempt - 1, random))
