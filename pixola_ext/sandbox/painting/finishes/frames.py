"""What is set around a picture: frames, arches, margins."""

import math
from typing import Final

from PIL import Image, ImageChops, ImageDraw

from ..canvas import Point
from ..palettes import Colour, mix
from ..studio import Size, Studio, disc, mask, pixels
from ..surfaces import laid
from ..tones import blurred, flat, inked, weaker

_GOLD: Final[Colour] = (222, 178, 92)


def fans(image: Image.Image, studio: Studio) -> Image.Image:
    """Art deco: gold lines, stepped corners, fans above and below."""

    def draw(pen: ImageDraw.ImageDraw, size: Size) -> None:
        (width, height), unit = size, min(size)
        wide = max(1, round(unit / 260))
        for inset in (0.025, 0.04, 0.062):
            away = unit * inset
            pen.rectangle((away, away, width - away, height - away), outline=255, width=wide)
        for x, y, start in ((0, 0, 0), (width, 0, 90), (width, height, 180), (0, height, 270)):
            for ring in range(1, 7):
                radius = unit * (0.03 * ring + 0.02)
                box = (x - radius, y - radius, x + radius, y + radius)
                pen.arc(box, start, start + 90, fill=255, width=wide)
            for ray in range(1, 6):
                angle, reach = math.radians(start + ray * 15), unit * 0.2
                near = (x + math.cos(angle) * reach * 0.55, y + math.sin(angle) * reach * 0.55)
                pen.line((*near, x + math.cos(angle) * reach, y + math.sin(angle) * reach), 255, wide)

    def corners(pen: ImageDraw.ImageDraw, size: Size) -> None:
        for x, y in ((0, 0), (size[0], 0), size, (0, size[1])):
            disc(pen, x, y, min(size) * 0.2)

    dark = inked(mask(image.size, corners), (14, 16, 24), image)
    return inked(mask(image.size, draw), _GOLD, dark)


def arch(image: Image.Image, studio: Studio) -> Image.Image:
    """Gothic: seen through a pointed window in a dark wall, with its tracery."""
    wall = laid(flat(image.size, mix(studio.palette.near, (36, 36, 46), 0.6)), _masonry(image, studio))
    opening = mask(image.size, lambda pen, size: pen.polygon(_lancet(size, 1), fill=255))
    return inked(mask(image.size, _tracery), (16, 16, 24), Image.composite(image, wall, opening))


def _lancet(size: Size, share: float) -> list[Point]:
    """A window with a pointed arch, narrowed to `share`."""
    middle, half, spring, foot = size[0] / 2, size[0] * 0.39 * share, size[1] * 0.46, size[1] * 0.95
    rise = min(size[1] * 0.41, size[0] * 0.675) * share
    turns = [n / 24 * math.pi / 3 for n in range(25)]  # each side is a sixth of a circle
    rim = [(middle + half * (2 * math.cos(turn) - 1), spring - rise * math.sin(turn) / 0.866) for turn in turns]
    return [(middle + half, foot), *rim, *((2 * middle - x, y) for x, y in reversed(rim)), (middle - half, foot)]


def _tracery(pen: ImageDraw.ImageDraw, size: Size) -> None:
    wide, middle, spring, foot = max(1, round(min(size) / 110)), size[0] / 2, size[1] * 0.46, size[1] * 0.95
    for share in (1.0, 0.94):
        pen.line(_lancet(size, share), fill=255, width=wide, joint="curve")
    for side, top in ((-1, spring - size[1] * 0.18), (0, spring), (1, spring - size[1] * 0.18)):
        pen.line((middle + side * size[0] * 0.195, top, middle + side * size[0] * 0.195, foot), 255, wide)
    radius = size[0] * 0.1
    pen.ellipse((middle - radius, spring - radius * 2.2, middle + radius, spring - radius * 0.2), None, 255, wide)


def _masonry(image: Image.Image, studio: Studio) -> Image.Image:
    sheet = Image.new("L", image.size, 128)
    pen, tall = ImageDraw.Draw(sheet), min(image.size) * 0.044
    for row in range(round(image.height / tall) + 1):
        x = -studio.chance.random() * tall * 2
        while x < image.width:
            wide, tone = tall * studio.chance.uniform(1.4, 2.3), studio.chance.randint(-16, 16)
            stone = (x, row * tall, x + wide, (row + 1) * tall)
            pen.rectangle(stone, fill=128 + tone, outline=84, width=pixels(image, 2))
            x += wide
    return sheet


def whiplash(image: Image.Image, studio: Studio) -> Image.Image:
    """Art nouveau: a panel with rounded shoulders, framed by winding stems and leaves."""
    palette = studio.palette

    def panel(pen: ImageDraw.ImageDraw, size: Size) -> None:
        unit = min(size)
        box = (unit * 0.085, unit * 0.085, size[0] - unit * 0.085, size[1] - unit * 0.11)
        pen.rounded_rectangle(box, unit * 0.24, fill=255, corners=(True, True, False, False))

    def stems(pen: ImageDraw.ImageDraw, size: Size) -> None:
        (width, height), unit = size, min(size)
        thick, side = max(1, round(unit / 150)), unit * 0.085
        for mirrored in (False, True):
            for phase in (0.0, math.pi):
                path = []
                for n in range(97):
                    y, swing = height - n / 96 * height, math.sin(n / 96 * height / unit * 9 + phase)
                    x = side * (0.5 + 0.34 * swing)
                    path.append((width - x if mirrored else x, y))
                pen.line(path, fill=255, width=thick, joint="curve")
                for x, y in path[6::8]:
                    leaf = unit * 0.016
                    pen.ellipse((x - leaf * 0.6, y - leaf * 1.5, x + leaf * 0.6, y + leaf * 1.5), fill=255)

    sheet = flat(image.size, mix(palette.sky[0], palette.far, 0.25))
    opening = mask(image.size, panel)
    rim = ImageChops.subtract(weaker(blurred(opening, pixels(image, 5)), 25), opening)
    framed = inked(rim, palette.near, Image.composite(image, sheet, opening))
    return inked(ImageChops.subtract(mask(image.size, stems), opening), palette.near, framed)


def gilded(image: Image.Image, studio: Studio) -> Image.Image:
    """A carved and gilded frame."""
    frame, unit = image.copy(), min(image.size)
    pen = ImageDraw.Draw(frame)
    for n in range(26):
        inset, tone = round(unit * 0.062 * n / 26), 0.5 + 0.5 * math.sin(n * 0.72 + 0.8)
        colour = mix((64, 40, 14), (244, 206, 120), tone)
        pen.rectangle(
            (inset, inset, image.width - inset - 1, image.height - inset - 1), outline=colour, width=pixels(image, 3)
        )
    return frame


def plate_mark(image: Image.Image, studio: Studio, *, sheet: Colour = (238, 230, 212)) -> Image.Image:
    """The margin of a print, and the edge that the plate pressed into it."""
    side = pixels(image, 44)
    printed = flat(image.size, sheet)
    printed.paste(image.crop((side, side, image.width - side, image.height - side)), (side, side))
    box = (side, side, image.width - side, image.height - side)
    ImageDraw.Draw(printed).rectangle(box, outline=mix(sheet, (60, 50, 40), 0.35), width=pixels(image, 2.5))
    return printed
