"""What a caller can observe of each request: `on_request`, `on_response`, `on_retry`, and the logger `pixola_ext`."""

import logging
from contextlib import suppress
from typing import Any, Final, Generic, NamedTuple, TypeVar

from .._api.answers import Answer
from .._api.operations import Call
from .._display import printable
from ..errors import PixolaError
from ..settings import Policy, RequestEvent, ResponseEvent, RetryEvent
from .effects import Flow, Notify, Now, Send

T = TypeVar("T")

_LOGGER: Final = logging.getLogger("pixola_ext")


class Attempt(NamedTuple, Generic[T]):
    """One attempt of a call, `number` counting from 1, within `timeout` seconds; see `Send` for `latest`."""

    call: Call[T]
    number: int
    timeout: float
    policy: Policy
    latest: float | None = None


def observed(attempt: Attempt[Any]) -> Flow[Answer]:
    """The answer to an attempt, after its outcome was reported."""
    send = Send(attempt.call, attempt.timeout, attempt.latest)
    if attempt.policy.on_response is None and not _LOGGER.isEnabledFor(logging.DEBUG):
        return (yield from send)
    started = yield from Now()
    try:
        answer = yield from send
    except PixolaError:
        yield from _report_outcome(attempt, None, started)
        raise
    yield from _report_outcome(attempt, answer.status, started)
    return answer


def report_request(attempt: Attempt[Any]) -> Flow[None]:
    """Report an attempt that is about to be sent."""
    on_request = attempt.policy.on_request
    if on_request is not None:
        yield from Notify(on_request, RequestEvent(attempt.call.method, attempt.call.path, attempt.number))


def report_retry(call: Call[Any], number: int, delay: float, error: PixolaError, policy: Policy) -> Flow[None]:
    """Report a failed attempt that will be repeated."""
    if policy.on_retry is not None:
        yield from Notify(policy.on_retry, RetryEvent(call.method, call.path, number, delay, error))


def _report_outcome(attempt: Attempt[Any], status: int | None, started: float) -> Flow[None]:
    call, on_response = attempt.call, attempt.policy.on_response
    event = ResponseEvent(call.method, call.path, attempt.number, status, (yield from Now()) - started)
    yield from Notify(_log, event)
    if on_response is not None:
        try:
            yield from Notify(on_response, event)
        except Exception as error:  # noqa: BLE001  (the answer may be paid for, and must reach the caller)
            yield from Notify(_log_failure, error)


def _log(event: ResponseEvent) -> None:
    outcome = "no answer" if event.status is None else event.status
    with suppress(Exception):  # a handler that fails must not take the answer with it
        _LOGGER.debug(
            "%s %s: %s in %.3f s (attempt %d)",
            event.method,
            printable(event.path),
            outcome,
            event.duration,
            event.attempt,
        )


def _log_failure(error: Exception) -> None:
    with suppress(Exception):  # as above
        _LOGGER.error("on_response failed; the call goes on", exc_info=error)
