from collections.abc import Mapping
from typing import Any, Final, Self

from attrs import field as _field
from attrs import frozen

from ..reading import NO_EXTRA, Extra, identity, opened, text, unknown

_NAMES: Final = frozenset({"batchId"})


@frozen(slots=False)
class GenerationAccepted:
    """Answer to a submission."""

    batch_id: str
    """Opaque id of the batch."""
    extra: Mapping[str, Any] = _field(default=NO_EXTRA, hash=False, repr=False)
    """What has no attribute or could not be read, by the API's names."""

    @classmethod
    def from_dict(cls, source: object, /) -> Self:
        """The value in a JSON object; raises `UnreadableError` if it has none."""
        data = source if type(source) is dict else opened(source, "GenerationAccepted")
        extra = {} if _NAMES.issuperset(data) else unknown(data, _NAMES)
        _batch_id = data.get("batchId")
        if type(_batch_id) is not str or not _batch_id:
            _batch_id = identity(text, _batch_id, "batchId")
        return cls(_batch_id, Extra(extra) if extra else NO_EXTRA)

    def to_dict(self) -> dict[str, Any]:
        """The value as JSON, with the API's names and `extra`; `from_dict` reads it again."""
        return {
            "batchId": self.batch_id,
            **self.extra,
        }
