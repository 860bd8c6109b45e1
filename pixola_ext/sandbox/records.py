"""What the sandbox's world consists of: accounts, batches and images, and what becomes of them."""

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
    """What is to be generated, every member filled in and known to the catalog."""

    prompt: str
    model: str
    style: str
    shape: str
    quality: str


@frozen
class Fate:
    """What becomes of a batch: the final status of each image (the last one repeated), `slowness` as a factor on its
    time, and at least so many `images`.
    """

    statuses: tuple[str, ...] = (COMPLETE,)
    slowness: float = 1.0
    images: int = 1


FINE: Final = Fate()


@frozen
class End:
    """When an image finishes, in epoch seconds, and how."""

    finish: float
    status: str


@define(eq=False)
class Image:
    """One picture. `cursor` is its unique place in the account's order; at `finish` its status becomes `fate`."""

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
    """One submission. `created` is in epoch milliseconds; `cursor` is its unique place in the account's order."""

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
    """What belongs to one API key. `reserved` credits are those of images in the making."""

    key: str
    key_id: str
    plan: str
    balance: int
    limits: RateLimits
    reserved: int = 0
    batches: list[Batch] = field(factory=list)
    images: list[Image] = field(factory=list)
    due: list[tuple[float, int, Image]] = field(factory=list)  # a heap: finish, cursor, image
    last_cursor: int = 0

    def next_cursor(self, milliseconds: int) -> int:
        """The epoch milliseconds, or one more than the cursor before: unique, however many share an instant."""
        self.last_cursor = max(self.last_cursor + 1, milliseconds)
        return self.last_cursor


def price(submission: Submission) -> int:
    """Credits for one image."""
    model = catalog.models()[submission.model]
    return model.hd if submission.quality == "hd" else model.standard


def title_of(prompt: str) -> str:
    """The beginning of the prompt, cut at a word."""
    line = " ".join(prompt.split())
    if len(line) > _LONGEST_TITLE:
        line = line[:_LONGEST_TITLE].rsplit(" ", 1)[0]
    return line[:1].upper() + line[1:].rstrip(" .,;:")


def key_id(key: str) -> str:
    """What may be shown of a key: a name for it that does not let anyone use it."""
    return "key_" + hashlib.blake2b(key.encode(), digest_size=5).hexdigest()
