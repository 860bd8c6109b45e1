"""Checks of arguments before anything is sent; a `ConfigurationError` names the argument that is wrong."""

import json
import operator
import re
from collections.abc import Collection, Mapping
from typing import Any, Final, SupportsIndex
from urllib.parse import unquote

from .._display import printable
from ..errors import ConfigurationError

LARGEST_PAGE: Final = 100  # items one request may ask for (API reference, GET /batches and GET /images)

_SHOWN_BITS: Final = 100  # of a number in a message
_METHOD: Final = re.compile(r"[A-Za-z]{3,20}")
_PATH: Final = re.compile(r"/(?!/)(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*")  # RFC 3986, 3.3
_ID: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._~-]{0,199}")  # what may enter a path; never "", "." or ".."


def is_id(value: object) -> bool:
    """Whether `value` is an id or slug that can be asked for: safe in a URL path, matched whole."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def checked_id(value: object, name: str) -> str:
    """An id or slug that is safe in a URL path, matched whole."""
    if not isinstance(value, str) or not is_id(value):
        raise ConfigurationError(f"{name}: {printable(repr(value), 60)} is not an id or slug of this API", setting=name)
    return value


def checked_text(value: object, name: str) -> str:
    """Text that is not blank and can be sent."""
    if not isinstance(value, str):
        raise ConfigurationError(f"{name}: expected text, not {type(value).__name__}", setting=name)
    if not value.strip():
        raise ConfigurationError(f"{name}: must not be empty", setting=name)
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ConfigurationError(f"{name}: holds half a character (a lone surrogate)", setting=name) from error
    return value


def checked_count(value: object, name: str, *, least: int, most: int | None = None) -> int:
    """A whole number within its bounds, as an `int`; those of numpy are taken too."""
    bounds = f"at least {least}" if most is None else f"from {least} to {most}"
    number = _integer(value)
    if number is None:
        raise ConfigurationError(f"{name}: expected a whole number, not {type(value).__name__}", setting=name)
    if number < least or (most is not None and number > most):
        shown = number if number.bit_length() < _SHOWN_BITS else "a number of that size"  # Python prints no huge ones
        raise ConfigurationError(f"{name}: must be {bounds}, not {shown}", setting=name)
    return number


def _integer(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, SupportsIndex):
        return None
    try:
        return operator.index(value)
    except TypeError:  # an array
        return None


def checked_json(value: Any, name: str) -> Any:
    """A value that JSON can hold."""
    try:
        json.dumps(value, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ConfigurationError(
            f"{name}: cannot be sent as JSON ({printable(str(error), 100)})", setting=name
        ) from error
    return value


def checked_members(value: object, known: Collection[str]) -> Mapping[str, Any]:
    """Members of a request by the API's names, none of which has a parameter of its own among `known`."""
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(isinstance(name, str) and name for name in value):
        raise ConfigurationError("extra: expected a mapping of names to values", setting="extra")
    for name in value:
        if name in known:
            raise ConfigurationError(f"extra: {name} has a parameter of its own", setting="extra")
    return value


def checked_method(value: object) -> str:
    """An HTTP method, in capitals."""
    if not isinstance(value, str) or not _METHOD.fullmatch(value):
        raise ConfigurationError(f"method: {printable(repr(value), 40)} is not an HTTP method", setting="method")
    return value.upper()


def checked_path(value: object) -> str:
    """A path below the base URL: it starts with one slash and leads nowhere else."""
    if not isinstance(value, str) or not _PATH.fullmatch(value) or {".", ".."} & {*_segments(value)}:
        raise ConfigurationError(
            f"path: {printable(repr(value), 60)} is not a path below the base URL, such as /models; "
            "a query goes into `params`",
            setting="path",
        )
    return value


def _segments(path: str) -> list[str]:
    return unquote(path).replace("\\", "/").split("/")
