"""Rate limits as sliding windows: requests allowed in the last minute and the last day count, refused ones do not."""

from collections import deque
from typing import Final

PER_MINUTE: Final = 30  # requests (API reference, "Rate limits")
PER_DAY: Final = 1000
_MINUTE: Final = 60.0  # seconds
_DAY: Final = 86_400.0


class Window:
    """At most `limit` requests in any `seconds`."""

    __slots__ = ("_times", "limit", "seconds")

    def __init__(self, limit: int, seconds: float) -> None:
        self.limit = limit
        self.seconds = seconds
        self._times: deque[float] = deque()

    def delay(self, now: float) -> float:
        """Seconds until one more request is allowed; 0 if one is allowed now."""
        times = self._times
        while times and not now - self.seconds < times[0] <= now:  # too old, or from before the clock was moved back
            times.popleft()
        return times[0] + self.seconds - now if len(times) >= self.limit else 0.0

    def take(self, now: float) -> None:
        """Count a request that was allowed at `now`."""
        self._times.append(now)

    def used(self, now: float) -> int:
        """The number of requests in the window."""
        self.delay(now)
        return len(self._times)


class RateLimits:
    """The windows of the minute and of the day of one key."""

    __slots__ = ("day", "minute")

    def __init__(self, per_minute: int = PER_MINUTE, per_day: int = PER_DAY) -> None:
        self.minute = Window(per_minute, _MINUTE)
        self.day = Window(per_day, _DAY)

    def admit(self, now: float) -> float:
        """0 if the request is allowed, which counts it; else the seconds after which it would be allowed."""
        delay = max(self.minute.delay(now), self.day.delay(now))
        if delay == 0:
            self.minute.take(now)
            self.day.take(now)
        return delay
