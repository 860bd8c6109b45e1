"""Drawing: lines and shading in pencil, charcoal, pen, crayon, chalk."""

from PIL import Image, ImageChops, ImageDraw

from ..palettes import Colour
from ..studio import Studio, pixels
from ..surfaces import clouds, hatching, laid, noise, screened, softened, wavering
from ..tones import blurred, contours, curve, flat, grade, greys, inked, spots, table, weaker


def graphite(
    image: Image.Image, studio: Studio, *, colour: Colour = (58, 58, 64), sheet: Colour = (246, 243, 236)
) -> Image.Image:
    """Pencil: outlines, and soft hatching in one direction."""
    grey = curve(greys(image), gamma=0.8, low=40)
    size, pitch = image.size, pixels(image, 9)
    uneven = Image.blend(hatching(size, pitch, 1), noise(size, studio.chance, pixels(image, 3)), 0.4)
    hatched = screened(grey, uneven, 80)
    shading = weaker(hatched, 0.6)
    lines = contours(image, pixels(image, 1.6), 1.4)
    broken = ImageChops.multiply(
        lines, noise(size, studio.chance, pixels(image, 5)).point(table(lambda level: 120 + level))
    )
    return inked(ImageChops.lighter(shading, broken), colour, flat(size, sheet))


def charcoal(image: Image.Image, studio: Studio) -> Image.Image:
    """Smudged blacks that catch on the tooth of the paper."""
    size = image.size
    grey = curve(greys(image), gamma=0.72)
    smudged = Image.blend(grey, blurred(grey, pixels(image, 9)), 0.4)
    tooth = Image.blend(
        noise(size, studio.chance, pixels(image, 3)), noise(size, studio.chance, pixels(image, 2), stretch=3), 0.4
    )
    coal = screened(smudged, tooth, 120)
    lines = blurred(contours(image, pixels(image, 4), 1.2), pixels(image, 1.5))
    rubbed = ImageChops.lighter(weaker(coal, 0.86), weaker(lines, 0.8))
    return inked(rubbed, (26, 25, 26), flat(size, (226, 219, 206)))


def outlined(
    image: Image.Image, studio: Studio, *, thickness: float = 3, colour: Colour = (22, 20, 26), sensitivity: float = 1.0
) -> Image.Image:
    """Contours over the picture."""
    return inked(contours(image, pixels(image, thickness), sensitivity), colour, image)


def contour(image: Image.Image, studio: Studio, *, thickness: float = 2.6) -> Image.Image:
    """The outlines alone, as clean lines on paper."""
    lines = contours(image, pixels(image, thickness), 1.1)
    return inked(lines, (28, 28, 34), flat(image.size, (252, 251, 248)))


def cross_hatching(image: Image.Image, studio: Studio) -> Image.Image:
    """Pen strokes that cross where it is darker."""
    size, pitch = image.size, pixels(image, 9)
    grey = curve(greys(image), gamma=0.8, low=10)
    waver = noise(size, studio.chance, pixels(image, 30))
    ink = contours(image, pixels(image, 1.8), 1.2)
    screens = (hatching(size, pitch, 1), hatching(size, pitch, -1), wavering(size, pitch, waver, 0.6))
    for screen, lift in zip(screens, (0, 46, 92), strict=True):
        lighter = curve(grey, low=lift, high=255 + lift)
        ink = ImageChops.lighter(ink, screened(lighter, softened(screen, 0.9), 40))
    return inked(ink, (30, 28, 44), flat(size, (250, 247, 238)))


def crayon(image: Image.Image, studio: Studio) -> Image.Image:
    """Wax that skips the hollows of the paper, in strong colours."""
    size = image.size
    wax = grade(spots(image, 10), saturation=1.6, contrast=0.95, lift=16)
    tooth = Image.blend(noise(size, studio.chance, pixels(image, 4), stretch=3), noise(size, studio.chance, 2), 0.25)
    grey = curve(greys(image), gamma=1.1, low=8, high=168)
    covered = screened(grey, tooth, 60)
    drawn = Image.composite(wax, flat(size, (252, 248, 238)), covered)
    edges = ImageChops.multiply(contours(image, pixels(image, 5)), weaker(tooth, 2))
    return Image.composite(grade(wax, contrast=1.1, lift=-60), drawn, edges)


def chalk(image: Image.Image, studio: Studio, *, sheet: Colour = (92, 84, 88)) -> Image.Image:
    """Pastel: powder over toned paper, smudged here and there."""
    size = image.size
    powder = grade(image, saturation=1.2, contrast=0.84, lift=20)
    smudged = Image.composite(
        blurred(powder, pixels(image, 12)), powder, clouds(size, studio.chance, pixels(image, 160))
    )
    tooth = Image.blend(noise(size, studio.chance, pixels(image, 3), stretch=2), noise(size, studio.chance, 2), 0.3)
    covered = tooth.point(table(lambda value: (value - 62) / 70 * 255))
    return Image.composite(smudged, Image.blend(powder, flat(size, sheet), 0.72), covered)


def blueprint(image: Image.Image, studio: Studio) -> Image.Image:
    """White construction lines and a grid on blue."""
    size, step = image.size, pixels(image, 40)
    sheet = flat(size, studio.palette.sky[1])
    pen = ImageDraw.Draw(sheet)
    for n in range(max(size) // step + 1):
        tint, wide = ((70, 122, 188), 2) if n % 4 == 0 else ((42, 94, 164), 1)
        wide = pixels(image, wide)
        pen.line((n * step, 0, n * step, size[1]), fill=tint, width=wide)
        pen.line((0, n * step, size[0], n * step), fill=tint, width=wide)
    shade = weaker(screened(curve(greys(image), low=90), hatching(size, pixels(image, 9), 1), 60), 0.3)
    lines = contours(image, pixels(image, 2), 1.3)
    drawn = inked(ImageChops.lighter(lines, shade), (232, 242, 255), sheet)
    edge = pixels(image, 22)
    ImageDraw.Draw(drawn).rectangle(
        (edge, edge, size[0] - edge, size[1] - edge), outline=(232, 242, 255), width=pixels(image, 2.5)
    )
    return laid(drawn, softened(clouds(size, studio.chance, pixels(image, 200)), 0.12))
