"""What was submitted goes along with its batch, since the service does not repeat it there."""

from collections.abc import Mapping

from attrs import fields

from ..models import Batch, Submission
from .effects import Flow


def submitted(flow: Flow[Batch], submission: Submission | None) -> Flow[Batch]:
    """The batch of `flow`, with what was submitted for it if that is known."""
    return (yield from flow).submitted_as(submission)


def submission_in(request: Mapping[str, str]) -> Submission | None:
    """What a request to generate says, as far as it is known here; None without a prompt."""
    known = {each.name: request[each.name] for each in fields(Submission) if each.name in request}
    return Submission(**known) if "prompt" in known else None
