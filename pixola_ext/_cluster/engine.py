"""Looks after a bulk run on a cluster, from the process that wants it: sends the tasks, hears what becomes of them.

Lanes that die with their worker are sent again. The scheduler keeps nothing that matters: with it goes the run, and
what the ledger has is where the next one begins.
"""

import pickle
import time
from collections import Counter
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field

from .._bulk.items import State
from .._bulk.outcomes import BulkEvent, Outcome
from ..errors import ClusterError, PixolaError
from .functions import ERROR
from .lanes import lane
from .mapping import end_processes, map_item, unmapped
from .orders import LaneReport, Message, Order

if TYPE_CHECKING:
    from .._bulk.ledger import Ledger
    from .._bulk.rows import Totals

Heard = Callable[["BulkEvent | Outcome"], Any]

_ROUND_SECONDS: Final = 0.1  # between two looks at the tasks
_SILENCE_SECONDS: Final = 10.0  # without a scheduler, until the run is given up
_TOTALS_SECONDS: Final = 2.0  # between two looks at the figures of the ledger, and ...
_TOTALS_SHARE: Final = 20.0  # ... so many times as long as one takes
_RETRIES: Final = 3  # of a task that fails for an unforeseen reason
_MOST_DEATHS: Final = 3  # of workers with the same function, before that is its outcome
_LEASE_MARGIN: Final = 2.0  # seconds after the lease of a lane that died
_ANSWER_SECONDS: Final = 60.0  # that lanes may take to end, when the run is left: answers under way are awaited
_ALIVE: Final = ("running", "newly-created")
_GONE: Final = ("cancelled", "lost")  # what the client calls the tasks of a scheduler that has ended


@define(eq=False)
class Engine:
    """One run on a cluster.

    `heard` is called with each event and outcome, `followed` with the figures of the ledger now and then, both in the
    thread that calls `run`. `lanes_lost` counts the lanes that died with more workers than the scheduler repeats a
    task for, `map_errors` the pictures for which the function failed.
    """

    client: Any
    order: Order
    ledger: "Ledger"
    lane_count: int
    lease_seconds: float
    heard: Heard = lambda _message: None
    followed: "Callable[[Totals], Any] | None" = None
    lanes_lost: int = 0
    map_errors: int = 0
    failure: PixolaError | None = None
    _messages: "SimpleQueue[bytes]" = field(factory=SimpleQueue, init=False)
    _sent: dict[str, int] = field(factory=dict, init=False)  # requests, by lane
    _totals_at: float = field(default=0.0, init=False)
    _lanes: dict[Any, None] = field(factory=dict, init=False)
    _maps: dict[Any, int] = field(factory=dict, init=False)
    _mapped: set[int] = field(factory=set, init=False)  # items that were given to the function
    _deaths: Counter[int] = field(factory=Counter, init=False)  # of workers that had an item for the function
    _silent_since: float | None = field(default=None, init=False)

    @property
    def requests(self) -> int:
        """How many the lanes have sent, as far as they could tell."""
        return sum(self._sent.values())

    def run(self) -> None:
        """Work until nothing is left to do, and raise what ended the run early, if anything did."""
        self.client.subscribe_topic(self.order.topic, lambda event: self._messages.put(event[1]))
        try:
            self._map_what_waits()
            self._start_lanes(self.lane_count)
            self._attend()
            self._finish_for_the_dead()
            self._map_what_waits()
            self._attend()
        finally:
            self._leave()
        if self.failure is not None:
            raise self.failure

    # -- lanes ---------------------------------------------------------------------------------------------------------

    def _start_lanes(self, count: int) -> None:
        for _ in range(count):
            self._lanes[self._submitted(lane, self.order)] = None

    def _submitted(self, task: Callable[..., Any], *arguments: Any) -> Any:
        # Wherever there is room: a task that prefers a worker which leaves before it begins waits for ever.
        return self.client.submit(task, *arguments, pure=False, retries=_RETRIES)

    def _attend(self) -> None:
        """Until all tasks have ended: take their results, and send those again whose workers died."""
        while self._lanes or self._maps:
            self._hear()
            self._tell_totals()
            self._check_scheduler()
            for future in _ended(self._lanes):
                del self._lanes[future]
                self._lane_ended(future)
            for future in _ended(self._maps):
                self._map_ended(future, self._maps.pop(future))
            time.sleep(_ROUND_SECONDS)
        self._hear()

    def _lane_ended(self, future: Any) -> None:
        if future.status == "finished":
            report: LaneReport = future.result()
            self._sent[report.lane] = report.requests
            self.failure = self.failure or report.failure
        elif _is_lost(future):
            self.lanes_lost += 1
            self._start_lanes(1)
        else:
            self.failure = self.failure or _unforeseen(future)

    def _finish_for_the_dead(self) -> None:
        """Take over what lanes left behind that died for good: their items are free when the lease has ended."""
        until = time.monotonic() + self.lease_seconds + _LEASE_MARGIN
        while self.failure is None and self.ledger.owners() and time.monotonic() < until:
            self._start_lanes(1)
            self._attend()
            if self.ledger.owners():
                time.sleep(min(self.lease_seconds / 4, 1.0))

    # -- the user's function -------------------------------------------------------------------------------------------

    def _map_what_waits(self) -> None:
        """Give the function what is saved and has no result."""
        if self.order.function is None:
            return
        for item in self.ledger.items({State.FETCHED}):
            if unmapped(item, self.order.dest):
                self._map(item.number)

    def _map(self, number: int) -> None:
        if self.order.function is not None and number not in self._mapped:
            self._mapped.add(number)
            self._maps[self._submitted(map_item, self.order, number)] = number

    def _map_ended(self, future: Any, number: int) -> None:
        if future.status == "finished":
            self.map_errors += future.result()
            return
        if _is_lost(future):
            self._deaths[number] += 1
            if self._deaths[number] < _MOST_DEATHS:
                self._maps[self._submitted(map_item, self.order, number)] = number
                return
        reason = str(_unforeseen(future))
        item = self.ledger.get(number)
        failed = {} if item is None else {image_id: {ERROR: reason} for image_id, _ in unmapped(item, self.order.dest)}
        self.ledger.mapped(number, failed)
        self.map_errors += len(failed)

    # -- the cluster ---------------------------------------------------------------------------------------------------

    def _hear(self) -> None:
        while True:
            try:
                message: Message = pickle.loads(self._messages.get_nowait())  # noqa: S301  (of our own lanes)
            except Empty:
                return
            self._sent[message.lane] = message.requests
            content = message.content
            if isinstance(content, Outcome) and content.paths:
                self._map(content.number)
            self.heard(content)

    def _tell_totals(self) -> None:
        """Tell how far the run has come, by the ledger: messages may be lost with a worker."""
        if self.followed is None or time.monotonic() < self._totals_at:
            return
        begun = time.monotonic()
        self.followed(self.ledger.totals())
        now = time.monotonic()
        self._totals_at = now + max(_TOTALS_SECONDS, _TOTALS_SHARE * (now - begun))

    def _check_scheduler(self) -> None:
        if self.client.status in _ALIVE and not any(each.status in _GONE for each in (*self._lanes, *self._maps)):
            self._silent_since = None
            return
        now = time.monotonic()
        self._silent_since = self._silent_since or now
        if self.client.status == "closed" or now - self._silent_since >= _SILENCE_SECONDS:
            self._lanes.clear()
            self._maps.clear()
            raise ClusterError("the scheduler of the cluster is gone; the ledger has all that was done")

    def _leave(self) -> None:
        """Stop the lanes that are left, and end the processes of the function."""
        if self.client.status not in _ALIVE:
            return
        self.client.unsubscribe_topic(self.order.topic)
        if self._lanes:
            self.client.cancel(list(self._lanes))
            self._await_owners()
        self.client.cancel(list(self._maps))
        if self.order.function is not None:
            self.client.run(end_processes, self.order.topic, on_error="ignore")

    def _await_owners(self) -> None:
        """Wait until lanes that are told to end have given up what they own."""
        until = time.monotonic() + _ANSWER_SECONDS
        while self.ledger.owners() and time.monotonic() < until:
            time.sleep(_ROUND_SECONDS)


def _ended(futures: Iterable[Any]) -> list[Any]:
    return [each for each in futures if each.status in ("finished", "error")]


def _is_lost(future: Any) -> bool:
    """Whether a task died with its workers, more often than the scheduler repeats it."""
    from distributed.scheduler import KilledWorker  # noqa: PLC0415  (40 modules)

    return future.status == "error" and isinstance(future.exception(), KilledWorker)


def _unforeseen(future: Any) -> PixolaError:
    error = future.exception() if future.status == "error" else None
    if isinstance(error, PixolaError):
        return error
    return ClusterError(f"a task of the cluster failed: {error if error is not None else future.status}")
