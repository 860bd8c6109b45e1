"""Real pictures of every kind, small and made on the spot."""

import io
from typing import Any, Final

from PIL import Image as Pillow


def encoded(kind: str, mode: str = "RGB", size: tuple[int, int] = (23, 17), **options: Any) -> bytes:
    """A picture with some structure in it, so that no two pixels need be alike."""
    picture = Pillow.effect_mandelbrot(size, (-2, -1.5, 1, 1.5), 60).convert(mode)
    content = io.BytesIO()
    picture.save(content, kind, **options)
    return content.getvalue()


def pixels(content: bytes) -> tuple[str, tuple[int, int], bytes]:
    """What one sees."""
    with Pillow.open(io.BytesIO(content)) as picture:
        shown = picture.convert("RGBA")
        return picture.mode, picture.size, shown.tobytes()


PNG: Final = encoded("PNG")
JPEG: Final = encoded("JPEG")
WEBP: Final = encoded("WEBP")
GIF: Final = encoded("GIF")
AVIF: Final = encoded("AVIF")

# By suffix: every shape of file that an encoder of the kind is known to write.
KINDS: Final = {
    ".png": [PNG, encoded("PNG", "RGBA"), encoded("PNG", "P"), encoded("PNG", size=(300, 200), compress_level=0)],
    ".jpg": [
        JPEG,
        encoded("JPEG", "L"),
        encoded("JPEG", "CMYK", progressive=True),
        encoded("JPEG", restart_marker_rows=1),
    ],
    ".webp": [
        WEBP,
        encoded("WEBP", lossless=True),
        encoded("WEBP", "RGBA", lossless=True),
        encoded("WEBP", icc_profile=b"icc"),
    ],
    ".gif": [GIF, encoded("GIF", "P", interlace=0)],
    ".avif": [AVIF],
}
SAMPLES: Final = [(suffix, content) for suffix, contents in KINDS.items() for content in contents]
