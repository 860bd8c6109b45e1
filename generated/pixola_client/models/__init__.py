"""Contains all the data models used in inputs/outputs"""

from .batch import Batch
from .batch_image import BatchImage
from .batch_page import BatchPage
from .batch_page_item import BatchPageItem
from .credit_balance import CreditBalance
from .generation_accepted import GenerationAccepted
from .generation_request import GenerationRequest
from .generation_request_quality import GenerationRequestQuality
from .image import Image
from .image_page import ImagePage
from .image_page_item import ImagePageItem
from .model import Model
from .model_list import ModelList
from .model_list_item import ModelListItem
from .model_list_item_pricing import ModelListItemPricing
from .model_pricing import ModelPricing
from .open_api_document import OpenApiDocument
from .shape import Shape
from .shape_list import ShapeList
from .shape_list_item import ShapeListItem
from .style import Style
from .style_list import StyleList
from .style_list_item import StyleListItem

__all__ = (
    "Batch",
    "BatchImage",
    "BatchPage",
    "BatchPageItem",
    "CreditBalance",
    "GenerationAccepted",
    "GenerationRequest",
    "GenerationRequestQuality",
    "Image",
    "ImagePage",
    "ImagePageItem",
    "Model",
    "ModelList",
    "ModelListItem",
    "ModelListItemPricing",
    "ModelPricing",
    "OpenApiDocument",
    "Shape",
    "ShapeList",
    "ShapeListItem",
    "Style",
    "StyleList",
    "StyleListItem",
)
