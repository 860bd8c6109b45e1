"""Turns any reasonable OpenAPI document of the Pixola API into the one that the client is generated from.

    python scripts/normalise.py [openapi.json]

The generator takes its names from the document and is easily upset by it. Here names follow from method and path alone,
schemas are named by where they stand, answers are opened (anything may be absent, null or another word) and requests
stay strict but without defaults, which would be sent. A pure function; what it meets and does not know, it reports.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen
from schemas import Reader, Schemas

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class UnusableDocumentError(ValueError):
    """The document cannot be the Pixola API; the message says why."""


@frozen
class Name:
    """What a call is called: generator package, function, and the schema of its answer (and of its body).

    `entries` is the member that holds the list, for lists whose envelope the reference leaves open.
    """

    tag: str
    operation: str
    response: str
    body: str = ""
    entries: str = ""


# The one table of names that cannot be derived. Paths are the reference's.
CALLS: Final[Mapping[tuple[str, str], Name]] = {
    ("get", "/models"): Name("models", "list_models", "ModelList", entries="models"),
    ("get", "/models/{model}"): Name("models", "get_model", "Model"),
    ("get", "/styles"): Name("styles", "list_styles", "StyleList", entries="styles"),
    ("get", "/styles/{style}"): Name("styles", "get_style", "Style"),
    ("get", "/shapes"): Name("shapes", "list_shapes", "ShapeList", entries="shapes"),
    ("get", "/shapes/{shape}"): Name("shapes", "get_shape", "Shape"),
    ("get", "/credits"): Name("account", "get_credits", "CreditBalance"),
    ("post", "/generate"): Name("generation", "create_generation", "GenerationAccepted", "GenerationRequest"),
    ("get", "/batches"): Name("batches", "list_batches", "BatchPage"),
    ("get", "/batches/{batchId}"): Name("batches", "get_batch", "Batch"),
    ("get", "/images"): Name("images", "list_images", "ImagePage"),
    ("get", "/images/{imageId}"): Name("images", "get_image", "Image"),
    ("get", "/openapi.json"): Name("meta", "get_openapi", "OpenApiDocument"),
}


@frozen
class Normalised:
    """The document to generate from, and what was met on the way, one sentence each."""

    document: dict[str, Any]
    report: list[str] = field(factory=list)


def normalise(document: Mapping[str, Any]) -> Normalised:
    """The document to generate from; raises `UnusableDocumentError`."""
    _check_version(document)
    report: list[str] = []
    found = dict(_operations(document, report))
    missing = [f"{method.upper()} {path}" for method, path in CALLS if (method, path) not in found]
    if missing:
        raise UnusableDocumentError(f"the document lacks {', '.join(missing)}")
    schemas = Schemas(Reader(document), report)
    paths: dict[str, Any] = {}
    for (method, path), (item, operation) in sorted(found.items()):
        name = CALLS.get((method, path)) or _derived_name(method, path, report)
        paths.setdefault(path, {})[method] = _operation(schemas, name, path, item, operation)
    return Normalised(
        {
            "openapi": "3.0.3",
            "info": {"title": "Pixola API", "version": "1"},
            "paths": paths,
            "components": {"schemas": schemas.named},
        },
        report,
    )


def _check_version(document: object) -> None:
    if not isinstance(document, Mapping):
        raise UnusableDocumentError("the document is not an object")
    if "swagger" in document:
        raise UnusableDocumentError(f"Swagger {document['swagger']} is not supported; convert it to OpenAPI 3 first")
    version = str(document.get("openapi", ""))
    if not re.match(r"3\.[01]\.", version):
        raise UnusableDocumentError(f"OpenAPI {version or 'of no version'} is not supported; 3.0 and 3.1 are")
    if not isinstance(document.get("paths"), Mapping) or not document["paths"]:
        raise UnusableDocumentError("the document has no paths")


def _operations(
    document: Mapping[str, Any], report: list[str]
) -> Iterator[tuple[tuple[str, str], tuple[Mapping[str, Any], Mapping[str, Any]]]]:
    """Every operation by method and path, the path as the reference writes it."""
    read = Reader(document)
    known = {_shape(path): path for _, path in CALLS}
    prefix = _prefix(document["paths"])
    for written, raw in document["paths"].items():
        path = written.removeprefix(prefix).rstrip("/") or "/"
        canonical = known.get(_shape(path), path)
        item = read(raw)
        for method in METHODS:
            if method in item:
                if (method, canonical) not in CALLS:
                    report.append(f"{method.upper()} {canonical} is not a call we know; it is generated all the same")
                yield (method, canonical), (item, read(item[method]))


def _shape(path: str) -> str:
    return re.sub(r"\{[^}]*\}|:[A-Za-z]\w*", "{}", path)


def _prefix(paths: Mapping[str, Any]) -> str:
    """What stands before `/models` in the paths, such as `/api/v1`."""
    found = (path.removesuffix("/models") for path in paths if path.rstrip("/").endswith("/models"))
    return next(found, "")


def _derived_name(method: str, path: str, report: list[str]) -> Name:
    words = [word for word in re.split(r"[^A-Za-z0-9]+", re.sub(r"\{[^}]*\}", "", path)) if word]
    tag = words[0].lower() if words else "other"
    verb = {"get": "get" if path.endswith("}") else "list", "post": "create"}.get(method, method)
    operation = "_".join([verb, *(word.lower() for word in words)])
    pascal = "".join(word.capitalize() for word in operation.split("_"))
    report.append(f"{method.upper()} {path} is called {operation}")
    return Name(tag, operation, f"{pascal}Response", f"{pascal}Request")


def _operation(
    schemas: Schemas, name: Name, path: str, item: Mapping[str, Any], operation: Mapping[str, Any]
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "tags": [name.tag],
        "operationId": name.operation,
        "summary": str(operation.get("summary") or name.operation.replace("_", " ")),
        "parameters": [*_path_parameters(path), *_query_parameters(schemas, item, operation)],
        "responses": {"200": _response(schemas, name, operation)},
    }
    body = schemas.read(operation.get("requestBody"))
    schema = _json_schema(schemas, body)
    if schema is not None:
        content = {"application/json": {"schema": schemas.request(schema, name.body or f"{name.response}Request")}}
        made["requestBody"] = {"required": True, "content": content}
    return made


def _path_parameters(path: str) -> list[dict[str, Any]]:
    names = re.findall(r"\{([^}]*)\}", path)
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _query_parameters(schemas: Schemas, item: Mapping[str, Any], operation: Mapping[str, Any]) -> list[dict[str, Any]]:
    declared = [schemas.read(each) for each in (*item.get("parameters", ()), *operation.get("parameters", ()))]
    by_name = {each["name"]: each for each in declared if each.get("in") == "query"}
    return [
        {
            "name": name,
            "in": "query",
            "required": each.get("required") is True,
            "schema": schemas.parameter(each.get("schema", {"type": "string"})),
        }
        for name, each in sorted(by_name.items())
    ]


def _response(schemas: Schemas, name: Name, operation: Mapping[str, Any]) -> dict[str, Any]:
    responses = operation.get("responses", {})
    success = next((responses[status] for status in sorted(responses, key=str) if re.match(r"2", str(status))), {})
    schema = _json_schema(schemas, schemas.read(success))
    if name.entries:
        opened = schemas.entries(schema or {}, name.entries, name.response)
    else:
        opened = schemas.response(schema or {}, name.response)
    content = {"application/json": {"schema": opened}}
    return {"description": "Success", "content": content}


def _json_schema(schemas: Schemas, holder: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The schema of the JSON in a body or response; one is inferred where there is only an example."""
    for media_type, media in (holder.get("content") or {}).items():
        if "json" in media_type:
            return schemas.of_media(media)
    return None


def main() -> int:
    """Print the normalised document, and the report on stderr."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("spec", nargs="?", type=Path, default=Path(__file__).parent.parent / "openapi.json")
    found = normalise(json.loads(parser.parse_args().spec.read_text()))
    print(json.dumps(found.document, indent=2))
    print(*found.report, sep="\n", end="\n" if found.report else "", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
