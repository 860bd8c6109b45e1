"""One call with its retries, inside one deadline."""

from typing import Final, TypeVar

from attrs import frozen

from .._operations import Call
from .._timing import backoff
from ..errors import (
    ConnectError,
    PixolaError,
    RateLimitedError,
    RequestError,
    ServerError,
    UnexpectedResponseError,
)
from . import Flow, Now, Random, Send, Sleep

T = TypeVar("T")

LONGEST_RETRY_AFTER: Final = 120.0  # seconds; a 429 that asks for more is raised at once


@frozen
class Policy:
    """How long one call may take in all, in seconds, and how often it is repeated."""

    timeout: float
    max_retries: int


def request(call: Call[T], policy: Policy) -> Flow[T]:
    """Send `call` until it gives a value, an error that repeating cannot mend, or the deadline is near.

    A call that costs nothing is repeated after any failure that may pass; a paid one only when the service cannot
    have accepted it: it was never delivered, or refused with 429.
    """
    deadline = (yield from Now()) + policy.timeout
    attempt = 0
    while True:
        remaining = deadline - (yield from Now())
        try:
            return call.read((yield from Send(call, remaining)))
        except PixolaError as error:
            if attempt >= policy.max_retries or not _may_repeat(error, is_paid=call.is_paid):
                raise
            delay = _delay(error, attempt, (yield from Random()))
            if delay is None or (yield from Now()) + delay >= deadline:
                raise
        yield from Sleep(delay)
        attempt += 1


def _may_repeat(error: PixolaError, *, is_paid: bool) -> bool:
    if isinstance(error, ConnectError | RateLimitedError):
        return True
    return not is_paid and isinstance(error, RequestError | ServerError | UnexpectedResponseError)


def _delay(error: PixolaError, attempt: int, random: float) -> float | None:
    """Seconds until the next attempt: what the service asks for, else a backoff; None if it asks for too much."""
    wanted = error.retry_after if isinstance(error, RateLimitedError | ServerError) else None
    if wanted is None:
        return backoff(attempt, random)
    return wanted if wanted <= LONGEST_RETRY_AFTER else None
