"""Values against the schemas of openapi.json."""

from typing import Any

from openapi_schema_validator import OAS30Validator

from pixola_ext import spec

_COMPONENTS = spec()["components"]


def violations(schema: dict[str, Any], value: Any, components: Any = _COMPONENTS) -> list[str]:
    """What is wrong with `value` by a schema of the document, references resolved; nothing if it is right."""
    validator = OAS30Validator({**schema, "components": components}, format_checker=OAS30Validator.FORMAT_CHECKER)
    return [f"{'/'.join(map(str, each.path))}: {each.message}" for each in validator.iter_errors(value)]


def answer_violations(method: str, path: str, status: int, body: Any, document: Any = None) -> list[str]:
    """What is wrong with an answer to a call, named by its path in the document, which is openapi.json if None."""
    document = document or spec()
    components = document["components"]
    response = document["paths"][path][method]["responses"].get(str(status))
    if response is None:
        return [f"{method} {path}: status {status} is not documented"]
    if "$ref" in response:
        response = components["responses"][response["$ref"].rsplit("/", 1)[1]]
    return violations(response["content"]["application/json"]["schema"], body, components)
