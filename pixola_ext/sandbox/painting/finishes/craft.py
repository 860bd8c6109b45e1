"""Craft: wool, thread, felt, clay, stone, layered paper."""

import math
from typing import Final

from PIL import Image, ImageChops, ImageDraw

from ..palettes import mix
from ..studio import Studio, pixels
from ..surfaces import clouds, laid, lit, noise, paper, pattern, soaked, softened, together, vignette
from ..tones import blurred, curve, dimmed, flat, grade, mapped, spots, table, threshold, weaker
from .cells import Cells

_BLACK: Final = (0, 0, 0)
_WHITE: Final = (255, 255, 255)


def knitted(image: Image.Image, studio: Studio, *, stitch: float) -> Image.Image:
    """Rows of stockinette: two leaning strands a stitch."""
    wide = max(pixels(image, stitch), 4)
    tall, sheet = wide * 0.82, Cells(grade(spots(image, 10), saturation=1.1), max(wide // 2, 1), (30, 26, 28))
    for row in range(math.ceil(image.height / tall) + 2):
        for column in range(math.ceil(image.width / wide) + 1):
            x, y = column * wide, row * tall
            colour = sheet.colour(x + wide / 2, y)
            for side, tone in ((-1, _WHITE), (1, _BLACK)):
                outer, inner, drop = x + wide * (0.5 + 0.47 * side), x + wide * (0.5 + 0.05 * side), tall * 0.62
                strand = [(outer, y - drop), (inner, y - drop * 0.1), (inner, y + tall * 0.75), (outer, y + drop * 0.3)]
                sheet.polygon(strand, mix(colour, tone, 0.13))
    return sheet.finished()


def stitched(image: Image.Image, studio: Studio, *, length: float) -> Image.Image:
    """Satin stitch: threads lie side by side, each colour in a direction of its own."""
    chance, flatter = studio.chance, spots(image, 9)
    long, wide = pixels(image, length), pixels(image, 3.6)
    sheet = Cells(flatter, wide * 2, (226, 216, 198))
    pitch = wide * 1.25
    for row in range(math.ceil(image.height / (long * 0.76)) + 1):
        for column in range(math.ceil(image.width / pitch) + 1):
            x = column * pitch
            y = row * long * 0.76 + chance.uniform(-0.2, 0.2) * long
            colour = sheet.colour(x, y)
            angle = (colour[0] * 3 + colour[1] * 5 + colour[2] * 7) % 11 / 11 * 2.4 + 0.4
            right, low = math.cos(angle) * long / 2, math.sin(angle) * long / 2
            sheen = mix(colour, _WHITE if (row + column) % 3 else _BLACK, chance.random() * 0.2)
            sheet.thread((x - right, y - low, x + right, y + low), wide, sheen)
    sewn = sheet.finished()
    return laid(sewn, lit(sewn.convert("L"), 0.3))


def woven(image: Image.Image, studio: Studio, *, pitch: float) -> Image.Image:
    """Tapestry: ribbed wool, colours blending line by line."""
    side = pixels(image, pitch)
    small = image.resize((max(image.width // side, 1), max(image.height * 2 // side, 1)), Image.Resampling.BOX)
    wool = grade(spots(small, 12), saturation=0.85, contrast=0.92, warmth=8).resize(
        image.size, Image.Resampling.NEAREST
    )
    ribs = pattern(
        image.size, side, lambda x, y: 0.5 + 0.42 * math.sin(math.tau * x) * (0.55 + 0.45 * math.cos(math.tau * 2 * y))
    )
    fuzzy = laid(wool, softened(noise(image.size, studio.chance, 2, stretch=2), 0.16))
    return laid(fuzzy, softened(ribs, 0.7))


def felted(image: Image.Image, studio: Studio) -> Image.Image:
    """Cut felt, sewn on in layers."""
    size = image.size
    fibres = Image.blend(noise(size, studio.chance, 2, stretch=3), noise(size, studio.chance, 2), 0.5)
    pieces = layers(image, studio, sheets=5, depth=7, lift=12)
    soft = grade(pieces, saturation=1.1, contrast=0.86, lift=10)
    return laid(soft, together(lit(fibres, 0.22), softened(clouds(size, studio.chance, pixels(image, 16)), 0.07)))


def layers(image: Image.Image, studio: Studio, *, sheets: int, depth: float, lift: float = 6) -> Image.Image:
    """Sheets cut out and stacked, the darkest in front; each throws a soft shadow."""
    grey, away = blurred(image.convert("L"), pixels(image, 2)), pixels(image, depth)
    light = Image.new("L", image.size, 255)
    for n in range(1, sheets):
        shape = ImageChops.invert(threshold(grey, 255 - 235 * n / sheets, 5))
        shadow = blurred(ImageChops.offset(shape, away // 2, away), away)
        light = ImageChops.subtract(ImageChops.lighter(light, shape), ImageChops.subtract(weaker(shadow, 0.4), shape))
    return ImageChops.multiply(grade(spots(image, sheets + 10), lift=lift), Image.merge("RGB", (light, light, light)))


def clay(image: Image.Image, studio: Studio) -> Image.Image:
    """Rounded lumps of clay, with the marks of thumbs."""
    size = image.size
    lumps = blurred(grade(spots(image, 16), saturation=1.25, lift=10), pixels(image, 2))
    thumbs = Image.blend(
        noise(size, studio.chance, pixels(image, 40)), noise(size, studio.chance, pixels(image, 12)), 0.3
    )
    height = Image.blend(blurred(lumps.convert("L"), pixels(image, 5)), thumbs, 0.3)
    return laid(lumps, together(lit(height, 1.7 * min(size) / 1024), vignette(size, 0.4)))


def glazed(image: Image.Image, studio: Studio) -> Image.Image:
    """Cobalt under a clear glaze."""
    cobalt = [(14, 32, 92), (36, 74, 156), (112, 152, 208), (214, 226, 238), (248, 250, 250)]
    fired = mapped(Image.blend(image.convert("L"), blurred(image.convert("L"), pixels(image, 5)), 0.5), cobalt)
    return soaked(fired, softened(clouds(image.size, studio.chance, pixels(image, 90)), 0.22))


def marbled(image: Image.Image, studio: Studio) -> Image.Image:
    """A relief in veined stone."""
    size = image.size
    grey = blurred(image.convert("L"), pixels(image, 2))
    stone = mapped(
        Image.blend(curve(grey, low=110, high=245), flat(size, (225, 225, 225)).convert("L"), 0.35),
        [(110, 108, 112), (196, 192, 190), (248, 246, 242)],
    )
    relief = laid(stone, lit(grey, 1.1 * min(size) / 1024))
    field = Image.blend(
        clouds(size, studio.chance, pixels(image, 420)), clouds(size, studio.chance, pixels(image, 60)), 0.14
    )
    veins = field.point(table(lambda value: 255 - round(max(0, 1 - abs(value - 128) / 9) * 80)))
    finer = field.point(table(lambda value: 255 - round(max(0, 1 - abs(value - 100) / 3) * 45)))
    both = ImageChops.multiply(veins, finer)
    return dimmed(relief, both)


def sheeted(image: Image.Image, studio: Studio, *, depth: float = 0.1) -> Image.Image:
    """The tooth of paper over everything."""
    return laid(image, paper(image.size, studio.chance, pixels(image, 2), depth))


def perforated(image: Image.Image, studio: Studio) -> Image.Image:
    """The teeth of a postage stamp around a white margin."""
    margin, hole = pixels(image, 46), pixels(image, 10)
    framed = flat(image.size, (250, 247, 240))
    inner = (image.width - margin * 2, image.height - margin * 2)
    framed.paste(image.resize(inner, Image.Resampling.BILINEAR, reducing_gap=2), (margin, margin))
    pen, ground = ImageDraw.Draw(framed), (118, 112, 108)
    for n in range(math.ceil(max(image.size) / (hole * 2.6)) + 1):
        at = n * hole * 2.6
        for x, y in ((at, 0), (at, image.height), (0, at), (image.width, at)):
            pen.ellipse((x - hole, y - hole, x + hole, y + hole), fill=ground)
    return framed
