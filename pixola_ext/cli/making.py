"""Paying for pictures and fetching them: submit all, wait for each, save what is there, and hide nothing."""

from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

from attrs import define, field

from ..errors import DownloadError, GenerationError, PixolaError, SubmissionUnknownError
from ..models import Batch, GenerationRequest
from . import durations, exits
from .failures import Failure, failure_of
from .values import document

if TYPE_CHECKING:
    from pathlib import Path

    from ..client import Pixola
    from .destination import Destination
    from .progress import Activity
    from .session import Session


@define
class Outcome:
    """What became of one batch; one without an id was not accepted, or not for certain."""

    number: int
    request: GenerationRequest | None = None
    batch: Batch | None = None
    paths: "dict[str, Path]" = field(factory=dict)
    failure: Failure | None = None

    def failed(self, here: "Session", error: PixolaError) -> None:
        """Remember why it was not done."""
        if self.batch is not None and error.batch_id is None:
            error.batch_id = self.batch.batch_id
        self.failure = failure_of(error, here)


def submit_all(
    here: "Session", px: "Pixola", requests: Sequence[GenerationRequest], activity: "Activity"
) -> list[Outcome]:
    """Submit the requests one after the other. The first error ends it; what was accepted until then stays."""
    outcomes = []
    for number, request in enumerate(requests):
        outcome = Outcome(number, request)
        outcomes.append(outcome)
        activity.begins(number, request.model or "picture", durations.expected(request.model))
        try:
            outcome.batch = px.submit(request)
        except PixolaError as error:
            if len(outcomes) == 1 and not isinstance(error, SubmissionUnknownError):
                raise
            outcome.failed(here, error)
            break
        here.open_batches.append(outcome.batch.batch_id)
        activity.knows(number, outcome.batch)
    return outcomes


def wait_for(here: "Session", px: "Pixola", outcome: Outcome, activity: "Activity", timeout: float | None) -> None:
    """Wait for the batch of an outcome."""
    if outcome.batch is None:
        return
    try:
        batch = px.wait(outcome.batch, timeout=timeout, on_update=lambda seen: activity.knows(outcome.number, seen))
    except PixolaError as error:
        if isinstance(error, GenerationError) and error.batch is not None:
            outcome.batch = error.batch
            _close(here, outcome)
        outcome.failed(here, error)
        return
    outcome.batch = batch
    if outcome.request is not None and batch.completed:
        durations.learn(outcome.request.model, activity.elapsed(outcome.number))


def wait_for_all(
    here: "Session",
    px: "Pixola",
    outcomes: Sequence[Outcome],
    activity: "Activity",
    timeout: float | None,
    done: Callable[[Outcome], None],
) -> None:
    """Wait for all batches at the same time; `done` is called in this thread with each, in the order of their ends.

    The threads are daemons: an interruption must not wait for them.
    """
    waiting = [each for each in outcomes if each.batch is not None]
    ended: SimpleQueue[tuple[Outcome, BaseException | None]] = SimpleQueue()

    def wait(outcome: Outcome) -> None:
        try:
            wait_for(here, px, outcome, activity, timeout)
        except BaseException as error:  # noqa: BLE001  (raised again in the other thread)
            ended.put((outcome, error))
        else:
            ended.put((outcome, None))

    if len(waiting) == 1:
        wait_for(here, px, waiting[0], activity, timeout)
        done(waiting[0])
        return
    for each in waiting:
        Thread(target=wait, args=(each,), daemon=True).start()
    for _ in waiting:
        outcome, error = _next_of(ended)
        if error is not None:
            raise error
        done(outcome)


def _next_of(queue: "SimpleQueue[tuple[Outcome, BaseException | None]]") -> "tuple[Outcome, BaseException | None]":
    while True:  # without a time limit Ctrl-C would not be heard on Windows
        try:
            return queue.get(timeout=1.0)
        except Empty:
            continue


def save(here: "Session", px: "Pixola", outcome: Outcome, destination: "Destination") -> None:
    """Save the pictures of an outcome."""
    if outcome.batch is None or outcome.failure is not None:
        return
    images = outcome.batch.completed
    try:
        if destination.is_stdout and images:
            destination.print(px, images[0], here.output)
            rest = len(images) - 1
            error = None if not rest else DownloadError(f"stdout took the first of {rest + 1} pictures", url="")
        else:
            saved = destination.save(px, outcome.batch, images)
            outcome.paths, error = saved.paths, saved.error
    except PixolaError as problem:
        error = problem  # type: ignore[assignment]
    if error is not None:
        outcome.failed(here, error)
    else:
        _close(here, outcome)


def _close(here: "Session", outcome: Outcome) -> None:
    if outcome.batch is not None and outcome.batch.batch_id in here.open_batches:
        here.open_batches.remove(outcome.batch.batch_id)


# -- telling it ----------------------------------------------------------------------------------------------------


def batch_document(outcome: Outcome) -> dict[str, Any]:
    """One batch as a document: its pictures with the files that they are in, and what went wrong."""
    batch = outcome.batch
    return {
        "batch_id": None if batch is None else batch.batch_id,
        "status": None if batch is None else batch.status,
        "images": [] if batch is None else [_image_document(outcome, image) for image in batch.images],
        "error": None if outcome.failure is None else outcome.failure.document(),
    }


def _image_document(outcome: Outcome, image: Any) -> dict[str, Any]:
    path = outcome.paths.get(image.image_id)
    known = document(image)
    members = ("image_id", "batch_id", "url", "model", "status", "credits_charged")
    return {**{name: known[name] for name in members}, "path": None if path is None else str(path)}


def outcomes_document(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """All batches as a document; `batch_id` and `status` are of the first that is not complete, or of the first."""
    batches = [batch_document(each) for each in outcomes]
    first = next((each for each in batches if each["status"] != "complete"), batches[0])
    return {
        "batch_id": first["batch_id"],
        "status": first["status"],
        "images": [image for each in batches for image in each["images"]],
        "batches": batches,
    }


def tell(here: "Session", outcomes: Sequence[Outcome], lines: Sequence[str]) -> int:
    """The result on stdout, what went wrong on stderr, and the exit code."""
    is_single = len(outcomes) == 1
    single = outcomes[0].failure
    if is_single and single is not None and not outcomes[0].paths and not (outcomes[0].batch and lines):
        return _told_alone(here, outcomes[0], single)
    here.result(outcomes_document(outcomes), lines)
    failures = [each.failure for each in outcomes if each.failure is not None]
    unfinished = sum(len(each.batch.unfinished) for each in outcomes if each.batch and each.failure is None)
    for failure in failures:
        here.output.message(failure.lines())
    if unfinished:
        here.output.message(
            f"pixola: {unfinished} of {sum(len(o.batch.images) for o in outcomes if o.batch)} images failed"
        )
    codes = {failure.exit_code for failure in failures}
    if exits.UNKNOWN in codes:
        return exits.UNKNOWN
    if codes and not any(each.batch for each in outcomes if each.failure is None) and not lines:
        return failures[0].exit_code
    return exits.PARTLY if codes or unfinished else exits.DONE


def _told_alone(here: "Session", outcome: Outcome, failure: Failure) -> int:
    """The only batch failed: an error, as of any command."""
    if here.json or here.jsonl:
        here.document({**(outcomes_document([outcome]) if outcome.batch else {}), "error": failure.document()})
    else:
        here.output.message(failure.lines())
    return failure.exit_code
