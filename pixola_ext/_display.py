"""How values look in a notebook: small tables, and pictures if somebody can fetch them. Nothing is sent from here.

What IPython and its kin ask for is a method `_repr_mimebundle_`. Text of the service is escaped in HTML and stripped
of control characters; addresses of pictures, which may be signed, are not shown, since notebooks are passed around.
"""

import base64
import html
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final

_MOST_ROWS: Final = 60
_LONGEST_CELL: Final = 80  # characters

Bundle = dict[str, Any]  # by media type
Previewer = Callable[[str], bytes | None]

_MESSAGE_LENGTH = 500  # characters of the server's text that a message keeps


def printable(text: str, length: int = _MESSAGE_LENGTH) -> str:
    """`text` on one line, without control characters, cut to `length` characters: safe on a terminal."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: length * 2]).split())
    return line if len(line) <= length else line[: length - 1] + "…"


_previewers: list[Previewer] = []


def preview_with(previewer: Previewer) -> None:
    """Ask this for a JPEG of the picture at an address; the hands say so, which nothing down here may import."""
    _previewers[:] = [previewer]


class Shown:
    """A value that a notebook shows by the members named in `_shown`."""

    __slots__ = ()
    _shown: ClassVar[tuple[str, ...]] = ()

    def _repr_mimebundle_(self, **_: Any) -> Bundle:
        names = [(name, getattr(self, name)) for name in self._shown]
        text = ", ".join(f"{name}={_cell(value)}" for name, value in names if value is not None)
        return {"text/plain": f"{type(self).__name__}: {text}", "text/html": _table((), names)}


class ShownPicture(Shown):
    """A value with a picture at `url`, which is shown instead of a table if it can be fetched."""

    __slots__ = ()

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None, **_: Any
    ) -> Bundle:
        bundle = super()._repr_mimebundle_()
        url: str | None = getattr(self, "url", None)
        is_wanted = (not include or _JPEG in include) and _JPEG not in (exclude or ())
        jpeg = next((previewer(url) for previewer in _previewers if url and is_wanted), None)
        if jpeg is None:
            return bundle
        # Without the table: a frontend that may choose takes HTML before any picture.
        return {"text/plain": bundle["text/plain"], _JPEG: base64.b64encode(jpeg).decode()}


_JPEG: Final = "image/jpeg"


class ShownItems:
    """Several values, which a notebook shows as one table."""

    __slots__ = ()

    def _shown_items(self) -> Sequence[Any]:
        raise NotImplementedError

    def _shown_title(self) -> str:
        return ""

    def _repr_mimebundle_(self, **_: Any) -> Bundle:
        items = self._shown_items()
        names: tuple[str, ...] = getattr(items[0], "_shown", ()) if items else ()
        rows = [[getattr(item, name, None) for name in names] for item in items[:_MOST_ROWS]]
        title = _cell(self._shown_title())
        more = f"{len(items)} in all" if len(items) > len(rows) else ""
        lines = ["  ".join(map(_cell, row)) for row in rows] or ["(none)"]
        return {
            "text/plain": "\n".join(line for line in (title, *lines, more) if line),
            "text/html": _table(names, rows, " · ".join(filter(None, (title, more)))),
        }


def _table(names: Sequence[str], rows: Iterable[Sequence[object]], caption: str = "") -> str:
    above = f"<caption>{_escaped(caption)}</caption>" if caption else ""
    head = f"<tr>{''.join(f'<th>{_escaped(name)}</th>' for name in names)}</tr>" if names else ""
    body = "".join(f"<tr>{''.join(f'<td>{_escaped(value)}</td>' for value in row)}</tr>" for row in rows)
    return f"<table>{above}{head}{body}</table>"


def _escaped(value: object) -> str:
    return html.escape(_cell(value))


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = value.isoformat(" ", "seconds") if isinstance(value, datetime) else str(value)
    return printable(text, _LONGEST_CELL)
