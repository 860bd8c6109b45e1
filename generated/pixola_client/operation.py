"""A call of the API as a value: the request to send, and how to read the answer. Nothing here sends."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, NamedTuple, TypeVar
from urllib.parse import quote

T_co = TypeVar("T_co", covariant=True)

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})  # RFC 9110, 9.2.1
_NO_PARAMETERS: Final[Mapping[str, Any]] = {}


class Operation(NamedTuple, Generic[T_co]):
    """One call with its arguments.

    `path` follows the base URL and has its parameters filled in; `params` is the query without what is not sent; `json`
    is the body, None for no body. `read` turns the decoded JSON of a success (None for an empty body) into the value;
    it raises `UnreadableError`. `needs_key` says whether the call is refused without an API key. `name` and `tag` are
    those of the module that made it.
    """

    name: str
    tag: str
    method: str
    path: str
    read: Callable[[Any], T_co]
    params: Mapping[str, Any] = _NO_PARAMETERS
    json: Any = None
    needs_key: bool = True

    @property
    def is_safe(self) -> bool:
        """Whether the method only asks (GET, HEAD, OPTIONS, TRACE), so that repeating it changes nothing."""
        return self.method in SAFE_METHODS


def segment(value: object, name: str) -> str:
    """One segment of a path, quoted; raises `ValueError` for what would lead to another path."""
    text = "" if value is None else str(value)
    if text in ("", ".", ".."):
        raise ValueError(f"{name}: {value!r} cannot stand in a path")
    return quote(text, safe="")


def present(members: Mapping[str, Any]) -> dict[str, Any]:
    """The members that are sent: all but those that are None."""
    return {name: value for name, value in members.items() if value is not None}
