"""Surfaces, all from a seeded source: noise, paper, cloth, screens; and the light that falls on them.

Each is an image of mode L. Heights and screens are grey around 128, so that they can be laid over anything.
"""

import math
from collections.abc import Callable
from random import Random
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from .tones import table

Size = tuple[int, int]

_SPREAD: Final = 1.7  # octaves average each other out; so much contrast brings them back
_FINE: Final = 3  # pixels; above it straight interpolation shows
_LIT: Final = ImageFilter.Kernel((3, 3), (-1, -1, 0, -1, 0, 1, 0, 1, 1), scale=1, offset=128)  # from the upper left


def noise(size: Size, chance: Random, cell: float = 1, stretch: float = 1) -> Image.Image:
    """Grain, one value for `cell` pixels and smooth between them; `stretch` draws it out sidewards."""
    width, height = max(2, math.ceil(size[0] / (cell * stretch))), max(2, math.ceil(size[1] / cell))
    grid = _random(width, height, chance)
    return (
        grid
        if grid.size == size
        else grid.resize(size, Image.Resampling.BICUBIC if cell > _FINE else Image.Resampling.BILINEAR)
    )


def _random(width: int, height: int, chance: Random) -> Image.Image:
    """Takes the same from `chance` whatever the size, so that in HD all that follows is the same."""
    seeded = Random(chance.getrandbits(64))  # noqa: S311  (textures, not secrets)
    return Image.frombytes("L", (width, height), seeded.randbytes(width * height))


def speckle(size: Size, chance: Random, cell: int) -> Image.Image:
    """Grain in hard little squares."""
    width, height = math.ceil(size[0] / cell), math.ceil(size[1] / cell)
    grid = _random(width, height, chance)
    return grid.resize((width * cell, height * cell), Image.Resampling.NEAREST).crop((0, 0, *size))


def clouds(size: Size, chance: Random, cell: float) -> Image.Image:
    """Noise in three octaves: stains, mist, plaster."""
    small = (max(4, size[0] // 4), max(4, size[1] // 4))
    sheet = noise(small, chance, cell / 4)
    for octave, share in ((2, 0.4), (4, 0.25)):
        sheet = Image.blend(sheet, noise(small, chance, max(cell / 4 / octave, 1)), share)
    return softened(sheet, _SPREAD).resize(size, Image.Resampling.BILINEAR)


def softened(sheet: Image.Image, share: float) -> Image.Image:
    """The sheet with its contrast around 128 reduced to `share`."""
    return sheet.point(table(lambda level: 128 + (level - 128) * share))


def lit(height: Image.Image, depth: float) -> Image.Image:
    """A height map as light and shadow around 128."""
    light = height.filter(_LIT)
    ImageDraw.Draw(light).rectangle((0, 0, light.width - 1, light.height - 1), outline=128)  # kernels leave the rim
    return softened(light, depth)


def together(one: Image.Image, other: Image.Image) -> Image.Image:
    """Two grey sheets added to one."""
    return ImageChops.add(one, other, 1, -128)


def laid(image: Image.Image, sheet: Image.Image) -> Image.Image:
    """A picture with a grey sheet over it: darker below 128, lighter above."""
    return ImageChops.hard_light(image, Image.merge("RGB", (sheet, sheet, sheet)))


def soaked(image: Image.Image, sheet: Image.Image) -> Image.Image:
    """A picture with a grey sheet over it as soft light: deep shadows and highlights stay."""
    return ImageChops.soft_light(image, Image.merge("RGB", (sheet, sheet, sheet)))


def paper(size: Size, chance: Random, cell: float, depth: float) -> Image.Image:
    """Rough paper under a raking light."""
    return lit(noise(size, chance, cell), depth)


def tiled(size: Size, tile: Image.Image) -> Image.Image:
    """A tile from edge to edge, doubling what is laid."""
    sheet = Image.new(tile.mode, size)
    sheet.paste(tile)
    width, height = tile.size
    while width < size[0]:
        sheet.paste(sheet.crop((0, 0, width, height)), (width, 0))
        width *= 2
    while height < size[1]:
        sheet.paste(sheet.crop((0, 0, size[0], height)), (0, height))
        height *= 2
    return sheet


def pattern(size: Size, pitch: int, value: Callable[[float, float], float]) -> Image.Image:
    """A tile of `pitch` pixels computed from `value(x, y)`, all from 0 to 1."""
    steps = [(n + 0.5) / pitch for n in range(pitch)]
    tile = Image.new("L", (pitch, pitch))
    tile.putdata([round(min(max(value(x, y), 0), 1) * 255) for y in steps for x in steps])
    return tiled(size, tile)


def weave(size: Size, pitch: int) -> Image.Image:
    """Cloth: threads over and under."""

    def height(x: float, y: float) -> float:
        over = (x < 0.5) == (y < 0.5)
        return (math.sin(math.tau * y) ** 2 if over else math.sin(math.tau * x) ** 2) * 0.8 + 0.1

    return pattern(size, max(pitch, 4), height)


def dots(size: Size, pitch: int) -> Image.Image:
    """A halftone screen at 45 degrees; light in the middle of each dot."""

    def height(x: float, y: float) -> float:
        return 0.5 + (math.cos(math.tau * (x + y)) + math.cos(math.tau * (x - y))) / 4

    return pattern(size, max(pitch, 4), height)


def hatching(size: Size, pitch: int, slope: int) -> Image.Image:
    """Ruled lines: `slope` 0 across, 1 and -1 diagonal."""
    return pattern(size, max(pitch, 3), lambda x, y: 0.5 + math.cos(math.tau * (y + slope * x)) / 2)


def wavering(size: Size, pitch: int, phase: Image.Image, swing: float) -> Image.Image:
    """Lines across that follow `phase`, an image: it moves them by up to `swing` pitches."""
    ramp = pattern(size, max(pitch, 3), lambda _, y: y)
    moved = ImageChops.add_modulo(ramp, phase.point(table(lambda level: level * swing % 256)))
    return moved.point(table(lambda level: 127.5 + 127.5 * math.cos(level / 256 * math.tau)))


def screened(grey: Image.Image, screen: Image.Image, softness: float) -> Image.Image:
    """Tone as ink through a screen: a mask, white where ink is left; `softness` of its edges in levels."""
    return Image.blend(grey, screen, 0.5).point(table(lambda level: ((127.5 - level) / softness + 0.5) * 255))


def vignette(size: Size, strength: float) -> Image.Image:
    """Light that falls off towards the corners, as a sheet below 128."""
    fall = Image.radial_gradient("L").point(table(lambda level: 128 - 128 * strength * (level / 255) ** 2.2))
    return fall.resize(size, Image.Resampling.BILINEAR)
