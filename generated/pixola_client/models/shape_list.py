from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.shape_list_item import ShapeListItem


T = TypeVar("T", bound="ShapeList")


@_attrs_define
class ShapeList:
    """
    Attributes:
        shapes (list[ShapeListItem] | None | Unset):
    """

    shapes: list[ShapeListItem] | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        shapes: list[dict[str, Any]] | None | Unset
        if isinstance(self.shapes, Unset):
            shapes = UNSET
        elif isinstance(self.shapes, list):
            shapes = []
            for shapes_type_0_item_data in self.shapes:
                shapes_type_0_item = shapes_type_0_item_data.to_dict()
                shapes.append(shapes_type_0_item)

        else:
            shapes = self.shapes

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if shapes is not UNSET:
            field_dict["shapes"] = shapes

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.shape_list_item import ShapeListItem  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_shapes(data: object) -> list[ShapeListItem] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                shapes_type_0 = []
                _shapes_type_0 = data
                for shapes_type_0_item_data in _shapes_type_0:
                    shapes_type_0_item = ShapeListItem.from_dict(
                        shapes_type_0_item_data
                    )

                    shapes_type_0.append(shapes_type_0_item)

                return shapes_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[ShapeListItem] | None | Unset, data)

        shapes = _parse_shapes(d.pop("shapes", UNSET))

        shape_list = cls(
            shapes=shapes,
        )

        shape_list.additional_properties = d
        return shape_list

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
