from collections.abc import Mapping
from typing import Any, ClassVar, Final, Self

from attrs import field as _field
from attrs import frozen

from ..models.shape import Shape
from ..reading import NO_EXTRA, Extra, opened, required_entries, unknown

_NAMES: Final = frozenset({"shapes"})


@frozen(slots=False)
class ShapeList:
    """ShapeList"""

    shapes: tuple[Shape, ...]
    extra: Mapping[str, Any] = _field(default=NO_EXTRA, hash=False, repr=False)
    """What has no attribute or could not be read, by the API's names."""

    _shapes_kind: ClassVar[type[Shape]] = Shape

    @classmethod
    def from_dict(cls, source: object, /) -> Self:
        """The value in a JSON object; raises `UnreadableError` if it has none."""
        data = source if type(source) is dict else opened(source, "ShapeList")
        extra = {} if _NAMES.issuperset(data) else unknown(data, _NAMES)
        _shapes = required_entries(cls._shapes_kind, data, "shapes")
        return cls(_shapes, Extra(extra) if extra else NO_EXTRA)

    def to_dict(self) -> dict[str, Any]:
        """The value as JSON, with the API's names and `extra`; `from_dict` reads it again."""
        return {
            "shapes": [each.to_dict() for each in self.shapes],
            **self.extra,
        }
