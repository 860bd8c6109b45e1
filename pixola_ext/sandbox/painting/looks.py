"""The look of a model: how it frames, lights and grades, derived from its slug and the same for every prompt."""

import hashlib
from typing import NamedTuple

from PIL import Image

from .canvas import Camera
from .tones import grade


class Look(NamedTuple):
    """A model's camera and colourist; `lift` moves the horizon, `detail` is a factor on how much there is to see."""

    camera: Camera
    lift: float
    detail: float
    saturation: float
    contrast: float
    warmth: float
    brightness: float

    def graded(self, image: Image.Image) -> Image.Image:
        """The picture in the model's colours; flat areas stay flat."""
        return grade(
            image, saturation=self.saturation, contrast=self.contrast, warmth=self.warmth, lift=self.brightness
        )


def look(model: str) -> Look:
    """The look of a model."""
    drawn = iter(hashlib.blake2b(model.encode(), digest_size=16).digest())

    def between(low: float, high: float) -> float:
        return low + (high - low) * next(drawn) / 255

    camera = Camera(between(1, 1.28), between(0.25, 0.75), between(0.4, 0.8), mirrored=between(0, 1) < 0.5)
    return Look(
        camera,
        lift=between(-0.07, 0.06),
        detail=between(0.55, 1.5),
        saturation=between(0.72, 1.28),
        contrast=between(0.86, 1.14),
        warmth=between(-8, 8),
        brightness=between(-9, 9),
    )
