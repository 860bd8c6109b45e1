"""Waiting for a batch: looking, sleeping, and ending with a value or an error that says how to go on."""

from collections.abc import Awaitable, Callable

from attrs import evolve

from .._operations import get_batch
from .._timing import poll_delay
from ..errors import (
    GenerationFailedError,
    GenerationRejectedError,
    RateLimitedError,
    RequestError,
    ServerError,
    UnexpectedResponseError,
    WaitTimeoutError,
)
from ..models import FAILED, REJECTED, Batch
from . import Flow, Now, Sleep, Tell
from .request import Policy, request

OnUpdate = Callable[[Batch], Awaitable[None] | None]


def wait(batch_id: str, policy: Policy, timeout: float, on_update: OnUpdate | None) -> Flow[Batch]:
    """Look at the batch until it is finished, for at most `timeout` seconds.

    `on_update` is told of every change. Whatever ends the wait early, Ctrl-C and cancellation included, carries the
    `batch_id`.
    """
    try:
        return (yield from _look_until_terminal(batch_id, policy, timeout, on_update))
    except BaseException as error:
        error.batch_id = batch_id  # type: ignore[attr-defined]  # on foreign ones, such as KeyboardInterrupt, too
        raise


def _look_until_terminal(batch_id: str, policy: Policy, timeout: float, on_update: OnUpdate | None) -> Flow[Batch]:
    started = yield from Now()
    seen: Batch | None = None
    while True:
        elapsed = (yield from Now()) - started
        if elapsed >= timeout:
            raise WaitTimeoutError(
                f"batch {batch_id} was not finished within {timeout:g} s; wait for it again to go on",
                batch_id=batch_id,
                timeout=timeout,
            )
        batch = yield from _look(batch_id, evolve(policy, timeout=min(policy.timeout, timeout - elapsed)))
        if batch is not None and batch != seen:
            seen = batch
            if on_update is not None:
                yield from Tell(on_update, batch)
        if batch is not None and batch.is_terminal:
            return outcome(batch)
        elapsed = (yield from Now()) - started
        yield from Sleep(max(0.0, min(poll_delay(elapsed), timeout - elapsed)))


def _look(batch_id: str, policy: Policy) -> Flow[Batch | None]:
    """The batch as it is now, or None when the trouble is one that may pass before the next look."""
    try:
        return (yield from request(get_batch(batch_id), policy))
    except (RequestError, RateLimitedError, ServerError, UnexpectedResponseError):
        return None


def outcome(batch: Batch) -> Batch:
    """A finished batch that has at least one picture, or the error for one that has none."""
    if batch.status == FAILED and not batch.completed:
        raise GenerationFailedError.of(batch)
    if batch.status == REJECTED and not batch.completed:
        raise GenerationRejectedError.of(batch)
    return batch


def generate(submission: Flow[Batch], wait_for: Callable[[str], Flow[Batch]]) -> Flow[Batch]:
    """Submit, then wait."""
    batch = yield from submission
    return (yield from wait_for(batch.batch_id))
