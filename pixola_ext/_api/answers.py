"""What came back, judged from the raw bytes: an error of the API, nonsense, or JSON to be parsed."""

import json
from datetime import datetime
from typing import Any, Final, NamedTuple

import httpx

from .._display import printable
from ..errors import APIError, UnexpectedResponseError, api_error_class
from .timing import http_date, retry_after

_REQUEST_ID_HEADERS: Final = ("x-request-id", "request-id", "x-vercel-id", "cf-ray")
_EXCERPT: Final = 200  # characters of an unreadable body that an error shows
_REDIRECT: Final = 300  # the first status that is no success
_MOST_VALUES: Final = 200_000  # in one answer; a page of 100 images has about 1,500
_CLIENT_ERROR: Final = 400  # the first status that is an error


class Answer(NamedTuple):
    """One whole answer; `url` and `method` are of the request, `received_at` is our own clock (aware, UTC)."""

    method: str
    url: str
    status: int
    headers: httpx.Headers
    content: bytes
    received_at: datetime

    def json(self) -> Any:
        """The body of a success, None if it is empty.

        Raises `APIError` for an error answer, `UnexpectedResponseError` for nonsense.
        """
        if self.status >= _CLIENT_ERROR:
            raise self._error()
        if not httpx.codes.is_success(self.status):
            raise self.unreadable("a redirect is not followed, because the key would go along")
        try:
            return _parsed(self.content) if self.content.strip() else None
        except (ValueError, RecursionError) as error:
            raise self.unreadable("it is not JSON") from error

    def unreadable(self, reason: str) -> UnexpectedResponseError:
        """The error for this answer when `reason` says what is wrong with it."""
        return UnexpectedResponseError(
            f"cannot read the answer to {self.method} {self.url} (status {self.status}): {reason}",
            status=self.status,
            method=self.method,
            url=self.url,
            body=printable(self.content[: 4 * _EXCERPT].decode("utf-8", "replace"), _EXCERPT),
        )

    def _error(self) -> APIError:
        code, message = self._code_and_message()
        made_at = http_date(self.headers.get("date")) or self.received_at
        request_ids = (self.headers[name] for name in _REQUEST_ID_HEADERS if name in self.headers)
        return api_error_class(self.status, code)(
            message,
            status=self.status,
            code=code,
            retry_after=retry_after(self.headers.get("retry-after"), made_at),
            request_id=next(map(printable, request_ids), None),
            method=self.method,
            url=self.url,
        )

    def _code_and_message(self) -> tuple[str | None, str]:
        """The service's own words; for a proxy's page or an empty body, the words of the status."""
        try:
            body = _parsed(self.content)
        except (ValueError, RecursionError):
            body = None
        detail = body.get("error") if isinstance(body, dict) else None
        if not isinstance(detail, dict):
            detail = {"message": detail}
        code, message = detail.get("code"), detail.get("message")
        return (
            printable(code) if isinstance(code, str) and code else None,
            printable(message) if isinstance(message, str) and message.strip() else _phrase(self.status),
        )


def _parsed(content: bytes) -> Any:
    """The JSON in `content`; raises `ValueError` for what is none, or would take too much memory."""
    # Two bytes of JSON can become a list of 56. What separates values is counted, also where it stands in a text.
    if len(content) > _MOST_VALUES and sum(map(content.count, (b",", b"[", b"{"))) > _MOST_VALUES:
        raise ValueError(f"more than {_MOST_VALUES} values")
    return json.loads(content)


def _phrase(status: int) -> str:
    return httpx.codes.get_reason_phrase(status) or "no reason given"
