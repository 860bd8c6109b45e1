"""`pixola reconcile`: what became of submissions whose answers were lost."""

from typing import TYPE_CHECKING, Any

import click

from .. import exits
from ..options import command as declare
from ..session import Session, session

if TYPE_CHECKING:
    from ...errors import PixolaError
    from ..failures import Failure


@declare(
    "reconcile",
    examples="""
    pixola --sandbox reconcile --all
    """,
)
@click.argument("ids", metavar="[SUBMISSION]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every submission that pixola pending lists.")
def command(ids: tuple[str, ...], *, everything: bool) -> int:
    """Look again for the batches of submissions whose fate is open, and print their ids.

    Nothing is ever sent again. What is not found stays pending: it may still turn up, or was never accepted.
    """
    from ...errors import PixolaError
    from ..refusal import RefusedError

    if bool(ids) == everything:
        raise click.UsageError("Name submissions of pixola pending, or ask for --all.")
    here = session()
    here.require_key()
    documents: list[dict[str, Any]] = []
    failures = []
    with here.asking("looking for batches") as px:
        pending = {each.submission_id: each for each in px.pending()}
        missing = [each for each in ids if each not in pending]
        if missing:
            raise RefusedError(
                f"no submission {missing[0]!r} is pending on this machine", code="not_found", next=here.next("pending")
            )
        for wanted in pending if everything else dict.fromkeys(ids):
            document: dict[str, Any] = {"submission_id": wanted, "batch_id": None, "status": None, "error": None}
            try:
                batch = px.reconcile(pending[wanted])
                document |= {"batch_id": batch.batch_id, "status": batch.status}
            except PixolaError as error:
                failure = _failure(error, here, wanted)
                failures.append(failure)
                document["error"] = failure.document() if failure else None
            documents.append(document)
    found = [each["batch_id"] for each in documents if each["batch_id"]]
    here.result({"submissions": documents}, found)
    for failure in failures:
        if failure:
            here.output.message(failure.lines())
    if found:
        here.say(f"  next: {here.next('wait', *found, '--output', '.')}")
    elif not documents:
        here.say("pixola: nothing is pending")
    if not failures:
        return exits.DONE
    return exits.PARTLY if found else next(each.exit_code for each in failures if each)


def _failure(error: "PixolaError", here: Session, submission_id: str) -> "Failure | None":
    """What there is to tell of an error, and that the submission is still in the list."""
    from ...errors import SubmissionUnknownError
    from ..failures import failure_of

    failure = failure_of(error, here)
    if failure is not None and isinstance(error, SubmissionUnknownError):
        failure.message += f"; no batch is found, and submission {submission_id} stays pending"
    return failure
