from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.generation_request_quality import (
    GenerationRequestQuality,
    check_generation_request_quality,
)
from ..types import UNSET, Unset

T = TypeVar("T", bound="GenerationRequest")


@_attrs_define
class GenerationRequest:
    """What to generate.

    Attributes:
        prompt (str): What the picture should show.
        model (str | Unset): Slug of the model; the platform chooses when it is left out.
        style (str | Unset): Slug of a style preset; `no-style` when it is left out.
        shape (str | Unset): Slug of an aspect ratio; `square` when it is left out.
        quality (GenerationRequestQuality | Unset): Rendering quality; HD uses more credits.
    """

    prompt: str
    model: str | Unset = UNSET
    style: str | Unset = UNSET
    shape: str | Unset = UNSET
    quality: GenerationRequestQuality | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        prompt = self.prompt

        model = self.model

        style = self.style

        shape = self.shape

        quality: str | Unset = UNSET
        if not isinstance(self.quality, Unset):
            quality = self.quality

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "prompt": prompt,
            }
        )
        if model is not UNSET:
            field_dict["model"] = model
        if style is not UNSET:
            field_dict["style"] = style
        if shape is not UNSET:
            field_dict["shape"] = shape
        if quality is not UNSET:
            field_dict["quality"] = quality

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        prompt = d.pop("prompt")

        model = d.pop("model", UNSET)

        style = d.pop("style", UNSET)

        shape = d.pop("shape", UNSET)

        _quality = d.pop("quality", UNSET)
        quality: GenerationRequestQuality | Unset
        if isinstance(_quality, Unset):
            quality = UNSET
        else:
            quality = check_generation_request_quality(_quality)

        generation_request = cls(
            prompt=prompt,
            model=model,
            style=style,
            shape=shape,
            quality=quality,
        )

        return generation_request
