"""What the columns of an input mean: the members of a request, copies and names; all others are carried through."""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from attrs import fields, frozen

from .._display import printable
from ..models import GenerationRequest
from .lines import InvalidLineError

LONGEST_TEXT: Final = 100_000  # characters: no service takes a longer prompt, and `csv` reads up to 131,072
MOST_COPIES: Final = 10_000  # of one row, so that a digit too many is noticed
PROMPT: Final = "prompt"
COPIES: Final = "n"
NAME: Final = "name"

Reader = Callable[[str, frozenset[type], Any], Any]  # of a column, the types of its member, and what the input has


@frozen
class Row:
    """One row of an input: `n` submissions of `request`, which has the API's names. `line` is where it begins."""

    line: int
    request: Mapping[str, Any]
    n: int = 1
    name: str | None = None
    carried: Mapping[str, str] = {}


class InvalidValueError(ValueError):
    """The value of a column cannot be used; the text says what was expected. `column` is its name."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(f"{printable(column, 40)}: {reason}")
        self.column = column


@cache
def members() -> Mapping[str, tuple[str, frozenset[type]]]:
    """The members of a request by the columns that may hold them: the API's name, and the types of its values.

    A member is found by its attribute and by the API's name, where these differ.
    """
    names = [field.name for field in fields(GenerationRequest) if field.name not in (PROMPT, "extra")]
    hints = get_type_hints(GenerationRequest)
    by_api = {PROMPT: PROMPT} | {_api_name(name): name for name in names}
    known = {attribute: (api, frozenset(_types(hints[attribute]))) for api, attribute in by_api.items()}
    return known | {api: known[attribute] for api, attribute in by_api.items()}


class _Sample(str):
    """A value of any member of a request: it is written as JSON in whatever way that member is."""

    __slots__ = ()

    def to_dict(self) -> str:
        return ""

    isoformat = to_dict


def _api_name(attribute: str) -> str:
    """The API's name of an attribute of a request."""
    samples: tuple[Any, ...] = (_Sample("1"), (_Sample("1"),), {})
    for sample in samples:
        try:
            written = GenerationRequest(PROMPT, **{attribute: sample}).to_dict()
        except (TypeError, ValueError, AttributeError):
            continue
        return next(name for name in written if name != PROMPT)
    return attribute


def _types(hint: Any) -> Iterable[type]:
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        for each in get_args(hint):
            yield from _types(each)
    elif origin is Literal:
        yield from map(type, get_args(hint))
    elif hint is not NoneType:
        yield origin or hint


def checked_row(line: int, values: Mapping[str, Any], read: Reader, place_of: Callable[[str], int]) -> Row:
    """The row of these columns; `read` makes a value of a member of what the input has.

    Raises `InvalidLineError` at the place of the column with the value that cannot be used.
    """
    try:
        return row_of(line, values, read)
    except InvalidValueError as error:
        raise InvalidLineError(place_of(error.column), str(error)) from error


def row_of(line: int, values: Mapping[str, Any], read: Reader) -> Row:
    """The row of these columns; raises `InvalidValueError`."""
    request: dict[str, Any] = {}
    carried: dict[str, str] = {}
    for column, value in values.items():
        if column in members():
            api, types = members()[column]
            if value not in (None, ""):
                request[api] = _bounded(column, read(column, types, value))
        elif column not in (COPIES, NAME):
            text = value if isinstance(value, str) else "" if value is None else json.dumps(value)
            carried[column] = _bounded(column, text)
    if not str(request.get(PROMPT, "")).strip():
        raise InvalidValueError(PROMPT, "expected text, found none")
    return Row(line, request, _copies(values.get(COPIES)), _name(values.get(NAME)), carried)


def text_value(column: str, types: frozenset[type], value: str) -> Any:
    """A value that is written as text: as it stands if the member may be text, else as JSON has it."""
    if str in types:
        return value
    try:
        read = json.loads(value.strip().lower() if bool in types else value)
    except (ValueError, RecursionError):
        read = None
    return json_value(column, types, read)


def json_value(column: str, types: frozenset[type], value: Any) -> Any:
    """A JSON value of one of the types of a member."""
    taken = types | {int} if float in types else types
    scalars = taken & {str, int, float, bool}
    if scalars and type(value) not in scalars:
        raise InvalidValueError(column, f"expected {' or '.join(sorted(_WORDS[each] for each in scalars))}")
    return value


_WORDS: Final = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


def _bounded(column: str, value: Any) -> Any:
    if isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            raise InvalidValueError(column, f"expected at most {LONGEST_TEXT:,} characters, found {len(value):,}")
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError as error:
                raise InvalidValueError(column, "expected text, found half of a surrogate pair") from error
        if "\0" in value:
            raise InvalidValueError(column, "expected text, found a NUL character")
    return value


def _copies(value: Any) -> int:
    if value in (None, ""):
        return 1
    text = value.strip() if isinstance(value, str) else value
    if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= len(str(MOST_COPIES)):
        text = int(text)
    if type(text) is not int or not 0 < text <= MOST_COPIES:
        raise InvalidValueError(COPIES, f"expected a whole number from 1 to {MOST_COPIES:,}")
    return text


def _name(value: Any) -> str | None:
    if value in (None, ""):
        return None
    if not isinstance(value, str) or not value.isprintable() or {*value} & {*"/\\"} or not value.strip(". "):
        raise InvalidValueError(NAME, "expected the name of a file, without folders")
    return str(_bounded(NAME, value))
