from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Self

from attrs import field as _field
from attrs import frozen

from ..reading import (
    NO_EXTRA,
    Extra,
    flag,
    identity,
    instant,
    integer,
    member,
    opened,
    text,
    unknown,
)

_NAMES: Final = frozenset(
    {"imageId", "batchId", "url", "title", "prompt", "model", "status", "createdAt", "creditsCharged", "isFavorite"}
)


@frozen(slots=False)
class Image:
    """An image with its prompt."""

    image_id: str
    """Opaque id of the image."""
    batch_id: str | None = None
    """Opaque id of the batch."""
    url: str | None = None
    """Where the picture can be downloaded; null until it is there. It may expire: get the image again for a fresh one."""
    title: str | None = None
    """A short title made from the prompt; null until there is one."""
    prompt: str | None = None
    """The prompt of its batch."""
    model: str | None = None
    """Slug of the model that made the image."""
    status: str | None = None
    """Status of this image, in the same words as a batch; other words may appear and mean that it is not finished."""
    created_at: datetime | None = None
    """When the image was created (ISO 8601, UTC)."""
    credits_charged: int | None = None
    """Credits charged for this image; 0 until it completes."""
    is_favorite: bool | None = None
    """Whether the account marked the image as a favourite."""
    extra: Mapping[str, Any] = _field(default=NO_EXTRA, hash=False, repr=False)
    """What has no attribute or could not be read, by the API's names."""

    @classmethod
    def from_dict(cls, source: object, /) -> Self:
        """The value in a JSON object; raises `UnreadableError` if it has none."""
        data = source if type(source) is dict else opened(source, "Image")
        extra = {} if _NAMES.issuperset(data) else unknown(data, _NAMES)
        _image_id = data.get("imageId")
        if type(_image_id) is not str or not _image_id:
            _image_id = identity(text, _image_id, "imageId")
        _batch_id = data.get("batchId")
        if type(_batch_id) is not str and _batch_id is not None:
            _batch_id = member(text, _batch_id, "batchId", extra)
        _url = data.get("url")
        if type(_url) is not str and _url is not None:
            _url = member(text, _url, "url", extra)
        _title = data.get("title")
        if type(_title) is not str and _title is not None:
            _title = member(text, _title, "title", extra)
        _prompt = data.get("prompt")
        if type(_prompt) is not str and _prompt is not None:
            _prompt = member(text, _prompt, "prompt", extra)
        _model = data.get("model")
        if type(_model) is not str and _model is not None:
            _model = member(text, _model, "model", extra)
        _status = data.get("status")
        if type(_status) is not str and _status is not None:
            _status = member(text, _status, "status", extra)
        _created_at = data.get("createdAt")
        if _created_at is not None:
            _created_at = instant(_created_at) or member(instant, _created_at, "createdAt", extra)
        _credits_charged = data.get("creditsCharged")
        if type(_credits_charged) is not int and _credits_charged is not None:
            _credits_charged = member(integer, _credits_charged, "creditsCharged", extra)
        _is_favorite = data.get("isFavorite")
        if type(_is_favorite) is not bool and _is_favorite is not None:
            _is_favorite = member(flag, _is_favorite, "isFavorite", extra)
        return cls(
            _image_id,
            _batch_id,
            _url,
            _title,
            _prompt,
            _model,
            _status,
            _created_at,
            _credits_charged,
            _is_favorite,
            Extra(extra) if extra else NO_EXTRA,
        )

    def to_dict(self) -> dict[str, Any]:
        """The value as JSON, with the API's names and `extra`; `from_dict` reads it again."""
        return {
            "imageId": self.image_id,
            "batchId": self.batch_id,
            "url": self.url,
            "title": self.title,
            "prompt": self.prompt,
            "model": self.model,
            "status": self.status,
            "createdAt": self.created_at.isoformat() if self.created_at is not None else None,
            "creditsCharged": self.credits_charged,
            "isFavorite": self.is_favorite,
            **self.extra,
        }
