"""What the API reference promises of the values: their members, with type and identity. The client is built on it.

A document may say more, and less: what it lacks is added from here and reported, so that growth reaches the user by
regeneration alone and a loss is a decision.
"""

from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen


@frozen
class Member:
    """One member of an answer.

    `kind` is a JSON type, `date-time` (in any spelling), `strings`, or the name of a value; `many` says that it is a
    list of that value, whose entries must be readable. Without an identity the whole value is refused. `default` stands
    for text that is not there.
    """

    kind: str
    many: bool = False
    is_identity: bool = False
    default: str | None = None

    @property
    def value(self) -> str | None:
        """The value that it holds, None for a plain one."""
        return self.kind if self.kind in VALUES else None

    @property
    def accepted(self) -> frozenset[str]:
        """The JSON types that a document may name for it."""
        if self.many or self.kind == "strings":
            return frozenset({"array"})
        if self.value:
            return frozenset({"object"})
        numbers = {"integer", "number"}
        return frozenset({"integer": numbers, "date-time": {"string", *numbers}}.get(self.kind, {self.kind}))

    def schema(self) -> dict[str, Any]:
        """What the generator is told."""
        plain = {"date-time": {"type": "string", "format": "date-time"}, "strings": _STRINGS}
        made = (
            {"$ref": f"#/components/schemas/{self.kind}"} if self.value else plain.get(self.kind, {"type": self.kind})
        )
        if self.many:
            made = {"type": "array", "items": made, "x-strict": True}
        if self.is_identity:
            made = {**made, "x-identity": True}
        return made if self.default is None else {**made, "x-default": self.default}


_STRINGS: Final[Mapping[str, Any]] = {"type": "array", "items": {"type": "string"}}
_IDENTITY: Final = Member("string", is_identity=True)
_TEXT: Final = Member("string")
_TEXTS: Final = Member("strings")
_NUMBER: Final = Member("integer")
_FLAG: Final = Member("boolean")
_TIME: Final = Member("date-time")
_STATUS: Final = Member("string", default="processing")  # any word that is not final means that


def _page(name: str, kind: str) -> dict[str, Member]:
    return {name: Member(kind, many=True, is_identity=True), "nextCursor": _NUMBER, "hasMore": _FLAG}


VALUES: Final[Mapping[str, Mapping[str, Member]]] = {
    "Pricing": {"standard": _NUMBER, "hd": _NUMBER},
    "Model": {
        "slug": _IDENTITY,
        "name": _TEXT,
        "bestFor": _TEXT,
        "description": _TEXT,
        "tags": _TEXTS,
        "released": _TEXT,
        "pricing": Member("Pricing"),
        "researcher": _TEXT,
        "researcherUrl": _TEXT,
        "urls": _TEXTS,
        "samplePrompts": _TEXTS,
    },
    "Style": {
        "slug": _IDENTITY,
        "name": _TEXT,
        "category": _TEXT,
        "prompt": _TEXT,
        "alias": _TEXT,
        "image": _TEXT,
    },
    "Shape": {"slug": _IDENTITY, "name": _TEXT, "aspectRatio": _TEXT, "width": _NUMBER, "height": _NUMBER},
    "CreditBalance": {"balance": Member("integer", is_identity=True), "plan": _TEXT},
    "GenerationAccepted": {"batchId": _IDENTITY},
    "Image": {
        "imageId": _IDENTITY,
        "batchId": _TEXT,
        "url": _TEXT,
        "title": _TEXT,
        "prompt": _TEXT,
        "model": _TEXT,
        "status": _TEXT,
        "createdAt": _TIME,
        "creditsCharged": _NUMBER,
        "isFavorite": _FLAG,
    },
    "Batch": {"batchId": _IDENTITY, "status": _STATUS, "images": Member("Image", many=True)},
    "BatchSummary": {
        "batchId": _IDENTITY,
        "status": _STATUS,
        "prompt": _TEXT,
        "quality": _TEXT,
        "imageCount": _NUMBER,
        "createdAt": _TIME,
    },
    "ModelList": {"models": Member("Model", many=True, is_identity=True)},
    "StyleList": {"styles": Member("Style", many=True, is_identity=True)},
    "ShapeList": {"shapes": Member("Shape", many=True, is_identity=True)},
    "BatchPage": _page("batches", "BatchSummary"),
    "ImagePage": _page("images", "Image"),
}

# A document that describes one of these without its identity is not understood: what was paid for could not be found.
FOUND_BY_IDENTITY: Final = frozenset({"Batch", "BatchSummary", "Image", "GenerationAccepted"})
# What `pixola_ext` adds to the values; a member of that name stays readable in `extra`.
ADDED_BY_CLIENT: Final = frozenset({"submission", "iscomplete", "isterminal", "completed", "unfinished", "submittedas"})
