"""One exchange with the service while its bytes arrive, the same for both drivers: time, size, errors by name."""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any, Final

import httpx

from .._display import printable
from ..errors import ConnectError, PixolaError, RequestError, RequestTimeoutError

CONNECT_TIMEOUT: Final = 5.0  # seconds
READ_TIMEOUT: Final = 30.0  # seconds without a byte
GRACE: Final = 0.1  # seconds after its deadline in which an exchange may still end by a limit that says more
LARGEST_ANSWER: Final = 32 * 2**20  # bytes of a decoded API answer; a page of 100 images is about 40 kB

# What httpx raises before a byte of the request was written.
_NEVER_DELIVERED: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


# Everything that httpx raises, and what ends an exchange on an event loop.
FOREIGN: Final = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, TimeoutError)


def timeouts(remaining: float) -> httpx.Timeout:
    """The limits of each phase, none longer than what remains of the call."""
    read = max(min(READ_TIMEOUT, remaining), 0.001)
    connect = min(CONNECT_TIMEOUT, read)
    return httpx.Timeout(connect=connect, read=read, write=read, pool=read)


_end: ContextVar[float] = ContextVar("_end", default=math.inf)  # of the exchange in this thread, by `time.monotonic`


@contextmanager
def ending(seconds: float) -> Iterator[None]:
    """Reads inside end after `seconds` in all: a server that drips its headers never trips the limit of each read."""
    token = _end.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _end.reset(token)


def heed_the_end(event: str, details: Mapping[str, Any]) -> None:
    """For httpx's `trace` extension: a new connection heeds `ending` from its first read on."""
    if event.endswith(("connect_tcp.complete", "start_tls.complete")):
        stream = details["return_value"]
        stream.read = partial(_read, stream.read)


def _read(read: Callable[..., bytes], max_bytes: int, timeout: float | None = None) -> bytes:
    left = max(_end.get() - time.monotonic(), 0.001)
    return read(max_bytes, left if timeout is None else min(timeout, left))


@contextmanager
def request_errors(method: str, url: str) -> Iterator[None]:
    """Turns whatever sending raises into `RequestError`; `ConnectError` only if nothing can have been delivered."""
    try:
        yield
    except PixolaError:
        raise
    except Exception as error:  # transports and their hooks may be the caller's own
        kind, what = kind_of(error)
        detail = printable(str(error), 200) or type(error).__name__
        raise kind(f"{what} {method} {url}: {detail}", method=method, url=url) from error


@contextmanager
def unsent(method: str, url: str) -> Iterator[None]:
    """Turns whatever making a request raises into `ConnectError`; a client of the caller's own may add anything."""
    try:
        yield
    except Exception as error:
        detail = printable(f"{type(error).__name__}: {error}", 200)
        raise ConnectError(f"could not make {method} {url}: {detail}", method=method, url=url) from error


def kind_of(error: Exception) -> tuple[type[RequestError], str]:
    """The class for what httpx raised, and how to say it."""
    if isinstance(error, _NEVER_DELIVERED):
        return ConnectError, "could not connect for"
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return RequestTimeoutError, "no answer in time to"
    return RequestError, "the connection broke off during"


class Body:
    """The body of an API answer, bounded in size and time."""

    def __init__(self, method: str, url: str, deadline: float) -> None:
        self.method = method
        self.url = url
        self._deadline = deadline
        self._chunks: list[bytes] = []
        self._size = 0

    def add(self, chunk: bytes, now: float) -> None:
        """One more piece; a slow drip ends at the deadline, which per-read timeouts never see."""
        self._chunks.append(chunk)
        self._size += len(chunk)
        if self._size > LARGEST_ANSWER:
            what = f"the answer to {self.method} {self.url} is larger than {LARGEST_ANSWER} bytes"
            raise RequestError(what, method=self.method, url=self.url)
        if now > self._deadline:
            what = f"no complete answer in time to {self.method} {self.url}"
            raise RequestTimeoutError(what, method=self.method, url=self.url)

    def content(self) -> bytes:
        """All of it."""
        return b"".join(self._chunks)
