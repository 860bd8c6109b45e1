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


def _drawn(rows: list[list[str]], titles: list[str], width: int) -> str:
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    widths = [max(map(cell_len, column)) for column in zip(titles, *rows, strict=True)]
    shown = _fitting(widths, width)
    drawing = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for number, title in enumerate(titles[:shown]):
        least = widths[0] if number == 0 else min(widths[number], _NARROWEST)  # ids and slugs are there to be copied
        drawing.add_column(title, no_wrap=True, overflow="crop", min_width=min(least, width))
    for row in rows:
        drawing.add_row(*(Text(text) for text in row[:shown]))
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


def details(document: Any, members: Sequence[Column], *, drawn: bool) -> str:
    """One document, a member a line."""
    known = [(column.title, cell(document, column.member)) for column in members]
    known = [(title, text) for title, text in known if text]
    if not drawn:
        return "\n".join(f"{title}\t{text}" for title, text in known)
    from rich.table import Table
    from rich.text import Text

    drawing = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    drawing.add_column(style="bold", no_wrap=True)
    drawing.add_column(overflow="fold")
    for title, text in known:
        drawing.add_row(title, Text(text))
    return rendered(drawing, shutil.get_terminal_size().columns)


def rendered(drawing: Any, width: int) -> str:
    """A drawing of rich as text for stdout, with colours if it takes them."""
    from rich.console import Console

    buffer = io.StringIO()
    Console(file=buffer, force_terminal=True, width=max(width, 20), legacy_windows=False).print(drawing)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines())
