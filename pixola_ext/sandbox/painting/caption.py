"""A caption in the lower left corner of a picture."""

from typing import Final

from PIL import Image, ImageDraw, ImageFont

from .studio import pixels

_SMALLEST: Final = 11  # pixels; below it letters run together
_HEIGHT: Final = 20  # thousandths of the shorter side
_WIDEST: Final = 0.92  # share of the width
_PLATE: Final = (12, 14, 18, 168)
_TEXT: Final = (255, 255, 255, 255)


def captioned(image: Image.Image, text: str) -> Image.Image:
    """The picture with `text` on a translucent plate; text that is too long ends in an ellipsis."""
    size = max(_SMALLEST, pixels(image, _HEIGHT))
    font, space = ImageFont.load_default(size), round(size * 0.6)
    room = image.width * _WIDEST - space * 4
    shown = text
    while len(shown) > 1 and font.getlength(shown) > room:
        shown = shown.removesuffix("…")[:-1] + "…"
    left, top, right, bottom = font.getbbox(shown)
    width, height = round(right - left) + space * 2, round(bottom - top) + space * 2
    plate = Image.new("RGBA", (width, height))
    pen = ImageDraw.Draw(plate)
    pen.rounded_rectangle((0, 0, width - 1, height - 1), space * 0.7, fill=_PLATE)
    pen.text((space - left, space - top), shown, font=font, fill=_TEXT)
    signed = image.copy()
    signed.paste(plate, (space, image.height - height - space), plate)
    return signed
