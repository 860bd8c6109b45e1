"""What a caller of a bulk run is given: the outcome of each request, and events on the way."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

from attrs import field, frozen

from ..errors import PixolaError
from ..models import Batch, GenerationRequest, Submission

GivenRequest = str | GenerationRequest | Mapping[str, Any]  # what `generate_many` takes

SUBMITTED: Final = "submitted"
FINISHED: Final = "finished"
SAVED: Final = "saved"
REFUSED: Final = "refused"
LOST: Final = "lost"
FOUND: Final = "found"
NOT_ACCEPTED: Final = "not accepted"
UNDECIDED: Final = "undecided"
FAILED: Final = "failed"
ABANDONED: Final = "abandoned"

EventKind = Literal[
    "submitted",
    "lost",
    "found",
    "not accepted",
    "undecided",
    "refused",
    "finished",
    "saved",
    "failed",
    "abandoned",
]


@frozen
class Outcome:
    """What became of one request of `generate_many`.

    `number` is its place among the requests, from 1. `batch` is the batch at its end, `paths` are the files of its
    pictures where a destination was given. `error` says why there is no picture, or why not all of them were saved;
    with a `SubmissionUnknownError` or a `WaitTimeoutError` there may be pictures later. `name` and `carried` are those
    of the request.
    """

    number: int
    request: Submission
    batch: Batch | None = None
    paths: tuple[Path, ...] = ()
    error: PixolaError | None = None
    name: str | None = None
    carried: Mapping[str, str] = field(factory=dict, hash=False)

    @property
    def is_ok(self) -> bool:
        """Whether there is at least one picture and nothing went wrong."""
        return self.error is None and self.batch is not None

    @property
    def credits(self) -> int:
        """The credits that were charged, as far as the service says."""
        return 0 if self.batch is None else sum(image.credits_charged or 0 for image in self.batch.images)


@frozen
class BulkEvent:
    """Something that happened to one request of a bulk run; `number` is that of its outcome, `kind` is one of these.

    | `kind`         | what happened                                                                   |
    |----------------|---------------------------------------------------------------------------------|
    | `submitted`    | it was accepted as the batch `batch_id`                                         |
    | `lost`         | its answer was lost; it is looked for, and not sent again before that is settled |
    | `found`        | the batch of a lost answer was found                                            |
    | `not accepted` | a lost answer turned out to be of a submission that was not accepted             |
    | `undecided`    | it cannot be told whether it was accepted                                       |
    | `refused`      | the service refused it                                                          |
    | `finished`     | its batch is at its end                                                         |
    | `saved`        | its pictures are saved                                                          |
    | `failed`       | it was given up, or its pictures could not be saved                             |
    | `abandoned`    | the iteration has ended while the batch `batch_id` was under way                |
    """

    kind: EventKind
    number: int
    batch_id: str | None = None
