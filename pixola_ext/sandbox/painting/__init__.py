"""Generated pictures: the same parameters give the same bytes.

A prompt chooses scene and light (`words`, `scenes`, `palettes`), a model frames and grades (`looks`), a style decides
on sky and palette and how all is carried out (`styles`, `finishes`).
"""

import io
import zlib
from random import Random
from typing import Final

from PIL import Image

from .canvas import Camera, Canvas
from .caption import captioned
from .looks import look
from .palettes import PALETTES, blended
from .scenes import SCENES
from .stage import Stage
from .studio import Studio
from .styles import STYLES
from .words import subject, time_of_day

_LEAST: Final = 96  # pixels of the shorter side: what is smaller is painted larger and reduced, strokes need room
_GHOST: Final = 2  # a second picture is seen through the first: half the size is enough
_COMPRESSION: Final = 1  # of 9; with runs only, since grain does not compress: no time is wasted on it


def render(
    *, prompt: str, model: str, style: str, width: int, height: int, seed: int = 0, caption: str | None = None
) -> bytes:
    """A PNG of `width` x `height` pixels; `caption` is written into a corner."""
    image = painted(prompt=prompt, model=model, style=style, width=width, height=height, seed=seed)
    signed = captioned(image, caption) if caption else image
    file = io.BytesIO()
    signed.save(file, "PNG", compress_level=_COMPRESSION, compress_type=zlib.Z_RLE)
    return file.getvalue()


def painted(*, prompt: str, model: str, style: str, width: int, height: int, seed: int = 0) -> Image.Image:
    """The picture as a Pillow image of mode RGB, without caption."""
    enlarged = -(-_LEAST // min(width, height))
    row, seen = STYLES[style], look(model)
    size = (width * enlarged, height * enlarged)
    chance = Random(f"{prompt}/{model}/{seed}")  # noqa: S311  (compositions, not secrets)
    scene, light = subject(prompt, chance), PALETTES[time_of_day(prompt, chance)]
    palette = light if row.palette is None else blended(light, PALETTES[row.palette], row.share)

    def scenery(name: str, smaller: int = 1) -> Image.Image:
        camera = Camera() if row.centred else seen.camera._replace(zoom=seen.camera.zoom * row.zoom)
        canvas = Canvas(size[0] // smaller, size[1] // smaller, camera)
        SCENES[name](Stage(canvas, palette, chance, row.heaven, seen.lift, seen.detail * row.detail, row.centred))
        return canvas.finished()

    def another() -> Image.Image:
        others = [name for name in SCENES if name not in {scene, "animal", "geometry"}]
        return scenery(chance.choice(others), _GHOST).resize(size, Image.Resampling.BILINEAR)

    image = scenery(row.scene or scene)
    studio = Studio(palette, Random(f"{prompt}/{model}/{style}/{seed}"), another)  # noqa: S311  (as above)
    for finish in row.finishes:
        image = finish(image, studio)
    return seen.graded(image).reduce(enlarged)
