from collections.abc import Mapping
from typing import Any, Final, Self

from attrs import field as _field
from attrs import frozen

from ..reading import NO_EXTRA, Extra, identity, integer, member, opened, text, unknown

_NAMES: Final = frozenset({"slug", "name", "aspectRatio", "width", "height"})


@frozen(slots=False)
class Shape:
    """An aspect ratio."""

    slug: str
    """Slug of the shape."""
    name: str | None = None
    """Display name."""
    aspect_ratio: str | None = None
    """Width to height."""
    width: int | None = None
    """Width in pixels at standard quality; given in the list of shapes."""
    height: int | None = None
    """Height in pixels at standard quality; given in the list of shapes."""
    extra: Mapping[str, Any] = _field(default=NO_EXTRA, hash=False, repr=False)
    """What has no attribute or could not be read, by the API's names."""

    @classmethod
    def from_dict(cls, source: object, /) -> Self:
        """The value in a JSON object; raises `UnreadableError` if it has none."""
        data = source if type(source) is dict else opened(source, "Shape")
        extra = {} if _NAMES.issuperset(data) else unknown(data, _NAMES)
        _slug = data.get("slug")
        if type(_slug) is not str or not _slug:
            _slug = identity(text, _slug, "slug")
        _name = data.get("name")
        if type(_name) is not str and _name is not None:
            _name = member(text, _name, "name", extra)
        _aspect_ratio = data.get("aspectRatio")
        if type(_aspect_ratio) is not str and _aspect_ratio is not None:
            _aspect_ratio = member(text, _aspect_ratio, "aspectRatio", extra)
        _width = data.get("width")
        if type(_width) is not int and _width is not None:
            _width = member(integer, _width, "width", extra)
        _height = data.get("height")
        if type(_height) is not int and _height is not None:
            _height = member(integer, _height, "height", extra)
        return cls(_slug, _name, _aspect_ratio, _width, _height, Extra(extra) if extra else NO_EXTRA)

    def to_dict(self) -> dict[str, Any]:
        """The value as JSON, with the API's names and `extra`; `from_dict` reads it again."""
        return {
            "slug": self.slug,
            "name": self.name,
            "aspectRatio": self.aspect_ratio,
            "width": self.width,
            "height": self.height,
            **self.extra,
        }
