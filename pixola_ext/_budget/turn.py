"""A place in the order of requests, apart from the arithmetic that gives it: that is loaded only to count."""

from datetime import datetime
from typing import Final, NamedTuple


class Turn(NamedTuple):
    """A place in the order of requests.

    `delay` is how many seconds to sleep before asking again; 0 means: send now. `at` is the time booked, on the
    monotonic clock, or None while the turn waits in the queue. `frees_at` (aware, UTC) is set when nothing can be
    sent for longer than `Limits.patience`: the day is used up, or the service has asked for a long pause.
    """

    delay: float
    place: int | None = None
    at: float | None = None
    frees_at: datetime | None = None


NOW: Final = Turn(0.0)  # where nothing is counted
