"""Reads answers of the running sandbox into the models that datamodel-code-generator made: pydantic's or msgspec's."""

import os
import sys
from typing import Any

import made
import urllib3


def reader(kind: str) -> Any:
    """A function of a body and the name of a model."""
    if kind == "pydantic":
        return lambda body, name: getattr(made, name).model_validate_json(body)
    import msgspec  # noqa: PLC0415  (of one of the two)

    return lambda body, name: msgspec.json.decode(body, type=getattr(made, name))


def main(kind: str) -> None:
    """Every kind of answer, nulls and errors included."""
    read, url = reader(kind), os.environ["PIXOLA_BASE_URL"]
    http = urllib3.PoolManager(headers={"authorization": f"Bearer {os.environ['PIXOLA_API_KEY']}"})
    accepted = read(http.request("POST", f"{url}/generate", json={"prompt": "A lighthouse"}).data, "GenerationAccepted")
    paths = {
        "models": "ModelList",
        "models/flux-2": "Model",
        "styles": "StyleList",
        "styles/watercolor": "Style",
        "shapes": "ShapeList",
        "shapes/landscape-wide": "Shape",
        "credits": "CreditBalance",
        "batches": "BatchPage",
        f"batches/{accepted.batchId}": "Batch",  # not finished yet: an image without a URL
        "images": "ImagePage",
        "images/none": "ErrorResponse",
    }
    for path, name in paths.items():
        assert read(http.request("GET", f"{url}/{path}").data, name), path
    batch = read(http.request("GET", f"{url}/batches/{accepted.batchId}").data, "Batch")
    image = read(http.request("GET", f"{url}/images/{batch.images[0].imageId}").data, "Image")
    assert image.batchId == accepted.batchId


main(sys.argv[1])
