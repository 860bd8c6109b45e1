"""The part of openapi.json that the sandbox implements, and openapi.json with more than that."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pixola_ext import spec
from pixola_ext.sandbox.contract import Contract, Operation
from pixola_ext.sandbox.coverage import lacks
from pixola_ext.sandbox.parameters import QUALITIES
from pixola_ext.sandbox.routes import implements, query_of

MEMBER: Final = re.compile(r"(answer|request) member `(?:.*[.\]])?(\w+)`")


def implemented() -> dict[str, Any]:
    """openapi.json without the operations, parameters, members and words that the sandbox lacks."""
    document = spec()
    contract = Contract(document)
    lacking = {found.groups() for phrase in lacks(document) if (found := MEMBER.match(phrase))}
    for operation in contract.operations:
        if not implements(operation):
            del document["paths"][operation.path][operation.method.lower()]
            continue
        for said in (operation.item, operation.said):
            if "parameters" in said:
                said["parameters"][:] = _known(contract, operation, said["parameters"])
    for name in [name for kind, name in lacking if kind == "request"]:
        body = contract.body(next(each for each in contract.operations if each.path == "/generate"))
        for part in contract.parts(body):
            part.get("properties", {}).pop(name, None)
    for schema in _schemas(document):
        if isinstance(schema.get("required"), list):
            schema["required"] = [name for name in schema["required"] if ("answer", name) not in lacking]
        if set(QUALITIES) <= set(map(str, schema.get("enum", ()))):
            schema["enum"] = [*QUALITIES]
    return document


def _known(contract: Contract, operation: Operation, parameters: list[Any]) -> list[Any]:
    given = [(each, contract.resolved(each)) for each in parameters]
    return [each for each, said in given if said["in"] == "path" or said["name"] in query_of(operation)]


def _schemas(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _schemas(each)


def grown() -> dict[str, Any]:
    """openapi.json with what a service may add: operations, members, a parameter, a word, a status, other texts."""
    document = spec()
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
