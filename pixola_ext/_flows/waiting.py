"""Waiting for a batch: looking when it is likely to be done, ending with a value or an error that says how to go on."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from attrs import define, evolve, field

from .._api.operations import Call, batch_id_of, get_batch
from ..errors import (
    APIError,
    GenerationFailedError,
    GenerationRejectedError,
    NotFoundError,
    QuotaExhaustedError,
    RateLimitedError,
    RequestError,
    ServerError,
    UnexpectedResponseError,
    WaitTimeoutError,
)
from ..models import FAILED, REJECTED, Batch, BatchSummary, Submission
from ..settings import Policy
from .account import AccountState
from .effects import Flow, Notify, Now, Sleep
from .poll_schedule import Pace
from .request import request, single_attempt
from .shared_polling import Item, Sweep, Watch
from .submission import submit

T = TypeVar("T")
OnUpdate = Callable[[Batch], Awaitable[None] | None]

_LATE_VISIBILITY: Final = 60.0  # seconds in which a batch that we submitted may not be found yet
_TRUST: Final = 4  # every so many looks, few waits ask for their own batch: lists may be stale
_SLICE: Final = 1.0  # seconds between two glances at what other waits have seen
_PASSES: Final = (RequestError, RateLimitedError, ServerError, UnexpectedResponseError)  # trouble that may pass


def wait(
    batch_or_id: Batch | str, policy: Policy, timeout: float, on_update: OnUpdate | None, account: AccountState
) -> Flow[Batch]:
    """Look at the batch until it is finished, for at most `timeout` seconds.

    `on_update` is told of every change. Whatever ends the wait early, Ctrl-C and cancellation included, carries the
    `batch_id`.
    """
    batch_id = batch_id_of(batch_or_id)
    account.watch.join(batch_id)
    try:
        now = yield from Now()
        job = account.job(batch_id)
        course = Course(
            batch_id=batch_id,
            policy=policy,
            watch=account.watch,
            started=job.submitted if job else now,
            pace=job.pace if job else Pace(),
            is_ours=job is not None,
            at_once=job is None or account.polls_at_once,
            timeout=timeout,
            deadline=now + timeout,
        )
        batch = yield from course.run(on_update)
    except BaseException as error:
        error.batch_id = batch_id  # type: ignore[attr-defined]  # on foreign ones, such as KeyboardInterrupt, too
        raise
    finally:
        account.watch.leave(batch_id)
    account.finished(batch_id)
    return outcome(batch.submitted_as(batch_or_id.submission if isinstance(batch_or_id, Batch) else None))


@define(eq=False)
class Course:
    """One wait on its way. Instants are monotonic seconds, `looked` those of the looks since the submission."""

    batch_id: str
    policy: Policy
    watch: Watch
    started: float
    pace: Pace
    is_ours: bool
    at_once: bool
    timeout: float
    deadline: float
    looked: list[float] = field(factory=list)
    held_until: float = 0.0
    is_listed: bool = True

    def run(self, on_update: OnUpdate | None) -> Flow[Batch]:
        """The batch at its end."""
        seen: Batch | None = None
        while True:
            yield from self._until_due()
            self.looked.append((yield from Now()) - self.started)
            batch = yield from self._look(seen)
            if batch is None or batch == seen:
                continue
            seen = batch
            if on_update is not None:
                yield from Notify(on_update, batch)
            if batch.is_terminal:
                self.pace.learn(self.looked[-2] if len(self.looked) > 1 else 0.0, self.looked[-1])
                return batch

    def _until_due(self) -> Flow[None]:
        """Sleep until the next look, or until another wait has seen the end of this batch."""
        due = 0.0 if self.at_once and not self.looked else self.pace.next_look(self.looked)
        due = max(self.started + due, self.held_until)
        while (now := (yield from Now())) < due and not self.watch.is_finished(self.batch_id):
            self._check(now)
            until = min(due, self.deadline)
            yield from Sleep(min(until - now, _SLICE) if self.watch.is_shared else until - now)
        self._check(now)

    def _check(self, now: float) -> None:
        if now >= self.deadline:
            raise WaitTimeoutError(
                f"batch {self.batch_id} was not finished within {self.timeout:g} s; wait for it again to go on",
                batch_id=self.batch_id,
                timeout=self.timeout,
            )

    # -- looking ------------------------------------------------------------------------------------------------------

    def _look(self, seen: Batch | None) -> Flow[Batch | None]:
        """The batch as it is now, or None when the trouble is one that may pass before the next look."""
        if not self.watch.is_shared:
            return (yield from self._ask(get_batch(self.batch_id)))
        is_due = len(self.looked) % _TRUST == 0 and not self.watch.is_crowd
        summary = (yield from self._from_list()) if self.is_listed and not is_due else None
        if summary is None:
            return (yield from self._in_turn())
        if not summary.is_terminal:
            return evolve(seen or Batch(self.batch_id), status=summary.status)
        return (yield from self._finished(summary))

    def _from_list(self) -> Flow[BatchSummary | None]:
        sighted = self.watch.sighted(self.batch_id, (yield from Now()))
        if sighted is not None:
            return sighted
        found = yield from self._swept(self.watch.batches, 1)
        self.is_listed = bool(found)
        return found[-1] if found else None

    def _finished(self, summary: BatchSummary) -> Flow[Batch | None]:
        """A finished batch with its images: from the list of images if many want theirs, else by itself."""
        with self.watch.finishing() as is_crowd:
            if is_crowd and summary.image_count:
                images = yield from self._swept(self.watch.images, summary.image_count)
                if images:
                    return Batch(self.batch_id, summary.status, tuple(reversed(images)))
            return (yield from self._in_turn())

    def _swept(self, sweep: Sweep[Item], count: int) -> Flow[list[Item]]:
        """What a list shows of this batch, whoever reads it; [] if it does not have it."""
        with self.watch.lock:
            sweep.want(self.batch_id, count)
        while True:
            with self.watch.lock:
                found = sweep.take(self.batch_id)
            if found is not None:
                return found
            if (yield from self._has_turn()):
                yield from self._read_page(sweep)

    def _read_page(self, sweep: Sweep[Item]) -> Flow[None]:
        try:
            now = yield from Now()
            page = yield from self._ask(sweep.call())
            if page is not None:
                self.watch.note(sweep, page, now)
        finally:
            self.watch.over()

    def _in_turn(self) -> Flow[Batch | None]:
        """The batch by itself, when it is this wait's turn."""
        while not (yield from self._has_turn()):
            pass
        try:
            return (yield from self._ask(get_batch(self.batch_id)))
        finally:
            self.watch.over()

    def _has_turn(self) -> Flow[bool]:
        """Whether a request may be sent now; if not, some time has passed."""
        now = yield from Now()
        self._check(now)
        delay = self.watch.turn(now)
        if delay > 0:
            yield from Sleep(min(delay, self.deadline - now))
        return delay == 0

    def _ask(self, call: Call[T]) -> Flow[T | None]:
        """One request; None when the trouble is one that may pass before the next look."""
        now = yield from Now()
        try:
            answer = yield from request(call, single_attempt(self.policy, self.deadline - now))
        except NotFoundError:
            if self.is_ours and now - self.started < _LATE_VISIBILITY:
                return None
            raise
        except QuotaExhaustedError as error:
            if error.is_daily:
                raise
            self.held_until = self.deadline  # so that the wait ends as what it is
            return None
        except _PASSES as error:
            retry_after = error.retry_after if isinstance(error, APIError) else None
            self.held_until = now + (retry_after or 0.0)
            self.watch.hold(now, retry_after)
            return None
        self.watch.succeeded()
        return answer


def outcome(batch: Batch) -> Batch:
    """A finished batch that has at least one picture, or the error for one that has none."""
    if batch.status == FAILED and not batch.completed:
        raise GenerationFailedError.of(batch)
    if batch.status == REJECTED and not batch.completed:
        raise GenerationRejectedError.of(batch)
    return batch


def generate(
    submission: Submission, policy: Policy, wait_timeout: float, on_update: OnUpdate | None, account: AccountState
) -> Flow[Batch]:
    """Submit, then wait for at most `wait_timeout` seconds."""
    batch = yield from submit(submission, policy, account)
    return (yield from wait(batch, policy, wait_timeout, on_update, account))
