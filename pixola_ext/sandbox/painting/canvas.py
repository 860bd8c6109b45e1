"""A canvas in relative coordinates: 0 to 1 downwards, 0 to `ratio` rightwards, drawn twice as large as it will be."""

import math
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from PIL import Image, ImageDraw

from .palettes import Colour
from .tones import table

_OVER: Final = 2  # drawn so many times larger, then reduced: that is what smooths the edges
_RIM: Final = 181  # what Pillow's radial gradient has reached where its circle touches the box

Point = tuple[float, float]


class Camera(NamedTuple):
    """How the scene is framed: `zoom` from 1 (all of it) around a point in shares of the frame, mirrored or not."""

    zoom: float = 1.0
    x: float = 0.5
    y: float = 0.5
    mirrored: bool = False


class Canvas:
    """What scenes draw on."""

    def __init__(self, width: int, height: int, camera: Camera, *, over: int = _OVER) -> None:
        self.ratio = width / height
        self._camera = camera
        self._image = Image.new("RGB", (width * over, height * over), None)  # scenes cover all of it
        self._unit = self._image.height * camera.zoom
        spare = 1 - camera.zoom  # what lies outside the frame, as a negative share
        self._origin = (self._image.width * spare * camera.x, self._image.height * spare * camera.y)
        self._draw = ImageDraw.Draw(self._image)

    def finished(self) -> Image.Image:
        """The picture in its own size."""
        image = self._image.reduce(_OVER)
        return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if self._camera.mirrored else image

    def gradient(self, colours: Sequence[Colour], top: float, bottom: float) -> None:
        """A band from edge to edge, its colours blending downwards."""
        column = Image.new("RGB", (1, len(colours)))
        column.putdata(list(colours))
        upper, lower = round(self._at(0, top)[1]), round(self._at(0, bottom)[1])
        smooth = column.resize((1, max(lower - upper, 1)), Image.Resampling.BICUBIC)
        self._image.paste(smooth.resize((self._image.width, smooth.height), Image.Resampling.NEAREST), (0, upper))

    def soft(self, paint: Callable[["Canvas"], None], coarse: int = _OVER) -> None:
        """Replace all by what has no edges: painted `coarse` times smaller and enlarged, at a fraction of the time."""
        width, height = self._image.size
        small = Canvas(max(width // coarse, 1), max(height // coarse, 1), self._camera, over=1)
        paint(small)
        kind = (
            Image.Resampling.NEAREST if coarse == _OVER else Image.Resampling.BILINEAR
        )  # steps that vanish in the end
        self._image = small._image.resize(self._image.size, kind)
        self._draw = ImageDraw.Draw(self._image)

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        """A filled polygon."""
        self._draw.polygon([self._at(x, y) for x, y in points], fill=colour)

    def ellipse(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """A filled ellipse around a point; `width` and `height` are radii."""
        self._draw.ellipse(self._box(x, y, width, height), fill=colour)

    def slice(self, x: float, y: float, radius: float, span: Point, colour: Colour) -> None:
        """What of a disc lies between two heights, in shares of the radius from -1 (top) to 1."""
        rim = [(math.sqrt(max(1 - share * share, 0)) * radius, y + share * radius) for share in _steps(*span)]
        self.polygon([*((x - half, at) for half, at in rim), *((x + half, at) for half, at in reversed(rim))], colour)

    def ring(self, x: float, y: float, width: float, height: float, colour: Colour, thickness: float) -> None:
        """The outline of an ellipse."""
        self._draw.ellipse(self._box(x, y, width, height), outline=colour, width=self._thick(thickness))

    def arc(self, x: float, y: float, width: float, height: float, span: Point, colour: Colour, thick: float) -> None:
        """A part of such an outline; `span` in degrees clockwise from the right."""
        self._draw.arc(self._box(x, y, width, height), *span, fill=colour, width=self._thick(thick))

    def line(self, points: Sequence[Point], colour: Colour, thickness: float) -> None:
        """A line through points."""
        scaled = [self._at(x, y) for x, y in points]
        self._draw.line(scaled, fill=colour, width=self._thick(thickness), joint="curve")

    def bar(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        """A filled rectangle."""
        upper, lower = self._at(left, top), self._at(right, bottom)
        box = (round(upper[0]), round(upper[1]), round(lower[0]), round(lower[1]))
        if box[2] > box[0] and box[3] > box[1]:
            self._draw.rectangle(box, fill=colour)

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float) -> None:
        """Light that fades away from a point; `strength` from 0 to 1."""
        side = max(round(radius * 2 * self._unit), 2)
        fade = Image.radial_gradient("L").point(table(lambda level: max(1 - level / _RIM, 0) ** 2 * 255 * strength))
        left, top = self._at(x - radius, y - radius)
        mask = fade.resize((side, side), Image.Resampling.BILINEAR)
        self._image.paste(colour, (round(left), round(top), round(left) + side, round(top) + side), mask)

    def veil(self, shapes: Sequence[tuple[Sequence[Point], float]], colour: Colour) -> None:
        """Polygons through which one sees, each with its strength from 0 to 1; later ones replace earlier ones."""
        scaled = [([self._at(x, y) for x, y in points], strength) for points, strength in shapes]
        corners = [corner for points, _ in scaled for corner in points]
        left, top = (max(int(min(corner[axis] for corner in corners)), 0) for axis in (0, 1))
        right, bottom = (
            min(int(max(corner[axis] for corner in corners)) + 1, self._image.size[axis]) for axis in (0, 1)
        )
        if right <= left or bottom <= top:
            return
        mask = Image.new("L", (right - left, bottom - top))
        pen = ImageDraw.Draw(mask)
        for points, strength in scaled:
            pen.polygon([(x - left, y - top) for x, y in points], fill=round(255 * strength))
        self._image.paste(colour, (left, top, right, bottom), mask)

    def mirror(self, horizon: float, shade: Colour, share: float) -> None:
        """Reflect what is above `horizon` below it, tinted with `share` of `shade`."""
        line = round(self._at(0, horizon)[1])
        below = self._image.height - line
        if below <= 0:
            return
        above = self._image.crop((0, max(line - below, 0), self._image.width, line))
        flipped = above.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize((self._image.width, below))
        self._image.paste(Image.blend(flipped, Image.new("RGB", flipped.size, shade), share), (0, line))

    def _at(self, x: float, y: float) -> Point:
        return self._origin[0] + x * self._unit, self._origin[1] + y * self._unit

    def _box(self, x: float, y: float, width: float, height: float) -> tuple[float, float, float, float]:
        return (*self._at(x - width, y - height), *self._at(x + width, y + height))

    def _thick(self, thickness: float) -> int:
        return max(1, round(thickness * self._unit))


def _steps(start: float, end: float) -> list[float]:
    return [start + (end - start) * n / 8 for n in range(9)]
