"""The sandbox's own time: it can be frozen, moved and made faster."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from attrs import evolve, frozen

LATEST: Final = 253_370_764_800.0  # epoch seconds at the start of the year 9999, the last that dates can tell


@frozen
class Reading:
    """When the source of a clock showed `source`, the clock showed `shown`; since then it has run at `rate`."""

    shown: float
    source: float
    rate: float = 1.0
    frozen: bool = False

    def at(self, source: float) -> float:
        """What the clock shows when its source shows `source`."""
        shown = self.shown if self.frozen else self.shown + (source - self.source) * self.rate
        return min(max(shown, 0.0), LATEST)


class Clock:
    """Epoch seconds that start as `source` tells them and then obey `freeze`, `resume`, `advance` and `scale`."""

    def __init__(self, source: Callable[[], float] = time.time) -> None:
        self._source = source
        self._lock = threading.Lock()
        start = source()
        self._reading = Reading(start, start)

    def now(self) -> float:
        """Epoch seconds, from 1970 to the start of the year 9999."""
        return self._reading.at(self._source())

    def freeze(self) -> None:
        """Stand still."""
        self._change(frozen=True)

    def resume(self) -> None:
        """Run on from here."""
        self._change(frozen=False)

    def scale(self, rate: float) -> None:
        """Run `rate` times as fast from now on."""
        self._change(rate=rate)

    def advance(self, seconds: float) -> None:
        """Jump `seconds` ahead, or back if negative."""
        self._change(jump=seconds)

    @property
    def reading(self) -> Reading:
        """What it obeys; `restore` makes another clock of the same source go on from there."""
        return self._reading

    def restore(self, reading: Reading) -> None:
        """Go on as an earlier clock would have."""
        self._reading = reading

    @property
    def rate(self) -> float:
        """How many times as fast as `source` it runs."""
        return self._reading.rate

    @property
    def is_frozen(self) -> bool:
        """Whether it stands still."""
        return self._reading.frozen

    def _change(self, *, jump: float = 0.0, **changes: Any) -> None:
        with self._lock:
            source = self._source()
            self._reading = evolve(self._reading, shown=self._reading.at(source) + jump, source=source, **changes)


def iso(milliseconds: int) -> str:
    """ISO 8601 in UTC, with milliseconds, of epoch milliseconds."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:03d}Z"
