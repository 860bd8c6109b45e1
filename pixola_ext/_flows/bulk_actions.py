"""What the dispatcher of a bulk run asks its lanes for."""

from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

from ..models import Batch
from .flights import Flight

Item = TypeVar("Item")


class Submit(NamedTuple, Generic[Item]):
    """Send a submission."""

    item: Item


class ListImages(NamedTuple):
    """Read a page of the list of images."""

    cursor: int | None = None


class ListBatches(NamedTuple):
    """Read the newest page of the list of batches."""


class ReadBatch(NamedTuple, Generic[Item]):
    """Read one batch by itself."""

    flight: Flight[Item]


class Reconcile(NamedTuple, Generic[Item]):
    """Look for the batches of submissions whose answers were lost."""

    items: Sequence[Item]


class Fetch(NamedTuple, Generic[Item]):
    """Save the pictures of a batch at its end."""

    item: Item
    batch: Batch


class Feed(NamedTuple):
    """Read at most `number` more requests."""

    number: int


class Idle(NamedTuple):
    """Ask again after `seconds`."""

    seconds: float


Action = Submit[Item] | ListImages | ListBatches | ReadBatch[Item] | Reconcile[Item] | Fetch[Item] | Feed | Idle
