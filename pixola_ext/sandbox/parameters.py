"""Strict reading of query parameters and bodies: a malformed value is a 400 that names the field."""

import json
from collections.abc import Container
from typing import Any, Final
from urllib.parse import parse_qsl

from attrs import frozen

from . import catalog
from .contract import Contract
from .messages import LARGEST_BODY, Request, bad_request
from .records import Submission

LARGEST_PAGE: Final = 100  # items (API reference)
_LARGEST_CURSOR: Final = 2**63 - 1  # openapi.json: int64
_LONGEST_NUMBER: Final = 19  # digits of the largest cursor
QUALITIES: Final = ("standard", "hd")  # the default first (API reference)


@frozen
class PageBounds:
    """The bounds of `limit`, and its value where it is left out."""

    least: int
    most: int
    default: int

    @classmethod
    def of(cls, contract: Contract, path: str, default: int) -> "PageBounds":
        """Those in the document for GET `path`, or else those of the API reference."""
        operation = contract.operation("GET", path)
        schema = contract.parameters(operation).get("limit") if operation else None
        bounds = (("minimum", 1), ("maximum", LARGEST_PAGE), ("default", default))
        return cls(*(contract.bound(schema, name, otherwise) for name, otherwise in bounds))


@frozen
class BodyRules:
    """The words for `quality`, and the members of a submission that may be null, which is read as left out."""

    qualities: tuple[str, ...]
    nullable: frozenset[str]

    @classmethod
    def of(cls, contract: Contract) -> "BodyRules":
        """Those in the document for POST /generate; `quality` always knows the words of the API reference."""
        operation = contract.operation("POST", "/generate")
        members = contract.members(contract.body(operation)) if operation else {}
        words = contract.words(members.get("quality"))
        nullable = frozenset(name for name, schema in members.items() if contract.takes_null(schema))
        return cls(tuple(dict.fromkeys((*QUALITIES, *words))), nullable)


def query(request: Request) -> dict[str, str]:
    """The query parameters of a request; a repeated name is refused."""
    found: dict[str, str] = {}
    try:
        pairs = parse_qsl(request.query, keep_blank_values=True, errors="strict", max_num_fields=50)
    except ValueError as error:
        raise bad_request("query", "cannot be read") from error
    for name, value in pairs:
        if name in found:
            raise bad_request(_shown(name), "is given twice")
        found[name] = value
    return found


def page(request: Request, bounds: PageBounds) -> tuple[int, int | None, dict[str, str]]:
    """`limit`, `cursor` and the whole query of a list request."""
    given = query(request)
    limit = _number(given, "limit", bounds.least, bounds.most)
    return bounds.default if limit is None else limit, _number(given, "cursor", 0, _LARGEST_CURSOR), given


def _number(given: dict[str, str], name: str, least: int, most: int) -> int | None:
    text = given.get(name)
    if text is None:
        return None
    is_number = text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER
    if not is_number or not least <= int(text) <= most:
        raise bad_request(name, f"must be a whole number from {least} to {most}")
    return int(text)


def submission(request: Request, rules: BodyRules) -> Submission:
    """The body of POST /generate, with the defaults filled in."""
    given = json_object(request)
    body = {name: value for name, value in given.items() if value is not None or name not in rules.nullable}
    prompt = _text(body, "prompt")
    if prompt is None:
        raise bad_request("prompt", "is required")
    if not prompt.strip():
        raise bad_request("prompt", "must not be empty")
    return Submission(
        prompt=prompt,
        model=_choice(body, "model", catalog.models()) or catalog.DEFAULT_MODEL,
        style=_choice(body, "style", catalog.styles()) or catalog.DEFAULT_STYLE,
        shape=_choice(body, "shape", catalog.shapes()) or catalog.DEFAULT_SHAPE,
        quality=_choice(body, "quality", rules.qualities) or QUALITIES[0],
    )


def json_object(request: Request) -> dict[str, Any]:
    """The body of a request as a JSON object; raises `MalformedError`."""
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise bad_request("body", "the content type must be application/json")
    if len(request.body) > LARGEST_BODY:
        raise bad_request("body", f"must not be larger than {LARGEST_BODY} bytes")
    try:
        body = json.loads(request.body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise bad_request("body", "must be JSON") from error
    if not isinstance(body, dict):
        raise bad_request("body", "must be a JSON object")
    return body


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _text(body: dict[str, Any], name: str) -> str | None:
    if name not in body:
        return None
    value = body[name]
    if not isinstance(value, str):
        raise bad_request(name, "must be a string")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise bad_request(name, "holds half a character (a lone surrogate)")
    return value


def _choice(body: dict[str, Any], name: str, known: Container[str]) -> str | None:
    value = _text(body, name)
    if value is None or value in known:
        return value
    raise bad_request(name, f"unknown {name} {_shown(value)!r}")


def _shown(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"  # noqa: PLR2004  (characters)
