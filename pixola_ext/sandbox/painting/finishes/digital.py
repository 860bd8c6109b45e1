"""Screens and renderers: neon, grid, glitch, foil, soft 3D."""

from typing import Final

from PIL import Image, ImageChops, ImageDraw

from ..palettes import Colour, mix
from ..studio import Size, Studio, mask, pixels
from ..surfaces import clouds, hatching, laid, lit, soaked, softened, together, vignette
from ..tones import blurred, contours, curve, dimmed, flat, grade, mapped, shaded, spots, table, threshold, weaker
from .photo import glowing, inked_light

_CYAN: Final[Colour] = (34, 230, 255)
_BLACK: Final[Colour] = (0, 0, 0)


def tubes(image: Image.Image, studio: Studio) -> Image.Image:
    """Contours as glowing tubes in the dark."""
    size = image.size
    lines = contours(image, pixels(image, 3.2), 1.1)
    rainbow = mapped(
        clouds(size, studio.chance, pixels(image, 320)), [_CYAN, (255, 60, 200), (255, 190, 40), (120, 90, 255)]
    )
    dark = grade(image, saturation=0.9, contrast=0.35, lift=-92)
    glow = weaker(ImageChops.lighter(blurred(lines, pixels(image, 7)), blurred(lines, pixels(image, 26))), 1.8)
    lit_up = ImageChops.screen(dark, dimmed(rainbow, glow))
    return Image.composite(Image.blend(rainbow, flat(size, (255, 255, 255)), 0.55), lit_up, lines)


def rain(image: Image.Image, studio: Studio) -> Image.Image:
    """Slanting rain, and signs that bleed into wet air."""
    chance = studio.chance

    def fall(pen: ImageDraw.ImageDraw, size: Size) -> None:
        width, height = size
        for _ in range(420):
            x, y, long = chance.random() * width * 1.1, chance.random() * height, height * chance.uniform(0.02, 0.07)
            pen.line((x, y, x - long * 0.18, y + long), chance.randint(50, 130), max(1, round(min(size) / 900)))

    lights = flat((64, 64), _BLACK)
    pen = ImageDraw.Draw(lights)
    for _ in range(16):
        x, y = chance.randrange(64), chance.randrange(14, 60)
        colour = chance.choice([(255, 40, 150), (30, 220, 255), (150, 60, 255), (255, 150, 40)])
        pen.rectangle((x, y, x + chance.randint(1, 4), y + chance.randint(2, 9)), fill=colour)
    bled = blurred(lights, 2.4).resize(image.size, Image.Resampling.BICUBIC)
    wet = ImageChops.screen(image, curve(bled, gamma=0.8, high=190))
    return inked_light(wet, mask(image.size, fall), (170, 210, 255))


def lattice(image: Image.Image, studio: Studio, *, horizon: float = 0.68) -> Image.Image:
    """A glowing grid that runs to the horizon, below the picture."""

    def draw(pen: ImageDraw.ImageDraw, size: Size) -> None:
        width, low = size
        top, wide = low * horizon, max(1, round(min(size) / 420))
        for n in range(-24, 25):
            pen.line((width / 2 + n * width * 0.035, top, width / 2 + n * width * 0.24, low), 255, wide)
        for n in range(14):
            y = top + (low - top) * (n / 13) ** 2.2
            pen.line((0, y, width, y), 255, wide)

    lines = mask(image.size, draw)
    floor = flat(image.size, mix(studio.palette.near, studio.palette.far, 0.25))
    below = threshold(Image.linear_gradient("L").resize(image.size), 255 * horizon, 1)
    grounded = Image.composite(Image.blend(image, floor, 0.8), image, below)
    return inked_light(grounded, glowing(lines, pixels(image, 7)), studio.palette.accent)


def scanlines(image: Image.Image, studio: Studio, *, pitch: float = 4, depth: float = 0.35) -> Image.Image:
    """The lines of a tube."""
    return laid(image, softened(hatching(image.size, max(pixels(image, pitch), 3), 0), depth))


def torn(image: Image.Image, studio: Studio) -> Image.Image:
    """Glitch: channels apart, bands of lines displaced, blocks repeated."""
    away, chance = pixels(image, 10), studio.chance
    red, green, blue = grade(image, saturation=1.3, contrast=1.1).split()
    split = Image.merge("RGB", (ImageChops.offset(red, away, 0), green, ImageChops.offset(blue, -away, 0)))
    width, height = image.size
    for _ in range(26):
        top, tall = chance.randrange(height), max(1, round(height * chance.uniform(0.003, 0.035)))
        band = split.crop((0, top, width, min(top + tall, height)))
        split.paste(ImageChops.offset(band, round(width * chance.uniform(-0.14, 0.14)), 0), (0, top))
    for _ in range(16):
        left, top = chance.randrange(width), chance.randrange(height)
        right, low = left + round(width * chance.uniform(0.04, 0.2)), top + pixels(image, 9)
        box = (left, top, min(right, width), min(low, height))
        colour = chance.choice([(0, 255, 220), (255, 0, 120), (250, 250, 70)])
        split.paste(colour if chance.random() < 0.5 else ImageChops.invert(split.crop(box)), box)
    return scanlines(split, studio, depth=0.28)


def foil(image: Image.Image, studio: Studio) -> Image.Image:
    """Iridescent foil: hue follows tone and fold."""
    size = image.size
    grey = blurred(image.convert("L"), pixels(image, 2))
    folds = Image.blend(clouds(size, studio.chance, pixels(image, 300)), grey, 0.55)
    hue = folds.point(table(lambda value: value * 2 % 256))
    shine = curve(grey, gamma=0.6, low=150)
    spectrum = Image.merge("HSV", (hue, flat(size, (96, 96, 96)).convert("L"), shine)).convert("RGB")
    return Image.blend(laid(spectrum, lit(folds, 2.0 * min(size) / 1024)), image, 0.12)


def rounded(image: Image.Image, studio: Studio) -> Image.Image:
    """Soft studio shading: every shape swells, one large lamp, gentle shadow."""
    smooth, away = blurred(grade(spots(image, 20), saturation=1.12, lift=14), pixels(image, 2)), pixels(image, 9)
    grey = smooth.convert("L")
    height = blurred(grey, pixels(image, 9))
    edges = weaker(ImageChops.difference(grey, height), 2)
    shadow = blurred(ImageChops.offset(edges, away, away), pixels(image, 8))
    lamp = together(lit(height, 1.5 * min(image.size) / 1024), vignette(image.size, 0.35))
    return shaded(laid(smooth, lamp), shadow, 0.7)


def haze(image: Image.Image, studio: Studio, *, share: float = 0.35) -> Image.Image:
    """A glow over everything in the colour of the horizon."""
    soft = blurred(image, pixels(image, 30))
    veiled = Image.blend(image, ImageChops.screen(image, soft), share + 0.25)
    return Image.blend(veiled, flat(image.size, studio.palette.sky[2]), share * 0.35)


def nebula(image: Image.Image, studio: Studio) -> Image.Image:
    """Clouds of coloured light through everything."""
    size, palette = image.size, studio.palette
    gas = mapped(clouds(size, studio.chance, pixels(image, 340)), [_BLACK, _BLACK, _BLACK, palette.far, palette.accent])
    return ImageChops.screen(
        grade(image, contrast=0.9, lift=-22), soaked(gas, clouds(size, studio.chance, pixels(image, 90)))
    )
