"""How far a bulk run has come: drawn on a terminal, else a line now and then."""

import math
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from ..._bulk.estimate import PAGE, Room, duration
from ..._bulk.items import UNFINISHED, State
from ..._bulk.outcomes import FINISHED, SUBMITTED, BulkEvent, Outcome
from .planning import room_of
from .telling import plural

if TYPE_CHECKING:
    from ..._bulk.rows import Totals
    from ...client import Pixola
    from ..progress import Activity
    from ..session import Session

_LINE_SECONDS: Final = 10.0  # between two lines without a terminal
_BUDGET_SECONDS: Final = 1.0  # between two looks at what the limits leave


class Meter:
    """Counts what happens in a run. Safe between threads."""

    def __init__(self, before: "Totals") -> None:
        counts = before.counts
        self._before = before
        self._waiting = counts.get(State.WAITING, 0)
        self._total = self._waiting + sum(counts.get(state, 0) for state in UNFINISHED)
        self._lock = threading.Lock()
        self._events: Counter[str] = Counter()
        self._done = 0
        self.requests = 0
        self.pictures = 0
        self.credits = 0
        self.started_at = time.monotonic()
        self._px: Pixola | None = None
        self._room: tuple[float, Room | None] = (-math.inf, None)

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to do."""
        return self._total > 0

    def of(self, px: "Pixola") -> None:
        """The client whose limits are shown."""
        self._px = px

    def sent(self, _event: Any) -> None:
        """A request is about to be sent."""
        with self._lock:
            self.requests += 1

    def happened(self, event: BulkEvent) -> None:
        """Something happened to an item."""
        with self._lock:
            self._events[event.kind] += 1

    def ended(self, outcome: Outcome) -> None:
        """An outcome is known."""
        with self._lock:
            self._done += 1
            self.pictures += 0 if outcome.batch is None else len(outcome.batch.completed)
            self.credits += outcome.credits

    def follow(self, totals: "Totals", requests: int) -> None:
        """The run is on a cluster: the ledger says what is done, also what lanes could not tell any more."""
        with self._lock:
            open_ones = sum(totals.counts.get(state, 0) for state in (State.WAITING, *UNFINISHED))
            self._done = max(self._total - open_ones, 0)
            self.pictures = totals.pictures - self._before.pictures
            self.credits = totals.charged - self._before.charged
            self.requests = requests

    @property
    def seconds(self) -> float:
        """Since the run began."""
        return time.monotonic() - self.started_at

    def text(self) -> str:
        """How far it has come, in a line."""
        room = self._left()
        with self._lock:
            parts = [
                f"{self._done:,} of {self._total:,}",
                plural(self.pictures, "picture"),
                plural(self.credits, "credit"),
                f"{plural(self.requests, 'request')} sent",
            ]
            if room is not None:
                parts.append(f"{room.minute} left this minute, {room.day} today")
                submitted = self._events[SUBMITTED]
                unsent = max(self._waiting - submitted, 0)
                looks = math.ceil(max(submitted - self._events[FINISHED], unsent) / PAGE)
                ends = datetime.now().astimezone() + timedelta(seconds=duration(unsent + looks, room))
                parts.append(f"until about {ends:%H:%M}")
        return ", ".join(parts)

    def _left(self) -> Room | None:
        """What the limits leave, as it was a moment ago."""
        now = time.monotonic()
        if self._px is not None and now - self._room[0] >= _BUDGET_SECONDS:
            self._room = (now, room_of(self._px))
        return self._room[1]


@contextmanager
def shown(here: "Session", meter: Meter, activity: "Activity", *, is_drawn: bool) -> Iterator[None]:
    """Show the meter while the block runs."""
    if is_drawn:
        activity.shows(meter.text)
        yield
        return
    has_ended = threading.Event()

    def tell() -> None:
        while not has_ended.wait(_LINE_SECONDS):
            here.say(f"pixola: {meter.text()}")

    teller = threading.Thread(target=tell, name="pixola-progress", daemon=True)
    teller.start()
    try:
        yield
    finally:
        has_ended.set()
        teller.join()
