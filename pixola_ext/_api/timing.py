"""Parsing of HTTP dates and `Retry-After`, and the delay of retries. No clock is read here."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MAX_DELAY = 10.0**9  # seconds (about 32 years); a bound that arithmetic with datetimes survives

_FIRST_BACKOFF = 0.5  # seconds, the ceiling of the first retry's delay
_MAX_BACKOFF = 20.0  # seconds

_SECONDS = re.compile(r"\d+(\.\d+)?")


def retry_after(header: str | None, now: datetime) -> float | None:
    """Seconds that a `Retry-After` header asks to wait (RFC 9110, 10.2.3): a number or a date; None if unreadable.

    `now` is the instant the answer was made: its own Date header, or our clock when it has none.
    """
    if header is None:
        return None
    value = header.strip()
    if _SECONDS.fullmatch(value):
        return min(float(value), MAX_DELAY)
    date = http_date(value)
    return None if date is None else min(max((date - now).total_seconds(), 0.0), MAX_DELAY)


def http_date(header: str | None) -> datetime | None:
    """The instant in an HTTP date header, or None when it is absent or unreadable."""
    try:
        date = parsedate_to_datetime(header) if header else None
    except (TypeError, ValueError, OverflowError):  # a year of fifteen digits overflows inside the parser
        return None
    return date.replace(tzinfo=UTC) if date is not None and date.tzinfo is None else date


def backoff(attempt: int, random: float) -> float:
    """Delay in seconds before retry number `attempt` (from 0), full jitter: `random` is in [0, 1)."""
    return random * min(_MAX_BACKOFF, _FIRST_BACKOFF * 2.0 ** min(attempt, 16))
