"""What is set around a picture: frames, arches, margins."""

import math
from typing import Final

from PIL import Image, ImageChops, ImageDraw

from ..palettes import Colour, mix
from ..studio import Studio, mask, pixels
from ..surfaces import laid
from ..tones import blurred, flat, inked, weaker

_GOLD: Final[Colour] = (222, 178, 92)


def fans(image: Image.Image, studio: Studio) -> Image.Image:
    """Art deco: gold lines, stepped corners, fans above and below."""
    width, height = image.size
    unit = min(image.size)

    def draw(pen: ImageDraw.ImageDraw, scale: float) -> None:
        wide = max(1, round(unit * scale / 260))
        for inset in (0.025, 0.04, 0.062):
            away = unit * inset * scale
            pen.rectangle((away, away, width * scale - away, height * scale - away), outline=255, width=wide)
        for x, y, start in ((0, 0, 0), (width, 0, 90), (width, height, 180), (0, height, 270)):
            for ring in range(1, 7):
                radius = unit * scale * (0.03 * ring + 0.02)
                box = (x * scale - radius, y * scale - radius, x * scale + radius, y * scale + radius)
                pen.arc(box, start, start + 90, fill=255, width=wide)
            for ray in range(1, 6):
                angle, reach = math.radians(start + ray * 15), unit * scale * 0.2
                near = (x * scale + math.cos(angle) * reach * 0.55, y * scale + math.sin(angle) * reach * 0.55)
                pen.line(
                    (*near, x * scale + math.cos(angle) * reach, y * scale + math.sin(angle) * reach),
                    fill=255,
                    width=wide,
                )

    def corners(pen: ImageDraw.ImageDraw, scale: float) -> None:
        radius = unit * scale * 0.2
        for x, y in ((0, 0), (width, 0), (width, height), (0, height)):
            pen.ellipse((x * scale - radius, y * scale - radius, x * scale + radius, y * scale + radius), fill=255)

    dark = inked(mask(image.size, corners), (14, 16, 24), image)
    return inked(mask(image.size, draw), _GOLD, dark)


def arch(image: Image.Image, studio: Studio) -> Image.Image:
    """Gothic: seen through a pointed window in a dark wall, with its tracery."""
    width, height = image.size
    left, right, spring, foot = width * 0.11, width * 0.89, height * 0.46, height * 0.95
    span = right - left
    rise = min(height * 0.41, span * 0.866)

    def outline(share: float) -> list[tuple[float, float]]:
        """The window, narrowed to `share`."""
        middle, half = (left + right) / 2, span / 2 * share
        steps = [n / 24 for n in range(25)]
        lean = [(math.cos(step * math.pi / 3), math.sin(step * math.pi / 3) / 0.866) for step in steps]
        rim = [(middle + half * (2 * cos - 1), spring - rise * share * sin) for cos, sin in lean]
        return [(middle + half, foot), *rim, *((2 * middle - x, y) for x, y in reversed(rim)), (middle - half, foot)]

    def opening(pen: ImageDraw.ImageDraw, scale: float) -> None:
        pen.polygon([(x * scale, y * scale) for x, y in outline(1)], fill=255)

    def tracery(pen: ImageDraw.ImageDraw, scale: float) -> None:
        wide = max(1, round(min(image.size) * scale / 110))
        for share in (1.0, 0.94):
            pen.line([(x * scale, y * scale) for x, y in outline(share)], fill=255, width=wide, joint="curve")
        middle, top = width / 2 * scale, spring * scale
        for n in (-1, 0, 1):
            pen.line(
                (
                    middle + n * span / 4 * scale,
                    top - (rise * 0.45 if n else 0) * scale,
                    middle + n * span / 4 * scale,
                    foot * scale,
                ),
                fill=255,
                width=wide,
            )
        radius = span * 0.13 * scale
        pen.ellipse((middle - radius, top - radius * 2.2, middle + radius, top - radius * 0.2), outline=255, width=wide)

    wall = laid(flat(image.size, mix(studio.palette.near, (36, 36, 46), 0.6)), _masonry(image, studio))
    return inked(mask(image.size, tracery), (16, 16, 24), Image.composite(image, wall, mask(image.size, opening)))


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
    width, height = image.size
    unit, palette = min(image.size), studio.palette
    side, head, foot = unit * 0.085, unit * 0.085, unit * 0.11

    def panel(pen: ImageDraw.ImageDraw, scale: float) -> None:
        box = [value * scale for value in (side, head, width - side, height - foot)]
        pen.rounded_rectangle(box, unit * 0.24 * scale, fill=255, corners=(True, True, False, False))

    def stems(pen: ImageDraw.ImageDraw, scale: float) -> None:
        thick = max(1, round(unit * scale / 150))
        for mirrored in (False, True):
            for phase in (0.0, math.pi):
                path = []
                for n in range(97):
                    y, swing = height - n / 96 * height, math.sin(n / 96 * height / unit * 9 + phase)
                    x = side * (0.5 + 0.34 * swing)
                    path.append(((width - x if mirrored else x) * scale, y * scale))
                pen.line(path, fill=255, width=thick, joint="curve")
                for x, y in path[6::8]:
                    leaf = unit * scale * 0.016
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
