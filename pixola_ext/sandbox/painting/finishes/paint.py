"""Paint: washes, strokes, flat pigment, plaster."""

import math
from typing import Final

from PIL import Image, ImageDraw

from ..palettes import Colour
from ..studio import Colours, Studio, pixels
from ..surfaces import clouds, laid, lit, noise, paper, soaked, softened, together, weave
from ..tones import blurred, contours, curve, dimmed, flat, grade, greys, mapped, shaded, spots, table, threshold

_DIRECTIONS: Final = [(math.cos(n / 64 * math.pi), math.sin(n / 64 * math.pi)) for n in range(64)]
_SHEET: Final[Colour] = (250, 246, 236)


def graded(image: Image.Image, studio: Studio, **how: float) -> Image.Image:
    """The colourist's pass of `tones.grade`."""
    return grade(image, **how)


def wobbled(image: Image.Image, studio: Studio, *, reach: float, cell: float = 40) -> Image.Image:
    """Shapes drawn by a loose hand: moved by up to `reach`, differently in each `cell`."""
    step, swing = pixels(image, cell), pixels(image, reach)
    columns, rows = image.width // step + 2, image.height // step + 2

    def moved(column: int, row: int) -> tuple[float, float]:
        x, y = column * step + studio.chance.uniform(-swing, swing), row * step + studio.chance.uniform(-swing, swing)
        return min(max(x, 0), image.width - 1), min(max(y, 0), image.height - 1)

    knots = [[moved(column, row) for column in range(columns)] for row in range(rows)]
    mesh = [
        (
            (x * step, y * step, (x + 1) * step, (y + 1) * step),
            (*knots[y][x], *knots[y + 1][x], *knots[y + 1][x + 1], *knots[y][x + 1]),
        )
        for y in range(rows - 1)
        for x in range(columns - 1)
    ]
    return image.transform(image.size, Image.Transform.MESH, mesh)  # unsmoothed: what follows hides the steps


def washes(image: Image.Image, studio: Studio) -> Image.Image:
    """Watercolour: thin pigment that pools at the edges and settles in the grain of the paper."""
    size = image.size
    stains = clouds(size, studio.chance, pixels(image, 170))
    thin = curve(grade(image, saturation=1.15), gamma=0.82, low=38)
    bled = Image.composite(blurred(thin, pixels(image, 7)), thin, threshold(stains, 150, 60))
    wet = shaded(bled, contours(image, 1, 1.4), 0.34)
    return laid(wet, together(softened(stains, 0.15), paper(size, studio.chance, pixels(image, 4), 0.09)))


def deckled(image: Image.Image, studio: Studio, *, margin: float = 34, sheet: Colour = _SHEET) -> Image.Image:
    """The paint ends before the paper does, unevenly."""
    edge = pixels(image, margin)
    inner = Image.new("L", image.size)
    ImageDraw.Draw(inner).rectangle((edge, edge, image.width - edge, image.height - edge), fill=255)
    uneven = Image.blend(blurred(inner, edge * 0.4), clouds(image.size, studio.chance, pixels(image, 40)), 0.4)
    shape = uneven.point(table(lambda value: (value - 100) / 10 * 255))
    return Image.composite(image, flat(image.size, sheet), shape)


def strokes(
    image: Image.Image,
    studio: Studio,
    *,
    length: float,
    width: float,
    density: float = 1.0,
    wander: float = 0.5,
    jitter: int = 14,
) -> Image.Image:
    """Brush strokes along slowly turning directions, coarse ones first.

    `density` is how often the canvas is covered, `wander` how far directions turn, `jitter` how colours vary in levels.
    """
    painted, draw = image.copy(), studio.chance.random
    pen, (broad, height) = ImageDraw.Draw(painted), image.size
    turns = noise((64, 64), studio.chance, 9).tobytes()  # a field of 64 x 64 directions
    for scale, share in ((1.6, 0.35), (0.8, 1.0)):
        long, wide = pixels(image, length * scale), pixels(image, width * scale)
        colour = Colours(image, wide).at
        for _ in range(round(broad * height / (long * wide) * density * share)):
            across, down, tone = draw(), draw(), round((draw() * 2 - 1) * jitter)
            right, low = _DIRECTIONS[int(turns[int(across * 64) + int(down * 64) * 64] * wander / 4 + draw() * 6) % 64]
            x, y, right, low = across * broad, down * height, right * long / 2, low * long / 2
            red, green, blue = colour(x, y)
            pen.line((x - right, y - low, x + right, y + low), (red + tone, green + tone, blue + tone), wide)
    return painted


def impasto(image: Image.Image, studio: Studio, *, depth: float) -> Image.Image:
    """Thick paint: its own tones as heights, on canvas."""
    return laid(image, lit(image.convert("L"), depth))


def canvas(image: Image.Image, studio: Studio, *, pitch: float = 5, depth: float = 0.25) -> Image.Image:
    """The weave of the canvas."""
    return soaked(image, softened(weave(image.size, pixels(image, pitch)), depth))


def planes(image: Image.Image, studio: Studio, *, colours: int) -> Image.Image:
    """The picture reduced to flat planes of colour."""
    return spots(image, colours)


def pigment(image: Image.Image, studio: Studio, *, colours: int, chalk: float = 0.3) -> Image.Image:
    """Opaque paint in few tones; `chalk` makes it matte."""
    matte = grade(spots(image, colours), saturation=1 - chalk * 0.3, contrast=1 - chalk * 0.35, lift=chalk * 24)
    brushed = noise(image.size, studio.chance, pixels(image, 2), stretch=18)
    return soaked(matte, softened(brushed, 0.06 + chalk * 0.08))


def plaster(image: Image.Image, studio: Studio) -> Image.Image:
    """Fresco: faded pigment in a wall with stains and fine cracks."""
    size = image.size
    faded = grade(image, saturation=0.62, contrast=0.7, warmth=8, lift=26)
    stains = softened(clouds(size, studio.chance, pixels(image, 170)), 0.2)
    rough = laid(faded, together(stains, paper(size, studio.chance, pixels(image, 4), 0.14)))
    veins = Image.blend(
        clouds(size, studio.chance, pixels(image, 300)), clouds(size, studio.chance, pixels(image, 40)), 0.16
    )
    cracks = veins.point(table(lambda value: 150 if abs(value - 128) < 1 else 255))
    return dimmed(rough, cracks)


def ink(image: Image.Image, studio: Studio) -> Image.Image:
    """Ink wash: a few wet greys, dark where the brush stopped, and much empty paper."""
    grey = greys(image)
    wet = Image.blend(blurred(grey, pixels(image, 5)), grey, 0.6)
    pooled = Image.blend(wet, clouds(image.size, studio.chance, pixels(image, 130)), 0.16)
    tones = mapped(
        curve(pooled, gamma=0.72), [(24, 24, 28), (96, 96, 98), (182, 178, 168), (240, 234, 219), (246, 241, 228)]
    )
    return laid(tones, paper(image.size, studio.chance, pixels(image, 3), 0.06))


def distorted(image: Image.Image, studio: Studio) -> Image.Image:
    """Form bent in slow waves."""
    return wobbled(image, studio, reach=26, cell=150)
