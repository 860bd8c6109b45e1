"""Values against the schemas of the API reference."""

from typing import Any

from openapi_schema_validator import OAS30Validator

from tests.support.reference import reference

DOCUMENT = reference()


def violations(schema: dict[str, Any], value: Any) -> list[str]:
    """What is wrong with `value` by a schema of the document, references resolved; nothing if it is right."""
    whole = {**schema, "components": DOCUMENT["components"]}
    validator = OAS30Validator(whole, format_checker=OAS30Validator.FORMAT_CHECKER)
    return [f"{'/'.join(map(str, each.path))}: {each.message}" for each in validator.iter_errors(value)]


def answer_violations(method: str, path: str, status: int, body: Any) -> list[str]:
    """What is wrong with an answer to a call, named by its path in the document."""
    response = DOCUMENT["paths"][path][method]["responses"].get(str(status))
    if response is None:
        return [f"{method} {path}: status {status} is not documented"]
    if "$ref" in response:
        response = DOCUMENT["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
    return violations(response["content"]["application/json"]["schema"], body)
