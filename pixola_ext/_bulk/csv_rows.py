"""The rows of a CSV input: a header, then rows whose quoted cells may hold line breaks."""

import csv
import re
from collections.abc import Iterator, Sequence
from typing import Final

from .._display import printable
from ..errors import ConfigurationError
from .columns import LONGEST_TEXT, PROMPT, Row, checked_row, text_value
from .lines import Invalid, InvalidLineError, Lines

_DELIMITERS: Final = ",;\t"
_LISTED: Final = 200  # characters of the columns that a message lists
_QUOTED: Final = re.compile(r'"(?:[^"]|"")*+"')
_PLAIN: Final = {delimiter: re.compile(rf"[^{delimiter}\n]*") for delimiter in _DELIMITERS}


def header_cells(line: str) -> Sequence[str]:
    """The names in a header, with whatever delimiter there are most of; empty for a broken one."""
    return _header(line)[0]


def csv_rows(lines: Lines, header: str) -> Iterator[Row | Invalid]:
    """The rows below a header; none without one."""
    if not header:
        return
    names, delimiter = _header(header)
    _check_header(lines, names)
    physical = _Physical(lines)
    reader = csv.reader(physical, delimiter=delimiter, strict=True)
    while True:
        start = physical.start()
        try:
            cells = next(reader, None)
            if cells is None:
                return
            if any(cells):
                yield _row(start, names, cells)
        except InvalidLineError as error:
            yield lines.invalid(error, start)
        except csv.Error as error:
            yield lines.invalid(_broken(physical.text, delimiter, error), start)


class _Physical(Iterator[str]):
    """Gives the lines to the parser; `text` is what it has of the current row."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self.text = ""

    def start(self) -> int:
        """A row begins; the number of its first line."""
        self.text = ""
        return self._lines.line + 1

    def __next__(self) -> str:
        line = next(self._lines) + "\n"
        self.text += line
        return line


def _header(line: str) -> tuple[list[str], str]:
    readings = [(_cells(line, delimiter), delimiter) for delimiter in _DELIMITERS]
    return max(readings, key=lambda reading: len(reading[0]))


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter, strict=True), [])]
    except csv.Error:
        return []


def _check_header(lines: Lines, names: Sequence[str]) -> None:
    error = None
    if PROMPT not in names:
        listed = printable(", ".join(names), _LISTED) or "none that can be read"
        error = InvalidLineError(1, f"expected a column {PROMPT!r}; there are: {listed}")
    for place, name in enumerate(names):
        if name and name in names[:place]:
            error = error or InvalidLineError(
                place + 1, f"expected each column once, found {printable(name, 40)!r} twice"
            )
    if error is not None:
        raise ConfigurationError(str(lines.invalid(error)), setting="input")


def _row(line: int, names: Sequence[str], cells: Sequence[str]) -> Row:
    if len(cells) != len(names):
        place = min(len(cells), len(names)) + 1
        raise InvalidLineError(place, f"expected {len(names)} cells, found {len(cells)}")
    unnamed = next((place for place, name in enumerate(names) if not name and cells[place]), None)
    if unnamed is not None:
        raise InvalidLineError(unnamed + 1, "expected nothing in a column without a name")
    values = {name: cell for name, cell in zip(names, cells, strict=True) if name}
    return checked_row(line, values, text_value, lambda name: names.index(name) + 1)


def _broken(text: str, delimiter: str, error: csv.Error) -> InvalidLineError:
    """What the parser stumbled over, at the first cell that is not as it should be."""
    column = place = 0
    reason = printable(str(error))
    while place < len(text):
        column += 1
        is_quoted = text[place] == '"'
        cell = (_QUOTED if is_quoted else _PLAIN[delimiter]).match(text, place)
        if cell is None:
            is_endless = len(text) - place > LONGEST_TEXT
            reason = f"expected a quote at the end of the cell{' within reach' * is_endless}"
            break
        if len(cell[0]) > LONGEST_TEXT:
            reason = f"expected at most {LONGEST_TEXT:,} characters"
            break
        if text[cell.end() : cell.end() + 1] not in (delimiter, "\n"):
            reason = "expected nothing behind the quote at the end of the cell"
            break
        place = cell.end() + 1
    return InvalidLineError(column or 1, reason)
