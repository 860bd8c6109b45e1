"""Strict reading of query parameters and bodies: a malformed value is a 400 that names the field."""

import json
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import parse_qsl

from . import catalog
from .messages import LARGEST_BODY, Request, bad_request
from .records import Submission

LARGEST_PAGE: Final = 100  # items (API reference)
_LARGEST_CURSOR: Final = 2**63 - 1  # openapi.json: int64
_LONGEST_NUMBER: Final = 19  # digits of the largest cursor
_QUALITIES: Final = ("standard", "hd")


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


def page(request: Request, default: int) -> tuple[int, int | None, dict[str, str]]:
    """`limit`, `cursor` and the whole query of a list request."""
    given = query(request)
    limit = _number(given, "limit", 1, LARGEST_PAGE)
    return default if limit is None else limit, _number(given, "cursor", 0, _LARGEST_CURSOR), given


def _number(given: dict[str, str], name: str, least: int, most: int) -> int | None:
    text = given.get(name)
    if text is None:
        return None
    is_number = text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER
    if not is_number or not least <= int(text) <= most:
        raise bad_request(name, f"must be a whole number from {least} to {most}")
    return int(text)


def submission(request: Request) -> Submission:
    """The body of POST /generate, with the defaults filled in."""
    body = json_object(request)
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
        quality=_choice(body, "quality", _QUALITIES) or _QUALITIES[0],
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


def _choice(body: dict[str, Any], name: str, known: Iterable[str]) -> str | None:
    value = _text(body, name)
    if value is None or value in known:
        return value
    raise bad_request(name, f"unknown {name} {_shown(value)!r}")


def _shown(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"  # noqa: PLR2004  (characters)
