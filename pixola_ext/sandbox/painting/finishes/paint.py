"""Paint: washes, strokes, flat pigment, plaster."""

import math
from typing import Final

from PIL import Image, ImageChops, ImageDraw

from ..palettes import Colour, mix
from ..studio import Studio, pixels
from ..surfaces import clouds, laid, lit, noise, paper, soaked, softened, weave
from ..tones import blurred, contours, curve, flat, grade, greys, mapped, spots

_COMPASS: Final = [(math.cos(n / 64 * math.pi), math.sin(n / 64 * math.pi)) for n in range(64)]
_SHEET: Final[Colour] = (250, 246, 236)


def graded(image: Image.Image, studio: Studio, **how: float) -> Image.Image:
    """The colourist's pass of `tones.grade`."""
    del studio
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
    return image.transform(image.size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)


def washes(image: Image.Image, studio: Studio) -> Image.Image:
    """Watercolour: thin pigment that pools at the edges and settles in the grain of the paper."""
    size = image.size
    thin = curve(grade(image, saturation=1.15), gamma=0.82, low=38, high=255)
    pools = blurred(contours(image, 2, 1.4), pixels(image, 2)).point(
        [255 - round(value * 0.42) for value in range(256)]
    )
    wet = ImageChops.multiply(thin, Image.merge("RGB", (pools, pools, pools)))
    stained = soaked(
        wet,
        Image.blend(
            softened(clouds(size, studio.chance, pixels(image, 210)), 0.75),
            clouds(size, studio.chance, pixels(image, 20)),
            0.14,
        ),
    )
    return laid(stained, paper(size, studio.chance, pixels(image, 4), 0.1))


def deckled(image: Image.Image, studio: Studio, *, margin: float = 34, sheet: Colour = _SHEET) -> Image.Image:
    """The paint ends before the paper does, unevenly."""
    edge = pixels(image, margin)
    inner = Image.new("L", image.size)
    ImageDraw.Draw(inner).rectangle((edge, edge, image.width - edge, image.height - edge), fill=255)
    uneven = Image.blend(blurred(inner, edge * 0.4), clouds(image.size, studio.chance, pixels(image, 40)), 0.4)
    shape = uneven.point([round(min(max((value - 100) / 10, 0), 1) * 255) for value in range(256)])
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
    chance, painted = studio.chance, image.copy()
    pen = ImageDraw.Draw(painted)
    flow = noise((64, 64), chance, 9).load()
    for scale, share in ((1.6, 0.35), (0.8, 1.0)):
        long, wide = pixels(image, length * scale), pixels(image, width * scale)
        source = image.resize((max(image.width // wide, 1), max(image.height // wide, 1)), Image.Resampling.BOX)
        colours = source.load()
        for _ in range(round(image.width * image.height / (long * wide) * density * share)):
            across, down, tone = chance.random(), chance.random(), chance.randrange(-jitter, jitter + 1)
            x, y = across * image.width, down * image.height
            turn = flow[int(across * 64), int(down * 64)] * wander / 4 + chance.random() * 6
            right, low = _COMPASS[int(turn) % 64]
            red, green, blue = colours[int(across * source.width), int(down * source.height)]
            ends = (x - right * long / 2, y - low * long / 2, x + right * long / 2, y + low * long / 2)
            pen.line(ends, fill=(red + tone, green + tone, blue + tone), width=wide)
    return painted


def impasto(image: Image.Image, studio: Studio, *, depth: float) -> Image.Image:
    """Thick paint: its own tones as heights, on canvas."""
    del studio
    return laid(image, lit(image.convert("L"), depth))


def canvas(image: Image.Image, studio: Studio, *, pitch: float = 5, depth: float = 0.25) -> Image.Image:
    """The weave of the canvas."""
    del studio
    return soaked(image, softened(weave(image.size, pixels(image, pitch)), depth))


def planes(image: Image.Image, studio: Studio, *, colours: int) -> Image.Image:
    """Flat planes and nothing else."""
    del studio
    return spots(image, colours)


def pigment(image: Image.Image, studio: Studio, *, colours: int, chalk: float = 0.3) -> Image.Image:
    """Opaque paint in few tones; `chalk` makes it matte."""
    planes = grade(spots(image, colours), saturation=1 - chalk * 0.3, contrast=1 - chalk * 0.35, lift=chalk * 24)
    brushed = noise(image.size, studio.chance, pixels(image, 2), stretch=18)
    return soaked(planes, softened(brushed, 0.06 + chalk * 0.08))


def plaster(image: Image.Image, studio: Studio) -> Image.Image:
    """Fresco: faded pigment in a wall with stains and fine cracks."""
    size = image.size
    faded = grade(image, saturation=0.62, contrast=0.7, warmth=8, lift=26)
    stained = soaked(faded, softened(clouds(size, studio.chance, pixels(image, 170)), 0.45))
    rough = laid(stained, paper(size, studio.chance, pixels(image, 4), 0.14))
    veins = Image.blend(
        clouds(size, studio.chance, pixels(image, 300)), clouds(size, studio.chance, pixels(image, 40)), 0.16
    )
    cracks = veins.point([150 if abs(value - 128) < 1 else 255 for value in range(256)])
    return ImageChops.multiply(rough, Image.merge("RGB", (cracks, cracks, cracks)))


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
