"""The calls of the API that the client is built on, and what they are called in the generated package.

Names hang on method and path alone, so that they outlive a document that is written in another way.
"""

from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

Key = tuple[str, str]  # method and path, the path as the API reference writes it


@frozen
class Name:
    """What a call is called: generator package, function, and the schema of its answer (and of its body).

    `sends` are the parameters that the client fills in, with their types: those of the query for a GET, else members of
    the body; `always` are those of them that it never leaves out. `reads` are the members of the answer without which
    it would be wrong unnoticed. `entries` is the member that holds the list, for lists whose envelope the reference
    leaves open. A name that is not known was derived, for a call that is new to us.
    """

    tag: str
    operation: str
    response: str
    body: str = ""
    entries: str = ""
    sends: Mapping[str, str] = field(factory=dict)
    always: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    is_known: bool = True


_PAGE: Final = {"limit": "integer", "cursor": "integer"}
_GENERATION: Final[Mapping[str, str]] = dict.fromkeys(("prompt", "model", "style", "shape", "quality"), "string")

CALLS: Final[Mapping[Key, Name]] = {
    ("get", "/models"): Name("models", "list_models", "ModelList", entries="models"),
    ("get", "/models/{model}"): Name("models", "get_model", "Model"),
    ("get", "/styles"): Name("styles", "list_styles", "StyleList", entries="styles"),
    ("get", "/styles/{style}"): Name("styles", "get_style", "Style"),
    ("get", "/shapes"): Name("shapes", "list_shapes", "ShapeList", entries="shapes"),
    ("get", "/shapes/{shape}"): Name("shapes", "get_shape", "Shape"),
    ("get", "/credits"): Name("account", "get_credits", "CreditBalance"),
    ("post", "/generate"): Name(
        "generation",
        "create_generation",
        "GenerationAccepted",
        "GenerationRequest",
        sends=_GENERATION,
        always=("prompt",),
    ),
    ("get", "/batches"): Name(
        "batches", "list_batches", "BatchPage", sends=_PAGE, always=("limit",), reads=("batches", "nextCursor")
    ),
    ("get", "/batches/{batchId}"): Name("batches", "get_batch", "Batch"),
    ("get", "/images"): Name(
        "images",
        "list_images",
        "ImagePage",
        sends={**_PAGE, "batchId": "string"},
        always=("limit",),
        reads=("images", "nextCursor"),
    ),
    ("get", "/images/{imageId}"): Name("images", "get_image", "Image"),
    ("get", "/openapi.json"): Name("meta", "get_openapi", "OpenApiDocument"),
}
