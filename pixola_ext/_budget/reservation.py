"""The reservation of one request, apart from the arithmetic that makes it: that is loaded only to count."""

from datetime import datetime
from typing import Final, NamedTuple


class Reservation(NamedTuple):
    """The sending of one request, reserved.

    `delay` is how many seconds to sleep before asking again; 0 means that the request may be sent now. `number` is
    the place in the queue. `booked_at` is the time booked, on the monotonic clock, or None while the reservation is
    only queued. `frees_at` (aware, UTC) is set when no request can be sent for longer than `Limits.patience`: the day
    is used up, or the service has asked for a long pause.
    """

    delay: float
    number: int | None = None
    booked_at: float | None = None
    frees_at: datetime | None = None


UNCOUNTED: Final = Reservation(0.0)  # of a client whose requests are not counted
