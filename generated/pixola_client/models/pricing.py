from collections.abc import Mapping
from typing import Any, Final, Self

from attrs import field as _field
from attrs import frozen

from ..reading import NO_EXTRA, Extra, integer, member, opened, unknown

_NAMES: Final = frozenset({"standard", "hd"})


@frozen(slots=False)
class Pricing:
    """Price of one image in credits."""

    standard: int | None = None
    """Credits for one image in standard quality."""
    hd: int | None = None
    """Credits for one image in HD quality."""
    extra: Mapping[str, Any] = _field(default=NO_EXTRA, hash=False, repr=False)
    """What has no attribute or could not be read, by the API's names."""

    @classmethod
    def from_dict(cls, source: object, /) -> Self:
        """The value in a JSON object; raises `UnreadableError` if it has none."""
        data = source if type(source) is dict else opened(source, "Pricing")
        extra = {} if _NAMES.issuperset(data) else unknown(data, _NAMES)
        _standard = data.get("standard")
        if type(_standard) is not int and _standard is not None:
            _standard = member(integer, _standard, "standard", extra)
        _hd = data.get("hd")
        if type(_hd) is not int and _hd is not None:
            _hd = member(integer, _hd, "hd", extra)
        return cls(_standard, _hd, Extra(extra) if extra else NO_EXTRA)

    def to_dict(self) -> dict[str, Any]:
        """The value as JSON, with the API's names and `extra`; `from_dict` reads it again."""
        return {
            "standard": self.standard,
            "hd": self.hd,
            **self.extra,
        }
