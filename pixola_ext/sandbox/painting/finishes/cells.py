"""Pictures put together from cells: pixels, facets, dots, tiles, glass, cubes."""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from PIL import Image, ImageDraw

from ..canvas import Point
from ..palettes import Colour, mix
from ..studio import Colours, Studio, pixels
from ..surfaces import laid, lit, noise, softened
from ..tones import blurred, contours, curve, flat, grade, inked, spots

_OVER: Final = 2  # drawn larger, then reduced, for smooth edges
_WHITE: Final[Colour] = (255, 255, 255)
_BLACK: Final[Colour] = (0, 0, 0)

Knots = list[list[Point]]


class Cells:
    """A large sheet to draw cells on, and `colour(x, y)` of the picture anywhere; all in pixels of the picture."""

    def __init__(self, image: Image.Image, cell: int, ground: Colour | None = None) -> None:
        self.size = image.size
        self.colour = Colours(image, cell).at
        enlarged = (image.width * _OVER, image.height * _OVER)
        self._sheet = Image.new("RGB", enlarged, ground) if ground else image.resize(enlarged, Image.Resampling.NEAREST)
        self._pen = ImageDraw.Draw(self._sheet)

    def polygon(self, points: list[Point], colour: Colour, outline: Colour | None = None, width: float = 0) -> None:
        """A cell."""
        large = [(x * _OVER, y * _OVER) for x, y in points]
        self._pen.polygon(large, fill=colour)
        if outline is not None:
            self._pen.line([*large, large[0]], fill=outline, width=round(width * _OVER), joint="curve")

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """A round cell."""
        x, y, radius = x * _OVER, y * _OVER, radius * _OVER
        self._pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)

    def thread(self, ends: tuple[float, float, float, float], width: float, colour: Colour) -> None:
        """A straight stitch."""
        self._pen.line([value * _OVER for value in ends], fill=colour, width=max(1, round(width * _OVER)))

    def finished(self) -> Image.Image:
        """The sheet in the size of the picture."""
        return self._sheet.reduce(_OVER)


def knots(size: tuple[int, int], step: float, studio: Studio, loose: float) -> Knots:
    """A grid beyond all edges whose points are moved by up to `loose` steps."""
    columns, rows = math.ceil(size[0] / step) + 2, math.ceil(size[1] / step) + 2
    away = studio.chance.uniform
    return [
        [((x - 0.5 + away(-loose, loose)) * step, (y - 0.5 + away(-loose, loose)) * step) for x in range(columns)]
        for y in range(rows)
    ]


def quads(grid: Knots) -> Iterator[list[Point]]:
    """The cells of a grid."""
    for upper, lower in pairwise(grid):
        for n in range(len(upper) - 1):
            yield [upper[n], upper[n + 1], lower[n + 1], lower[n]]


def triangles(grid: Knots, studio: Studio) -> Iterator[list[Point]]:
    """The same cells, each cut along one diagonal."""
    for one, two, three, four in quads(grid):
        if studio.chance.random() < 0.5:
            yield from ([one, two, three], [one, three, four])
        else:
            yield from ([one, two, four], [two, three, four])


def middle(points: list[Point]) -> Point:
    """The centre of a cell."""
    return sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)


def pixelated(image: Image.Image, studio: Studio, *, cell: float, colours: int) -> Image.Image:
    """Big pixels, few colours."""
    side = pixels(image, cell)
    small = image.resize((max(image.width // side, 1), max(image.height // side, 1)), Image.Resampling.BOX)
    vivid = grade(small, saturation=1.25, contrast=1.12)
    few = vivid.quantize(colours, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).convert("RGB")
    return few.resize(image.size, Image.Resampling.NEAREST)


def pillowed(image: Image.Image, studio: Studio, *, colours: int) -> Image.Image:
    """Shapes rounded off, in few sweet colours."""
    round_ = spots(blurred(image, pixels(image, 3.5)), colours)
    return grade(Image.blend(round_, blurred(round_, pixels(image, 4)), 0.5), saturation=1.3, lift=6)


def facets(image: Image.Image, studio: Studio, *, cell: float, light: float = 0.12) -> Image.Image:
    """Triangles, each in one colour and turned to the light differently."""
    step = pixels(image, cell)
    sheet = Cells(image, max(step // 2, 1))
    for triangle in triangles(knots(image.size, step, studio, 0.36), studio):
        colour, tilt = sheet.colour(*middle(triangle)), studio.chance.uniform(-light, light)
        sheet.polygon(triangle, mix(colour, _WHITE if tilt > 0 else _BLACK, abs(tilt)))
    return sheet.finished()


def folded(image: Image.Image, studio: Studio, *, cell: float) -> Image.Image:
    """Paper planes with creases."""
    step, crease = pixels(image, cell), pixels(image, 1.6)
    sheet = Cells(grade(spots(image, 9), saturation=0.9, lift=14), max(step // 3, 1))
    for triangle in triangles(knots(image.size, step, studio, 0.28), studio):
        colour, (x, y) = sheet.colour(*middle(triangle)), triangle[0]
        slope = math.atan2(triangle[1][1] - y, triangle[1][0] - x)
        shade = mix(colour, _WHITE if math.sin(slope * 2 + 0.6) > 0 else _BLACK, abs(math.sin(slope * 2 + 0.6)) * 0.26)
        sheet.polygon(triangle, shade, mix(shade, _WHITE, 0.35), crease)
    fibres = noise(image.size, studio.chance, 2, stretch=3)
    return laid(sheet.finished(), softened(lit(fibres, 0.07), 1))


def dotted(image: Image.Image, studio: Studio, *, radius: float, jitter: int = 34) -> Image.Image:
    """A field of dots of pure colour, mixed by the eye."""
    size, draw = pixels(image, radius), studio.chance.random
    sheet = Cells(grade(image, saturation=1.4, contrast=1.05, lift=28), size)
    for _ in range(round(image.width * image.height / (size * size * 1.15))):
        x, y = draw() * image.width, draw() * image.height
        red, green, blue = sheet.colour(x, y)
        tone, turn = round((draw() - 0.5) * jitter), round((draw() * 2 - 1) * jitter)
        sheet.disc(x, y, size * (0.5 + draw() * 0.35), (red + tone + turn, green + tone, blue + tone - turn))
    return sheet.finished()


def tiles(image: Image.Image, studio: Studio, *, cell: float, grout: Colour = (66, 60, 56)) -> Image.Image:
    """Small laid stones, none quite straight."""
    step, chance = pixels(image, cell), studio.chance
    sheet = Cells(grade(spots(image, 16), saturation=1.2), step, grout)
    for quad in quads(knots(image.size, step, studio, 0.09)):
        x, y = middle(quad)
        colour = mix(sheet.colour(x, y), _WHITE if chance.random() < 0.5 else _BLACK, chance.random() * 0.16)
        inner = [(left + (x - left) * 0.15, top + (y - top) * 0.15) for left, top in quad]
        sheet.polygon(inner, colour)
    laid_out = sheet.finished()
    return laid(laid_out, lit(laid_out.convert("L"), 0.3))


def glass(image: Image.Image, studio: Studio, *, cell: float) -> Image.Image:
    """Leaded panes with the light behind them."""
    step, lead = pixels(image, cell), pixels(image, 5)
    glowing = curve(grade(image, saturation=1.9, contrast=1.05, lift=22), gamma=0.85)
    sheet = Cells(glowing, max(step // 3, 1))
    for quad in quads(knots(image.size, step, studio, 0.34)):
        panes = [quad] if studio.chance.random() < 0.6 else [quad[:3], [quad[0], *quad[2:]]]
        for pane in panes:
            tint = studio.chance.uniform(-0.16, 0.22)
            colour = mix(sheet.colour(*middle(pane)), _WHITE if tint > 0 else _BLACK, abs(tint))
            sheet.polygon(pane, colour, (18, 16, 18), lead)
    return inked(contours(spots(image, 6), pixels(image, 6), 0.7), (18, 16, 18), sheet.finished())


def cubes(image: Image.Image, studio: Studio, *, cell: float) -> Image.Image:
    """The picture built from little cubes, seen from above."""
    half = pixels(image, cell) / 2
    rise, sheet = half * 0.58, Cells(grade(spots(image, 20), saturation=1.15), max(int(half), 1), (20, 20, 24))
    for row in range(math.ceil(image.height / (rise * 3)) + 2):
        for column in range(math.ceil(image.width / (half * 2)) + 2):
            x, y = column * half * 2 - (half if row % 2 else 0), row * rise * 3 - rise
            colour = sheet.colour(x, y)
            left, right, low = (x - half, y - rise), (x + half, y - rise), (x, y + rise * 2)
            sheet.polygon([(x, y - rise * 2), right, (x, y), left], mix(colour, _WHITE, 0.2))
            sheet.polygon([left, (x, y), low, (x - half, y + rise)], colour)
            sheet.polygon([right, (x, y), low, (x + half, y + rise)], mix(colour, _BLACK, 0.28))
    return sheet.finished()


def bricks(image: Image.Image, studio: Studio, *, cell: float, gloss: float = 0.3) -> Image.Image:
    """Square glazed tiles: the picture runs across them, each catches the light on its own."""
    side, joint = pixels(image, cell), pixels(image, 3)
    sheet = flat((image.width, image.height), (128, 128, 128)).convert("L")
    pen = ImageDraw.Draw(sheet)
    for top in range(0, image.height, side):
        for left in range(0, image.width, side):
            box = (left + joint, top + joint, left + side - joint, top + side - joint)
            pen.rectangle(box, fill=128 + studio.chance.randint(0, round(60 * gloss)))
            pen.line((box[0], box[3], box[0], box[1], box[2], box[1]), fill=190, width=joint)
            pen.line((box[2], box[1], box[2], box[3], box[0], box[3]), fill=96, width=joint)
    for line in range(0, max(image.size) + side, side):
        pen.line((line, 0, line, image.height), fill=60, width=joint)
        pen.line((0, line, image.width, line), fill=60, width=joint)
    return laid(image, sheet)
