"""The values of requests and answers; each module is imported with its first use."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .batch import Batch
    from .batch_page import BatchPage
    from .batch_summary import BatchSummary
    from .credit_balance import CreditBalance
    from .generation_accepted import GenerationAccepted
    from .generation_request import GenerationRequest
    from .image import Image
    from .image_page import ImagePage
    from .model import Model
    from .model_list import ModelList
    from .pricing import Pricing
    from .shape import Shape
    from .shape_list import ShapeList
    from .style import Style
    from .style_list import StyleList

_MODULES = {
    "Batch": ".batch",
    "BatchPage": ".batch_page",
    "BatchSummary": ".batch_summary",
    "CreditBalance": ".credit_balance",
    "GenerationAccepted": ".generation_accepted",
    "GenerationRequest": ".generation_request",
    "Image": ".image",
    "ImagePage": ".image_page",
    "Model": ".model",
    "ModelList": ".model_list",
    "Pricing": ".pricing",
    "Shape": ".shape",
    "ShapeList": ".shape_list",
    "Style": ".style",
    "StyleList": ".style_list",
}
__all__ = [
    "Batch",
    "BatchPage",
    "BatchSummary",
    "CreditBalance",
    "GenerationAccepted",
    "GenerationRequest",
    "Image",
    "ImagePage",
    "Model",
    "ModelList",
    "Pricing",
    "Shape",
    "ShapeList",
    "Style",
    "StyleList",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name], __name__), name)
