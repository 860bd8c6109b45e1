from collections.abc import Mapping
from typing import Any, Final, Literal, Self

from attrs import field as _field
from attrs import frozen

from ..operation import present
from ..reading import NO_EXTRA, Extra

_NAMES: Final = {
    "prompt": "prompt",
    "model": "model",
    "style": "style",
    "shape": "shape",
    "quality": "quality",
}


@frozen(slots=False)
class GenerationRequest:
    """What to generate."""

    prompt: str
    """What the picture should show."""
    model: str | None = _field(default=None, kw_only=True)
    """Slug of the model; the platform chooses when it is left out."""
    style: str | None = _field(default=None, kw_only=True)
    """Slug of a style preset; `no-style` when it is left out."""
    shape: str | None = _field(default=None, kw_only=True)
    """Slug of an aspect ratio; `square` when it is left out."""
    quality: Literal["standard", "hd"] | str | None = _field(default=None, kw_only=True)
    """Rendering quality; HD uses more credits."""
    extra: Mapping[str, Any] = _field(default=NO_EXTRA, kw_only=True, hash=False)
    """Members that are sent besides, by the API's names; they win."""

    @classmethod
    def from_dict(cls, source: Mapping[str, Any], /) -> Self:
        """The request whose JSON this is; what has no plain attribute goes into `extra`."""
        known = {_NAMES[name]: value for name, value in source.items() if name in _NAMES}
        others = {name: value for name, value in source.items() if name not in _NAMES}
        return cls(**known, extra=Extra(others) if others else NO_EXTRA)

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
