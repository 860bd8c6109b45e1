from collections.abc import Mapping
from typing import Any, Literal

from attrs import field as _field
from attrs import frozen

from ..operation import present
from ..reading import NO_EXTRA


@frozen(slots=False, kw_only=True)
class GenerationRequest:
    """What to generate."""

    prompt: str
    """What the picture should show."""
    model: str | None = None
    """Slug of the model; the platform chooses when it is left out."""
    style: str | None = None
    """Slug of a style preset; `no-style` when it is left out."""
    shape: str | None = None
    """Slug of an aspect ratio; `square` when it is left out."""
    quality: Literal["standard", "hd"] | str | None = None
    """Rendering quality; HD uses more credits."""
    extra: Mapping[str, Any] = _field(default=NO_EXTRA, hash=False)
    """Members that are sent besides, by the API's names; they win."""

    def to_dict(self) -> dict[str, Any]:
        """The JSON object that is sent: without the members that are None."""
        known = {
            "prompt": self.prompt,
            "model": self.model,
            "style": self.style,
            "shape": self.shape,
            "quality": self.quality,
        }
        return {**present(known), **self.extra}
