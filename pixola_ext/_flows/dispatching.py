"""What a bulk run does next, and when: given the time, what is left of the budget, and what is in flight.

No requests, no clock, no loop over time. Lanes (`bulk.py`) ask `next`, carry that out, and report what came of it.

    | action        | when                                                                                      |
    |---------------|-------------------------------------------------------------------------------------------|
    | `Submit`      | the minute has room beside the looks planned for it, and the day can pay for looks, too   |
    | `ListImages`  | enough pictures are expected to have ended (`look_plan.py`)                               |
    | `ListBatches` | it is not known how many images ended batches have, or several batches are overdue        |
    | `ReadBatch`   | one is overdue                                                                            |
    | `Reconcile`   | answers of submissions were lost: soon after, and when the quiet period is over           |
    | `Fetch`       | pictures are to be saved                                                                  |
    | `Feed`        | more requests have to be read                                                             |
    | `Idle`        | nothing of that                                                                           |

How many looks and submissions a minute has is told by `minute_plan.py`.
"""

import math
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any, Final, Generic, NamedTuple, TypeVar

from attrs import define, field

from .._api.arguments import LARGEST_PAGE
from .._budget.limits import LIMITS, Budget
from ..models import Batch, BatchSummary, Image
from .bulk_actions import Action, Feed, Fetch, Idle, ListBatches, ListImages, ReadBatch, Reconcile, Submit
from .flights import Flight, Flights
from .look_plan import LookPlan
from .minute_plan import FEW, MINUTE, PAGE, MinutePlan, Outstanding

Item = TypeVar("Item")

_FREE_LOOK_PRICE: Final = 0.5  # and where requests are not counted
_SOONEST_SHARE: Final = 0.1  # of the median age, between two looks
_SHORTEST_GAP: Final = 0.1  # seconds between two looks
_NEARLY_ALL: Final = 0.97  # of what is in flight
_LAST_PATIENCE: Final = 2.0  # times as long as that is expected to take
_SENDERS: Final = 4  # submissions under way at once
_FETCHERS: Final = 6  # batches whose pictures are fetched at once
_IDLE: Final = 1.0  # seconds after which a lane without work asks again, because others may have made some ...
_LONGEST_IDLE: Final = 20.0  # ... or time alone
_SHORTEST_IDLE: Final = 0.02
_DEEP: Final = 2  # submissions that must be further down in the list before another page is read for them
_UNDELIVERED: Final = 200  # outcomes that the caller has not taken yet, before submitting stops
_MOST_READS: Final = 4  # batches that are read by themselves after one look
_FIRST_SEARCH: Final = 5.0  # seconds after a lost answer


class _Search(NamedTuple, Generic[Item]):
    """A submission whose answer was lost: look for it at `due_at` (monotonic seconds)."""

    item: Item
    due_at: float


@define(eq=False)
class Dispatcher(Generic[Item]):
    """The decisions of one bulk run. Instants are monotonic seconds.

    `left` is how many requests have not been fed yet, None if that is not known. `most_in_flight` bounds the
    submissions whose batch is not at its end. With `frugal` a look is made only when it shows a full page; with
    `looks_at_once` looks cost nothing, as those at the sandbox in this process.
    """

    left: int | None = None
    most_in_flight: int = 1000
    frugal: bool = False
    looks_at_once: bool = False
    ready: deque[Item] = field(factory=deque)
    flights: Flights[Item] = field(factory=Flights[Any])
    undelivered: int = 0
    _taken: int = 0
    _minute: MinutePlan = field(init=False)
    _sending: int = 0
    _searches: list[_Search[Item]] = field(factory=list)
    _fetches: deque[Fetch[Item]] = field(factory=deque)
    _fetching: int = 0
    _is_looking: bool = False
    _is_searching: bool = False
    _is_feeding: bool = False
    _is_exhausted: bool = False
    _is_abandoned: bool = False
    is_stopped: bool = False
    _looks: deque[Any] = field(factory=deque)  # that follow the one just made
    _listed: set[str | None] = field(factory=set)  # batches in the pages of the list of images since the first
    _pages_left: int = 0  # of the list of images, that may be read after the page just read
    _retry_at: float = 0.0
    _look_at: float = math.inf
    _planned_for: tuple[Any, ...] = ()

    def __attrs_post_init__(self) -> None:
        self._minute = MinutePlan(self.frugal)

    def next(self, now: float, budget: Budget | None) -> "Action[Item] | None":
        """What to do now; None when all is done. `budget` is None if requests are not counted."""
        if self._is_abandoned:
            return None
        self._minute.forget(now)
        if budget is not None and now >= self._minute.ends_at and not self._is_over:
            self._minute.begin(now, budget, self._left)
        action = self._due_search(now) or self._due_fetch() or self._due_look(now, budget)
        if action is not None:
            return action
        submission = self._due_submission(budget)
        if submission is not None:
            return submission
        return None if self._is_done() else Idle(self._delay(now, budget))

    def stop(self) -> None:
        """Submit nothing more; what is in flight is still waited for."""
        self.is_stopped = True

    def abandon(self) -> None:
        """Do nothing more at all: what is under way ends."""
        self.stop()
        self._is_abandoned = True

    # -- submissions ---------------------------------------------------------------------------------------------------

    def fed(self, items: Iterable[Item], *, is_last: bool) -> None:
        """Requests were read; `is_last` if there are no more."""
        before = len(self.ready)
        self.ready.extend(items)
        count = len(self.ready) - before
        self._taken += count
        if self.left is not None:
            self.left = max(self.left - count, 0)
        self._is_feeding, self._is_exhausted = False, is_last

    def leaves(self, now: float) -> None:
        """A submission is about to be sent: the budget has given it its time."""
        self._minute.sent.append(now)

    def submitted(self, item: Item, batch_id: str, request: Any, now: float) -> None:
        """A submission was accepted."""
        self._sending -= 1
        self.flies(item, batch_id, request, now)

    def flies(self, item: Item, batch_id: str, request: Any, submitted_at: float) -> None:
        """A batch is on its way that was submitted earlier, or found."""
        if not self.flights:
            self.flights.looked_at = max(self.flights.looked_at, submitted_at)
        self.flights.add(item, batch_id, request, submitted_at)

    def passed_over(self) -> None:
        """A submission was not sent, since its item is not this run's any more: there may be others instead."""
        self._sending -= 1
        self._is_exhausted = False

    def refused(self, item: Item | None = None) -> None:
        """A submission was refused, or not sent; `item` is to be submitted again."""
        self._sending -= 1
        if item is not None:
            self.ready.appendleft(item)

    def again(self, item: Item) -> None:
        """A submission turned out not to have been accepted, and is to be submitted again."""
        self.ready.append(item)

    def lost(self, item: Item, now: float) -> None:
        """The answer to a submission was lost."""
        self._sending -= 1
        self.search(item, now + _FIRST_SEARCH)

    def search(self, item: Item, due_at: float) -> None:
        """Look for the batch of an item at `due_at`."""
        self._searches.append(_Search(item, due_at))

    def searched(self) -> None:
        """A search has ended."""
        self._is_searching = False

    # -- looks ---------------------------------------------------------------------------------------------------------

    def saw_images(
        self, images: Sequence[Image], cursor: int | None, asked_at: float, *, is_first: bool
    ) -> list[tuple[Item, Batch]]:
        """A page of images was read, perhaps the first one; `cursor` is of the next one. Gives what has ended."""
        self.flights.saw_images(images)
        if is_first:
            self.flights.looked_at = asked_at
            self._listed = set()
            self._pages_left = math.ceil(len(self.flights) * self.flights.images_each() / LARGEST_PAGE)
        ended = self.flights.settle(asked_at)
        self._follow_up(images, cursor, asked_at, [flight for flight, _ in ended])
        return self._looked(ended)

    def saw_batches(self, batches: Sequence[BatchSummary], asked_at: float) -> list[tuple[Item, Batch]]:
        """The newest page of batches was read. Gives what has ended."""
        self.flights.saw_batches(batches, asked_at)
        ended = self.flights.settle(asked_at)
        if any(flight.status is not None for flight in self.flights):  # its images are not all there
            self._looks.append(ListImages())
        return self._looked(ended)

    def saw_batch(self, flight: Flight[Item], batch: Batch | None, asked_at: float) -> list[tuple[Item, Batch]]:
        """A batch was read by itself; None if there is none. Gives it if it has ended."""
        ended = None if batch is None else self.flights.saw_batch(flight, batch, asked_at)
        if not self.flights.has(flight):
            return self._looked([])
        if ended is None:
            flight.looked_up(asked_at)
            return self._looked([])
        self.flights.drop(flight)
        self.flights.learn([flight], asked_at)
        if not self._looks:  # others that no list shows the end of may have ended, too
            self._looks.extend(map(ReadBatch, self._hidden(asked_at)[:1]))
        return self._looked([(flight, ended)])

    def look_failed(self, now: float, delay: float) -> None:
        """A look failed, for a reason that may pass within `delay` seconds."""
        self._looks.clear()
        self._retry_at = now + delay
        self._is_looking = False

    def _looked(self, ended: list[tuple[Flight[Item], Batch]]) -> list[tuple[Item, Batch]]:
        self._is_looking = False
        return [(item, batch) for flight, batch in ended for item in flight.items]

    def _follow_up(
        self, images: Sequence[Image], cursor: int | None, now: float, ended: Sequence[Flight[Item]]
    ) -> None:
        """What else has to be read to know what has ended."""
        listed = {image.batch_id for image in images}
        seen = (flight.submitted_at for flight in (*self.flights, *ended) if flight.batch_id in listed)
        self._listed |= listed
        oldest = min(seen, default=now)
        missing = [flight for flight in self.flights if flight.batch_id not in self._listed]
        deep = [flight for flight in missing if flight.submitted_at < oldest] if cursor is not None else []
        if len(deep) >= _DEEP and self._pages_left > 0:
            self._pages_left -= 1
            self._looks.append(ListImages(cursor))
            return
        alone = self._hidden(now)
        others = [flight for flight in self.flights if flight.is_due(now) and flight not in alone]
        if any(flight.is_uncounted for flight in others) or len(others) >= _DEEP:
            self._looks.append(ListBatches())
        else:
            alone += others
        self._looks.extend(map(ReadBatch, alone[:_MOST_READS]))

    def _hidden(self, now: float) -> list[Flight[Item]]:
        """Those that are due, and that no list shows the end of."""
        return [flight for flight in self.flights if flight.is_hidden and flight.is_due(now)]

    def _due_fetch(self) -> Fetch[Item] | None:
        if not self._fetches or self._fetching >= _FETCHERS:
            return None
        self._fetching += 1
        return self._fetches.popleft()

    def _due_look(self, now: float, budget: Budget | None) -> "Action[Item] | None":
        look = self._next_look(now, budget)
        if look is not None:
            self._is_looking = True
            self._minute.looks(now)
        return look

    def _next_look(self, now: float, budget: Budget | None) -> "Action[Item] | None":
        if not self.flights:
            self._looks.clear()
        if self._is_looking or not self.flights or now < self._retry_at:
            return None
        if self._looks:
            look: Action[Item] = self._looks.popleft()
            return look
        self._look_at = self._planned(now, budget)
        return ListImages() if self._look_at <= now else None

    def _planned(self, now: float, budget: Budget | None) -> float:
        """When the next look is due."""
        seconds = 1.0 if budget is not None else 0.1
        state = (self.flights.looked_at, self._minute.at, len(self.flights) // FEW, now // seconds, self._is_over)
        if state == self._planned_for:
            return self._look_at
        self._planned_for = state
        since = self.flights.looked_at
        plan = LookPlan(self.flights.cohorts(), since)
        soonest = since + max(_SHORTEST_GAP, _SOONEST_SHARE * self.flights.median_age(now))
        if budget is not None and budget.day.left <= 1:  # the last look of the day, and the next one is a day away
            return since + _LAST_PATIENCE * (plan.reaches(math.inf, _NEARLY_ALL * len(self.flights)) - since)
        if budget is None:
            price = 0.0 if self.looks_at_once else _FREE_LOOK_PRICE
        else:
            outstanding = Outstanding(self._left, self._is_over or not self._day_allows(budget))
            price = self._minute.price(plan, now, budget, outstanding, self.flights.as_new)
        return self._minute.ends_at if price == math.inf else max(plan.reaches(price, PAGE), soonest)

    @property
    def _left(self) -> int:
        """How many submissions are to be expected: as many again as there were, if that is not known."""
        if self._is_exhausted:
            return len(self.ready)
        return len(self.ready) + (self.left if self.left is not None else max(self._taken, LIMITS.minute.count))

    @property
    def _is_over(self) -> bool:
        """Whether nothing more will be submitted."""
        is_empty = self._is_exhausted and not self.ready and not self._searches
        return self.is_stopped or (is_empty and self._sending == 0)

    # -- when ----------------------------------------------------------------------------------------------------------

    def _due_submission(self, budget: Budget | None) -> "Submit[Item] | Feed | None":
        if not self._may_submit(budget):
            return None
        if self.ready:
            self._sending += 1
            return Submit(self.ready.popleft())
        if self._is_exhausted or self._is_feeding:
            return None
        self._is_feeding = True
        return Feed(LIMITS.minute.count)

    def _may_submit(self, budget: Budget | None) -> bool:
        in_flight = len(self.flights) + self._sending + len(self._searches)
        if self.is_stopped or self._sending >= _SENDERS or in_flight >= self.most_in_flight:
            return False
        if self.undelivered + len(self._fetches) >= _UNDELIVERED:
            return False
        if budget is None:
            return True
        return self._minute.has_room(budget, self._sending) and self._day_allows(budget)

    def _day_allows(self, budget: Budget) -> bool:
        """Whether one more submission leaves the looks at what is in flight, today."""
        in_flight = len(self.flights) + self._sending + len(self._searches)
        return budget.day.left > math.ceil((in_flight + 1) / PAGE)

    def _due_search(self, now: float) -> Reconcile[Item] | None:
        due = [each.item for each in self._searches if each.due_at <= now]
        if not due or self._is_searching:
            return None
        self._searches = [each for each in self._searches if each.due_at > now]
        self._is_searching = True
        return Reconcile(due)

    def fetch(self, item: Item, batch: Batch) -> None:
        """The pictures of a batch are to be saved."""
        self._fetches.append(Fetch(item, batch))

    def fetched(self) -> None:
        """The pictures of a batch were saved, or not."""
        self._fetching -= 1

    @property
    def is_busy(self) -> bool:
        """Whether anything is under way that may still cost credits, or turn out not to."""
        return bool(self._sending or self.flights or self._searches or self._is_searching or self.ready)

    def _is_done(self) -> bool:
        if not self.is_stopped and not (self._is_exhausted and not self.ready):
            return False
        return not self._is_working and not self.flights and not self._searches and not self._fetches

    def _delay(self, now: float, budget: Budget | None) -> float:
        """Seconds until something may be due."""
        due = [] if self._is_searching else [each.due_at for each in self._searches]
        if self.flights and not self._is_looking:
            due.append(max(self._look_at, self._retry_at))
        if self._minute.sent and not self.is_stopped:
            due.append(self._minute.sent[0] + MINUTE)
        is_day_over = budget is not None and budget.day.left <= 1 and not self._fetching
        longest = _LONGEST_IDLE if is_day_over else _IDLE
        return min(max(min(due, default=now + longest) - now, _SHORTEST_IDLE), longest)

    @property
    def _is_working(self) -> bool:
        """Whether a lane is at something that may end at any time."""
        working = (self._is_looking, self._is_searching, self._is_feeding)
        return bool(self._sending or self._fetching) or any(working)
