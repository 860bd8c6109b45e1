from collections.abc import Mapping
from typing import Any, ClassVar, Final, Self

from attrs import field as _field
from attrs import frozen

from ..models.batch_summary import BatchSummary
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

_NAMES: Final = frozenset({"batches", "nextCursor", "hasMore"})


@frozen(slots=False)
class BatchPage:
    """One page of batches, newest first."""

    batches: tuple[BatchSummary, ...]
    """The batches of this page."""
    next_cursor: int | None = None
    """Pass as `cursor` to get the next page; null on the last one. An opaque number that looks like epoch
    milliseconds.
    """
    has_more: bool | None = None
    """Whether there is another page."""
    extra: Mapping[str, Any] = _field(default=NO_EXTRA, hash=False, repr=False)
    """What has no attribute or could not be read, by the API's names."""

    _batches_kind: ClassVar[type[BatchSummary]] = BatchSummary

    @classmethod
    def from_dict(cls, source: object, /) -> Self:
        """The value in a JSON object; raises `UnreadableError` if it has none."""
        data = source if type(source) is dict else opened(source, "BatchPage")
        extra = {} if _NAMES.issuperset(data) else unknown(data, _NAMES)
        _batches = required_entries(cls._batches_kind, data, "batches")
        _next_cursor = data.get("nextCursor")
        if type(_next_cursor) is not int and _next_cursor is not None:
            _next_cursor = member(integer, _next_cursor, "nextCursor", extra)
        _has_more = data.get("hasMore")
        if type(_has_more) is not bool and _has_more is not None:
            _has_more = member(flag, _has_more, "hasMore", extra)
        return cls(_batches, _next_cursor, _has_more, Extra(extra) if extra else NO_EXTRA)

    def to_dict(self) -> dict[str, Any]:
        """The value as JSON, with the API's names and `extra`; `from_dict` reads it again."""
        return {
            "batches": [each.to_dict() for each in self.batches],
            "nextCursor": self.next_cursor,
            "hasMore": self.has_more,
            **self.extra,
        }
