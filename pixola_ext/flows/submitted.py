"""What was submitted goes along with its batch, since the service does not repeat it there."""

from ..models import Batch, Submission
from . import Flow


def submitted(flow: Flow[Batch], submission: Submission | None) -> Flow[Batch]:
    """The batch of `flow`, with what was submitted for it if that is known."""
    return (yield from flow).submitted_as(submission)
