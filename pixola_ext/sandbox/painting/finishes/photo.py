"""Photography: lens, film, darkroom."""

import math

from PIL import Image, ImageChops, ImageDraw

from ..palettes import Colour, mix
from ..studio import Size, Studio, disc, mask, pixels
from ..surfaces import clouds, laid, noise, soaked, softened, speckle, together, vignette
from ..tones import blurred, curve, flat, grade, mapped, table, weaker


def lens(
    image: Image.Image, studio: Studio, *, bloom: float = 0.35, falloff: float = 0.3, grain: float = 0.06
) -> Image.Image:
    """Highlights bleed, corners darken, the air has depth and the film grain; all are shares."""
    size, chance = image.size, studio.chance
    haze = curve(blurred(image, pixels(image, 26)), gamma=1.8, high=round(255 * bloom))
    film = Image.blend(speckle(size, chance, 2), clouds(size, chance, pixels(image, 200)), 0.66)
    sheet = together(softened(film, grain * 2), vignette(size, falloff))
    return laid(ImageChops.screen(image, haze), sheet)


def grain(image: Image.Image, studio: Studio, *, amount: float = 0.1) -> Image.Image:
    """The grain of film."""
    return laid(image, softened(speckle(image.size, studio.chance, 2), amount * 0.7))


def silver(image: Image.Image, studio: Studio, *, contrast: float = 1.2, tint: Colour = (128, 128, 128)) -> Image.Image:
    """Black and white, faintly toned."""
    grey = grade(image, saturation=0, contrast=contrast)
    return mapped(grey, [(8, 8, 9), mix((120, 120, 120), tint, 0.5), (250, 249, 246)])


def blinds(image: Image.Image, studio: Studio) -> Image.Image:
    """Hard light through a blind, and the rest in shadow."""
    tilt = studio.chance.uniform(0.1, 0.24)

    def draw(pen: ImageDraw.ImageDraw, size: Size) -> None:
        width, height = size
        for n in range(-3, 13):
            top = height * (n + 0.2) / 11
            slope = width * tilt
            pen.polygon(
                [(0, top), (width, top + slope), (width, top + slope + height / 22), (0, top + height / 22)], fill=255
            )

    bars = blurred(mask(image.size, draw), pixels(image, 3))
    spot = vignette(image.size, 0.95).point(table(lambda value: value * 2))
    dark = grade(image, contrast=0.9, lift=-74)
    return Image.composite(
        Image.blend(image, grade(image, contrast=1.3, lift=18), 0.7), dark, ImageChops.multiply(bars, spot)
    )


def instant(image: Image.Image, studio: Studio) -> Image.Image:
    """An instant print: faded chemistry in a white frame."""
    side, foot = pixels(image, 56), pixels(image, 190)
    faded = grade(image, saturation=0.8, contrast=0.82, warmth=14, lift=18)
    aged = soaked(faded, softened(clouds(image.size, studio.chance, pixels(image, 300)), 0.3))
    framed = flat(image.size, (244, 242, 234))
    inner = (image.width - side * 2, image.height - side - foot)
    box = _fitting(image.size, inner)
    framed.paste(
        soaked(aged, vignette(image.size, 0.5)).resize(inner, Image.Resampling.BILINEAR, box, reducing_gap=2),
        (side, side),
    )
    ImageDraw.Draw(framed).rectangle(
        (side, side, side + inner[0], side + inner[1]), outline=(206, 202, 192), width=pixels(image, 2)
    )
    return laid(framed, softened(noise(image.size, studio.chance, pixels(image, 3)), 0.035))


def _fitting(size: tuple[int, int], into: tuple[int, int]) -> tuple[float, float, float, float]:
    """The largest middle part of `size` that has the proportions of `into`."""
    share = min(size[0] / into[0], size[1] / into[1])
    width, height = into[0] * share, into[1] * share
    left, top = max((size[0] - width) / 2, 0), max((size[1] - height) / 2, 0)
    return left, top, min(left + width, size[0]), min(top + height, size[1])


def shallow(image: Image.Image, studio: Studio) -> Image.Image:
    """Very close: only the middle is sharp, lights behind it become discs."""
    soft = blurred(image, pixels(image, 22))

    def draw(pen: ImageDraw.ImageDraw, size: Size) -> None:
        for _ in range(26):
            x, y = (studio.chance.random() * side for side in size)
            disc(pen, x, y, min(size) * studio.chance.uniform(0.015, 0.06), studio.chance.randint(40, 110))

    discs = mask(image.size, draw)
    lights = inked_light(soft, discs, mix(studio.palette.light, (255, 255, 255), 0.3))
    sharp = Image.radial_gradient("L").point(table(lambda value: 255 - (value - 70) / 60 * 255))
    return Image.composite(
        grade(image, saturation=1.2, contrast=1.08), lights, sharp.resize(image.size, Image.Resampling.BILINEAR)
    )


def inked_light(image: Image.Image, light: Image.Image, colour: Colour) -> Image.Image:
    """Light of one colour added through a mask."""
    return ImageChops.screen(image, Image.composite(flat(image.size, colour), flat(image.size, (0, 0, 0)), light))


def glowing(lights: Image.Image, radius: float) -> Image.Image:
    """A mask of lights with a halo around each."""
    return ImageChops.lighter(lights, weaker(blurred(lights, radius), 2))


def streaked(image: Image.Image, studio: Studio) -> Image.Image:
    """Long exposure: what moves is drawn out, lights leave trails."""
    drawn_out = image.resize((max(image.width // 90, 2), image.height), Image.Resampling.BOX).resize(
        image.size, Image.Resampling.BILINEAR
    )
    fall = Image.linear_gradient("L").point(table(lambda value: min((value - 120) * 4, 235)))
    smooth = Image.composite(drawn_out, image, fall.resize(image.size))
    chance = studio.chance

    def draw(pen: ImageDraw.ImageDraw, size: Size) -> None:
        width, height = size
        for _ in range(18):
            y, bend = height * chance.uniform(0.8, 0.99), height * chance.uniform(-0.07, -0.02)
            path = [(x / 24 * width, y + bend * math.sin(x / 24 * math.pi)) for x in range(25)]
            pen.line(path, chance.randint(70, 220), max(1, round(chance.uniform(0.4, 2.4) * min(size) / 700)))

    trails = mask(image.size, draw)
    glow = ImageChops.lighter(trails, blurred(trails, pixels(image, 6)))
    return inked_light(smooth, glow, mix(studio.palette.accent, studio.palette.light, 0.35))


def doubled(image: Image.Image, studio: Studio) -> Image.Image:
    """Two pictures on one negative: the second shows where the first is dark."""
    second = grade(studio.another(), saturation=0.6, contrast=0.77, lift=-22)
    both = ImageChops.screen(grade(image, saturation=0.5, contrast=1.35, lift=-18), second)
    toned = mapped(both, [studio.palette.near, studio.palette.far, (250, 246, 238)])
    film = softened(speckle(image.size, studio.chance, 2), 0.05)
    return laid(Image.blend(both, toned, 0.45), together(film, vignette(image.size, 0.2)))


def heat(image: Image.Image, studio: Studio) -> Image.Image:
    """Infrared film: foliage and land white, sky black, with a glow."""
    grey = image.convert("L")
    sky = Image.linear_gradient("L").resize(image.size)
    swapped = Image.composite(
        curve(ImageChops.invert(grey), gamma=0.6),
        curve(grey, gamma=1.9, high=170),
        sky.point(table(lambda value: (value - 105) / 50 * 255)),
    )
    lit = ImageChops.screen(swapped, curve(blurred(swapped, pixels(image, 18)), gamma=1.4, high=130))
    return mapped(lit, [(16, 8, 26), (98, 40, 78), (226, 150, 172), (255, 240, 240)])


def miniature(image: Image.Image, studio: Studio) -> Image.Image:
    """A narrow band in focus, colours of a toy."""
    toy = grade(image, saturation=1.55, contrast=1.12, lift=6)
    band = Image.linear_gradient("L").point(table(lambda value: (abs(value - 158) - 18) / 34 * 255))
    far = Image.linear_gradient("L").point(table(lambda value: (abs(value - 158) - 62) / 60 * 255))
    near = Image.composite(blurred(toy, pixels(image, 7)), toy, band.resize(image.size))
    return Image.composite(blurred(toy, pixels(image, 18)), near, far.resize(image.size))
