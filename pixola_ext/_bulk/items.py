"""The items of a bulk run, and the states that each goes through.

    WAITING ──▶ SENDING ──▶ SUBMITTED ──▶ SETTLED ──▶ FETCHED
       ▲  │        │  ╲         ▲   ╲
       │  │        │   ▶ DOUBT ─┤    ▶ REFUSED
       │  ▼        ▼       ▲    │
    CANCELLED   REFUSED    ╰▶ UNDECIDED

Every instant in an item ends in `_at` or `_until` and is in seconds since the epoch, because it has to outlive the
process.
"""

import hashlib
import json
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from attrs import field, frozen

from .._journal.entries import Baseline
from .._state.processes import has_ended, this_process
from ..models import Image

_encode: Final = json.JSONEncoder(sort_keys=True, default=repr).encode
_OWNER_BYTES: Final = 4  # of chance, which tell two runs of one process apart


class State(StrEnum):
    """How far an item has come."""

    WAITING = "waiting"
    """Not sent. A run that is about to send it is its owner."""
    SENDING = "sending"
    """The intent is recorded: if its owner has ended, the service may have accepted it or not."""
    DOUBT = "doubt"
    """Sent, and the answer was lost: the lists of the service are asked for its batch."""
    SUBMITTED = "submitted"
    """Accepted; its batch is known."""
    SETTLED = "settled"
    """Its batch is at its end with at least one picture, which may still have to be fetched."""
    FETCHED = "fetched"
    """Done: nothing is left to fetch."""
    REFUSED = "refused"
    """Ended without a picture: the service refused the submission, or the batch failed. Not repeated by itself."""
    CANCELLED = "cancelled"
    """Called off before it was sent."""
    UNDECIDED = "undecided"
    """Sent, and its batch cannot be told from the lists: the user decides."""


IN_FLIGHT: Final = frozenset({State.SENDING, State.DOUBT, State.SUBMITTED})  # may cost credits soon
SPENDING: Final = IN_FLIGHT | {State.UNDECIDED}  # whose price counts as spent
UNFINISHED: Final = IN_FLIGHT | {State.SETTLED}  # a run has something left to do for them, without sending them


@frozen
class Item:
    """One submission of a bulk run.

    `number` is its place in the run, from 1; 0 before it is added to a ledger. `request` has the API's names, as
    `GenerationRequest.to_dict()` gives it. `name` is the file name stem that was asked for. `carried` are further
    columns of the input, which go into the results. `digest` stands for these three and for the number of the copy, so
    that changed input is told apart by content.

    `price` is what it may cost, in credits; None if that is not known. `owner` is the run at work on it, until
    `lease_until`. `attempt` counts the intents; `entry_id` (of the journal), `sent_at` and `baseline` belong to the
    last one. `unconfirmed_at` is when its answer was lost; at `closed_at` it is no longer accepted, if it was not
    before.

    `status` is that of the batch at its end, `images` are its images, `pictures` is how many of them are there.
    `credits` is what was charged, by all attempts. `code` and `message` say why there is no picture. `files` are the
    paths of the pictures by image id. `mapped` has what the user's function returned for them, by image id.
    """

    number: int
    request: Mapping[str, Any]
    digest: str
    name: str | None = None
    carried: Mapping[str, str] = field(factory=dict)
    price: int | None = None
    state: State = State.WAITING
    attempt: int = 0
    owner: str | None = None
    lease_until: float | None = None
    entry_id: str | None = None
    sent_at: float | None = None
    baseline: Baseline | None = None
    unconfirmed_at: float | None = None
    closed_at: float | None = None
    batch_id: str | None = None
    status: str | None = None
    images: Sequence[Mapping[str, Any]] = ()
    pictures: int = 0
    credits: int = 0
    code: str | None = None
    message: str | None = None
    files: Mapping[str, str] = field(factory=dict)
    settled_at: float | None = None
    mapped: Mapping[str, Mapping[str, Any]] = field(factory=dict)

    @property
    def reserved(self) -> int:
        """The credits that are set aside for it: its price, from the claim until it is known what it cost."""
        is_claimed = self.state is State.WAITING and self.owner is not None
        return (self.price or 0) if is_claimed or self.state in SPENDING else 0

    @property
    def completed(self) -> tuple[Image, ...]:
        """The images that are there."""
        return tuple(image for image in map(Image.from_dict, self.images) if image.is_complete)


def new_item(
    request: Mapping[str, Any],
    *,
    name: str | None = None,
    carried: Mapping[str, str] | None = None,
    price: int | None = None,
    copy: int = 1,
) -> Item:
    """An item that is not in a ledger yet; `copy` tells it from equal ones of the same input, counted from 1."""
    content = _encode([request, name, carried or {}, copy])
    digest = hashlib.blake2b(content.encode(), digest_size=16).hexdigest()
    return Item(0, request, digest, name, carried or {}, price)


class Copies:
    """Makes the items of one input, and numbers equal ones, so that each of them is made.

    `repeated` counts the items that were equal to an earlier one.
    """

    def __init__(self) -> None:
        self._counts: Counter[bytes] = Counter()
        self.repeated = 0

    def items(
        self,
        request: Mapping[str, Any],
        *,
        name: str | None = None,
        carried: Mapping[str, str] | None = None,
        price: int | None = None,
        number: int = 1,
    ) -> Iterable[Item]:
        """`number` items of one row; `price` is that of each of them."""
        for copy in range(number):
            first = new_item(request, name=name, carried=carried, price=price)
            key = bytes.fromhex(first.digest)
            self._counts[key] += 1
            count = self._counts[key]
            self.repeated += copy == 0 and count > 1
            yield first if count == 1 else new_item(request, name=name, carried=carried, price=price, copy=count)


def new_owner() -> str:
    """The name of a run as the owner of items: no other run has it, in this process or another."""
    return f"{secrets.token_hex(_OWNER_BYTES)}:{this_process()}"


def owner_has_ended(owner: str) -> bool:
    """Whether the process of a run has certainly ended; False if that cannot be told from here."""
    return has_ended(owner.partition(":")[2])
