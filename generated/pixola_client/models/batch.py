from collections.abc import Mapping
from typing import Any, ClassVar, Final, Self

from attrs import field as _field
from attrs import frozen

from ..models.image import Image
from ..reading import NO_EXTRA, Extra, entries, identity, member, opened, text, unknown

_NAMES: Final = frozenset({"batchId", "status", "images"})


@frozen(slots=False)
class Batch:
    """A batch and its images."""

    batch_id: str
    """Opaque id of the batch."""
    status: str = "processing"
    """Where a batch stands. Everything but `processing` is final."""
    images: tuple[Image, ...] = ()
    """The images of the batch."""
    extra: Mapping[str, Any] = _field(default=NO_EXTRA, hash=False, repr=False)
    """What has no attribute or could not be read, by the API's names."""

    _images_kind: ClassVar[type[Image]] = Image

    @classmethod
    def from_dict(cls, source: object, /) -> Self:
        """The value in a JSON object; raises `UnreadableError` if it has none."""
        data = source if type(source) is dict else opened(source, "Batch")
        extra = {} if _NAMES.issuperset(data) else unknown(data, _NAMES)
        _batch_id = data.get("batchId")
        if type(_batch_id) is not str or not _batch_id:
            _batch_id = identity(text, _batch_id, "batchId")
        _status = data.get("status")
        if type(_status) is not str and _status is not None:
            _status = member(text, _status, "status", extra)
        if _status is None:
            _status = "processing"
        _images = entries(cls._images_kind, data.get("images"), "images")
        return cls(_batch_id, _status, _images, Extra(extra) if extra else NO_EXTRA)

    def to_dict(self) -> dict[str, Any]:
        """The value as JSON, with the API's names and `extra`; `from_dict` reads it again."""
        return {
            "batchId": self.batch_id,
            "status": self.status,
            "images": [each.to_dict() for each in self.images],
            **self.extra,
        }
