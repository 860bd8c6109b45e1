"""Requests and answers of the sandbox, whichever way they travel: over a socket or inside the process."""

import json
from collections.abc import Mapping
from email.utils import formatdate
from typing import Any, Final

from attrs import define, field, frozen

LARGEST_BODY: Final = 1024 * 1024  # bytes of a request; no documented call needs a hundredth of it


@frozen
class Request:
    """One request. `path` is still percent-encoded, header names are lower case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(factory=dict)
    body: bytes = b""


@define
class Answer:
    """One answer."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: dict[str, str] = field(factory=dict)

    @classmethod
    def of(cls, document: Any, status: int = 200) -> "Answer":
        """An answer with a JSON body."""
        return cls(status, _encode(document).encode())

    def all_headers(self, now: float) -> list[tuple[str, str]]:
        """Every header, the date by the sandbox's clock among them."""
        return [
            ("date", http_date(int(now))),
            ("content-type", self.content_type),
            ("content-length", str(len(self.body))),
            *self.headers.items(),
        ]


_encode = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode
_dates: dict[int, str] = {}


def http_date(seconds: int) -> str:
    """An HTTP date; the last one is kept, since thousands of answers share a second."""
    text = _dates.get(seconds)
    if text is None:
        _dates.clear()
        _dates[seconds] = text = formatdate(seconds, usegmt=True)
    return text


class RefusalError(Exception):
    """An answer in the documented error envelope."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def answer(self) -> Answer:
        """It as an answer."""
        answer = Answer.of({"error": {"code": self.code, "message": self.message}}, self.status)
        answer.headers = self.headers
        return answer


def bad_request(field_name: str, problem: str) -> RefusalError:
    """400, naming the field."""
    return RefusalError(400, "bad_request", f"{field_name}: {problem}")


def not_found(what: str) -> RefusalError:
    """404."""
    return RefusalError(404, "not_found", f"There is no such {what}")
