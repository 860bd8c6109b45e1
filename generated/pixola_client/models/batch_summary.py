from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Self

from attrs import field as _field
from attrs import frozen

from ..reading import (
    NO_EXTRA,
    Extra,
    identity,
    instant,
    integer,
    member,
    opened,
    text,
    unknown,
)

_NAMES: Final = frozenset({"batchId", "status", "prompt", "quality", "imageCount", "createdAt"})


@frozen(slots=False)
class BatchSummary:
    """A batch as the list shows it."""

    batch_id: str
    """Opaque id of the batch."""
    status: str = "processing"
    """Where a batch stands. Everything but `processing` is final."""
    prompt: str | None = None
    """The prompt as it was submitted."""
    quality: str | None = None
    """Rendering quality; HD uses more credits."""
    image_count: int | None = None
    """Number of images in the batch."""
    created_at: datetime | None = None
    """When the batch was created (ISO 8601, UTC)."""
    extra: Mapping[str, Any] = _field(default=NO_EXTRA, hash=False, repr=False)
    """What has no attribute or could not be read, by the API's names."""

    @classmethod
    def from_dict(cls, source: object, /) -> Self:
        """The value in a JSON object; raises `UnreadableError` if it has none."""
        data = source if type(source) is dict else opened(source, "BatchSummary")
        extra = {} if _NAMES.issuperset(data) else unknown(data, _NAMES)
        _batch_id = data.get("batchId")
        if type(_batch_id) is not str or not _batch_id:
            _batch_id = identity(text, _batch_id, "batchId")
        _status = data.get("status")
        if type(_status) is not str and _status is not None:
            _status = member(text, _status, "status", extra)
        if _status is None:
            _status = "processing"
        _prompt = data.get("prompt")
        if type(_prompt) is not str and _prompt is not None:
            _prompt = member(text, _prompt, "prompt", extra)
        _quality = data.get("quality")
        if type(_quality) is not str and _quality is not None:
            _quality = member(text, _quality, "quality", extra)
        _image_count = data.get("imageCount")
        if type(_image_count) is not int and _image_count is not None:
            _image_count = member(integer, _image_count, "imageCount", extra)
        _created_at = data.get("createdAt")
        if _created_at is not None:
            _created_at = instant(_created_at) or member(instant, _created_at, "createdAt", extra)
        return cls(
            _batch_id, _status, _prompt, _quality, _image_count, _created_at, Extra(extra) if extra else NO_EXTRA
        )

    def to_dict(self) -> dict[str, Any]:
        """The value as JSON, with the API's names and `extra`; `from_dict` reads it again."""
        return {
            "batchId": self.batch_id,
            "status": self.status,
            "prompt": self.prompt,
            "quality": self.quality,
            "imageCount": self.image_count,
            "createdAt": self.created_at.isoformat() if self.created_at is not None else None,
            **self.extra,
        }
