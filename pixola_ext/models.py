"""The values of this package: those of the generated package, with the behaviour that a document cannot describe.

Members, their types and their reading come from `generated/`, so that a member which the service adds is an attribute
here with the next `make generate`. All values are frozen, hashable and picklable, and hold no client. `to_dict()` is
the JSON of a value with the API's names; what has no attribute is in `extra`.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar

import pixola_client.models.batch
import pixola_client.models.batch_summary
import pixola_client.models.credit_balance
import pixola_client.models.generation_request
import pixola_client.models.image
from attrs import evolve, field, frozen
from pixola_client.models.generation_request import GenerationRequest
from pixola_client.reading import NO_EXTRA

from ._display import NotebookRepr, PictureRepr, TableRepr

__all__ = ["GenerationRequest", "Submission"]

T = TypeVar("T")

PROCESSING: Final = "processing"
COMPLETE: Final = "complete"
FAILED: Final = "failed"
REJECTED: Final = "rejected"
TERMINAL: Final = frozenset({COMPLETE, FAILED, REJECTED})  # any other word means: not finished yet
STANDARD: Final = "standard"
HD: Final = "hd"


class Credits(pixola_client.models.credit_balance.CreditBalance, NotebookRepr):
    """Credits left on the account and its subscription plan, from `GET /credits`."""

    _repr_fields: ClassVar = ("balance", "plan")


Submission = GenerationRequest  # what was submitted is what was asked for


def submission_of(request: Mapping[str, Any]) -> Submission | None:
    """What the body of a request to generate says; None without a prompt."""
    return Submission.from_dict(request) if "prompt" in request else None


def _submission() -> Any:
    return field(default=None, eq=False, repr=False)  # what we know beside the answer makes it no other answer


@frozen(slots=False, eq=False, repr=False)
class Image(pixola_client.models.image.Image, PictureRepr):
    """One image. `url` is where it can be downloaded and may expire; `credits_charged` counts once it completes.

    Which members are known depends on the call: `images.get` gives the prompt, `images.list` whether it is a
    favourite, a batch neither of them. `submission` is known if the client that gave this has submitted it.
    """

    _repr_fields: ClassVar = ("image_id", "model", "status", "title", "credits_charged", "created_at")

    submission: GenerationRequest | None = _submission()

    @property
    def is_complete(self) -> bool:
        """Whether there is a picture: the status is `complete`, or there is a URL and no failure.

        The service may have words of its own for a picture that exists (`archived`), or none.
        """
        return self.status == COMPLETE or (bool(self.url) and self.status not in (FAILED, REJECTED))


@frozen(slots=False, eq=False, repr=False)
class Batch(pixola_client.models.batch.Batch, TableRepr):
    """What one submission made, from `GET /batches/{batchId}`. `status` may be a word not known here.

    `submission` is known if it came from `submit` or `generate`, or from `wait` for such a batch.
    """

    submission: GenerationRequest | None = _submission()

    _images_kind: ClassVar[type[Image]] = Image
    if TYPE_CHECKING:
        images: tuple[Image, ...] = ()

    @property
    def is_terminal(self) -> bool:
        """Whether the status is one of the three that are final."""
        return self.status in TERMINAL

    @property
    def completed(self) -> tuple[Image, ...]:
        """The images that are there."""
        return tuple(image for image in self.images if image.is_complete)

    @property
    def unfinished(self) -> tuple[Image, ...]:
        """The images that are not there: still in the making, or failed."""
        return tuple(image for image in self.images if not image.is_complete)

    def _repr_rows(self) -> Sequence[Any]:
        return self.images

    def _repr_caption(self) -> str:
        return f"{self.batch_id}: {self.status}"

    def submitted_as(self, submission: GenerationRequest | None) -> "Batch":
        """A copy that carries what was submitted, as its images do."""
        if submission is None:
            return self
        images = tuple(evolve(image, submission=submission) for image in self.images)
        return evolve(self, images=images, submission=submission)


class BatchSummary(pixola_client.models.batch_summary.BatchSummary, NotebookRepr):
    """A batch as the list shows it, from `GET /batches`."""

    _repr_fields: ClassVar = ("batch_id", "status", "prompt", "quality", "image_count", "created_at")

    @property
    def is_terminal(self) -> bool:
        """Whether the status is one of the three that are final."""
        return self.status in TERMINAL


@frozen(slots=False)
class Page(TableRepr, Generic[T]):
    """One page of a history; `next_cursor` goes into the request for the next one."""

    items: tuple[T, ...]
    next_cursor: int | None
    has_more: bool
    extra: Mapping[str, Any] = field(default=NO_EXTRA, hash=False, repr=False)

    def _repr_rows(self) -> Sequence[Any]:
        return self.items


class Entries(TableRepr, list[T]):
    """A whole list, as any other, but a notebook shows it as a table."""

    def _repr_rows(self) -> Sequence[Any]:
        return self
