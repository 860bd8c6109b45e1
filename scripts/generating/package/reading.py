"""How answers are read: nothing is refused but an answer without its identity.

A reader takes decoded JSON and returns the value, or None if that is of another type. What cannot be read is kept
under its name in `extra`, beside the members that have no attribute.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol, TypeVar

from .errors import UnreadableError

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_EPOCH_IN_MILLISECONDS: Final = (
    10.0**11
)  # a number above this counts milliseconds: as seconds it would be the year 5138
_SHORTEST_DATE: Final = 8  # characters; below that dateutil would guess most of a date
_SECONDS: Final = re.compile(r"\d+(\.\d+)?")


class Extra(Mapping[str, Any]):
    """The members of an object that have no attribute of their own, by the API's names; read-only."""

    __slots__ = ("_members",)

    def __init__(self, members: Mapping[str, Any] | None = None) -> None:
        self._members = dict(members or {})

    def __getitem__(self, name: str) -> Any:
        return self._members[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def __repr__(self) -> str:
        return repr(self._members)


NO_EXTRA: Final = Extra()


class Kind(Protocol[T_co]):
    """A class whose values are read from JSON objects."""

    def from_dict(self, source: object, /) -> T_co: ...


# -- readers of one value ----------------------------------------------------------------------------------------------


def text(raw: object) -> str | None:
    """A string."""
    return raw if isinstance(raw, str) else None


def integer(raw: object) -> int | None:
    """A whole number, also one that is written with a point: `3.0`."""
    if isinstance(raw, float) and raw.is_integer():
        return int(raw)
    return raw if isinstance(raw, int) and not isinstance(raw, bool) else None


def number(raw: object) -> float | None:
    """A finite number."""
    return raw if isinstance(raw, int | float) and not isinstance(raw, bool) and abs(raw) != math.inf else None


def flag(raw: object) -> bool | None:
    """True or false."""
    return raw if isinstance(raw, bool) else None


def mapping(raw: object) -> Mapping[str, Any] | None:
    """An object whose members are not known."""
    return Extra(raw) if isinstance(raw, dict) else None


def instant(raw: object) -> datetime | None:
    """An aware datetime from ISO 8601 or another spelling of a date, or from epoch seconds or milliseconds.

    Numbers may be text; without a zone it is UTC; what no datetime can hold is None.
    """
    if type(raw) is str and "-" in raw:  # nearly always
        try:
            found = datetime.fromisoformat(raw)
            return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
        except ValueError:
            pass
    try:
        if isinstance(raw, str):
            return _instant_in_text(raw.strip())
        if isinstance(raw, int | float) and not isinstance(raw, bool) and math.isfinite(raw):
            return _instant_of_epoch(raw)
    except (ValueError, OverflowError):
        return None
    return None


def _instant_in_text(text: str) -> datetime | None:
    if "-" not in text and _SECONDS.fullmatch(text):
        return _instant_of_epoch(float(text))
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        if len(text) < _SHORTEST_DATE:
            return None
        from dateutil import parser  # noqa: PLC0415  (15 ms to import, and dates are ISO 8601 nearly always)

        found = parser.parse(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _instant_of_epoch(number: float) -> datetime:
    seconds = number / 1000 if abs(number) >= _EPOCH_IN_MILLISECONDS else number
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)


# -- members of an object ----------------------------------------------------------------------------------------------


def opened(source: object, kind: str) -> dict[str, Any]:
    """The object itself; raises `UnreadableError` for anything else."""
    if not isinstance(source, dict):
        raise UnreadableError(f"an object was expected for {kind}")
    return source


def unknown(source: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    """The members that are not among `names`."""
    return {name: raw for name, raw in source.items() if name not in names}


def identity(reader: Callable[[object], T | None], raw: object, name: str) -> T:
    """A member without which the value would be of no use; raises `UnreadableError`."""
    value = reader(raw)
    if value is None or value == "":
        raise UnreadableError(f"{name} is missing or of the wrong type")
    return value


def member(reader: Callable[[object], T | None], raw: object, name: str, extra: dict[str, Any]) -> T | None:
    """One member; what cannot be read goes into `extra`."""
    value = reader(raw)
    if value is None and raw is not None:
        extra[name] = raw
    return value


def members(reader: Callable[[object], T | None], raw: object, name: str, extra: dict[str, Any]) -> tuple[T, ...]:
    """A list of which every entry can be read; any other goes into `extra` and leaves none."""
    if isinstance(raw, list):
        values = [reader(each) for each in raw]
        if None not in values:
            return tuple([each for each in values if each is not None])
    if raw is not None:
        extra[name] = raw
    return ()


def child(kind: Kind[T], raw: object, name: str, extra: dict[str, Any]) -> T | None:
    """An object inside; one that cannot be read goes into `extra`."""
    if raw is None:
        return None
    try:
        return kind.from_dict(raw)
    except UnreadableError:
        extra[name] = raw
        return None


def children(kind: Kind[T], raw: object, name: str, extra: dict[str, Any]) -> tuple[T, ...]:
    """Objects inside; a list of which any cannot be read goes into `extra` and leaves none."""
    try:
        return entries(kind, raw, name)
    except UnreadableError:
        extra[name] = raw
        return ()


def entries(kind: Kind[T], raw: object, name: str) -> tuple[T, ...]:
    """Objects that may not be lost: raises `UnreadableError` for anything but null or a list of readable ones."""
    if raw is None:
        return ()
    if not isinstance(raw, list):
        raise UnreadableError(f"{name}: a list was expected")
    read = kind.from_dict
    return tuple([read(each) for each in raw])


def required_entries(kind: Kind[T], source: Mapping[str, Any], name: str) -> tuple[T, ...]:
    """The entries of a list that must be there: `{}` is no page."""
    if name not in source:
        raise UnreadableError(f"{name} is missing")
    return entries(kind, source[name], name)


# -- whole answers -----------------------------------------------------------------------------------------------------


def answer(reader: Callable[[object], T | None], body: object) -> T:
    """An answer that is no object of a known kind; raises `UnreadableError`."""
    value = reader(body)
    if value is None:
        raise UnreadableError("the answer is of another type than the document says")
    return value


def answers(reader: Callable[[object], T | None], body: object) -> tuple[T, ...]:
    """An answer that is a list; raises `UnreadableError`."""
    if not isinstance(body, list):
        raise UnreadableError("a list was expected")
    return tuple([answer(reader, each) for each in body])


def anything(body: Any) -> Any:
    """An answer that the document does not describe."""
    return body


def nothing(_body: object) -> None:
    """An answer without a body."""
