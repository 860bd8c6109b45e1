"""One call with its retries, inside one deadline."""

from typing import Any, Final, Generic, TypeVar

from .._api.operations import Call
from .._api.timing import backoff
from .._budget.reservation import UNCOUNTED, Reservation
from ..errors import (
    APIError,
    ConfigurationError,
    ConnectError,
    PixolaError,
    RateLimitedError,
    RequestError,
    ServerError,
    UnexpectedResponseError,
)
from ..settings import Policy
from . import quota
from .effects import Confirm, Flow, Now, Pause, Random, Release, Reserve, Sleep
from .observing import Attempt, observed, report_request, report_retry

T = TypeVar("T")

PASSING: Final = (RequestError, RateLimitedError, ServerError, UnexpectedResponseError)  # trouble that may pass
LONGEST_RETRY_AFTER: Final = 120.0  # seconds; a 429 that asks for more is raised at once
_NO_ANSWER: Final = frozenset({408, 425, 499})  # refusals by a proxy that gave up waiting, not by the service
LONGEST_PAUSE: Final = 900.0  # seconds that one 429 pauses all requests of the key, even if it says ten years


def single_attempt(policy: Policy, timeout: float) -> Policy:
    """`policy` for one attempt of at most `timeout` seconds, without retries."""
    return policy._replace(timeout=min(policy.timeout, timeout), max_retries=0)


class Sender(Generic[T]):
    """How one attempt of a call is made; subclasses write down more of it."""

    def reserve(self, reserve: Reserve | None, _deadline: float, /) -> Flow[Reservation]:
        """Reserve the attempt, if it is counted, or ask how long is left to wait; it must be sent by `_deadline`."""
        return UNCOUNTED if reserve is None else (yield from reserve)

    def send(self, attempt: Attempt[T]) -> Flow[T]:
        """Send the call of `attempt` once; its reservation allows that now."""
        yield from report_request(attempt)
        return attempt.call.read((yield from observed(attempt)))


_PLAIN: Final = Sender[Any]()


def request(call: Call[T], policy: Policy, sender: Sender[T] = _PLAIN) -> Flow[T]:
    """Send `call` until it gives a value, an error that repeating cannot mend, or the deadline is near.

    A safe call, which changes nothing, is repeated after any failure that may pass; any other only when the service
    cannot have carried it out: it was never delivered, or refused with 429. Its other errors have `may_be_done`.
    """
    deadline = (yield from Now()) + policy.timeout
    number = 0
    while True:
        number += 1
        if policy.is_budgeted:
            reservation, deadline = yield from quota.reserve(
                deadline,
                sender.reserve,
                is_paid=policy.leaves_share and not call.is_safe,
                wait_for_quota=policy.wait_for_quota,
            )
        else:
            reservation = yield from sender.reserve(None, deadline)
        attempt = Attempt(call, number, deadline - (yield from Now()), policy)
        try:
            return (yield from _counted(attempt, reservation, sender))
        except PixolaError as error:
            error.may_be_done = not call.is_safe and is_unconfirmed(error)
            if policy.is_budgeted and isinstance(error, RateLimitedError):
                yield from _pause(error, reservation)
            if number > policy.max_retries or not _may_repeat(error, is_safe=call.is_safe):
                raise
            delay = _delay(error, number, (yield from Random()))
            if delay is None or (yield from Now()) + delay >= deadline:
                raise
            yield from report_retry(call, number, delay, error, policy)
        yield from Sleep(delay)


def _counted(attempt: Attempt[T], reservation: Reservation, sender: Sender[T]) -> Flow[T]:
    """Send the call once, and say in the budget whether and when it can have arrived."""
    if reservation is UNCOUNTED:
        return (yield from sender.send(attempt))
    try:
        value = yield from sender.send(attempt)
    except GeneratorExit:
        raise
    except (ConnectError, ConfigurationError):
        yield from Release(reservation)  # it was never delivered
        raise
    except BaseException:
        yield from Confirm(reservation)
        raise
    yield from Confirm(reservation)
    return value


def _pause(error: RateLimitedError, reservation: Reservation) -> Flow[None]:
    """All requests of the key pause as long as the service asks for, within bounds."""
    yield from Pause(None if error.retry_after is None else min(error.retry_after, LONGEST_PAUSE), reservation)


def _may_repeat(error: PixolaError, *, is_safe: bool) -> bool:
    if isinstance(error, ConnectError | RateLimitedError):
        return True
    return is_safe and isinstance(error, RequestError | ServerError)


def is_unconfirmed(error: PixolaError) -> bool:
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
