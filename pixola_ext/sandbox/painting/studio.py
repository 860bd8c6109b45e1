"""What a finish works with."""

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from PIL import Image, ImageDraw

from .palettes import Palette

_SMOOTH = 2  # masks are drawn so many times larger, then reduced


class Studio(NamedTuple):
    """The colours, a source of chance, and a way to another picture of the same size (`another()`)."""

    palette: Palette
    chance: Random
    another: Callable[[], Image.Image]


Finish = Callable[[Image.Image, Studio], Image.Image]


def pixels(image: Image.Image, thousandths: float) -> int:
    """A length given in thousandths of the shorter side, in pixels: HD looks like standard, only finer."""
    return max(1, round(min(image.size) * thousandths / 1000))


def mask(size: tuple[int, int], draw: Callable[[ImageDraw.ImageDraw, float], None]) -> Image.Image:
    """A mask with smooth edges, drawn by `draw(pen, scale)` on something `scale` times as large."""
    large = Image.new("L", (size[0] * _SMOOTH, size[1] * _SMOOTH))
    draw(ImageDraw.Draw(large), _SMOOTH)
    return large.reduce(_SMOOTH)
