"""Inputs of bulk runs: CSV, JSON lines, and plain text with a prompt a line. They are read row by row.

A row that cannot be used ends the reading with an error that names the file, the line and the column, or is collected.
"""

import json
from collections.abc import Callable, Iterator
from enum import Enum
from itertools import chain
from pathlib import PurePath
from typing import IO, Any, Final

from ..errors import ConfigurationError
from .columns import PROMPT, InvalidValueError, Row, checked_row, json_value, text_value
from .csv_rows import csv_rows, header_cells
from .lines import Invalid, InvalidLineError, Lines


class Kind(Enum):
    """How an input is written."""

    CSV = "csv"
    """A header and rows, with commas, semicolons or tabs; quoted cells may hold line breaks."""
    JSONL = "jsonl"
    """On every line an object with the columns, or a string that is a prompt."""
    TEXT = "text"
    """On every line a prompt."""


_SUFFIXES: Final = {
    ".csv": Kind.CSV,
    ".tsv": Kind.CSV,
    ".jsonl": Kind.JSONL,
    ".ndjson": Kind.JSONL,
    ".txt": Kind.TEXT,
}


def kind_of(name: str) -> Kind | None:
    """The kind that the suffix of a file stands for, if it stands for one."""
    return _SUFFIXES.get(PurePath(name).suffix.lower())


def read_requests(
    stream: IO[bytes], kind: Kind | None = None, *, source: str = "stdin", skipped: list[Invalid] | None = None
) -> Iterator[Row]:
    """The rows of an input; without a kind, its first line decides.

    Raises `ConfigurationError` at the first row that cannot be used, or appends what is wrong to `skipped`, if that is
    given, and goes on; also for an input that holds no row at all, in an encoding other than UTF-8, or in CSV without a
    usable header.
    """
    lines = Lines(stream, source)
    is_empty = True
    for row in _rows(lines, kind):
        is_empty = False
        if isinstance(row, Row):
            yield row
        elif skipped is None:
            raise ConfigurationError(str(row), setting="input")
        else:
            skipped.append(row)
    if is_empty:
        raise ConfigurationError(f"{source}: expected at least one request, found none", setting="input")


def _rows(lines: Lines, kind: Kind | None) -> Iterator[Row | Invalid]:
    if kind not in _READERS:
        first = _first(lines)
        kind = kind or _sniffed(first)
        if kind is Kind.CSV:
            return csv_rows(lines, first)
        return chain(_line_rows(lines, iter([first]), _READERS[kind]), _line_rows(lines, lines, _READERS[kind]))
    return _line_rows(lines, lines, _READERS[kind])


def _first(lines: Lines) -> str:
    """The first line that is not blank, which everything that follows depends on; empty if there is none."""
    try:
        return next((line for line in lines if line.strip()), "")
    except InvalidLineError as error:
        raise ConfigurationError(str(lines.invalid(error)), setting="input") from error


def _sniffed(first: str) -> Kind:
    if first.lstrip().startswith("{"):
        return Kind.JSONL
    if PROMPT in header_cells(first):
        return Kind.CSV
    return Kind.JSONL if _is_json_text(first) else Kind.TEXT


def _is_json_text(line: str) -> bool:
    try:
        return isinstance(json.loads(line), str)
    except (ValueError, RecursionError):
        return False


# -- a row a line ------------------------------------------------------------------------------------------------------


def _line_rows(lines: Lines, texts: Iterator[str], read: Callable[[int, str], Row]) -> Iterator[Row | Invalid]:
    while True:
        try:
            for text in texts:
                if text.strip():
                    yield read(lines.line, text)
        except InvalidLineError as error:
            yield lines.invalid(error)
        else:
            return


def _text_row(number: int, line: str) -> Row:
    return checked_row(number, {PROMPT: line.strip()}, text_value, lambda _: 1)


def _json_row(number: int, line: str) -> Row:
    try:
        value = json.loads(line, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise InvalidLineError(error.colno, f"expected JSON ({error.msg})") from error
    except InvalidValueError as error:
        raise InvalidLineError(_place(line, error.column), str(error)) from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, thousands of brackets
        raise InvalidLineError(1, "expected JSON of a sensible size") from error
    if isinstance(value, str):
        value = {PROMPT: value}
    if not isinstance(value, dict):
        raise InvalidLineError(1, "expected a JSON object or a JSON string")
    return checked_row(number, value, json_value, lambda column: _place(line, column))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise InvalidValueError(name, "expected once, found twice")
        found[name] = value
    return found


def _place(line: str, name: str) -> int:
    """Where in a line of JSON a member is; 1 if it is not there, or written with escapes."""
    return line.find(json.dumps(name, ensure_ascii=False)) + 1 or 1


_READERS: Final = {Kind.JSONL: _json_row, Kind.TEXT: _text_row}
