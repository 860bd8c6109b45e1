"""Requests and answers of the sandbox, whichever way they travel: over a socket or inside the process."""

import json
from collections.abc import Mapping
from email.utils import formatdate
from typing import Any, Final

from attrs import evolve, field, frozen

WIRE: Final = frozenset({"reset", "hang", "drip", "truncated", "oversized", "endless"})
ENDLESS: Final = 1024 * 2**20  # bytes after which an endless body ends all the same
FILLING: Final = bytes(64 * 1024)  # what endless bodies are made of
_OVERSIZED: Final = 100 * 2**30  # bytes that an oversized body claims to have
LARGEST_BODY: Final = 1024 * 1024  # bytes of a request; no documented call needs a hundredth of it


@frozen
class Request:
    """One request. `path` is still percent-encoded, header names are lower case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(factory=dict)
    body: bytes = b""


@frozen
class Answer:
    """One answer. `wire` names what goes wrong on its way (see `WIRE`), `faults` what else is to go wrong with it."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(factory=dict)
    wire: str | None = None
    faults: tuple[str, ...] = ()

    @classmethod
    def of(cls, document: Any, status: int = 200) -> "Answer":
        """An answer with a JSON body."""
        return cls(status, _encode(document).encode())

    def with_headers(self, **headers: str) -> "Answer":
        """It with more headers; `_` stands for `-`."""
        return evolve(
            self, headers={**{name.replace("_", "-"): text for name, text in headers.items()}, **self.headers}
        )

    def all_headers(self, now: float) -> list[tuple[str, str]]:
        """Every header, the date by the sandbox's clock among them."""
        return [
            ("date", http_date(int(now))),
            ("content-type", self.content_type),
            ("content-length", str(len(self.body))),
            *self.headers.items(),
        ]


def announced(headers: list[tuple[str, str]], answer: Answer) -> list[tuple[str, str]]:
    """The headers as they go out when something is wrong with the length of the body."""
    if answer.wire not in ("oversized", "endless"):
        return headers
    without = [(name, value) for name, value in headers if name != "content-length"]
    return without if answer.wire == "endless" else [*without, ("content-length", str(_OVERSIZED))]


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
        return evolve(answer, headers=self.headers)


def bad_request(field_name: str, problem: str) -> RefusalError:
    """400, naming the field."""
    return RefusalError(400, "bad_request", f"{field_name}: {problem}")


def not_found(what: str) -> RefusalError:
    """404."""
    return RefusalError(404, "not_found", f"There is no such {what}")
