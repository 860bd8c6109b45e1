from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.model_pricing import ModelPricing


T = TypeVar("T", bound="Model")


@_attrs_define
class Model:
    """An image model.

    Attributes:
        slug (None | str | Unset): Slug of the model.
        name (None | str | Unset): Display name.
        best_for (None | str | Unset): What the model is best at, in a few words.
        description (None | str | Unset): What the model does, in a sentence or two.
        tags (list[str] | None | Unset):
        released (None | str | Unset): Release date.
        pricing (ModelPricing | None | Unset):
        researcher (None | str | Unset): Who made the model.
        researcher_url (None | str | Unset): Home page of its maker.
        urls (list[str] | None | Unset):
        sample_prompts (list[str] | None | Unset):
    """

    slug: None | str | Unset = UNSET
    name: None | str | Unset = UNSET
    best_for: None | str | Unset = UNSET
    description: None | str | Unset = UNSET
    tags: list[str] | None | Unset = UNSET
    released: None | str | Unset = UNSET
    pricing: ModelPricing | None | Unset = UNSET
    researcher: None | str | Unset = UNSET
    researcher_url: None | str | Unset = UNSET
    urls: list[str] | None | Unset = UNSET
    sample_prompts: list[str] | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.model_pricing import ModelPricing  # noqa: PLC0415

        slug: None | str | Unset
        if isinstance(self.slug, Unset):
            slug = UNSET
        else:
            slug = self.slug

        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        best_for: None | str | Unset
        if isinstance(self.best_for, Unset):
            best_for = UNSET
        else:
            best_for = self.best_for

        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

        tags: list[str] | None | Unset
        if isinstance(self.tags, Unset):
            tags = UNSET
        elif isinstance(self.tags, list):
            tags = self.tags

        else:
            tags = self.tags

        released: None | str | Unset
        if isinstance(self.released, Unset):
            released = UNSET
        else:
            released = self.released

        pricing: dict[str, Any] | None | Unset
        if isinstance(self.pricing, Unset):
            pricing = UNSET
        elif isinstance(self.pricing, ModelPricing):
            pricing = self.pricing.to_dict()
        else:
            pricing = self.pricing

        researcher: None | str | Unset
        if isinstance(self.researcher, Unset):
            researcher = UNSET
        else:
            researcher = self.researcher

        researcher_url: None | str | Unset
        if isinstance(self.researcher_url, Unset):
            researcher_url = UNSET
        else:
            researcher_url = self.researcher_url

        urls: list[str] | None | Unset
        if isinstance(self.urls, Unset):
            urls = UNSET
        elif isinstance(self.urls, list):
            urls = self.urls

        else:
            urls = self.urls

        sample_prompts: list[str] | None | Unset
        if isinstance(self.sample_prompts, Unset):
            sample_prompts = UNSET
        elif isinstance(self.sample_prompts, list):
            sample_prompts = self.sample_prompts

        else:
            sample_prompts = self.sample_prompts

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if slug is not UNSET:
            field_dict["slug"] = slug
        if name is not UNSET:
            field_dict["name"] = name
        if best_for is not UNSET:
            field_dict["bestFor"] = best_for
        if description is not UNSET:
            field_dict["description"] = description
        if tags is not UNSET:
            field_dict["tags"] = tags
        if released is not UNSET:
            field_dict["released"] = released
        if pricing is not UNSET:
            field_dict["pricing"] = pricing
        if researcher is not UNSET:
            field_dict["researcher"] = researcher
        if researcher_url is not UNSET:
            field_dict["researcherUrl"] = researcher_url
        if urls is not UNSET:
            field_dict["urls"] = urls
        if sample_prompts is not UNSET:
            field_dict["samplePrompts"] = sample_prompts

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.model_pricing import ModelPricing  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_slug(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        slug = _parse_slug(d.pop("slug", UNSET))

        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        name = _parse_name(d.pop("name", UNSET))

        def _parse_best_for(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        best_for = _parse_best_for(d.pop("bestFor", UNSET))

        def _parse_description(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description = _parse_description(d.pop("description", UNSET))

        def _parse_tags(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                tags_type_0 = cast(list[str], data)

                return tags_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        tags = _parse_tags(d.pop("tags", UNSET))

        def _parse_released(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        released = _parse_released(d.pop("released", UNSET))

        def _parse_pricing(data: object) -> ModelPricing | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                pricing_type_1 = ModelPricing.from_dict(data)

                return pricing_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ModelPricing | None | Unset, data)

        pricing = _parse_pricing(d.pop("pricing", UNSET))

        def _parse_researcher(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        researcher = _parse_researcher(d.pop("researcher", UNSET))

        def _parse_researcher_url(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        researcher_url = _parse_researcher_url(d.pop("researcherUrl", UNSET))

        def _parse_urls(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                urls_type_0 = cast(list[str], data)

                return urls_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        urls = _parse_urls(d.pop("urls", UNSET))

        def _parse_sample_prompts(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                sample_prompts_type_0 = cast(list[str], data)

                return sample_prompts_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        sample_prompts = _parse_sample_prompts(d.pop("samplePrompts", UNSET))

        model = cls(
            slug=slug,
            name=name,
            best_for=best_for,
            description=description,
            tags=tags,
            released=released,
            pricing=pricing,
            researcher=researcher,
            researcher_url=researcher_url,
            urls=urls,
            sample_prompts=sample_prompts,
        )

        model.additional_properties = d
        return model

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
