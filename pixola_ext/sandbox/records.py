"""The records of the sandbox: accounts, submissions, batches and images, and the planned outcome of each batch."""

import hashlib
from typing import Final

from attrs import define, field, frozen

from . import catalog
from .limits import RateLimits

PROCESSING: Final = "processing"
COMPLETE: Final = "complete"
FAILED: Final = "failed"
REJECTED: Final = "rejected"

_LONGEST_TITLE: Final = 60  # characters


@frozen
class Submission:
    """The members of one `POST /generate`, defaults filled in; every slug is in the catalog."""

    prompt: str
    model: str
    style: str
    shape: str
    quality: str


@frozen
class Fate:
    """The planned outcome of a batch: `statuses` are the final ones of its images (the last is repeated for further
    images), `slowness` is a factor on the time that it takes, `images` the least number of its images.
    """

    statuses: tuple[str, ...] = (COMPLETE,)
    slowness: float = 1.0
    images: int = 1


FINE: Final = Fate()


@frozen
class End:
    """The planned end of an image: `finish` in epoch seconds, and the final `status`."""

    finish: float
    status: str


@define(eq=False)
class Image:
    """One image. `cursor` is its unique position in the account's list; at `finish` its status becomes `fate`."""

    image_id: str
    batch: "Batch"
    cursor: int
    finish: float
    fate: str
    status: str = PROCESSING
    charged: int = 0
    is_favorite: bool = False

    @property
    def title(self) -> str | None:
        """A short title made from the prompt, once there is a picture."""
        return title_of(self.batch.submission.prompt) if self.status == COMPLETE else None


@define(eq=False)
class Batch:
    """One accepted submission. `created` in epoch milliseconds, `cursor` a unique position in the account's list."""

    batch_id: str
    account: "Account"
    submission: Submission
    cursor: int
    created: int
    price: int
    images: tuple[Image, ...] = ()
    status: str = PROCESSING


@define(eq=False)
class Account:
    """Everything that belongs to one API key. `reserved` is the price of the images that are still processing."""

    key: str = field(repr=False)
    key_id: str
    plan: str
    balance: int
    limits: RateLimits
    reserved: int = 0
    batches: list[Batch] = field(factory=list, repr=False)
    images: list[Image] = field(factory=list, repr=False)
    due: list[tuple[float, int, Image]] = field(factory=list, repr=False)  # a heap: finish, cursor, image
    last_cursor: int = 0

    def next_cursor(self, milliseconds: int) -> int:
        """The cursor of a new record: its epoch milliseconds, or one more than the newest cursor if that is larger.

        Cursors are therefore unique and ascending, also for records of the same millisecond.
        """
        self.last_cursor = max(self.last_cursor + 1, milliseconds)
        return self.last_cursor


def price(submission: Submission) -> int:
    """Credits that one image of a submission costs."""
    model = catalog.models()[submission.model]
    return model.hd if submission.quality == "hd" else model.standard


def title_of(prompt: str) -> str:
    """A title for an image: the beginning of its prompt, cut between two words."""
    line = " ".join(prompt.split())
    if len(line) > _LONGEST_TITLE:
        line = line[:_LONGEST_TITLE].rsplit(" ", 1)[0]
    return line[:1].upper() + line[1:].rstrip(" .,;:")


def key_id(key: str) -> str:
    """A public name for an API key, from which the key cannot be computed."""
    return "key_" + hashlib.blake2b(key.encode(), digest_size=5).hexdigest()
