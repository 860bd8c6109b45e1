"""An OpenAPI document as bytes: read, checked, and written in a form that depends on nothing but what it says.

Members keep the order they came in, except on the top level (`TOP`, `webhooks`, `components`, others by name), among
kinds of components (`COMPONENTS`, others by name) and among methods of a path (`METHODS`, after all else).
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator
from openapi_spec_validator.validation.exceptions import DuplicateOperationIDError, UnresolvableParameterError

from .references import METHODS, mapping

SOURCE: Final = "x-source"
TOP: Final = ("openapi", "info", "externalDocs", "jsonSchemaDialect", "servers", "security", "tags", "paths")
COMPONENTS: Final = ("schemas", "parameters", "requestBodies", "headers", "responses", "securitySchemes")
_VALIDATORS: Final = {"3.0": OpenAPIV30SpecValidator, "3.1": OpenAPIV31SpecValidator}
# Rules that documents in the field break, and that the normaliser does not depend on.
_HARMLESS: Final = (DuplicateOperationIDError, UnresolvableParameterError)


class RefusedError(Exception):
    """The document is not taken; the message says why."""


def parsed(body: bytes) -> Any:
    """The JSON in these bytes."""
    if body.lstrip()[:1] == b"<":
        raise RefusedError("that is HTML or XML, not JSON")
    try:
        return json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"that is not JSON, or not all of it: {error}") from error


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a value of JSON")


def checked(document: Any) -> tuple[dict[str, Any], list[str]]:
    """The document, if it is a valid one of OpenAPI 3.0 or 3.1, and its flaws that do no harm."""
    if not isinstance(document, dict):
        raise RefusedError("that is JSON, but not an OpenAPI document")
    if "swagger" in document:
        raise RefusedError(f"that is Swagger {document['swagger']}, not OpenAPI 3; convert it first")
    version = str(document.get("openapi", "of no version"))
    validator = _VALIDATORS.get(version[:3]) if version[3:4] in (".", "") else None
    if validator is None:
        raise RefusedError(f"that is OpenAPI {version}; 3.0 and 3.1 are supported")
    for pointer in _references(document):
        if not pointer.startswith("#"):  # the validator would follow it, to wherever it leads
            raise RefusedError(f"the document is not whole, it refers to {public(pointer)}")
    try:
        errors = [*validator(document).iter_errors()]
    except Exception as error:  # whatever stops the validator, it has not found the document valid
        raise RefusedError(f"not valid OpenAPI {version}: {type(error).__name__} {error}") from error
    for error in errors:
        if not isinstance(error, _HARMLESS):
            place = "/".join(map(str, error.absolute_path)) or "document"
            reason = error.message.partition("\n")[0]  # one of its backends quotes the whole document after it
            raise RefusedError(f"not valid OpenAPI {version}: {place}: {reason}")
    return document, [error.message for error in errors]


def _references(document: Any) -> Iterator[str]:
    left = [document]
    while left:
        node = left.pop()
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node["$ref"]
            left += node.values()
        elif isinstance(node, list):
            left += node


def without_source(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document without the note where it came from, which is ours."""
    info = {key: value for key, value in mapping(document.get("info")).items() if key != SOURCE}
    return {**document, "info": info} if info else dict(document)


def canonical(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with its top level, kinds of components and methods of paths in their fixed order."""
    made = _ordered(document, TOP, last=("webhooks", "components"))
    for key in ("paths", "webhooks"):
        if isinstance(made.get(key), Mapping):
            made[key] = {path: _by_method(item) for path, item in made[key].items()}
    if isinstance(made.get("components"), Mapping):
        made["components"] = _ordered(made["components"], COMPONENTS)
    return made


def formatted(document: Mapping[str, Any]) -> bytes:
    """The bytes in which a document is kept."""
    try:
        return (json.dumps(canonical(document), indent=2, ensure_ascii=False) + "\n").encode()
    except UnicodeEncodeError as error:
        raise RefusedError("the document holds text that is not Unicode") from error


def written_alike(one: Mapping[str, Any], two: Mapping[str, Any]) -> bool:
    """Whether two documents say the same, in whatever order their members stand."""
    return json.dumps(one, sort_keys=True) == json.dumps(two, sort_keys=True)


def _ordered(node: Mapping[str, Any], first: Sequence[str], last: Sequence[str] = ()) -> dict[str, Any]:
    others = sorted(node.keys() - {*first, *last})
    return {key: node[key] for key in (*first, *last, *others) if key in node}


def _by_method(item: Any) -> Any:
    if not isinstance(item, Mapping):
        return item
    others = {key: value for key, value in item.items() if key not in METHODS}
    return {**others, **{method: item[method] for method in METHODS if method in item}}


def public(url: str) -> str:
    """A URL without what may be secret: user, password, query and fragment."""
    return re.sub(r"[?#].*", "", re.sub(r"(?<=://)[^/?#]*@", "", url), flags=re.DOTALL)
