"""The state of the sandbox and its changes: keys, credits, batches and images. No HTTP, no pictures, no real clock.

Time comes from an injected clock and chance from the seed: the same seed and the same calls give the same state.
There is no background thread: images that are due are finished by the next call that reads the state (`_settle`).
"""

import hashlib
import heapq
import math
import random
from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar

from . import catalog
from .limits import RateLimits
from .moderation import is_flagged
from .records import (
    COMPLETE,
    FAILED,
    FINE,
    PROCESSING,
    REJECTED,
    Account,
    Batch,
    End,
    Fate,
    Image,
    Submission,
    key_id,
    price,
)

FREE_CREDITS: Final = 1000  # what a free account starts with (publicly known)
_HD_FACTOR: Final = 1.6  # how much longer an HD picture takes
_SPREAD: Final = 0.25  # sigma of the lognormal waiting time: one model does the same work every time


class FlaggedError(Exception):
    """Moderation refuses the prompt of a submission."""


class TooFewCreditsError(Exception):
    """The account cannot pay `needed` credits: `left` is its balance minus the price of images still processing."""

    def __init__(self, needed: int, left: int) -> None:
        super().__init__(needed, left)
        self.needed = needed
        self.left = left


class Store(Protocol):
    """Persistent storage of a world, as `store.Store` implements it."""

    def add_account(self, account: Account) -> None:
        """Store a new account."""

    def add_batch(self, key: str, submission: Submission, ends: Sequence[End], *, number: int, created: int) -> None:
        """Store a submission; it survives the death of the process from the moment that this returns."""

    def mark(self, image: Image) -> None:
        """Store the `is_favorite` of an image."""


class World:
    """All accounts with their batches and images."""

    def __init__(
        self,
        now: Callable[[], float],
        *,
        seed: int = 0,
        latency: float = 0.0,
        store: Store | None = None,
    ) -> None:
        self.seed = seed
        self.latency = latency
        self.accounts: dict[str, Account] = {}
        self._now = now
        self._store = store
        self._batches: dict[str, Batch] = {}
        self._images: dict[str, Image] = {}
        self.submissions = 0

    # -- accounts --------------------------------------------------------------------------------------------------

    def add_account(
        self, key: str, *, credit: int = FREE_CREDITS, plan: str = "free", is_kept: bool = False
    ) -> Account:
        """Make an account; one that `is_kept` came from the store and is not written there again.

        Raises ValueError for a key that exists.
        """
        if key in self.accounts:
            raise ValueError("there is such a key already")
        account = Account(key, key_id(key), plan, credit, RateLimits())
        if self._store is not None and not is_kept:
            self._store.add_account(account)
        self.accounts[key] = account
        return account

    def new_key(self) -> str:
        """A key that no account has; the same seed and number of accounts give the same key."""
        return f"pxk_{self._token('key', len(self.accounts), 32)}"

    def balance(self, account: Account) -> int:
        """Credits of an account now, without those charged so far."""
        self._settle(account)
        return account.balance

    # -- submissions -----------------------------------------------------------------------------------------------

    def submit(self, account: Account, submission: Submission, fate: Fate = FINE) -> Batch:
        """Accept a submission; raises `FlaggedError` or `TooFewCreditsError`."""
        self._settle(account)
        if is_flagged(submission.prompt):
            raise FlaggedError
        model = catalog.models()[submission.model]
        count = max(model.images, fate.images)
        needed, left = price(submission) * count, account.balance - account.reserved
        if needed > left:
            raise TooFewCreditsError(needed, max(left, 0))
        number, created = self.submissions, int(self._now() * 1000)
        ends = [
            End(created / 1000 + seconds, fate.statuses[min(n, len(fate.statuses) - 1)])
            for n, seconds in enumerate(self._durations(model, submission.quality, fate.slowness, number, count))
        ]
        if self._store is not None:
            self._store.add_batch(account.key, submission, ends, number=number, created=created)
        batch = self.accept(account, submission, ends, number=number, created=created)
        self._settle(account)
        return batch

    def accept(
        self, account: Account, submission: Submission, ends: Sequence[End], *, number: int, created: int
    ) -> Batch:
        """Make the batch of submission `number`, for a new submission and for one that is read from the store."""
        self.submissions = number + 1
        cost = price(submission)
        batch = Batch(self._id("bt", number, 0), account, submission, account.next_cursor(created), created, cost)
        batch.images = tuple(self._image(batch, end, self._id("im", number, n)) for n, end in enumerate(ends))
        account.batches.append(batch)
        account.images.extend(batch.images)
        account.reserved += cost * len(batch.images)
        self._batches[batch.batch_id] = batch
        return batch

    def _image(self, batch: Batch, end: End, image_id: str) -> Image:
        cursor = batch.account.next_cursor(batch.created)
        image = Image(image_id, batch, cursor, end.finish, end.status)
        self._images[image_id] = image
        heapq.heappush(batch.account.due, (image.finish, cursor, image))
        return image

    def _durations(self, model: catalog.Model, quality: str, slowness: float, number: int, count: int) -> list[float]:
        median = model.seconds * slowness * (_HD_FACTOR if quality == "hd" else 1.0)
        if math.isinf(median) or median * self.latency == 0:
            return [median if math.isinf(median) else 0.0] * count
        chance = random.Random(f"{self.seed}/{number}")  # noqa: S311  (waiting times, not secrets)
        return [median * self.latency * math.exp(_SPREAD * chance.gauss(0.0, 1.0)) for _ in range(count)]

    def settle_until(self, now: float) -> None:
        """Finish all images that are due at `now`, in epoch seconds, whatever the clock shows."""
        for account in self.accounts.values():
            self._settle(account, now)

    def _settle(self, account: Account, now: float | None = None) -> None:
        """Finish the images that are due: set their status, charge each once, and finish their batches."""
        due = account.due
        now = self._now() if now is None else now
        while due and due[0][0] <= now:
            image = heapq.heappop(due)[2]
            batch = image.batch
            image.status = image.fate
            account.reserved -= batch.price
            if image.status == COMPLETE:
                image.charged = batch.price
                account.balance -= batch.price
            if all(each.status != PROCESSING for each in batch.images):
                batch.status = _status_of(batch.images)

    # -- looking ---------------------------------------------------------------------------------------------------

    def batch(self, account: Account, batch_id: str) -> Batch | None:
        """The account's batch of this id, or None."""
        self._settle(account)
        found = self._batches.get(batch_id)
        return found if found is not None and found.account is account else None

    def image(self, account: Account, image_id: str) -> Image | None:
        """The account's image of this id, or None."""
        self._settle(account)
        found = self._images.get(image_id)
        return found if found is not None and found.batch.account is account else None

    def mark(self, image: Image, *, favorite: bool) -> None:
        """Set the `is_favorite` of an image."""
        image.is_favorite = favorite
        if self._store is not None:
            self._store.mark(image)

    def picture(self, image_id: str) -> Image | None:
        """The image of this id, of any account: the signed URL is the permission to fetch it."""
        found = self._images.get(image_id)
        if found is not None:
            self._settle(found.batch.account)
        return found

    def batches(self, account: Account, limit: int, before: int | None) -> tuple[list[Batch], int | None]:
        """A page of batches, newest first, older than the cursor `before`; with the cursor of the next page."""
        self._settle(account)
        return _page(account.batches, limit, before)

    def images(
        self, account: Account, limit: int, before: int | None, batch_id: str | None
    ) -> tuple[list[Image], int | None]:
        """A page of images of one batch or of all, in the order and with the cursors of `batches`."""
        self._settle(account)
        if batch_id is None:
            return _page(account.images, limit, before)
        batch = self.batch(account, batch_id)
        return _page(batch.images if batch else (), limit, before)

    # -- names -----------------------------------------------------------------------------------------------------

    def _id(self, kind: str, number: int, n: int) -> str:
        return f"{kind}_{self._token(kind, number * 64 + n, 16)}"

    def _token(self, kind: str, number: int, length: int) -> str:
        digest = hashlib.blake2b(f"{self.seed}/{kind}/{number}".encode(), digest_size=24).digest()
        value, letters = int.from_bytes(digest), []
        for _ in range(length):
            value, index = divmod(value, len(_ALPHABET))
            letters.append(_ALPHABET[index])
        return "".join(letters)


_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

Item = TypeVar("Item", Batch, Image)


def _cursor(item: Batch | Image) -> int:
    return item.cursor


def _page(items: Sequence[Item], limit: int, before: int | None) -> tuple[list[Item], int | None]:
    end = len(items) if before is None else bisect_left(items, before, key=_cursor)
    start = max(0, end - limit)
    page = list(items[start:end])
    page.reverse()
    return page, page[-1].cursor if start > 0 else None


def _status_of(images: Sequence[Image]) -> str:
    """The status of a finished batch: complete if an image is, else rejected if an image is, else failed."""
    statuses = {image.status for image in images}
    return next((status for status in (COMPLETE, REJECTED) if status in statuses), FAILED)
