"""What a terminal shows while something takes its time: what is done, for how long, and how long it usually takes."""

import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from .._display import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..models import Batch
    from ..settings import RetryEvent

_REFRESHES: float = 4.0  # a second


class Line:
    """One picture, or one batch while its pictures are not known."""

    def __init__(self, name: str, expected: float | None) -> None:
        self.name = name
        self.expected = expected  # seconds from its submission to its end, as learned
        self.started_at = time.monotonic()
        self.state = "submitting"
        self.ended_at: float | None = None

    def text(self, now: float) -> str:
        """The line as it is now."""
        elapsed = (self.ended_at or now) - self.started_at
        if self.ended_at is not None or self.expected is None:
            return f"{self.state} {elapsed:.0f} s  {self.name}"
        left = self.expected - elapsed
        return f"{self.state} {elapsed:.0f} s, {f'~{left:.0f} s left' if left >= 1 else 'soon'}  {self.name}"


class Activity:
    """Lines on stderr while a command works; nothing without a terminal."""

    def __init__(self, text: str, *, shown: bool) -> None:
        self._text = text
        self._shown = shown
        self._live: Any = None
        self._batches: dict[int, tuple[Line, list[Line]]] = {}
        self._started_at = time.monotonic()
        self._current: Callable[[], str] = lambda: f"{self._text} ..."

    def __enter__(self) -> Self:
        if self._shown:
            from rich.console import Console
            from rich.live import Live

            console = Console(stderr=True, markup=False, highlight=False)
            self._live = Live(
                console=console,
                get_renderable=self._drawn,
                refresh_per_second=_REFRESHES,
                transient=True,
                redirect_stdout=False,  # rich would write the result to this console, which is stderr
            )
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.pause()

    def pause(self) -> None:
        """Draw no more, so that others can write."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def says(self, text: str) -> None:
        """Show what is being done."""
        self._text = text

    def shows(self, text: "Callable[[], str]") -> None:
        """Show what this gives each time it is drawn."""
        self._current = text

    def retrying(self, event: "RetryEvent") -> None:
        """Show that a request failed and will be repeated."""
        self._text = f"{type(event.error).__name__}; trying again in {event.delay:.0f} s"

    def begins(self, number: int, name: str, expected: float | None) -> None:
        """Show a batch that is about to be submitted."""
        self._batches[number] = Line(printable(name, 60), expected), []

    def knows(self, number: int, batch: "Batch") -> None:
        """Show what became of a batch, and of each of its pictures."""
        line, pictures = self._batches[number]
        line.name, line.state = printable(batch.batch_id, 40), printable(batch.status, 40)
        for place, image in enumerate(batch.images):
            if place >= len(pictures):
                pictures.append(Line("", line.expected))
                pictures[place].started_at = line.started_at
            each = pictures[place]
            each.name = f"{printable(image.image_id, 40)} {printable(image.model or '', 40)}".strip()
            each.state = printable(image.status or "processing", 40)
            if each.ended_at is None and (image.is_complete or batch.is_terminal):
                each.ended_at = time.monotonic()

    def elapsed(self, number: int) -> float:
        """Seconds since a batch was shown first."""
        return time.monotonic() - self._batches[number][0].started_at

    def lines(self) -> list[Line]:
        """The lines that are shown: of each picture, or of a batch whose pictures are not known."""
        return [each for batch, pictures in list(self._batches.values()) for each in (list(pictures) or [batch])]

    def _drawn(self) -> Any:
        from rich.spinner import Spinner
        from rich.table import Table
        from rich.text import Text

        now = time.monotonic()
        lines = self.lines()
        drawing = Table.grid(padding=(0, 1))
        if not lines:
            spin = Spinner("line")
            spin.start_time = self._started_at
            drawing.add_row(
                spin.render(now), Text(f"{self._current()} {now - self._started_at:.0f} s", overflow="ellipsis")
            )
        for line in lines:
            mark = ".." if line.ended_at is None else "ok"
            drawing.add_row(Text(mark), Text(line.text(now), no_wrap=True, overflow="ellipsis"))
        return drawing
