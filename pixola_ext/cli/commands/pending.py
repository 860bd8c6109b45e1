"""`pixola pending`: what may have been paid for."""

from typing import TYPE_CHECKING, Any

from .. import exits
from ..options import command as declare
from ..session import session

if TYPE_CHECKING:
    from ..._flows.pending import PendingSubmission


@declare("pending", examples="pixola --sandbox pending")
def command() -> int:
    """List the submissions of this machine whose fate is open: they may have been accepted and are charged if so.

    Nothing is sent. pixola reconcile looks for their batches.
    """
    from ..tables import Column

    here = session()
    here.require_key()
    with here.client() as px:
        found = [pending_document(each) for each in px.pending()]
    columns = [
        Column("SUBMISSION", "submission_id"),
        Column("SUBMITTED", "submitted_at"),
        Column("MODEL", "request.model"),
        Column("PROMPT", "request.prompt"),
    ]
    here.listing(found, columns, ids=[each["submission_id"] for each in found], nothing="nothing is pending")
    if found:
        here.say(f"  next: {here.next('reconcile', '--all')}")
    return exits.DONE


def pending_document(pending: "PendingSubmission") -> dict[str, Any]:
    """A submission whose fate is open: `request` is what was sent, by the API's names."""
    return {
        "submission_id": pending.submission_id,
        "submitted_at": pending.submitted_at.isoformat(),
        "request": dict(pending.request),
    }
