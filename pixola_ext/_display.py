"""The notebook representation of values: small tables, and pictures where a client can fetch them.

IPython and other notebook kernels call `_repr_mimebundle_`. Text from the service is escaped in HTML and stripped of
control characters. URLs of pictures may be signed and notebooks are shared, so URLs are never shown. This module sends
no request: `set_previewer` is given the function that fetches a picture.
"""

import base64
import html
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final

_MAX_ROWS: Final = 60
_MAX_CELL: Final = 80  # characters

Bundle = dict[str, Any]  # by media type
Previewer = Callable[[str], bytes | str | None]

_MESSAGE_LENGTH = 500  # characters of the server's text that a message keeps


def printable(text: str, length: int = _MESSAGE_LENGTH) -> str:
    """`text` on one line, without control characters, cut to `length` characters: safe on a terminal."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: length * 2]).split())
    return line if len(line) <= length else line[: length - 1] + "…"


_previewers: list[Previewer] = []


def set_previewer(previewer: Previewer) -> None:
    """Make `previewer` the function that returns a JPEG of the picture at a URL, or text that says why there is none.

    If it returns None, nothing is shown instead.

    It is registered here because this module may not import the one that sends requests.
    """
    _previewers[:] = [previewer]


class NotebookRepr:
    """A value that a notebook shows as a table of the members named in `_repr_fields`."""

    __slots__ = ()
    _repr_fields: ClassVar[tuple[str, ...]] = ()

    def _repr_mimebundle_(self, **_: Any) -> Bundle:
        names = [(name, getattr(self, name)) for name in self._repr_fields]
        text = ", ".join(f"{name}={_cell(value)}" for name, value in names if value is not None)
        return {"text/plain": f"{type(self).__name__}: {text}", "text/html": _table((), names)}


class PictureRepr(NotebookRepr):
    """A value with a picture at `url`: shown as the picture if it can be fetched, else as a table."""

    __slots__ = ()

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None, **_: Any
    ) -> Bundle:
        bundle = super()._repr_mimebundle_()
        url: str | None = getattr(self, "url", None)
        is_wanted = (not include or _JPEG in include) and _JPEG not in (exclude or ())
        preview = next((previewer(url) for previewer in _previewers if url and is_wanted), None)
        if preview is None:
            return bundle
        if isinstance(preview, str):
            return {kind: content + _note(kind, preview) for kind, content in bundle.items()}
        # Without the table: a frontend that may choose takes HTML before any picture.
        return {"text/plain": bundle["text/plain"], _JPEG: base64.b64encode(preview).decode()}


_JPEG: Final = "image/jpeg"


def _note(kind: str, text: str) -> str:
    return f"<p>{_escaped(text)}</p>" if kind == "text/html" else f" ({_cell(text)})"


class TableRepr:
    """A sequence of values that a notebook shows as one table, a row for each."""

    __slots__ = ()

    def _repr_rows(self) -> Sequence[Any]:
        raise NotImplementedError

    def _repr_caption(self) -> str:
        return ""

    def _repr_mimebundle_(self, **_: Any) -> Bundle:
        items = self._repr_rows()
        names: tuple[str, ...] = getattr(items[0], "_repr_fields", ()) if items else ()
        rows = [[getattr(item, name, None) for name in names] for item in items[:_MAX_ROWS]]
        title = _cell(self._repr_caption())
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
    return printable(text, _MAX_CELL)
