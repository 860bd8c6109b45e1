from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.style_list_item import StyleListItem


T = TypeVar("T", bound="StyleList")


@_attrs_define
class StyleList:
    """
    Attributes:
        styles (list[StyleListItem] | None | Unset):
    """

    styles: list[StyleListItem] | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        styles: list[dict[str, Any]] | None | Unset
        if isinstance(self.styles, Unset):
            styles = UNSET
        elif isinstance(self.styles, list):
            styles = []
            for styles_type_0_item_data in self.styles:
                styles_type_0_item = styles_type_0_item_data.to_dict()
                styles.append(styles_type_0_item)

        else:
            styles = self.styles

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if styles is not UNSET:
            field_dict["styles"] = styles

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.style_list_item import StyleListItem  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_styles(data: object) -> list[StyleListItem] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                styles_type_0 = []
                _styles_type_0 = data
                for styles_type_0_item_data in _styles_type_0:
                    styles_type_0_item = StyleListItem.from_dict(
                        styles_type_0_item_data
                    )

                    styles_type_0.append(styles_type_0_item)

                return styles_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[StyleListItem] | None | Unset, data)

        styles = _parse_styles(d.pop("styles", UNSET))

        style_list = cls(
            styles=styles,
        )

        style_list.additional_properties = d
        return style_list

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
