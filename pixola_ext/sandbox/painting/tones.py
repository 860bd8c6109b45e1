"""Tone and colour: curves, gradients of ink, spot colours, contours, blur."""

from collections.abc import Callable, Sequence
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from .palettes import Colour, mix

_SAMPLE: Final = (96, 96)  # enough of a picture to choose its spot colours from
_GREY: Final = (0.299, 0.587, 0.114)


def table(tone: Callable[[int], float]) -> list[int]:
    """What `Image.point` wants: the new tone of each level, within bounds."""
    return [round(min(max(tone(level), 0), 255)) for level in range(256)]


def grade(
    image: Image.Image, *, saturation: float = 1, contrast: float = 1, warmth: float = 0, lift: float = 0
) -> Image.Image:
    """Saturation, contrast, warmth and lift in one colour matrix; `warmth` and `lift` in levels of 255."""
    offset = 128 * (1 - contrast) + lift
    rows = []
    for channel, tint in enumerate((warmth, 0, -warmth)):
        shares = [contrast * (1 - saturation) * grey for grey in _GREY]
        shares[channel] += contrast * saturation
        rows += [*shares, offset + tint]
    return image.convert("RGB", tuple(rows))


def curve(image: Image.Image, *, gamma: float = 1, low: int = 0, high: int = 255) -> Image.Image:
    """Tones bent by `gamma` and squeezed between `low` and `high`."""
    return image.point(table(lambda value: low + (high - low) * (value / 255) ** gamma) * len(image.getbands()))


def greys(image: Image.Image) -> Image.Image:
    """Tones alone, stretched from black to white: what is drawn in one ink needs all of them."""
    return ImageOps.autocontrast(image.convert("L"), cutoff=1)


def threshold(grey: Image.Image, level: float, softness: float = 16) -> Image.Image:
    """Black below `level`, white above, smooth over `softness` levels."""
    return grey.point(table(lambda value: ((value - level) / softness + 0.5) * 255))


def mapped(image: Image.Image, colours: Sequence[Colour]) -> Image.Image:
    """Tones replaced by a gradient of colours, dark to light."""
    last = len(colours) - 1
    stops = [value / 255 * last for value in range(256)]
    row = [
        mix(colours[min(int(stop), last - 1)], colours[min(int(stop), last - 1) + 1], stop - min(int(stop), last - 1))
        for stop in stops
    ]
    grey = image.convert("L")
    return Image.merge("RGB", [grey.point([colour[channel] for colour in row]) for channel in range(3)])


def spots(image: Image.Image, count: int) -> Image.Image:
    """The picture in `count` flat colours of its own."""
    chosen = image.resize(_SAMPLE, Image.Resampling.BOX).quantize(count, Image.Quantize.MEDIANCUT)
    return image.quantize(palette=chosen, dither=Image.Dither.NONE).convert("RGB")


def flat(size: tuple[int, int], colour: Colour) -> Image.Image:
    """A picture of one colour."""
    return Image.new("RGB", size, colour)


def inked(ink: Image.Image, colour: Colour, on: Image.Image) -> Image.Image:
    """A picture with `colour` where the mask `ink` is white."""
    return Image.composite(flat(on.size, colour), on, ink)


def weaker(sheet: Image.Image, share: float) -> Image.Image:
    """A mask of which `share` is left."""
    return sheet.point(table(lambda level: level * share))


def shaded(image: Image.Image, shadow: Image.Image, share: float) -> Image.Image:
    """A picture darkened by `share` where the mask `shadow` is white."""
    return dimmed(image, shadow.point(table(lambda level: 255 - level * share)))


def dimmed(image: Image.Image, light: Image.Image) -> Image.Image:
    """A picture of which as much is left as the mask `light` says."""
    return ImageChops.multiply(image, Image.merge("RGB", (light, light, light)))


def blurred(image: Image.Image, radius: float) -> Image.Image:
    """The picture blurred; large radii are computed on a smaller copy, which makes no visible difference."""
    factor = max(1, round(radius))
    small = image.reduce(factor) if factor > 1 else image
    soft = small.filter(ImageFilter.GaussianBlur(radius / factor))
    return soft.resize(image.size, Image.Resampling.BILINEAR) if factor > 1 else soft


def contours(image: Image.Image, thickness: float, sensitivity: float = 1.0) -> Image.Image:
    """A mask of the lines between the shapes, `thickness` pixels wide."""
    red, _, blue = image.split()
    lines = Image.blend(red, blue, 0.35).filter(ImageFilter.FIND_EDGES)
    ImageDraw.Draw(lines).rectangle((0, 0, lines.width - 1, lines.height - 1), outline=0)  # kernels leave the rim
    strong = threshold(lines, 16 / sensitivity, 18)
    if thickness <= 1:
        return strong
    wide = strong.filter(ImageFilter.BoxBlur(thickness / 2))
    return threshold(wide, 48, 56)
