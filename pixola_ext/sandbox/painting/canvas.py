"""A canvas in relative coordinates: 0 to 1 downwards, 0 to `ratio` rightwards, drawn twice as large as it will be."""

from collections.abc import Sequence
from typing import Final

from PIL import Image, ImageDraw

from .palettes import Colour

_OVER: Final = 2  # drawn so many times larger, then reduced: that is what smooths the edges

Point = tuple[float, float]


class Canvas:
    """What scenes draw on."""

    def __init__(self, width: int, height: int) -> None:
        self.ratio = width / height
        self._unit = height * _OVER
        self._image = Image.new("RGB", (width * _OVER, height * _OVER))
        self._draw = ImageDraw.Draw(self._image)

    def finished(self) -> Image.Image:
        """The picture in its own size."""
        return self._image.reduce(_OVER)

    def gradient(self, colours: Sequence[Colour], top: float, bottom: float) -> None:
        """A band from edge to edge, its colours blending downwards."""
        column = Image.new("RGB", (1, len(colours)))
        column.putdata(list(colours))
        upper, lower = round(top * self._unit), round(bottom * self._unit)
        smooth = column.resize((1, max(lower - upper, 1)), Image.Resampling.BICUBIC)
        self._image.paste(smooth.resize((self._image.width, smooth.height), Image.Resampling.NEAREST), (0, upper))

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        """A filled polygon."""
        self._draw.polygon([(x * self._unit, y * self._unit) for x, y in points], fill=colour)

    def ellipse(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """A filled ellipse around a point; `width` and `height` are radii."""
        self._draw.ellipse(self._box(x, y, width, height), fill=colour)

    def ring(self, x: float, y: float, width: float, height: float, colour: Colour, thickness: float) -> None:
        """The outline of an ellipse."""
        self._draw.ellipse(self._box(x, y, width, height), outline=colour, width=self._thick(thickness))

    def line(self, points: Sequence[Point], colour: Colour, thickness: float) -> None:
        """A line through points."""
        scaled = [(x * self._unit, y * self._unit) for x, y in points]
        self._draw.line(scaled, fill=colour, width=self._thick(thickness), joint="curve")

    def bar(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        """A filled rectangle."""
        box = [round(value * self._unit) for value in (left, top, right, bottom)]
        if box[2] > box[0] and box[3] > box[1]:
            self._draw.rectangle(tuple(box), fill=colour)

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float) -> None:
        """Light that fades away from a point; `strength` from 0 to 1."""
        side = max(round(radius * 2 * self._unit), 2)
        fade = _fade().point([round((255 - value) ** 2 / 255 * strength) for value in range(256)])
        mask = fade.resize((side, side), Image.Resampling.BILINEAR)
        corner = (round((x - radius) * self._unit), round((y - radius) * self._unit))
        self._image.paste(Image.new("RGB", (side, side), colour), corner, mask)

    def mirror(self, horizon: float, shade: Colour, share: float) -> None:
        """Reflect what is above `horizon` below it, tinted with `share` of `shade`."""
        line = round(horizon * self._unit)
        below = self._image.height - line
        above = self._image.crop((0, max(line - below, 0), self._image.width, line))
        flipped = above.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize((self._image.width, below))
        self._image.paste(Image.blend(flipped, Image.new("RGB", flipped.size, shade), share), (0, line))

    def _box(self, x: float, y: float, width: float, height: float) -> tuple[float, float, float, float]:
        edges = (x - width, y - height, x + width, y + height)
        left, top, right, bottom = (value * self._unit for value in edges)
        return left, top, right, bottom

    def _thick(self, thickness: float) -> int:
        return max(1, round(thickness * self._unit))


def _fade() -> Image.Image:
    return Image.radial_gradient("L")
