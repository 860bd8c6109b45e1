"""What movements do to a picture: symmetry, facets, diagonals, deep shadow, the impossible."""

import math
from collections.abc import Callable
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageOps

from ..palettes import Colour
from ..studio import Studio, mask, pixels
from ..surfaces import clouds, laid, soaked, softened, vignette
from ..tones import blurred, curve, flat, grade, inked, mapped, shaded, spots, table, threshold

_BLACK: Final[Colour] = (0, 0, 0)
_WHITE: Final[Colour] = (255, 255, 255)


def symmetrical(image: Image.Image, studio: Studio) -> Image.Image:
    """The left half, mirrored."""
    half = image.crop((0, 0, (image.width + 1) // 2, image.height))
    whole = image.copy()
    whole.paste(ImageOps.mirror(half), (image.width - half.width, 0))
    return whole


def many_views(image: Image.Image, studio: Studio) -> Image.Image:
    """Cubism: the same thing seen from several sides at once, in facets with hard shading."""
    size, chance = image.size, studio.chance
    sober = grade(spots(image, 10), saturation=0.75, warmth=8)
    seen = sober
    for _ in range(3):
        turn, zoom = chance.uniform(-0.22, 0.22), chance.uniform(0.72, 1.0)
        cos, sin = math.cos(turn) * zoom, math.sin(turn) * zoom
        x, y = size[0] / 2, size[1] / 2
        shift = chance.uniform(-0.1, 0.1) * size[0]
        data = (cos, -sin, x - cos * x + sin * y + shift, sin, cos, y - sin * x - cos * y - shift)
        view = sober.transform(size, Image.Transform.AFFINE, data, Image.Resampling.NEAREST)
        shaded = grade(view, lift=chance.choice([-40, -18, 16, 36]))
        seen = Image.composite(shaded, seen, _shards(image, studio, 7))
    edges = flat(size, _WHITE).convert("L")
    pen = ImageDraw.Draw(edges)
    for _ in range(13):
        start, end = _across(image, studio)
        pen.line((*start, *end), fill=60, width=pixels(image, 2.4))
    edge = blurred(edges, pixels(image, 1))
    return ImageChops.multiply(seen, Image.merge("RGB", (edge, edge, edge)))


def _shards(image: Image.Image, studio: Studio, count: int) -> Image.Image:
    """A mask of large triangles whose edges fade to one side."""
    chance = studio.chance

    def draw(pen: ImageDraw.ImageDraw, scale: float) -> None:
        for _ in range(count):
            x, y = (chance.random() * side * scale for side in image.size)
            turn, size = chance.uniform(0, math.tau), min(image.size) * scale * chance.uniform(0.1, 0.3)
            corners = [(x + size * math.cos(turn + n * 2.1), y + size * math.sin(turn + n * 2.1)) for n in range(3)]
            pen.polygon(corners, fill=chance.choice([255, 255, 170]))

    return mask(image.size, draw)


def _across(image: Image.Image, studio: Studio) -> tuple[tuple[float, float], tuple[float, float]]:
    x, y, turn = (
        studio.chance.random() * image.width,
        studio.chance.random() * image.height,
        studio.chance.uniform(0, math.pi),
    )
    long = max(image.size) * studio.chance.uniform(0.15, 0.5)
    right, down = math.cos(turn) * long, math.sin(turn) * long
    return (x - right, y - down), (x + right, y + down)


def tilted(image: Image.Image, studio: Studio, *, degrees: float = 14) -> Image.Image:
    """The world at a slant, enlarged so that no corner is empty."""
    turn = math.radians(degrees)
    ratio = max(image.size) / min(image.size)
    zoom = 1 / (math.cos(turn) + math.sin(turn) * ratio)
    cos, sin, x, y = math.cos(turn) * zoom, math.sin(turn) * zoom, image.width / 2, image.height / 2
    data = (cos, -sin, x - cos * x + sin * y, sin, cos, y - sin * x - cos * y)
    return image.transform(image.size, Image.Transform.AFFINE, data, Image.Resampling.BILINEAR)


def agitated(image: Image.Image, studio: Studio) -> Image.Image:
    """Constructivism: red, black and paper, and beams across."""
    size = image.size
    red, black, sheet = (206, 42, 34), (24, 22, 22), (236, 226, 204)
    grey = spots(image, 7).convert("L")
    printed = inked(ImageChops.invert(threshold(grey, 150, 8)), red, flat(size, sheet))
    printed = inked(ImageChops.invert(threshold(grey, 88, 8)), black, printed)

    def beams(pen: ImageDraw.ImageDraw, scale: float) -> None:
        width, height = size[0] * scale, size[1] * scale
        for start, thick in ((0.72, 0.07), (0.84, 0.022), (0.9, 0.012)):
            y = height * start
            pen.polygon(
                [
                    (0, y),
                    (width, y - width * 0.36),
                    (width, y - width * 0.36 + height * thick),
                    (0, y + height * thick),
                ],
                fill=255,
            )

    def wedge(pen: ImageDraw.ImageDraw, scale: float) -> None:
        side = min(size) * scale
        pen.polygon([(0, 0), (side * 0.56, 0), (0, side * 0.36)], fill=255)

    return inked(mask(size, wedge), red, inked(mask(size, beams), black, printed))


def composed(image: Image.Image, studio: Studio) -> Image.Image:
    """Bauhaus: the picture in primaries, under a large circle, a quarter and bars."""
    size, palette = image.size, studio.palette
    primaries = mapped(
        spots(image, 6), [(24, 24, 26), palette.far, palette.accent, palette.light, palette.sky[0], palette.sky[0]]
    )
    printed, unit, turn = spots(primaries, 7), min(size), studio.chance.random()

    def circle(pen: ImageDraw.ImageDraw, scale: float) -> None:
        x, y, radius = size[0] * scale * (0.2 + 0.6 * turn), size[1] * scale * 0.36, unit * scale * 0.3
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
        pen.ellipse((x - radius * 0.6, y - radius * 0.6, x + radius * 0.6, y + radius * 0.6), fill=0)

    def bars(pen: ImageDraw.ImageDraw, scale: float) -> None:
        for n in range(4):
            left = unit * scale * (0.06 + 0.05 * n)
            pen.rectangle((left, size[1] * scale * 0.62, left + unit * scale * 0.024, size[1] * scale), fill=255)

    def quarter(pen: ImageDraw.ImageDraw, scale: float) -> None:
        radius, x, y = unit * scale * 0.34, size[0] * scale, size[1] * scale
        pen.pieslice((x - radius, y - radius, x + radius, y + radius), 180, 270, fill=255)

    for shape, colour in ((circle, palette.accent), (bars, palette.near), (quarter, palette.light)):
        printed = inked(mask(size, shape), colour, printed)
    return printed


def chiaroscuro(image: Image.Image, studio: Studio) -> Image.Image:
    """Baroque: one warm light out of deep shadow, under old varnish."""
    size = image.size
    x, y = studio.chance.uniform(0.35, 0.65), studio.chance.uniform(0.3, 0.5)
    spot = Image.radial_gradient("L").point(table(lambda value: max(0, 255 - round(value * 1.25))))
    reach = (round(size[0] * 1.7), round(size[1] * 1.7))
    pool = Image.new("L", size)
    pool.paste(
        spot.resize(reach, Image.Resampling.BILINEAR),
        (round(size[0] * x - reach[0] / 2), round(size[1] * y - reach[1] / 2)),
    )
    warm = grade(image, saturation=0.95, contrast=1.3, warmth=24)
    shadow = mapped(image, [(6, 4, 3), (30, 18, 10), (70, 44, 22)])
    lit = Image.composite(warm, shadow, pool)
    return soaked(lit, softened(clouds(size, studio.chance, pixels(image, 200)), 0.2))


def floating(image: Image.Image, studio: Studio) -> Image.Image:
    """Surrealism: the scene again, inside spheres that float before it, and a calm without weight."""
    size, chance = image.size, studio.chance
    calm = Image.blend(image, blurred(image, pixels(image, 8)), 0.35)
    night = grade(image.transpose(Image.Transpose.ROTATE_180).resize(size), saturation=1.2, contrast=1.15)
    unit = min(size)
    for share, x, y in (
        (0.21, chance.uniform(0.24, 0.4), chance.uniform(0.3, 0.42)),
        (0.1, chance.uniform(0.66, 0.84), chance.uniform(0.2, 0.36)),
        (0.055, chance.uniform(0.5, 0.6), chance.uniform(0.58, 0.68)),
    ):
        radius = round(unit * share)
        left, top = round(size[0] * x) - radius, round(size[1] * y) - radius
        box = (0, 0, size[0], size[1])
        inside = night.resize((radius * 2, radius * 2), Image.Resampling.BILINEAR, box, reducing_gap=2)
        glow = (
            Image.radial_gradient("L")
            .resize(inside.size)
            .point(table(lambda value: 128 + max(0, 100 - round(value * 0.8))))
        )
        ball = soaked(laid(inside, ImageChops.offset(glow, -radius // 4, -radius // 4)), vignette(inside.size, 0.6))
        shadow = mask(size, _oval(left + radius, size[1] * 0.9, radius * 0.9, radius * 0.13))
        calm = shaded(calm, blurred(shadow, pixels(image, 10)), 0.5)
        round_ = mask(ball.size, _oval(radius, radius, radius - 1, radius - 1))
        calm.paste(ball, (left, top), round_)
    return calm


def _oval(x: float, y: float, wide: float, tall: float) -> Callable[[ImageDraw.ImageDraw, float], None]:
    return lambda pen, scale: pen.ellipse(
        ((x - wide) * scale, (y - tall) * scale, (x + wide) * scale, (y + tall) * scale), fill=255
    )


def brightened(image: Image.Image, studio: Studio) -> Image.Image:
    """A dream: soft, pale, lit from everywhere."""
    soft = blurred(image, pixels(image, 18))
    glowing = ImageChops.screen(image, curve(soft, gamma=1.1, high=200))
    return Image.blend(glowing, soaked(soft, clouds(image.size, studio.chance, pixels(image, 220))), 0.3)
