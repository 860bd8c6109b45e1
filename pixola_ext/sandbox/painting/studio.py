"""The resources of a finish: colours, chance, masks and samples of a picture."""

from collections.abc import Callable
from random import Random
from typing import Any, Final, NamedTuple

from PIL import Image, ImageDraw

from .palettes import Colour, Palette

_SMOOTH: Final = 2  # masks are drawn so many times larger, then reduced


class Studio(NamedTuple):
    """The colours, a source of chance, and a way to another picture of the same size (`another()`)."""

    palette: Palette
    chance: Random
    another: Callable[[], Image.Image]


Finish = Callable[[Image.Image, Studio], Image.Image]
Size = tuple[int, int]
Drawing = Callable[[ImageDraw.ImageDraw, Size], None]


class Colours:
    """The colours of a picture, each the mean of a square of `cell` pixels."""

    def __init__(self, image: Image.Image, cell: int) -> None:
        size = (max(image.width // cell, 1), max(image.height // cell, 1))
        self._found: Any = image.resize(size, Image.Resampling.BOX).load()
        self._across, self._down = size[0] / image.width, size[1] / image.height
        self._right, self._low = size[0] - 1, size[1] - 1

    def at(self, x: float, y: float) -> Colour:
        """The colour around a point in pixels; beyond the edges that of the edge."""
        column, row = max(int(x * self._across), 0), max(int(y * self._down), 0)
        colour: Colour = self._found[min(column, self._right), min(row, self._low)]
        return colour


def pixels(image: Image.Image, thousandths: float) -> int:
    """A length given in thousandths of the shorter side, in pixels: HD looks like standard, only finer."""
    return max(1, round(min(image.size) * thousandths / 1000))


def mask(size: Size, draw: Drawing) -> Image.Image:
    """A mask with smooth edges. `draw(pen, size)` draws in white on an enlarged mask of `size`."""
    large = (size[0] * _SMOOTH, size[1] * _SMOOTH)
    sheet = Image.new("L", large)
    draw(ImageDraw.Draw(sheet), large)
    return sheet.reduce(_SMOOTH)


def disc(pen: ImageDraw.ImageDraw, x: float, y: float, radius: float, fill: int | Colour = 255) -> None:
    """A circle around a point."""
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)
