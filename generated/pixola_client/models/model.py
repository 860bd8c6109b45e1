from collections.abc import Mapping
from typing import Any, ClassVar, Final, Self

from attrs import field as _field
from attrs import frozen

from ..models.pricing import Pricing
from ..reading import (
    NO_EXTRA,
    Extra,
    child,
    identity,
    member,
    members,
    opened,
    text,
    unknown,
)

_NAMES: Final = frozenset(
    {
        "slug",
        "name",
        "bestFor",
        "description",
        "tags",
        "released",
        "pricing",
        "researcher",
        "researcherUrl",
        "urls",
        "samplePrompts",
    }
)


@frozen(slots=False)
class Model:
    """An image model."""

    slug: str
    """Slug of the model."""
    name: str | None = None
    """Display name."""
    best_for: str | None = None
    """What the model is best at, in a few words."""
    description: str | None = None
    """What the model does, in a sentence or two."""
    tags: tuple[str, ...] = ()
    """Capabilities and traits."""
    released: str | None = None
    """Release date."""
    pricing: Pricing | None = None
    """Price of one image in credits."""
    researcher: str | None = None
    """Who made the model."""
    researcher_url: str | None = None
    """Home page of its maker."""
    urls: tuple[str, ...] = ()
    """Further reading about the model."""
    sample_prompts: tuple[str, ...] = ()
    """Prompts that show what it can do."""
    extra: Mapping[str, Any] = _field(default=NO_EXTRA, hash=False, repr=False)
    """What has no attribute or could not be read, by the API's names."""

    _pricing_kind: ClassVar[type[Pricing]] = Pricing

    @classmethod
    def from_dict(cls, source: object, /) -> Self:
        """The value in a JSON object; raises `UnreadableError` if it has none."""
        data = source if type(source) is dict else opened(source, "Model")
        extra = {} if _NAMES.issuperset(data) else unknown(data, _NAMES)
        _slug = data.get("slug")
        if type(_slug) is not str or not _slug:
            _slug = identity(text, _slug, "slug")
        _name = data.get("name")
        if type(_name) is not str and _name is not None:
            _name = member(text, _name, "name", extra)
        _best_for = data.get("bestFor")
        if type(_best_for) is not str and _best_for is not None:
            _best_for = member(text, _best_for, "bestFor", extra)
        _description = data.get("description")
        if type(_description) is not str and _description is not None:
            _description = member(text, _description, "description", extra)
        _tags = members(text, data.get("tags"), "tags", extra)
        _released = data.get("released")
        if type(_released) is not str and _released is not None:
            _released = member(text, _released, "released", extra)
        _pricing = child(cls._pricing_kind, data.get("pricing"), "pricing", extra)
        _researcher = data.get("researcher")
        if type(_researcher) is not str and _researcher is not None:
            _researcher = member(text, _researcher, "researcher", extra)
        _researcher_url = data.get("researcherUrl")
        if type(_researcher_url) is not str and _researcher_url is not None:
            _researcher_url = member(text, _researcher_url, "researcherUrl", extra)
        _urls = members(text, data.get("urls"), "urls", extra)
        _sample_prompts = members(text, data.get("samplePrompts"), "samplePrompts", extra)
        return cls(
            _slug,
            _name,
            _best_for,
            _description,
            _tags,
            _released,
            _pricing,
            _researcher,
            _researcher_url,
            _urls,
            _sample_prompts,
            Extra(extra) if extra else NO_EXTRA,
        )

    def to_dict(self) -> dict[str, Any]:
        """The value as JSON, with the API's names and `extra`; `from_dict` reads it again."""
        return {
            "slug": self.slug,
            "name": self.name,
            "bestFor": self.best_for,
            "description": self.description,
            "tags": [*self.tags],
            "released": self.released,
            "pricing": self.pricing.to_dict() if self.pricing is not None else None,
            "researcher": self.researcher,
            "researcherUrl": self.researcher_url,
            "urls": [*self.urls],
            "samplePrompts": [*self.sample_prompts],
            **self.extra,
        }
