"""Requests and answers of the sandbox, the same for HTTP and inside the process."""

import hashlib
import json
from collections.abc import Mapping
from email.utils import formatdate
from typing import Any, Final

from attrs import evolve, field, frozen

WIRE: Final = frozenset({"reset", "hang", "drip", "truncated", "oversized", "endless"})
UNANSWERED: Final = frozenset({"reset", "hang"})  # those of them that let nothing through at all
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
    """One answer. `wire` is the transport failure to simulate (see `WIRE`), `faults` those that its prompt asks for."""

    status: int
    body: bytes
    content_type: str | None = "application/json"
    headers: Mapping[str, str] = field(factory=dict)
    wire: str | None = None
    faults: tuple[str, ...] = ()

    @classmethod
    def of(cls, document: Any, status: int = 200) -> "Answer":
        """An answer with a JSON body."""
        return cls(status, _encode(document).encode())

    def with_headers(self, **headers: str) -> "Answer":
        """A copy of the answer with more headers; `_` in a name stands for `-`."""
        return evolve(
            self, headers={**{name.replace("_", "-"): text for name, text in headers.items()}, **self.headers}
        )

    def all_headers(self, now: float) -> list[tuple[str, str]]:
        """All headers to send; `date` is made from `now`, in epoch seconds of the sandbox's clock."""
        about_body = []
        if self.content_type is not None:
            about_body = [("content-type", self.content_type), ("content-length", str(len(self.body)))]
        return [("date", http_date(int(now))), *about_body, *self.headers.items()]


def tagged(request: Request, answer: Answer) -> Answer:
    """The answer with an ETag, or 304 if the request names that ETag in If-None-Match (RFC 9110, 13.1.2)."""
    etag = f'"{hashlib.blake2b(answer.body, digest_size=12).hexdigest()}"'
    held = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    if not held.isdisjoint({etag, "*"}):
        answer = evolve(answer, status=304, body=b"", content_type=None)
    return answer.with_headers(etag=etag)


def announced(headers: list[tuple[str, str]], answer: Answer) -> list[tuple[str, str]]:
    """The headers with the false or missing content length that the answer's `wire` asks for."""
    if answer.wire not in ("oversized", "endless"):
        return headers
    without = [(name, value) for name, value in headers if name != "content-length"]
    return without if answer.wire == "endless" else [*without, ("content-length", str(_OVERSIZED))]


_encode = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode
_dates: dict[int, str] = {}


def http_date(seconds: int) -> str:
    """The HTTP date of epoch seconds; the last one is cached, since thousands of answers share a second."""
    text = _dates.get(seconds)
    if text is None:
        _dates.clear()
        _dates[seconds] = text = formatdate(seconds, usegmt=True)
    return text


class RefusalError(Exception):
    """A request is refused: status, code and message of the documented error envelope."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def answer(self) -> Answer:
        """The refusal as an answer."""
        answer = Answer.of({"error": {"code": self.code, "message": self.message}}, self.status)
        return evolve(answer, headers=self.headers)


class MalformedError(RefusalError, ValueError):
    """A field has a wrong value: 400 over HTTP, a ValueError for Python callers. The message begins with the field."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(400, "bad_request", f"{name}: {problem}")
        self.name = name
        self.problem = problem


def bad_request(name: str, problem: str) -> MalformedError:
    """The refusal of a field with a wrong value, with status 400."""
    return MalformedError(name, problem)


def not_found(what: str) -> RefusalError:
    """The refusal of an id or slug that does not exist, with status 404; `what` is the kind of resource."""
    return RefusalError(404, "not_found", f"There is no such {what}")
