from collections.abc import Mapping
from typing import Any, ClassVar, Final, Self

from attrs import field as _field
from attrs import frozen

from ..models.model import Model
from ..reading import NO_EXTRA, Extra, opened, required_entries, unknown

_NAMES: Final = frozenset({"models"})


@frozen(slots=False)
class ModelList:
    """ModelList"""

    models: tuple[Model, ...]
    extra: Mapping[str, Any] = _field(default=NO_EXTRA, hash=False, repr=False)
    """What has no attribute or could not be read, by the API's names."""

    _models_kind: ClassVar[type[Model]] = Model

    @classmethod
    def from_dict(cls, source: object, /) -> Self:
        """The value in a JSON object; raises `UnreadableError` if it has none."""
        data = source if type(source) is dict else opened(source, "ModelList")
        extra = {} if _NAMES.issuperset(data) else unknown(data, _NAMES)
        _models = required_entries(cls._models_kind, data, "models")
        return cls(_models, Extra(extra) if extra else NO_EXTRA)

    def to_dict(self) -> dict[str, Any]:
        """The value as JSON, with the API's names and `extra`; `from_dict` reads it again."""
        return {
            "models": [each.to_dict() for each in self.models],
            **self.extra,
        }
