from collections.abc import Mapping
from typing import Any, ClassVar, Final, Self

from attrs import field as _field
from attrs import frozen

from ..models.style import Style
from ..reading import NO_EXTRA, Extra, opened, required_entries, unknown

_NAMES: Final = frozenset({"styles"})


@frozen(slots=False)
class StyleList:
    """StyleList"""

    styles: tuple[Style, ...]
    extra: Mapping[str, Any] = _field(default=NO_EXTRA, hash=False, repr=False)
    """What has no attribute or could not be read, by the API's names."""

    _styles_kind: ClassVar[type[Style]] = Style

    @classmethod
    def from_dict(cls, source: object, /) -> Self:
        """The value in a JSON object; raises `UnreadableError` if it has none."""
        data = source if type(source) is dict else opened(source, "StyleList")
        extra = {} if _NAMES.issuperset(data) else unknown(data, _NAMES)
        _styles = required_entries(cls._styles_kind, data, "styles")
        return cls(_styles, Extra(extra) if extra else NO_EXTRA)

    def to_dict(self) -> dict[str, Any]:
        """The value as JSON, with the API's names and `extra`; `from_dict` reads it again."""
        return {
            "styles": [each.to_dict() for each in self.styles],
            **self.extra,
        }
