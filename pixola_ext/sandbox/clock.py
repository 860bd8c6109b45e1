"""The sandbox's own time: it can be frozen, moved and made faster."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime


class Clock:
    """Epoch seconds that start as `source` tells them and then obey `freeze`, `resume`, `advance` and `scale`."""

    def __init__(self, source: Callable[[], float] = time.time) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._ours = self._theirs = source()
        self._rate = 1.0
        self._frozen = False

    def now(self) -> float:
        """Epoch seconds."""
        return self._ours if self._frozen else self._ours + (self._source() - self._theirs) * self._rate

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

    def restore(self, now: float, rate: float, *, frozen: bool) -> None:
        """Go on from what an earlier clock showed."""
        self._change(jump=now - self.now(), rate=rate, frozen=frozen)

    @property
    def rate(self) -> float:
        """How many times as fast as `source` it runs."""
        return self._rate

    @property
    def is_frozen(self) -> bool:
        """Whether it stands still."""
        return self._frozen

    def _change(self, *, jump: float = 0.0, rate: float | None = None, frozen: bool | None = None) -> None:
        with self._lock:
            self._ours = self.now() + jump
            self._theirs = self._source()
            self._rate = self._rate if rate is None else rate
            self._frozen = self._frozen if frozen is None else frozen


def iso(milliseconds: int) -> str:
    """ISO 8601 in UTC, with milliseconds, of epoch milliseconds."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:03d}Z"
