"""Real pictures of every kind, small and made on the spot."""

import io
import zlib
from datetime import UTC, datetime
from typing import Any, Final

from PIL import Image as Pillow

from pixola_ext._pictures.formats import picture_suffix
from pixola_ext._pictures.metadata import Provenance, joined, spliced


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

KNOWN: Final = Provenance(
    prompt='A <fox> & "snow"\n雪',
    model="flux-2",
    style="anime",
    shape="square",
    quality="hd",
    image_id="im_1",
    batch_id="bt_1",
    created_at=datetime(2026, 3, 1, tzinfo=UTC),
)


def described(content: bytes, provenance: Provenance = KNOWN) -> bytes | None:
    """The file with its description; None if it stays as it is."""
    pieces = spliced(content, picture_suffix(content), provenance)
    return None if pieces is None else b"".join(joined(content, pieces))


def chunk_in(content: bytes, place: int, chunk: bytes) -> bytes:
    """`content` with another piece at a place."""
    return content[:place] + chunk + content[place:]


def png_with(name: bytes) -> bytes:
    """A PNG with a chunk of this name."""
    return chunk_in(PNG, 33, b"\0\0\0\4" + name + b"jumb" + zlib.crc32(name + b"jumb").to_bytes(4))


def jpeg_with(marker: bytes, content: bytes) -> bytes:
    """A JPEG with another segment in front."""
    return chunk_in(JPEG, 2, b"\xff" + marker + (len(content) + 2).to_bytes(2) + content)


def webp_with(name: bytes) -> bytes:
    """A WebP with a chunk of this name at its end."""
    grown = WEBP + name + b"\4\0\0\0jumb"
    return b"RIFF" + (len(grown) - 8).to_bytes(4, "little") + grown[8:]


# Files that are left as they are: signed, described by others, or of a kind that takes no description.
ALONE: Final = {
    "C2PA in PNG": png_with(b"caBX"),
    "C2PA in JPEG": jpeg_with(b"\xeb", b"JP\0\1\0\0\0\1jumb"),
    "C2PA in WebP": webp_with(b"C2PA"),
    "XMP in PNG": described(PNG),
    "XMP in JPEG": described(JPEG),
    "XMP in WebP": described(WEBP),
    "GIF": GIF,
    "AVIF": KINDS[".avif"][0],
}
