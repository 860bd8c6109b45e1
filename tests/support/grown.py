"""A document of the API with more than the sandbox implements."""

from collections.abc import Mapping
from typing import Any

from tests.support.reference import reference


def grown() -> dict[str, Any]:
    """The reference with what a service may add: operations, members, a parameter, a word, a status, other texts."""
    document = reference()
    answer = {"200": {"description": "Yes.", "content": {"application/json": {"schema": {"type": "object"}}}}}
    document["paths"]["/sandbox-usage"] = {"get": {"operationId": "get_sandbox_usage", "responses": answer}}
    document["paths"]["/batches/{batchId}"]["delete"] = {"responses": {"204": {"description": "It is cancelled."}}}
    document["paths"]["/images"]["get"]["parameters"].append(
        {"name": "ranking", "in": "query", "schema": {"type": "string"}}
    )
    document["paths"]["/credits"]["get"]["responses"]["418"] = {"description": "A teapot."}
    schemas = document["components"]["schemas"]
    schemas["GenerationRequest"]["properties"]["negativePrompt"] = {"type": "string"}
    schemas["Quality"]["enum"].append("ultra")
    for name in ("Batch", "ImageSummary"):
        schemas[name]["properties"]["seedling"] = {"type": "integer"}
        schemas[name].setdefault("required", []).append("seedling")
    document["info"]["description"] = "Reworded."
    document["tags"] = [*document["tags"], {"name": "Usage"}]
    return document


def plain(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document without its servers."""
    return {name: said for name, said in document.items() if name != "servers"}
