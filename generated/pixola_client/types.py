"""What sending an operation returns."""

from collections.abc import Mapping
from typing import Generic, NamedTuple, TypeVar

T_co = TypeVar("T_co", covariant=True)


class Response(NamedTuple, Generic[T_co]):
    """An answer: its status (any number that came), body and headers, and the value that was read from it.

    `parsed` is None for an error, and for a success that could not be read.
    """

    status_code: int
    content: bytes
    headers: Mapping[str, str]
    parsed: T_co | None
