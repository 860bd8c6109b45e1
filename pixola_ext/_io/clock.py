"""Where time and chance come from."""

import random
import threading
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import NamedTuple


def _today() -> datetime:
    return datetime.now(UTC)


async def _async_sleep(seconds: float) -> None:
    import anyio  # noqa: PLC0415  (a blocking client never needs it)

    await anyio.sleep(seconds)


class Clock(NamedTuple):
    """The functions that a client asks for time and chance; tests put in their own.

    `now` is monotonic seconds, `today` the wall clock (aware, UTC), `random` a number in [0, 1).
    """

    now: Callable[[], float] = time.monotonic
    today: Callable[[], datetime] = _today
    random: Callable[[], float] = random.random
    sleep: Callable[[float], object] = time.sleep
    async_sleep: Callable[[float], Awaitable[None]] = _async_sleep

    def interruptible(self, stop: threading.Event) -> "Clock":
        """A clock whose real sleeps end as soon as `stop` is set."""
        return self._replace(sleep=stop.wait) if self.sleep is time.sleep else self
