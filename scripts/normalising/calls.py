"""The calls of the API that the client is built on, and what they are called in the generated package.

Names hang on method and path alone, so that they outlive a document that is written in another way.
"""

from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

Key = tuple[str, str]  # method and path, the path as the API reference writes it


@frozen
class Name:
    """What a call is called (generator package, function), and what the API reference says of it.

    `answer` is the value that it gives, of promises.py (empty: any object). For each value inside, `gives` has the
    members that the reference lists for this call; a call whose envelope it leaves open lists none. `entries` is the
    member of `answer` that holds a list whose wrapping may be another.

    `body` names what is sent. `sends` are the parameters with their types: those of the query for a GET, else members
    of the body; `always` are those of them that are never left out.
    """

    tag: str
    operation: str
    answer: str = ""
    gives: Mapping[str, tuple[str, ...]] = field(factory=dict)
    entries: str = ""
    body: str = ""
    sends: Mapping[str, str] = field(factory=dict)
    always: tuple[str, ...] = ()
    needs_key: bool = True


_PAGE: Final = {"limit": "integer", "cursor": "integer"}
_GENERATION: Final[Mapping[str, str]] = dict.fromkeys(("prompt", "model", "style", "shape", "quality"), "string")
_MODEL: Final = (
    "slug", "name", "bestFor", "description", "tags", "released", "pricing", "researcher", "researcherUrl", "urls",
    "samplePrompts",
)  # fmt: skip
_STYLE: Final = ("slug", "name", "category", "prompt", "alias", "image")
_BATCH_ROW: Final = ("batchId", "status", "prompt", "quality", "imageCount", "createdAt")
_IN_BATCH: Final = ("imageId", "url", "model", "status", "creditsCharged")
_IMAGE: Final = ("imageId", "batchId", "url", "title", "model", "status", "createdAt", "creditsCharged")

CALLS: Final[Mapping[Key, Name]] = {
    ("get", "/models"): Name("models", "list_models", "ModelList", entries="models", needs_key=False),
    ("get", "/models/{model}"): Name("models", "get_model", "Model", {"Model": _MODEL}),
    ("get", "/styles"): Name("styles", "list_styles", "StyleList", entries="styles", needs_key=False),
    ("get", "/styles/{style}"): Name("styles", "get_style", "Style", {"Style": _STYLE}),
    ("get", "/shapes"): Name("shapes", "list_shapes", "ShapeList", entries="shapes", needs_key=False),
    ("get", "/shapes/{shape}"): Name("shapes", "get_shape", "Shape", {"Shape": ("slug", "name", "aspectRatio")}),
    ("get", "/credits"): Name("account", "get_credits", "CreditBalance"),
    ("post", "/generate"): Name(
        "generation",
        "create_generation",
        "GenerationAccepted",
        {"GenerationAccepted": ("batchId",)},
        body="GenerationRequest",
        sends=_GENERATION,
        always=("prompt",),
    ),
    ("get", "/batches"): Name(
        "batches",
        "list_batches",
        "BatchPage",
        {"BatchPage": ("batches", "nextCursor", "hasMore"), "BatchSummary": _BATCH_ROW},
        sends=_PAGE,
    ),
    ("get", "/batches/{batchId}"): Name(
        "batches", "get_batch", "Batch", {"Batch": ("batchId", "status", "images"), "Image": _IN_BATCH}
    ),
    ("get", "/images"): Name(
        "images",
        "list_images",
        "ImagePage",
        {"ImagePage": ("images", "nextCursor", "hasMore"), "Image": (*_IMAGE, "isFavorite")},
        sends={**_PAGE, "batchId": "string"},
    ),
    ("get", "/images/{imageId}"): Name("images", "get_image", "Image", {"Image": (*_IMAGE, "prompt")}),
    ("get", "/openapi.json"): Name("meta", "get_openapi", needs_key=False),
}
ITSELF: Final[Key] = ("get", "/openapi.json")  # hardly any document describes its own address
SUBMIT: Final[Key] = ("post", "/generate")  # without these two a document is that of another API
BATCHES: Final = frozenset({("get", "/batches"), ("get", "/batches/{batchId}")})
