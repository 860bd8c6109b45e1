"""Checks of options and admin values. Each raises `MalformedError` naming the field, or returns the value."""

import math
from typing import Any, Final

from .messages import bad_request

KEY_PREFIX: Final = "pxk_"  # what every key starts with (API reference)
_LONGEST_KEY: Final = 200  # characters


def whole(name: str, value: Any, least: int, most: int) -> int:
    """An integer from `least` to `most`."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise bad_request(name, f"must be a whole number from {least} to {most}")
    return value


def number(name: str, value: Any, least: float, most: float) -> float:
    """A number from `least` to `most`, as a float."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not least <= value <= most or math.isnan(value):
        raise bad_request(name, f"must be a number from {least:g} to {most:g}")
    return float(value)


def flag(name: str, value: Any) -> bool:
    """True or false; any other value is refused."""
    if not isinstance(value, bool):
        raise bad_request(name, "must be true or false")
    return value


def text(name: str, value: Any) -> str:
    """A string that is not empty."""
    if not isinstance(value, str) or not value:
        raise bad_request(name, "must be a string that is not empty")
    return value


def key(name: str, value: Any) -> str:
    """An API key that a header can carry."""
    given = text(name, value)
    is_plain = given.isascii() and given.isprintable() and " " not in given and len(given) <= _LONGEST_KEY
    if not given.startswith(KEY_PREFIX) or given == KEY_PREFIX or not is_plain:
        raise bad_request(name, f"must start with {KEY_PREFIX} and hold no space")
    return given
