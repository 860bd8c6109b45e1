"""Submissions in flight, and what the lists of images and batches show of them. No requests here, and no clock.

A list of images tells most: URLs, states and charges of a hundred pictures. Two things it need not tell are found out
elsewhere. Whether a batch has more images than are listed is known from the list of batches; models make the same
number every time, so this is asked once per model. And a batch that failed or was rejected may have no image at all:
one that should have ended long ago and is not among the images is looked up among the batches, then by itself.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final, Generic, TypeVar

from attrs import define, evolve, field

from ..models import COMPLETE, FAILED, REJECTED, Batch, BatchSummary, Image
from .latency import Interval, Latency
from .look_plan import Cohort

Item = TypeVar("Item")

_COHORT_SECONDS: Final = 0.5  # submissions this close together are planned for as one
_OVERDUE: Final = 0.95  # of the jobs of a kind have ended by the age at which one is looked up by other means
_VERY_OVERDUE: Final = 0.998
_LATE: Final = 1.5  # times that age, by the jobs that have ended: those that run for ever make the others look quick
_AGAIN: Final = 0.25  # of its age, after which an overdue batch is looked up again
_MANY_IMAGES: Final = 4  # that a batch of a kind whose batches differ is taken to have
_NEVER_SAME: Final = -1  # images of a batch, for a kind whose batches differ


@define(eq=False)
class Kind:
    """What is known of all batches of one model and quality; `images` is how many each has, None while unknown."""

    latency: Latency = field(factory=Latency)
    images: int | None = None

    def counted(self, images: int) -> None:
        """A batch of this kind turned out to have this many images."""
        self.images = images if self.images in (None, images) else _NEVER_SAME


Kinds = dict[tuple[Any, Any], Kind]  # by model and quality


@define(eq=False)
class Flight(Generic[Item]):
    """One submission whose batch is not known to be at its end. Instants are monotonic seconds."""

    items: list[Item]  # one, unless the service gives an id twice
    batch_id: str
    submitted_at: float
    kind: Kind
    running_at: float  # when it was last known to be running
    images: dict[str, Image] = field(factory=dict)
    status: str | None = None  # of the batch, once a list of batches shows its end
    image_count: int | None = None
    retry_at: float = 0.0  # before that it is not looked up by other means again
    is_unlisted: bool = False  # whether the list of batches was read for it, and did not have it

    def age(self, now: float) -> float:
        """Seconds since the submission."""
        return now - self.submitted_at

    @property
    def ended_images(self) -> Sequence[Image]:
        """The images that are at their end, in the order in which the batch has them."""
        return [each for each in reversed(self.images.values()) if _has_ended(each)]

    @property
    def is_uncounted(self) -> bool:
        """Whether images are there, but it is not known whether these are all."""
        return bool(self.images) and self._expected is None and len(self.ended_images) == len(self.images)

    @property
    def _expected(self) -> int | None:
        if self.image_count is not None:
            return self.image_count
        return None if self.kind.images == _NEVER_SAME else self.kind.images

    @property
    def is_hidden(self) -> bool:
        """Whether lists were read for it in vain: its images are not there, or it is not among the batches."""
        return self.is_unlisted or self.status is not None

    def settled(self) -> Batch | None:
        """The batch at its end, if all of it is known."""
        ended, expected = self.ended_images, self._expected
        if expected is None or len(ended) < max(expected, len(self.images)):
            return None
        if not ended and self.status in (None, COMPLETE):  # where a picture is, lists may be late
            return None
        return Batch(self.batch_id, self.status or _status_of(ended), tuple(ended))

    def is_due(self, now: float) -> bool:
        """Whether it has to be looked up by other means: it has ended, or should have, and the images do not tell all.

        One that the list of images shows in the making has to be very late: lists may be stale.
        """
        if now < self.retry_at:
            return False
        if self.is_uncounted or self.is_hidden:
            return True
        age, latency = self.age(now), self.kind.latency
        share = _VERY_OVERDUE if self.images else _OVERDUE
        return latency.ended(age) >= share or latency.usually_ended(age / _LATE) >= share

    def looked_up(self, now: float) -> None:
        """It was looked up by other means than the list of images."""
        self.retry_at = now + max(_AGAIN * self.age(now), 1.0)


def _has_ended(image: Image) -> bool:
    return image.is_complete or image.status in (FAILED, REJECTED)


def _status_of(images: Iterable[Image]) -> str:
    statuses = {image.status for image in images}
    if any(image.is_complete for image in images):
        return COMPLETE
    return REJECTED if REJECTED in statuses else FAILED


@define(eq=False)
class Flights(Generic[Item]):
    """All submissions in flight, in the order in which they were made."""

    kinds: Kinds = field(factory=dict)
    looked_at: float = 0.0  # when the list of images was asked for last
    _flights: dict[str, Flight[Item]] = field(factory=dict)

    def __len__(self) -> int:
        return len(self._flights)

    def __iter__(self) -> Any:
        return iter(list(self._flights.values()))

    def kind(self, request: Any) -> Kind:
        """The kind of job that a request makes."""
        return self.kinds.setdefault((request.get("model"), request.get("quality")), Kind())

    def add(self, item: Item, batch_id: str, request: Any, submitted_at: float) -> None:
        """A batch was accepted."""
        known = self._flights.get(batch_id)
        if known is not None:
            known.items.append(item)
            return
        self._flights[batch_id] = Flight([item], batch_id, submitted_at, self.kind(request), submitted_at)

    def drop(self, flight: Flight[Item]) -> None:
        """The batch is at its end, or given up."""
        self._flights.pop(flight.batch_id, None)

    def has(self, flight: Flight[Item]) -> bool:
        """Whether it is still in flight."""
        return self._flights.get(flight.batch_id) is flight

    def images_each(self) -> int:
        """How many images a batch in flight has at most, as far as that is known."""
        counts = (flight.kind.images or 1 for flight in self._flights.values())
        return max((_MANY_IMAGES if each == _NEVER_SAME else each for each in counts), default=1)

    def cohorts(self) -> list[Cohort]:
        """The submissions in flight for a plan of looks."""
        groups: dict[tuple[float, int], list[Flight[Item]]] = {}
        for flight in self._flights.values():
            groups.setdefault((flight.submitted_at // _COHORT_SECONDS, id(flight.kind)), []).append(flight)
        return [Cohort(each[0].submitted_at, len(each), each[0].kind.latency) for each in groups.values()]

    def as_new(self, number: int) -> list[Cohort]:
        """So many submissions of the kinds that are in flight, all made at 0."""
        kinds = {id(flight.kind): flight.kind for flight in self._flights.values()}
        shares = Counter(id(flight.kind) for flight in self._flights.values())
        total = max(len(self._flights), 1)
        return [Cohort(0.0, number * share / total, kinds[key].latency) for key, share in shares.items()]

    def median_age(self, now: float) -> float:
        """The median age in seconds of what is in flight."""
        ages = [flight.age(now) for flight in self._flights.values()]  # in the order of their submission
        return ages[len(ages) // 2] if ages else 0.0

    # -- what was seen -------------------------------------------------------------------------------------------------

    def saw_images(self, images: Iterable[Image]) -> None:
        """A page of the list of images.

        A batch with images that are still in the making is listed with all that it will have.
        """
        seen: dict[str, Flight[Item]] = {}
        for image in images:
            flight = self._flights.get(image.batch_id or "")
            if flight is not None:
                flight.images[image.image_id] = image
                seen[flight.batch_id] = flight
        for flight in seen.values():
            if len(flight.ended_images) < len(flight.images):
                flight.image_count = len(flight.images)
                flight.kind.counted(flight.image_count)

    def saw_batches(self, batches: Iterable[BatchSummary], asked_at: float) -> None:
        """A page of the list of batches, which was read for all that are due."""
        for flight in self._flights.values():
            flight.is_unlisted = flight.is_due(asked_at)
        for summary in batches:
            found = self._flights.get(summary.batch_id or "")
            if found is not None:
                self._saw_batch(found, summary, asked_at)

    def _saw_batch(self, flight: Flight[Item], summary: BatchSummary, asked_at: float) -> None:
        flight.is_unlisted = False
        if summary.image_count is not None and (summary.image_count or summary.is_terminal):
            flight.image_count = summary.image_count
            if summary.image_count:
                flight.kind.counted(summary.image_count)
        if summary.is_terminal:
            flight.status = summary.status
            if summary.image_count is None:
                flight.image_count = len(flight.images)
        else:
            flight.looked_up(asked_at)

    def saw_batch(self, flight: Flight[Item], batch: Batch, asked_at: float) -> Batch | None:
        """A batch by itself; gives it if it is at its end."""
        flight.looked_up(asked_at)
        if not batch.is_terminal:
            return None
        if batch.images:
            flight.kind.counted(len(batch.images))
        return evolve(batch, submission=None)

    def settle(self, asked_at: float) -> list[tuple[Flight[Item], Batch]]:
        """The submissions that are seen to be at their end, taken out; learns how long they took.

        What was seen was asked for at `asked_at`.
        """
        ended: list[tuple[Flight[Item], Batch]] = []
        for flight in self:
            batch = flight.settled()
            if batch is not None:
                ended.append((flight, batch))
                self.drop(flight)
        self.learn([flight for flight, _ in ended], asked_at)
        return ended

    def learn(self, ended: Iterable[Flight[Item]], asked_at: float) -> None:
        """These were seen to be at their end at `asked_at`; the others were seen running then, or not at all."""
        intervals: dict[int, list[Interval]] = {}
        ages: dict[int, list[float]] = {}
        kinds: dict[int, Kind] = {}
        for flight in ended:
            kinds[id(flight.kind)] = flight.kind
            begin = flight.running_at - flight.submitted_at
            intervals.setdefault(id(flight.kind), []).append((round(begin, 1), round(flight.age(asked_at), 1)))
        for flight in self._flights.values():
            if asked_at > flight.running_at and not flight.ended_images:
                flight.running_at = asked_at
            kinds[id(flight.kind)] = flight.kind
            ages.setdefault(id(flight.kind), []).append(round(flight.running_at - flight.submitted_at, 1))
        for key, kind in kinds.items():
            kind.latency.learn(intervals.get(key, ()), ages.get(key, ()))
