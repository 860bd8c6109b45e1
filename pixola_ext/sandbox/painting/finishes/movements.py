"""What movements do to a picture: symmetry, facets, diagonals, deep shadow, the impossible."""

import math
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageOps

from ..palettes import Colour
from ..studio import Size, Studio, disc, mask, pixels
from ..surfaces import clouds, laid, soaked, softened, vignette
from ..tones import blurred, curve, dimmed, flat, grade, inked, mapped, shaded, spots, table, threshold

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
        side = grade(view, lift=chance.choice([-40, -18, 16, 36]))
        seen = Image.composite(side, seen, _shards(image, studio, 7))
    edges = flat(size, _WHITE).convert("L")
    pen = ImageDraw.Draw(edges)
    for _ in range(13):
        start, end = _across(image, studio)
        pen.line((*start, *end), fill=60, width=pixels(image, 2.4))
    edge = blurred(edges, pixels(image, 1))
    return dimmed(seen, edge)


def _shards(image: Image.Image, studio: Studio, count: int) -> Image.Image:
    """A mask of large triangles whose edges fade to one side."""
    chance = studio.chance

    def draw(pen: ImageDraw.ImageDraw, size: Size) -> None:
        for _ in range(count):
            x, y = (chance.random() * side for side in size)
            turn, long = chance.uniform(0, math.tau), min(size) * chance.uniform(0.1, 0.3)
            corners = [(x + long * math.cos(turn + n * 2.1), y + long * math.sin(turn + n * 2.1)) for n in range(3)]
            pen.polygon(corners, fill=chance.choice([255, 255, 170]))

    return mask(image.size, draw)


def _across(image: Image.Image, studio: Studio) -> tuple[tuple[float, float], tuple[float, float]]:
    x, y = (studio.chance.random() * side for side in image.size)
    turn = studio.chance.uniform(0, math.pi)
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
    red, black, sheet = (206, 42, 34), (24, 22, 22), (236, 226, 204)
    grey = spots(image, 7).convert("L")
    printed = inked(ImageChops.invert(threshold(grey, 150, 8)), red, flat(image.size, sheet))
    printed = inked(ImageChops.invert(threshold(grey, 88, 8)), black, printed)

    def beams(pen: ImageDraw.ImageDraw, size: Size) -> None:
        width, height = size
        for start, thick in ((0.72, 0.07), (0.84, 0.022), (0.9, 0.012)):
            y = height * start
            end, low = y - width * 0.36, height * thick
            pen.polygon([(0, y), (width, end), (width, end + low), (0, y + low)], fill=255)

    def wedge(pen: ImageDraw.ImageDraw, size: Size) -> None:
        side = min(size)
        pen.polygon([(0, 0), (side * 0.56, 0), (0, side * 0.36)], fill=255)

    return inked(mask(image.size, wedge), red, inked(mask(image.size, beams), black, printed))


def composed(image: Image.Image, studio: Studio) -> Image.Image:
    """Bauhaus: the picture in primaries, under a large circle, a quarter and bars."""
    palette, turn = studio.palette, studio.chance.random()
    primaries = mapped(
        spots(image, 6), [(24, 24, 26), palette.far, palette.accent, palette.light, palette.sky[0], palette.sky[0]]
    )
    printed = spots(primaries, 7)

    def circle(pen: ImageDraw.ImageDraw, size: Size) -> None:
        x, y, radius = size[0] * (0.2 + 0.6 * turn), size[1] * 0.36, min(size) * 0.3
        disc(pen, x, y, radius)
        disc(pen, x, y, radius * 0.6, 0)

    def bars(pen: ImageDraw.ImageDraw, size: Size) -> None:
        for n in range(4):
            left = min(size) * (0.06 + 0.05 * n)
            pen.rectangle((left, size[1] * 0.62, left + min(size) * 0.024, size[1]), fill=255)

    def quarter(pen: ImageDraw.ImageDraw, size: Size) -> None:
        disc(pen, *size, min(size) * 0.34)

    for shape, colour in ((circle, palette.accent), (bars, palette.near), (quarter, palette.light)):
        printed = inked(mask(image.size, shape), colour, printed)
    return printed


def chiaroscuro(image: Image.Image, studio: Studio) -> Image.Image:
    """Baroque: one warm light out of deep shadow, under old varnish."""
    size = image.size
    x, y = studio.chance.uniform(0.35, 0.65), studio.chance.uniform(0.3, 0.5)
    spot = Image.radial_gradient("L").point(table(lambda level: 255 - level * 1.25))
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
        inside = night.resize((radius * 2, radius * 2), Image.Resampling.BILINEAR, reducing_gap=2)
        glow = Image.radial_gradient("L").resize(inside.size).point(table(lambda level: max(128, 228 - level * 0.8)))
        ball = soaked(laid(inside, ImageChops.offset(glow, -radius // 4, -radius // 4)), vignette(inside.size, 0.6))
        shadow, floor = Image.new("L", size), size[1] * 0.9
        oval = (left + radius * 0.1, floor - radius * 0.13, left + radius * 1.9, floor + radius * 0.13)
        ImageDraw.Draw(shadow).ellipse(oval, fill=255)
        calm = shaded(calm, blurred(shadow, pixels(image, 10)), 0.5)
        calm.paste(
            ball,
            (left, top),
            mask(ball.size, lambda pen, large: disc(pen, large[0] / 2, large[0] / 2, large[0] / 2 - 2)),
        )
    return calm


def brightened(image: Image.Image, studio: Studio) -> Image.Image:
    """A dream: soft, pale, lit from everywhere."""
    soft = blurred(image, pixels(image, 18))
    lit = ImageChops.screen(image, curve(soft, gamma=1.1, high=200))
    return Image.blend(lit, soaked(soft, clouds(image.size, studio.chance, pixels(image, 220))), 0.3)
