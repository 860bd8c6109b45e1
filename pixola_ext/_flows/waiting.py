"""Waiting for a batch: polls until it is finished, and then its value, or an error that says how to go on."""

from typing import Final, TypeVar

from attrs import define, evolve, field

from .._api.operations import Call, batch_id_of, get_batch
from ..errors import (
    APIError,
    GenerationFailedError,
    GenerationRejectedError,
    NotFoundError,
    QuotaExhaustedError,
    WaitTimeoutError,
)
from ..models import FAILED, REJECTED, Batch, BatchSummary, Submission
from ..settings import OnUpdate, Policy
from .account import AccountState
from .effects import Flow, Notify, Now, Sleep
from .interruption import name_batch
from .ownership import LATE_VISIBILITY_SECONDS
from .poll_schedule import PollSchedule
from .request import PASSING, request, single_attempt
from .shared_polling import Item, ListScan, SharedPolling
from .submission import submit

T = TypeVar("T")

_OWN_POLL_EVERY: Final = 4  # polls, of which one asks for the batch itself though waits are shared: lists may be stale
_CHECK_INTERVAL: Final = 1.0  # seconds between two checks whether another wait's request showed the end


class _PollFailedError(Exception):
    """A poll failed for a reason that may have passed by the next one."""


def wait(
    batch_or_id: Batch | str, policy: Policy, timeout: float, on_update: OnUpdate | None, account: AccountState
) -> Flow[Batch]:
    """Poll the batch until it is finished, for at most `timeout` seconds.

    `on_update` is called with every change. Whatever ends the wait early, Ctrl-C and cancellation included, carries
    the `batch_id`.
    """
    batch_id = batch_id_of(batch_or_id)
    try:
        with account.polling.waiting(batch_id):
            now = yield from Now()
            job = account.job(batch_id)
            poller = BatchPoller(
                batch_id=batch_id,
                policy=policy,
                polling=account.polling,
                started_at=job.submitted_at if job else now,
                schedule=job.schedule if job else PollSchedule(),
                is_ours=job is not None,
                polls_at_once=job is None or account.polls_at_once,
                timeout=timeout,
                deadline=now + timeout,
            )
            batch = yield from poller.run(on_update)
    except BaseException as error:
        name_batch(error, batch_id, "px.wait({!r})")
        raise
    account.finished(batch_id)
    return outcome(batch.submitted_as(batch_or_id.submission if isinstance(batch_or_id, Batch) else None))


@define(eq=False, repr=False)
class BatchPoller:
    """One wait under way. Instants (`..._at`, `deadline`) are monotonic seconds, `polls` seconds since `started_at`."""

    batch_id: str
    policy: Policy
    polling: SharedPolling
    started_at: float
    schedule: PollSchedule
    is_ours: bool
    polls_at_once: bool
    timeout: float
    deadline: float
    polls: list[float] = field(factory=list)
    retry_at: float = 0.0
    is_listed: bool = True

    def run(self, on_update: OnUpdate | None) -> Flow[Batch]:
        """The batch at its end."""
        seen: Batch | None = None
        while True:
            yield from self._until_due()
            self.polls.append((yield from Now()) - self.started_at)
            try:
                batch = yield from self._poll(seen)
            except _PollFailedError:
                continue
            if batch == seen:
                continue
            seen = batch
            if on_update is not None:
                yield from Notify(on_update, batch)
            if batch.is_terminal:
                self.schedule.learn(self.polls[-2] if len(self.polls) > 1 else 0.0, self.polls[-1])
                return batch

    def _until_due(self) -> Flow[None]:
        """Sleep until the next poll, or until another wait's request has shown the end of this batch."""
        due = 0.0 if self.polls_at_once and not self.polls else self.schedule.next_poll(self.polls)
        due_at = max(self.started_at + due, self.retry_at)
        polled_at = self.started_at + (self.polls[-1] if self.polls else 0.0)
        while (now := (yield from Now())) < due_at and not self.polling.has_ended_since(self.batch_id, polled_at):
            self._check_deadline(now)
            until = min(due_at, self.deadline)
            yield from Sleep(min(until - now, _CHECK_INTERVAL) if self.polling.is_shared else until - now)
        self._check_deadline(now)

    def _check_deadline(self, now: float) -> None:
        if now >= self.deadline:
            raise WaitTimeoutError(
                f"batch {self.batch_id} was not finished within {self.timeout:g} s; wait for it again to go on",
                batch_id=self.batch_id,
                timeout=self.timeout,
            )

    # -- one poll -----------------------------------------------------------------------------------------------------

    def _poll(self, seen: Batch | None) -> Flow[Batch]:
        """The batch as it is now; raises `_PollFailedError` for trouble that may pass."""
        if not self.polling.is_shared:
            return (yield from self._answer(get_batch(self.batch_id)))
        is_own_poll = len(self.polls) % _OWN_POLL_EVERY == 0 and not self.polling.is_crowded
        summary = (yield from self._listed()) if self.is_listed and not is_own_poll else None
        if summary is None:
            return (yield from self._own())
        if not summary.is_terminal:
            return evolve(seen or Batch(self.batch_id), status=summary.status)
        return (yield from self._finished(summary))

    def _listed(self) -> Flow[BatchSummary | None]:
        """The batch as the list of batches shows it; None if it is not there."""
        seen = self.polling.last_seen(self.batch_id, (yield from Now()))
        if seen is not None:
            return seen
        found = yield from self._looked_up(self.polling.batches, 1)
        self.is_listed = bool(found)
        return found[-1] if found else None

    def _finished(self, summary: BatchSummary) -> Flow[Batch]:
        """A finished batch with its images: from the list of images if many waits fetch theirs, else by itself."""
        with self.polling.fetching_images() as is_list_cheaper:
            if is_list_cheaper and summary.image_count:
                images = yield from self._looked_up(self.polling.images, summary.image_count)
                if images:
                    return Batch(self.batch_id, summary.status, tuple(reversed(images)))
            return (yield from self._own())

    def _looked_up(self, scan: ListScan[Item], count: int) -> Flow[list[Item]]:
        """What a list shows of this batch, in a page that this wait or another one reads; [] if it is not there."""
        with scan.lookup(self.batch_id, count) as lookup:
            while (found := scan.result(lookup)) is None:
                if (yield from self._acquired()):
                    yield from self._read_page(scan)
        return found

    def _read_page(self, scan: ListScan[Item]) -> Flow[None]:
        try:
            now = yield from Now()
            self.polling.add(scan, (yield from self._answer(scan.next_page())), now)
        finally:
            self.polling.release()

    def _own(self) -> Flow[Batch]:
        """The batch by itself, when a shared request may be sent."""
        while not (yield from self._acquired()):
            pass
        try:
            return (yield from self._answer(get_batch(self.batch_id)))
        finally:
            self.polling.release()

    def _acquired(self) -> Flow[bool]:
        """Whether a shared request may be sent now; if not, some time has passed."""
        now = yield from Now()
        self._check_deadline(now)
        delay = self.polling.acquire(now)
        if delay > 0:
            yield from Sleep(min(delay, self.deadline - now))
        return delay == 0

    def _answer(self, call: Call[T]) -> Flow[T]:
        """The value of one request; raises `_PollFailedError` for trouble that may pass."""
        now = yield from Now()
        try:
            answer = yield from request(call, single_attempt(self.policy, self.deadline - now))
        except NotFoundError as error:
            if self.is_ours and now - self.started_at < LATE_VISIBILITY_SECONDS:
                raise _PollFailedError from error
            raise
        except QuotaExhaustedError as error:
            if error.is_daily:
                raise
            self.retry_at = self.deadline  # no request can be sent before: the wait ends by its own timeout
            raise _PollFailedError from error
        except PASSING as error:
            retry_after = error.retry_after if isinstance(error, APIError) else None
            self.retry_at = now + (retry_after or 0.0)
            self.polling.back_off(now, retry_after)
            raise _PollFailedError from error
        self.polling.succeeded()
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
