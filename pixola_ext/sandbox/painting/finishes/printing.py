"""Print: screens, carved blocks, spot inks, halftone."""

from collections.abc import Sequence

from PIL import Image, ImageChops

from ..palettes import Colour, mix
from ..studio import Studio, pixels
from ..surfaces import clouds, dots, hatching, laid, noise, paper, screened, softened, speckle, wavering
from ..tones import contours, curve, flat, grade, greys, inked, mapped, spots, table, threshold


def carved(
    image: Image.Image, studio: Studio, *, pitch: float, colour: Colour = (26, 24, 22), sheet: Colour = (243, 236, 220)
) -> Image.Image:
    """A block cut along wavering lines, printed in one ink."""
    size = image.size
    grain = noise(size, studio.chance, pixels(image, 60), stretch=3)
    lines = wavering(size, pixels(image, pitch), grain, 1.6)
    grey = curve(greys(image), gamma=0.85, low=14, high=246)
    ink = ImageChops.lighter(screened(grey, softened(lines, 0.72), 22), contours(image, pixels(image, 3.5), 0.8))
    worn = ImageChops.multiply(ink, threshold(noise(size, studio.chance, 2), 24, 40))
    return inked(worn, colour, flat(size, sheet))


def gouged(image: Image.Image, studio: Studio) -> Image.Image:
    """Linocut: paper and two inks, with the marks of the gouge in the lighter one."""
    size, palette = image.size, studio.palette
    grey = greys(image)
    dark, middle = threshold(grey, 66, 8), threshold(grey, 150, 8)
    marks = threshold(noise(size, studio.chance, pixels(image, 5), stretch=5), 198, 20)
    light = mix(palette.accent, palette.light, 0.12)
    printed = Image.composite(flat(size, (247, 240, 224)), flat(size, light), ImageChops.lighter(middle, marks))
    cut = threshold(noise(size, studio.chance, pixels(image, 3.4), stretch=7), 218, 16)
    inky = inked(
        ImageChops.multiply(ImageChops.invert(dark), ImageChops.invert(cut)),
        mix(palette.near, (10, 20, 30), 0.6),
        printed,
    )
    return laid(inky, paper(size, studio.chance, 2, 0.05))


def registered(image: Image.Image, studio: Studio, *, colours: int, slip: float) -> Image.Image:
    """Flat spot colours, each printed a little beside the other."""
    away = pixels(image, slip)
    inky = grade(spots(image, colours), saturation=1.35, contrast=1.1)
    grey = image.convert("L")
    black = ImageChops.offset(ImageChops.invert(threshold(grey, 70, 6)), away, away)
    light = ImageChops.offset(threshold(grey, 205, 6), -away, away // 2)
    inky = inked(light, mix(studio.palette.light, (255, 255, 255), 0.3), inky)
    return starved(inked(black, studio.palette.near, inky), studio)


def starved(image: Image.Image, studio: Studio) -> Image.Image:
    """Ink that did not take everywhere."""
    pores = noise(image.size, studio.chance, 2).point(table(lambda value: 235 if value < 22 else 128))
    return laid(image, pores)


def riso(
    image: Image.Image, studio: Studio, *, inks: Sequence[Colour] = ((0, 120, 191), (255, 72, 130), (255, 220, 30))
) -> Image.Image:
    """Three translucent inks through a grainy screen, overlapping and out of register."""
    size, away = image.size, pixels(image, 4)
    sheet = flat(size, (246, 242, 231))
    grains = speckle(size, studio.chance, 2)
    screens = (grains, dots(size, pixels(image, 10)), ImageChops.offset(grains, size[0] // 3, size[1] // 3))
    for channel, screen, colour, shift in zip(image.split(), screens, inks, (0, away, -away), strict=True):
        ink = screened(curve(channel, gamma=0.85, low=24), softened(screen, 0.9), 70)
        sheet = ImageChops.multiply(
            sheet, inked(ImageChops.offset(ink, shift, shift // 2), colour, flat(size, (255, 255, 255)))
        )
    return sheet


def etched(image: Image.Image, studio: Studio) -> Image.Image:
    """Fine bitten lines over plate tone."""
    size = image.size
    grey = curve(greys(image), gamma=0.72, low=26, high=250)
    fine = wavering(size, pixels(image, 6), noise(size, studio.chance, pixels(image, 130)), 0.8)
    deep = screened(curve(grey, gamma=0.7), hatching(size, pixels(image, 7), 1), 40)
    ink = ImageChops.lighter(
        ImageChops.lighter(screened(grey, fine, 40), deep), contours(image, pixels(image, 1.6), 1.2)
    )
    plate = mapped(clouds(size, studio.chance, pixels(image, 180)), [(214, 200, 172), (232, 222, 200)])
    return inked(ink, (52, 38, 30), plate)


def halftone(
    image: Image.Image, studio: Studio, *, pitch: float, colours: int, outline: float, sheet: Colour = (255, 252, 240)
) -> Image.Image:
    """Loud flat colours, shaded with dots and held by heavy outlines."""
    size = image.size
    loud = grade(spots(image, colours), saturation=1.7, contrast=1.15, lift=14)
    shade = screened(curve(greys(image), low=30), dots(size, pixels(image, pitch)), 26)
    dotted = Image.composite(loud, Image.blend(loud, flat(size, sheet), 0.5), shade)
    return inked(contours(image, pixels(image, outline)), mix(studio.palette.near, (12, 10, 16), 0.6), dotted)


def screentone(image: Image.Image, studio: Studio) -> Image.Image:
    """Manga: ink, white, and dotted greys."""
    size = image.size
    grey = greys(image)
    ink = screened(curve(grey, gamma=0.75), softened(dots(size, pixels(image, 9)), 0.7), 26)
    solid = ImageChops.invert(threshold(grey, 48, 8))
    lines = contours(image, pixels(image, 3), 1.1)
    return inked(ImageChops.lighter(ImageChops.lighter(ink, solid), lines), (16, 16, 20), flat(size, (253, 253, 252)))


def worn(image: Image.Image, studio: Studio, *, colour: Colour, sheet: Colour) -> Image.Image:
    """A rubber stamp: one ink, unevenly pressed."""
    size = image.size
    grey = greys(spots(image, 6))
    solid = ImageChops.invert(threshold(grey, 120, 10))
    ink = ImageChops.lighter(solid, contours(image, pixels(image, 3.5)))
    uneven = threshold(clouds(size, studio.chance, pixels(image, 90)), 30, 90)
    worn_off = threshold(noise(size, studio.chance, pixels(image, 4)), 58, 60)
    return inked(ImageChops.multiply(ink, ImageChops.multiply(uneven, worn_off)), colour, flat(size, sheet))


def lines_of_tone(image: Image.Image, studio: Studio, *, pitch: float = 22) -> Image.Image:
    """Op art: black and white lines, bent and swollen by the picture."""
    size = image.size
    grey = curve(
        greys(image).resize((size[0] // 4, size[1] // 4)).resize(size, Image.Resampling.BICUBIC), low=20, high=235
    )
    lines = wavering(size, pixels(image, pitch), grey, 3.0)
    ink = screened(grey, softened(lines, 0.9), 10)
    return inked(ink, (12, 12, 14), flat(size, (250, 249, 245)))
