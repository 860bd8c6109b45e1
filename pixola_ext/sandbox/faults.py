"""Failures on demand: every kind of fault, and what it does to an answer. `rules.py` decides which requests get one.

A fault has a name of one word; docs/sandbox.md lists the names, and `KINDS` is the same list.
"""

import json
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, Final

from attrs import evolve

from .messages import Answer, RefusalError, http_date
from .records import COMPLETE, FAILED, REJECTED, Fate

HUGE: Final = 315_360_000  # seconds of Retry-After: ten years
_ELSEWHERE: Final = "https://elsewhere.invalid/"  # a host that cannot exist (RFC 6761)

Instead = Callable[[float], Answer]
After = Callable[[Answer], Answer]


# -- answers given instead of the real one ----------------------------------------------------------------------------


def _refusal(status: int, code: str, message: str, _now: float) -> Answer:
    return RefusalError(status, code, message).answer()


def _limited(_now: float, retry_after: str | None = None) -> Answer:
    headers = {} if retry_after is None else {"retry_after": retry_after}
    return RefusalError(429, "rate_limited", "Rate limit exceeded", **headers).answer()


def _page(status: int, _now: float) -> Answer:
    body = f"<!doctype html>\n<html><head><title>{status}</title></head><body><h1>Error {status}</h1></body></html>\n"
    return Answer(status, body.encode(), "text/html; charset=utf-8")


def _empty(status: int, _now: float) -> Answer:
    return Answer(status, b"", "text/plain")


def _redirect(_now: float) -> Answer:
    return Answer(302, b"", "text/html", {"location": _ELSEWHERE})


def _lost(wire: str, _now: float) -> Answer:
    return Answer(200, b"", wire=wire)


_GATEWAY: Final = (500, 502, 503, 504, 520, 529)

INSTEAD: Final[dict[str, Instead]] = {
    "bad-request": partial(_refusal, 400, "bad_request", "prompt: refused on demand"),
    "unauthorized": partial(_refusal, 401, "unauthorized", "Invalid API key"),
    "not-found": partial(_refusal, 404, "not_found", "There is no such thing"),
    "content-flagged": partial(_refusal, 409, "content_flagged", "The prompt was flagged by moderation"),
    "insufficient-credits": partial(_refusal, 409, "insufficient_credits", "Not enough credits"),
    "rate-limited": partial(_limited, retry_after="1"),
    "rate-limited-date": lambda now: _limited(now, http_date(int(now) + 2)),
    "rate-limited-huge": partial(_limited, retry_after=str(HUGE)),
    "rate-limited-bare": _limited,
    "internal-error": partial(_refusal, 500, "internal_error", "Something went wrong inside the service"),
    **{f"html-{status}": partial(_page, status) for status in _GATEWAY},
    **{f"empty-{status}": partial(_empty, status) for status in _GATEWAY},
    "redirect": _redirect,
    "reset": partial(_lost, "reset"),
    "hang": partial(_lost, "hang"),
}


# -- changes to the real answer ---------------------------------------------------------------------------------------


def _on_wire(wire: str, answer: Answer) -> Answer:
    return evolve(answer, wire=wire)


def _with_body(answer: Answer, body: bytes, **changes: Any) -> Answer:
    return evolve(answer, body=body, **changes)


def _cut(answer: Answer) -> Answer:
    return _with_body(answer, answer.body[: len(answer.body) // 2])


def _mislabelled(answer: Answer) -> Answer:
    return evolve(answer, content_type="text/html; charset=utf-8")


def _changed(change: Callable[[dict[str, Any]], dict[str, Any]], answer: Answer) -> Answer:
    """The answer with `change` applied to every JSON object in it, innermost objects first."""
    if answer.content_type != "application/json" or not answer.body:
        return answer

    def walk(node: Any) -> Any:
        if isinstance(node, dict):
            return change({name: walk(value) for name, value in node.items()})
        return [walk(each) for each in node] if isinstance(node, list) else node

    return _with_body(answer, Answer.of(walk(json.loads(answer.body))).body)


_LISTS: Final = frozenset({"models", "styles", "shapes", "batches", "images"})
_NEEDED: Final = _LISTS | {"batchId", "imageId", "slug", "status", "url", "error", "code"}


def _unknown_status(members: dict[str, Any]) -> dict[str, Any]:
    return members | {"status": "warming_up"} if "status" in members else members


def _missing(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if name in _NEEDED}


def _null(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value if name in _NEEDED else None for name, value in members.items()}


def _extra(members: dict[str, Any]) -> dict[str, Any]:
    return members | {"sandboxExtra": {"unexpected": [1, "two", None]}}


def _epoch(members: dict[str, Any]) -> dict[str, Any]:
    created = members.get("createdAt")
    if not isinstance(created, str):
        return members
    return members | {"createdAt": int(datetime.fromisoformat(created).timestamp() * 1000)}


LOOKS: Final[dict[str, After]] = {  # in a prompt: whenever its batch or images are looked at
    "unknown-status": partial(_changed, _unknown_status),
    "missing-members": partial(_changed, _missing),
    "null-members": partial(_changed, _null),
    "extra-members": partial(_changed, _extra),
    "epoch-timestamps": partial(_changed, _epoch),
}

DOWNLOADS: Final[dict[str, After]] = {  # in a prompt: whenever its pictures are fetched
    "download-expired": lambda _answer: Answer(403, b"the address has expired\n", "text/plain"),
    "download-truncated": partial(_on_wire, "truncated"),
    "download-oversized": partial(_on_wire, "oversized"),
    "download-endless": partial(_on_wire, "endless"),
    "download-not-an-image": lambda answer: _with_body(answer, b"<html>Sign in</html>", content_type="text/html"),
    "download-mislabelled": lambda answer: _with_body(answer, b"<html>Sign in</html>"),
    "download-redirect": lambda _answer: _redirect(0),
}

AFTER: Final[dict[str, After]] = {
    "drip": partial(_on_wire, "drip"),
    "truncated": partial(_on_wire, "truncated"),
    "invalid-json": _cut,
    "wrong-type": _mislabelled,
    "empty-object": lambda answer: _with_body(answer, b"{}"),
    **LOOKS,
    **DOWNLOADS,
}

FATES: Final = {  # in a prompt only: what becomes of the batch
    "fails": Fate((FAILED,)),
    "is-rejected": Fate((REJECTED,)),
    "partial": Fate((COMPLETE, FAILED), images=2),
    "slow": Fate(slowness=10.0),
    "never-finishes": Fate(slowness=float("inf")),
}

LATE: Final = "-after"  # any answer of INSTEAD, but after the request was carried out
KINDS: Final = (*INSTEAD, *(f"{name}{LATE}" for name in INSTEAD), *AFTER)
