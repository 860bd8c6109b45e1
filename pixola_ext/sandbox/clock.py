"""The clock of the sandbox, which can be frozen, moved and made faster."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from attrs import evolve, frozen

LATEST: Final = 253_370_764_800.0  # epoch seconds at the start of 9999, the last year that `datetime` knows


@frozen
class Reading:
    """The state of a clock: it showed `shown` when its source showed `source`, and has run at `rate` since.

    Both instants are epoch seconds. A `frozen` clock goes on showing `shown`.
    """

    shown: float
    source: float
    rate: float = 1.0
    frozen: bool = False

    def at(self, source: float) -> float:
        """The time of the clock when its source shows `source`, both in epoch seconds."""
        shown = self.shown if self.frozen else self.shown + (source - self.source) * self.rate
        return min(max(shown, 0.0), LATEST)


class Clock:
    """A clock that starts at the time of `source`, in epoch seconds, and can be frozen, moved and made faster."""

    def __init__(self, source: Callable[[], float] = time.time) -> None:
        self._source = source
        self._lock = threading.Lock()
        start = source()
        self._reading = Reading(start, start)

    def now(self) -> float:
        """The time in epoch seconds, from 1970 to the start of the year 9999."""
        return self._reading.at(self._source())

    def freeze(self) -> None:
        """Stop the clock."""
        self._change(frozen=True)

    def resume(self) -> None:
        """Let a frozen clock run on from the time that it shows."""
        self._change(frozen=False)

    def scale(self, rate: float) -> None:
        """Run `rate` times as fast as the source from now on."""
        self._change(rate=rate)

    def advance(self, seconds: float) -> None:
        """Move the clock `seconds` ahead, or back if negative."""
        self._change(jump=seconds)

    @property
    def reading(self) -> Reading:
        """The state of the clock, for `restore` of another clock with the same source."""
        return self._reading

    def restore(self, reading: Reading) -> None:
        """Take over the state of an earlier clock."""
        self._reading = reading

    @property
    def rate(self) -> float:
        """How many times as fast as its source the clock runs."""
        return self._reading.rate

    @property
    def is_frozen(self) -> bool:
        """Whether the clock is stopped."""
        return self._reading.frozen

    def _change(self, *, jump: float = 0.0, **changes: Any) -> None:
        with self._lock:
            source = self._source()
            self._reading = evolve(self._reading, shown=self._reading.at(source) + jump, source=source, **changes)


def iso(milliseconds: int) -> str:
    """Epoch milliseconds as ISO 8601 in UTC, with milliseconds."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:03d}Z"
