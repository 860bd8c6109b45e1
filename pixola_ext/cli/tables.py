"""Tables: drawn to fit a terminal, or as fields parted by tabs for other programs."""

import io
import shutil
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from .._display import printable

_LONGEST: Final = 500  # characters of one field
_NARROWEST: Final = 20  # cells; a column is shown with as many, or whole, or not at all


class Column(NamedTuple):
    """A column: its title, and which member of a document it shows (`pricing.hd` of the `pricing`)."""

    title: str
    member: str


def cell(document: Any, member: str) -> str:
    """One field as text without control characters, so that it fits in a line."""
    value = document
    for name in member.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, list | tuple):
        return printable(", ".join(map(str, value)), _LONGEST)
    if member.endswith("_at"):
        return _moment(str(value))
    return printable(str(value), _LONGEST)


def _moment(text: str) -> str:
    """An instant as the clock on the wall shows it, to the minute."""
    try:
        return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError, OSError):
        return printable(text, 40)


def table(documents: Sequence[Any], columns: Sequence[Column], *, drawn: bool) -> str:
    """The documents, a line each; `drawn` with titles and cut to the width of the terminal."""
    rows = [[cell(each, column.member) for column in columns] for each in documents]
    if not drawn:
        return "\n".join("\t".join(row) for row in rows)
    return _drawn(rows, [column.title for column in columns], shutil.get_terminal_size().columns)


def without_room(documents: Sequence[Any], columns: Sequence[Column]) -> list[str]:
    """The titles of the columns that a table on this terminal leaves out."""
    from rich.cells import cell_len

    widths = [
        max(cell_len(text) for text in (title, *(cell(each, member) for each in documents)))
        for title, member in columns
    ]
    return [column.title for column in columns[_fitting(widths, shutil.get_terminal_size().columns) :]]


def _drawn(rows: list[list[str]], titles: list[str], width: int) -> str:
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    widths = [max(map(cell_len, column)) for column in zip(titles, *rows, strict=True)]
    room = _room(widths[: _fitting(widths, width)], width)
    drawing = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for title, cells in zip(titles, room, strict=False):
        drawing.add_column(title, no_wrap=True, overflow="ellipsis", width=cells)
    for row in rows:
        drawing.add_row(*(Text(text) for text in row[: len(room)]))
    return rendered(drawing, width)


def _fitting(widths: list[int], width: int) -> int:
    """How many columns fit, the first one whole the others cut to `_NARROWEST` at most."""
    taken = widths[0]
    shown = 1
    for each in widths[1:]:
        taken += 2 + min(each, _NARROWEST)
        if taken > width:
            break
        shown += 1
    return shown


def _room(widths: Sequence[int], width: int) -> list[int]:
    """The cells of each column: the widest are cut first, the first column never, for ids are there to be copied."""
    room = [min(widths[0], width), *widths[1:]]
    excess = sum(room) + 2 * (len(room) - 1) - width
    for number in sorted(range(1, len(room)), key=room.__getitem__, reverse=True):
        cut = min(max(excess, 0), max(room[number] - _NARROWEST, 0))
        room[number] -= cut
        excess -= cut
    return room


def details(document: Any, members: Sequence[Column], *, drawn: bool) -> str:
    """One document, a member a line."""
    known = [(column.title, cell(document, column.member)) for column in members]
    known = [(title, text) for title, text in known if text]
    if not drawn:
        return "\n".join(f"{title}\t{text}" for title, text in known)
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    drawing = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    drawing.add_column(style="bold", no_wrap=True)
    drawing.add_column(overflow="fold")
    width = shutil.get_terminal_size().columns
    titles = max((cell_len(title) for title, _ in known), default=0)
    room = width - 2 - titles
    whole = [each for each in known if cell_len(each[1]) > room and " " not in each[1]]  # a URL is there to be copied
    for title, text in known:
        if (title, text) not in whole:
            drawing.add_row(title, Text(text))
    lines = [
        rendered(Text.assemble((title.ljust(titles), "bold"), "  ", text), width + len(text)) for title, text in whole
    ]
    return "\n".join([rendered(drawing, width), *lines])


def rendered(drawing: Any, width: int) -> str:
    """A drawing of rich as text for stdout, with colours if it takes them."""
    from rich.console import Console

    buffer = io.StringIO()
    Console(file=buffer, force_terminal=True, width=max(width, 20), legacy_windows=False).print(drawing)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines())
