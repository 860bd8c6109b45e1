"""Points in time as callers give them: what can be read in one way only is taken, anything else is refused.

The dates of the service are read elsewhere and more leniently: there is no caller to be asked what was meant.
"""

import re
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from itertools import product
from typing import Any, Final

from .._display import printable
from ..errors import ConfigurationError

Reading = tuple[str, datetime]  # what a value could mean, in words and as a point in time
Instant = datetime | date | str  # what callers may give as a point in time; without a zone it is UTC

_NUMBER: Final = re.compile(r"[0-9]+(\.[0-9]*)?")
_BASIC_DATE: Final = re.compile(r"[0-9]{8}")  # ISO 8601, and the `{date}` of file names
_YEAR_FIRST: Final = re.compile(r"[0-9]{4}\b")  # then follow month and day, in every country
_DIGITS_WITHOUT_END: Final = re.compile(r"(?<![.,0-9])[0-9]{9}")  # fromisoformat takes the ninth for a separator
_FINER_THAN_MICROSECONDS: Final = re.compile(r"M8\[\d*[npfa]s\]")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_UTC_NAMES: Final = frozenset({"UTC", "GMT", "Z"})
_FILLINGS: Final = (datetime(2000, 1, 1), datetime(2001, 2, 2))  # noqa: DTZ001  (for what is missing in a text)


class _UnreadableError(ValueError):
    """Says what is wrong with a text."""


def checked_instant(value: object, name: str) -> datetime | None:
    """An aware datetime from a datetime, a date (its beginning) or text such as `2026-03-01` or `1 March 2026`.

    Values of numpy and pandas are taken too. Raises `ConfigurationError` for anything else, and for what could mean
    several points in time: `03/04/2026`, `March 2026`, or `1767225600`, which may be seconds or milliseconds.
    """
    if value is None:
        return None
    try:
        found = _instant(value)
    except _UnreadableError as error:
        shown = printable(repr(value), 60)
        raise ConfigurationError(f"{name}: {shown} {error}; give a date such as 2026-03-01", setting=name) from error
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _instant(value: Any) -> datetime:
    value = _without_numpy(value)
    if isinstance(value, datetime):
        if value != value:  # noqa: PLR0124  (as NaT of pandas is)
            raise _UnreadableError("is not a date")
        return datetime.combine(value.date(), value.timetz())  # plain, whatever subclass it was
    if isinstance(value, date):
        return datetime.combine(value, time())
    if isinstance(value, str):
        return _instant_in_text(value.strip())
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _only(_readings_of_number(value))
    raise _UnreadableError("is neither a datetime nor a date nor text")


def _without_numpy(value: Any) -> Any:
    """The value of a numpy scalar as Python's own type; any other value unchanged."""
    if type(value).__module__ != "numpy" or getattr(value, "shape", None) != ():
        return value
    if _FINER_THAN_MICROSECONDS.search(value.dtype.str):
        value = value.astype("datetime64[us]")
    found = value.item()
    # Out of the range of datetime, a datetime64 becomes an int, and NaT None.
    return None if value.dtype.kind == "M" and not isinstance(found, date) else found


def _instant_in_text(text: str) -> datetime:
    if _NUMBER.fullmatch(text) and not _BASIC_DATE.fullmatch(text):
        return _only([*_readings_of_digits(text), *_readings_of_number(float(text))])
    if _DIGITS_WITHOUT_END.search(text):
        raise _UnreadableError("is not a date")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return _parsed(text)


def _readings_of_digits(text: str) -> list[Reading]:
    """The points in time of text that is written like the date 20260301, but shorter or longer."""
    found = []
    for name, form, digits in (("the year", "%Y", 4), ("", "%Y%m%d%H%M", 12), ("", "%Y%m%d%H%M%S", 14)):
        with suppress(ValueError):
            if len(text) == digits:
                instant = datetime.strptime(text, form).replace(tzinfo=UTC)
                found.append((f"{name} {text}" if name else instant.isoformat(" "), instant))
    return found


def _readings_of_number(number: float) -> list[Reading]:
    """The points in time that a number may stand for, each with its description."""
    found = []
    for unit, seconds in (("seconds", number), ("milliseconds", number / 1000)):
        with suppress(OverflowError, ValueError):  # no datetime, no number
            instant = _EPOCH + timedelta(seconds=seconds)
            found.append((f"{instant.isoformat(' ', 'seconds')} ({unit} since 1970)", instant))
    return found


def _parsed(text: str) -> datetime:
    """A date in words or with slashes; day and month must not be interchangeable, nor any part of it missing."""
    orders = [(False, True)] if _YEAR_FIRST.match(text) else product((False, True), repeat=2)
    found = sorted({_by_dateutil(text, *order) for order in orders})
    return _only([(each.isoformat(" ", "minutes"), each) for each in found])


def _only(readings: list[Reading]) -> datetime:
    if len(readings) == 1:
        return readings[0][1]
    names = " or ".join(name for name, _ in readings)
    raise _UnreadableError(f"could mean {names}" if readings else "is not a date")


def _by_dateutil(text: str, day_first: bool, year_first: bool) -> datetime:  # noqa: FBT001  (of a table)
    from dateutil import parser  # noqa: PLC0415  (15 ms to import, and dates are ISO 8601 nearly always)

    try:
        first, second = (
            parser.parse(text, default=filling, tzinfos=_zone, dayfirst=day_first, yearfirst=year_first)
            for filling in _FILLINGS
        )
    except Exception as error:  # its parser raises many types
        raise _UnreadableError("is not a date") from error
    if first != second:
        raise _UnreadableError("lacks a day, a month or a year")
    return first


def _zone(name: str | None, offset: int | None) -> tzinfo | None:
    """The zone of a text; abbreviations such as CST and IST each mean several."""
    if offset is not None:
        return timezone(timedelta(seconds=offset))
    if name is None:
        return None
    if name.upper() in _UTC_NAMES:
        return UTC
    raise ValueError(f"unknown time zone {name}")
