"""An account as its lists show it, in time that a test moves, and a lane that carries out what a dispatcher decides."""

from collections.abc import Callable, Sequence
from typing import Any

from attrs import define, field

from pixola_ext._flows.bulk_actions import Idle, ListBatches, ListImages, ReadBatch, Submit
from pixola_ext._flows.dispatching import Dispatcher
from pixola_ext.models import COMPLETE, FAILED, Batch, BatchSummary, Image

LARGEST_PAGE = 100


@define(slots=False)
class Made:
    """One batch: when each of its images ends, and as what."""

    batch_id: str
    at: float
    ends: Sequence[float] = (10.0,)
    statuses: Sequence[str] = (COMPLETE,)
    failure: str = FAILED  # its status if it has no image
    counted: Any = "true"  # the `imageCount` that is shown
    is_stale: bool = False  # the list of images shows it in the making for ever
    is_in_batches: bool = True
    is_there: bool = True  # by itself

    def finish(self, place: int) -> float:
        """When an image ends."""
        return self.at + self.ends[place]

    def is_over(self, now: float) -> bool:
        """Whether all of it has ended."""
        return all(self.finish(place) <= now for place in range(len(self.ends)))

    def status(self, now: float) -> str:
        """Its own status."""
        if not self.is_over(now):
            return "processing"
        if COMPLETE in self.statuses:
            return COMPLETE
        return self.statuses[0] if self.statuses else self.failure

    def image(self, place: int, now: float) -> Image:
        """One of its images."""
        status = self.statuses[place] if self.finish(place) <= now else "processing"
        image_id = f"{self.batch_id}-{place}"
        url = f"https://pixola.example/{image_id}.png" if status == COMPLETE else None
        return Image.from_dict({"imageId": image_id, "batchId": self.batch_id, "status": status, "url": url})


@define(slots=False)
class Account:
    """What an account has; the newest last."""

    make: Callable[[int], dict[str, Any]] = lambda _number: {}
    shows_making: bool = True
    now: float = 0.0
    batches: list[Made] = field(factory=list)
    pages: int = 0  # of the list of images, that were read
    reads: int = 0  # of anything else

    def submit(self, number: int) -> str:
        """Accept a submission."""
        self.batches.append(Made(f"b{len(self.batches)}", self.now, **self.make(number)))
        return self.batches[-1].batch_id

    def push(self, count: int, at: float | None = None) -> None:
        """Another program has made so many pictures."""
        since = self.now if at is None else at
        self.batches += [Made(f"other{len(self.batches) + n}", since, ends=(0.0,)) for n in range(count)]

    def images(self, cursor: int | None) -> tuple[list[Image], int | None]:
        """A page of the list of images, and the cursor of the next one."""
        self.pages += 1
        shown = [
            made.image(place, -1.0 if made.is_stale else self.now)
            for made in reversed(self.batches)
            for place in reversed(range(len(made.ends)))
            if self.shows_making or (made.finish(place) <= self.now and not made.is_stale)
        ]
        start = cursor or 0
        end = start + LARGEST_PAGE
        return shown[start:end], (end if end < len(shown) else None)

    def newest_batches(self) -> list[BatchSummary]:
        """The newest page of the list of batches."""
        self.reads += 1
        listed = [made for made in reversed(self.batches) if made.is_in_batches][:LARGEST_PAGE]
        return [
            BatchSummary.from_dict(
                {
                    "batchId": made.batch_id,
                    "status": made.status(self.now),
                    "imageCount": len(made.ends) if made.counted == "true" else made.counted,
                }
            )
            for made in listed
        ]

    def batch(self, batch_id: str) -> Batch | None:
        """One batch by itself."""
        self.reads += 1
        made = next(each for each in self.batches if each.batch_id == batch_id)
        if not made.is_there:
            return None
        images = [made.image(place, self.now).to_dict() for place in range(len(made.ends))]
        return Batch.from_dict({"batchId": batch_id, "status": made.status(self.now), "images": images})

    def truth(self, batch_id: str) -> set[str]:
        """The ids of the pictures of a batch."""
        made = next(each for each in self.batches if each.batch_id == batch_id)
        return {f"{batch_id}-{place}" for place, status in enumerate(made.statuses) if status == COMPLETE}


def play(account: Account, count: int, give_up: float = 400.0) -> dict[int, Batch | None]:  # noqa: C901  (a case for each action)
    """Carry out a run of `count` items to its end; each with its batch, None if it was given up."""
    dispatcher: Dispatcher[int] = Dispatcher(left=count)
    dispatcher.fed(range(count), is_last=True)
    known: dict[int, Batch | None] = {}

    def settle(ended: Sequence[tuple[int, Batch]]) -> None:
        for item, batch in ended:
            assert item not in known
            known[item] = batch
        for flight in dispatcher.flights:
            if flight.age(account.now) > give_up:
                dispatcher.flights.drop(flight)
                known.update(dict.fromkeys(flight.items))

    while (action := dispatcher.next(account.now, None)) is not None:
        match action:
            case Idle(seconds):
                assert seconds > 0.0
                account.now += seconds
            case Submit(item):
                account.now += 0.5
                dispatcher.leaves(account.now)
                dispatcher.submitted(item, account.submit(item), {"model": "flux-2"}, account.now)
            case ListImages(cursor):
                images, following = account.images(cursor)
                settle(dispatcher.saw_images(images, following, account.now, is_first=cursor is None))
            case ListBatches():
                settle(dispatcher.saw_batches(account.newest_batches(), account.now))
            case ReadBatch(flight):
                settle(dispatcher.saw_batch(flight, account.batch(flight.batch_id), account.now))
        account.now += 0.05
        assert account.now < give_up + 300.0, "it does not end"
    return known
