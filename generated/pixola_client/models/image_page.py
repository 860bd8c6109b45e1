from collections.abc import Mapping
from typing import Any, ClassVar, Final, Self

from attrs import field as _field
from attrs import frozen

from ..models.image import Image
from ..reading import (
    NO_EXTRA,
    Extra,
    flag,
    integer,
    member,
    opened,
    required_entries,
    unknown,
)

_NAMES: Final = frozenset({"images", "nextCursor", "hasMore"})


@frozen(slots=False)
class ImagePage:
    """One page of images, newest first."""

    images: tuple[Image, ...]
    """The images of this page."""
    next_cursor: int | None = None
    """Pass as `cursor` to get the next page; null on the last one. An opaque number that looks like epoch
    milliseconds.
    """
    has_more: bool | None = None
    """Whether there is another page."""
    extra: Mapping[str, Any] = _field(default=NO_EXTRA, hash=False, repr=False)
    """What has no attribute or could not be read, by the API's names."""

    _images_kind: ClassVar[type[Image]] = Image

    @classmethod
    def from_dict(cls, source: object, /) -> Self:
        """The value in a JSON object; raises `UnreadableError` if it has none."""
        data = source if type(source) is dict else opened(source, "ImagePage")
        extra = {} if _NAMES.issuperset(data) else unknown(data, _NAMES)
        _images = required_entries(cls._images_kind, data, "images")
        _next_cursor = data.get("nextCursor")
        if type(_next_cursor) is not int and _next_cursor is not None:
            _next_cursor = member(integer, _next_cursor, "nextCursor", extra)
        _has_more = data.get("hasMore")
        if type(_has_more) is not bool and _has_more is not None:
            _has_more = member(flag, _has_more, "hasMore", extra)
        return cls(_images, _next_cursor, _has_more, Extra(extra) if extra else NO_EXTRA)

    def to_dict(self) -> dict[str, Any]:
        """The value as JSON, with the API's names and `extra`; `from_dict` reads it again."""
        return {
            "images": [each.to_dict() for each in self.images],
            "nextCursor": self.next_cursor,
            "hasMore": self.has_more,
            **self.extra,
        }
