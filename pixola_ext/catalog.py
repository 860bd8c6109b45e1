"""The values of the catalogs: models, styles and shapes; as those of `models.py`, generated ones with behaviour."""

from typing import ClassVar

import pixola_client.models.model
import pixola_client.models.shape
import pixola_client.models.style
from pixola_client.models.pricing import Pricing

from ._display import NotebookRepr

__all__ = ["Pricing"]


class Model(pixola_client.models.model.Model, NotebookRepr):
    """An image model, from `GET /models`. `released` is a date as the service writes it (ISO 8601)."""

    _repr_fields: ClassVar = ("slug", "name", "pricing", "best_for")


class Style(pixola_client.models.style.Style, NotebookRepr):
    """A style preset, from `GET /styles`; `prompt` is the text it adds to a prompt, `image` the URL of a sample."""

    _repr_fields: ClassVar = ("slug", "name", "category")


class Shape(pixola_client.models.shape.Shape, NotebookRepr):
    """An aspect ratio, from `GET /shapes`; `width` and `height` are pixels at standard quality, where known."""

    _repr_fields: ClassVar = ("slug", "name", "aspect_ratio", "width", "height")
