"""A document is fetched: if it changed, whole or not at all, within bounds of size and time, over safe hops only."""

import re
import time
from collections.abc import Callable
from typing import Final

import httpx
from attrs import frozen

from .loading import RefusedError, public

LARGEST: Final = 10_000_000  # bytes
TIMEOUT: Final = 30.0  # seconds without a sign of life
TOTAL: Final = 120.0  # seconds for everything, so that a drip ends too
_MOST_REDIRECTS: Final = 5
_LOOPBACK: Final = re.compile(r"localhost|127(\.\d+){3}|::1")


@frozen
class Downloaded:
    """What the service answered."""

    body: bytes
    etag: str | None


@frozen
class _Fetch:
    """One fetch, with what may be asked of it."""

    client: httpx.Client
    etag: str | None
    deadline: float
    clock: Callable[[], float]


def download(
    client: httpx.Client, source: str, etag: str | None, clock: Callable[[], float] = time.monotonic
) -> Downloaded | None:
    """What is at a URL, None if it is what the ETag stands for; raises `RefusedError`."""
    fetch = _Fetch(client, etag, clock() + TOTAL, clock)
    headers = {"accept": "application/json", "accept-encoding": "identity"}
    headers |= {"if-none-match": etag} if etag else {}
    try:
        url = httpx.URL(source)
        for _ in range(_MOST_REDIRECTS + 1):
            with client.stream("GET", url, headers=headers, follow_redirects=False) as response:
                if not response.has_redirect_location:
                    return _answer(fetch, response)
                url = _next(response)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise RefusedError(f"{public(source)} cannot be fetched: {error or type(error).__name__}") from error
    raise RefusedError(f"{public(source)} redirects more than {_MOST_REDIRECTS} times")


def _next(response: httpx.Response) -> httpx.URL:
    """The target of a redirect; only https or loopback, where the traffic cannot be read."""
    url = response.url.join(response.headers["location"])
    if url.scheme == "https" or (url.scheme == "http" and _LOOPBACK.fullmatch(url.host)):
        return url
    raise RefusedError(
        f"{public(str(response.url))} redirects to {public(str(url))}, which is neither https nor loopback"
    )


def _answer(fetch: _Fetch, response: httpx.Response) -> Downloaded | None:
    where = public(str(response.url))
    if response.status_code == httpx.codes.NOT_MODIFIED and fetch.etag:
        return None
    if response.status_code != httpx.codes.OK:
        raise RefusedError(f"{where} answers with status {response.status_code}")
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > LARGEST:
            raise RefusedError(f"{where} answers with more than {LARGEST} bytes")
        if fetch.clock() > fetch.deadline:
            raise RefusedError(f"{where} takes more than {TOTAL:.0f} seconds")
    length = response.headers.get("content-length", "")
    came = response.num_bytes_downloaded or len(body)  # the length is that of what was sent, perhaps compressed
    if length.isdecimal() and came < int(length):
        raise RefusedError(f"the answer ends after {came} of {length} bytes")
    return Downloaded(bytes(body), response.headers.get("etag"))
