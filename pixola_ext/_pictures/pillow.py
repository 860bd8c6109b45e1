"""Decoding with Pillow, an optional dependency: pictures as `PIL.Image.Image`, and previews."""

import io
import warnings
from typing import TYPE_CHECKING, Any, Final

from ..errors import ConfigurationError, DownloadError

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.Image import Image

_PREVIEW_SIDE: Final = 512  # pixels
_PREVIEW_QUALITY: Final = 85  # of JPEG; about 40 kB at this size


def decoder() -> "Callable[[bytes], Image]":
    """The function that decodes a picture to a `PIL.Image.Image`; raises `ConfigurationError` if Pillow is missing."""
    try:
        from PIL import Image  # noqa: F401, PLC0415  (an extra, and 30 ms to import)
    except ImportError as error:
        raise ConfigurationError(
            "this needs Pillow: install it with `pip install 'pixola-ext[pillow]'`", setting="pillow"
        ) from error
    return decoded


def decoded(content: bytes) -> "Image":
    """The picture, its pixels loaded; raises `DownloadError` if it cannot be decoded or is a decompression bomb."""
    from PIL import Image  # noqa: PLC0415  (as above)

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content))
            picture.load()
    except Exception as error:  # Pillow's decoders raise many types
        raise DownloadError(f"the picture cannot be decoded ({type(error).__name__})", url="") from error
    return picture


def preview(content: bytes) -> bytes:
    """The picture as a JPEG of at most 512 x 512 pixels, transparent parts on white."""
    picture: Any = decoded(content)
    picture.thumbnail((_PREVIEW_SIDE, _PREVIEW_SIDE))
    if picture.mode != "RGB":
        from PIL import Image  # noqa: PLC0415  (as above)

        shown = picture.convert("RGBA")
        white = Image.new("RGBA", shown.size, "white")
        picture = Image.alpha_composite(white, shown).convert("RGB")
    jpeg = io.BytesIO()
    picture.save(jpeg, "JPEG", quality=_PREVIEW_QUALITY)
    return jpeg.getvalue()
