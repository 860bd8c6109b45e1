"""What is set upon a picture: seals, wheels, sparks, leaves, windows."""

import math
from typing import Final

from PIL import Image, ImageChops, ImageDraw

from ..palettes import Colour, mix
from ..studio import Size, Studio, disc, mask, pixels
from ..surfaces import laid, lit
from ..tones import blurred, flat, inked, shaded
from .photo import glowing, inked_light

_BRASS: Final[Colour] = (176, 128, 62)


def seal(image: Image.Image, studio: Studio) -> Image.Image:
    """A publisher's red seal and a title strip, in the manner of Edo."""
    unit, left = min(image.size), image.width * 0.9
    signed = image.copy()
    pen = ImageDraw.Draw(signed)
    strip = (left, unit * 0.05, left + unit * 0.055, unit * 0.27)
    pen.rectangle(strip, fill=(238, 224, 190), outline=studio.palette.near, width=pixels(image, 2))
    box = (left + unit * 0.004, unit * 0.285, left + unit * 0.051, unit * 0.332)
    pen.rounded_rectangle(box, unit * 0.008, fill=(190, 44, 36))
    for n in range(5):
        y, wide = strip[1] + unit * (0.026 + 0.04 * n), unit * studio.chance.uniform(0.016, 0.03)
        middle = left + unit * 0.0275
        pen.line((middle - wide / 2, y, middle + wide / 2, y), fill=studio.palette.near, width=pixels(image, 4))
        pen.line(
            (middle, y - unit * 0.01, middle - unit * 0.004, y + unit * 0.014),
            fill=studio.palette.near,
            width=pixels(image, 4),
        )
    pen.line(
        (box[0] + unit * 0.012, box[1] + unit * 0.014, box[2] - unit * 0.012, box[1] + unit * 0.014),
        fill=(250, 232, 220),
        width=pixels(image, 4),
    )
    pen.line(
        (left + unit * 0.0275, box[1] + unit * 0.01, left + unit * 0.0275, box[3] - unit * 0.01),
        fill=(250, 232, 220),
        width=pixels(image, 4),
    )
    return signed


def gears(image: Image.Image, studio: Studio) -> Image.Image:
    """Brass wheels in the corners."""

    def draw(pen: ImageDraw.ImageDraw, size: Size) -> None:
        (width, height), unit = size, min(size)
        for x, y, radius in (
            (0.0, height, 0.24),
            (unit * 0.25, height, 0.12),
            (width, 0.0, 0.2),
            (width, unit * 0.25, 0.1),
            (width, height, 0.1),
        ):
            _wheel(pen, x, y, unit * radius, studio.chance.random())

    wheels = mask(image.size, draw)
    shadow = blurred(ImageChops.offset(wheels, pixels(image, 4), pixels(image, 6)), pixels(image, 7))
    metal = laid(flat(image.size, _BRASS), lit(blurred(wheels, pixels(image, 3)), 1.6 * min(image.size) / 1024))
    return Image.composite(metal, shaded(image, shadow, 0.6), wheels)


def _wheel(pen: ImageDraw.ImageDraw, x: float, y: float, radius: float, turn: float) -> None:
    teeth, rim = 24, []
    for n in range(teeth * 4):
        angle, reach = (n + turn) / (teeth * 4) * math.tau, radius if n % 4 < 2 else radius * 0.88
        rim.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    pen.polygon(rim, fill=255)
    for n in range(6):
        angle = (n + turn) / 6 * math.tau
        disc(pen, x + radius * 0.52 * math.cos(angle), y + radius * 0.52 * math.sin(angle), radius * 0.2, 0)
    disc(pen, x, y, radius * 0.14, 0)


def sparkles(image: Image.Image, studio: Studio, *, count: int = 46, colour: Colour = (255, 246, 206)) -> Image.Image:
    """Little lights in the air."""
    chance = studio.chance

    def draw(pen: ImageDraw.ImageDraw, size: Size) -> None:
        for _ in range(count):
            x, y = (chance.random() * side for side in size)
            long = min(size) * (0.006 + 0.024 * chance.random() ** 3)
            thin = long * 0.14
            pen.polygon([(x, y - long), (x + thin, y), (x, y + long), (x - thin, y)], fill=255)
            pen.polygon([(x - long, y), (x, y + thin), (x + long, y), (x, y - thin)], fill=255)

    stars = mask(image.size, draw)
    return inked_light(image, glowing(stars, pixels(image, 5)), colour)


def vines(image: Image.Image, studio: Studio) -> Image.Image:
    """Leaves that hang into the picture from above."""
    chance, palette = studio.chance, studio.palette
    hung = image.copy()
    for tone, long in ((0.2, 0.3), (0.75, 0.2)):
        colour = mix(palette.far, palette.near, tone)

        def draw(pen: ImageDraw.ImageDraw, size: Size, long: float = long) -> None:
            (width, height), unit = size, min(size)
            for _ in range(round(11 * width / unit)):
                x, reach = chance.random() * width, height * long * chance.uniform(0.3, 1)
                for n in range(round(reach / (unit * 0.016))):
                    y, bend, leaf = n * unit * 0.016, unit * 0.012 * math.sin(n * 0.5), unit * 0.014
                    side = leaf if n % 2 else -leaf
                    box = (x + bend + min(side, 0) * 1.6, y - leaf * 0.5, x + bend + max(side, 0) * 1.6, y + leaf * 0.6)
                    pen.ellipse(box, fill=255)

        hung = inked(mask(image.size, draw), colour, hung)
    return hung


def window(image: Image.Image, studio: Studio) -> Image.Image:
    """Vaporwave: a piece of the picture in a window of an old desktop."""
    wide, tall = round(image.width * 0.36), round(image.height * 0.3)
    left, top, bar = round(image.width * 0.57), round(image.height * 0.1), pixels(image, 32)
    edge = pixels(image, 4)
    opened = image.copy()
    pen = ImageDraw.Draw(opened)
    pen.rectangle(
        (left + edge * 2, top + edge * 2, left + wide + edge * 2, top + tall + edge * 2),
        fill=mix(studio.palette.near, (0, 0, 0), 0.3),
    )
    pen.rectangle(
        (left, top, left + wide, top + tall), fill=(206, 200, 214), outline=(250, 250, 255), width=edge // 2 or 1
    )
    pen.rectangle((left + edge, top + edge, left + wide - edge, top + bar), fill=studio.palette.near)
    for n in range(3):
        right = left + wide - edge * 2 - n * bar * 0.85
        pen.rectangle((right - bar * 0.62, top + edge * 2, right, top + bar - edge), fill=(222, 216, 228))
    inner = (wide - edge * 2, tall - bar - edge * 2)
    piece = ImageChops.invert(image).resize(
        inner, Image.Resampling.BILINEAR, (0, image.height * 0.3, image.width, image.height * 0.95), reducing_gap=2
    )
    opened.paste(piece, (left + edge, top + bar + edge))
    return opened
