from collections.abc import Mapping
from typing import Any, Final, Self

from attrs import field as _field
from attrs import frozen

from ..reading import NO_EXTRA, Extra, identity, member, opened, text, unknown

_NAMES: Final = frozenset({"slug", "name", "category", "prompt", "alias", "image"})


@frozen(slots=False)
class Style:
    """A style preset."""

    slug: str
    """Slug of the style."""
    name: str | None = None
    """Display name."""
    category: str | None = None
    """Category the style is listed under."""
    prompt: str | None = None
    """Text that the preset adds to a prompt."""
    alias: str | None = None
    """Another name of the style, if it has one."""
    image: str | None = None
    """URL of a sample picture."""
    extra: Mapping[str, Any] = _field(default=NO_EXTRA, hash=False, repr=False)
    """What has no attribute or could not be read, by the API's names."""

    @classmethod
    def from_dict(cls, source: object, /) -> Self:
        """The value in a JSON object; raises `UnreadableError` if it has none."""
        data = source if type(source) is dict else opened(source, "Style")
        extra = {} if _NAMES.issuperset(data) else unknown(data, _NAMES)
        _slug = data.get("slug")
        if type(_slug) is not str or not _slug:
            _slug = identity(text, _slug, "slug")
        _name = data.get("name")
        if type(_name) is not str and _name is not None:
            _name = member(text, _name, "name", extra)
        _category = data.get("category")
        if type(_category) is not str and _category is not None:
            _category = member(text, _category, "category", extra)
        _prompt = data.get("prompt")
        if type(_prompt) is not str and _prompt is not None:
            _prompt = member(text, _prompt, "prompt", extra)
        _alias = data.get("alias")
        if type(_alias) is not str and _alias is not None:
            _alias = member(text, _alias, "alias", extra)
        _image = data.get("image")
        if type(_image) is not str and _image is not None:
            _image = member(text, _image, "image", extra)
        return cls(_slug, _name, _category, _prompt, _alias, _image, Extra(extra) if extra else NO_EXTRA)

    def to_dict(self) -> dict[str, Any]:
        """The value as JSON, with the API's names and `extra`; `from_dict` reads it again."""
        return {
            "slug": self.slug,
            "name": self.name,
            "category": self.category,
            "prompt": self.prompt,
            "alias": self.alias,
            "image": self.image,
            **self.extra,
        }
