"""One exchange with the API while its bytes arrive, the same for both drivers: time, size, coding, errors by name."""

import math
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import partial
from typing import Any, Final

import httpx

from .._api.answers import Answer
from .._display import printable
from .._flows.effects import HeldUpError
from .._key import ApiKey
from ..errors import ConnectError, PixolaError, RequestError, RequestTimeoutError

CONNECT_TIMEOUT: Final = 5.0  # seconds
READ_TIMEOUT: Final = 30.0  # seconds without a byte
GRACE: Final = 0.1  # seconds after its deadline in which an exchange may still end by a limit that says more
LARGEST_ANSWER: Final = 8 * 2**20  # bytes of a decoded API answer; a page of 100 images is about 40 kB

# The codings that zlib undoes piece by piece. No other is undone: two layers of gzip make 2 GB of 2 kB at once.
_CODINGS: Final = frozenset({"gzip", "x-gzip", "deflate"})
_GZIP_OR_ZLIB: Final = zlib.MAX_WBITS | 32

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


# -- the deadline of blocking reads --------------------------------------------------------------------------------

_deadline: ContextVar[float] = ContextVar("_deadline", default=math.inf)  # of this thread, by `time.monotonic`


@contextmanager
def read_deadline(seconds: float) -> Iterator[None]:
    """Reads inside end after `seconds` in all: a server that drips its headers never trips the limit of each read."""
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def enforce_read_deadline(connection: Any) -> None:
    """Reads of a new connection (a network stream of httpcore) end at `read_deadline` from now on."""
    connection.read = partial(_read, connection.read)


def check_in_time(method: str, url: str, latest: float | None, now: float) -> None:
    """Raise `HeldUpError` for a request that must not be begun after the instant `latest`."""
    if latest is not None and now > latest:
        what = f"{method} {url} was held up for too long on this machine; it was not sent"
        raise HeldUpError(what, method=method, url=url)


def is_connected(event: str) -> bool:
    """Whether an event of httpx's `trace` extension tells of a new connection, its `return_value`."""
    return event.endswith(("connect_tcp.complete", "start_tls.complete"))


def _read(read: Callable[..., bytes], max_bytes: int, timeout: float | None = None) -> bytes:
    left = _deadline.get() - time.monotonic()
    if left <= 0:  # also when there is always something to read, such as one `100 Continue` after the other
        raise httpx.ReadTimeout("the deadline of the call has passed")
    return read(max_bytes, left if timeout is None else min(timeout, left))


# -- errors --------------------------------------------------------------------------------------------------------


@contextmanager
def unsent(method: str, url: str) -> Iterator[None]:
    """Turns whatever making a request raises into `ConnectError`; a client of the caller's own may add anything."""
    try:
        yield
    except PixolaError:
        raise
    except Exception as error:  # noqa: BLE001  (the caller's own code)
        detail = printable(f"{type(error).__name__}: {error}", 200)
        cause = without_frames(error)
        raise ConnectError(f"could not make {method} {url}: {detail}", method=method, url=url) from cause


def kind_of(error: Exception) -> tuple[type[RequestError], str]:
    """The class for what httpx raised, and how to say it."""
    if isinstance(error, _NEVER_DELIVERED):
        return ConnectError, "could not connect for"
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return RequestTimeoutError, "no answer in time to"
    if isinstance(error, httpx.DecodingError):
        return RequestError, "could not decode the answer to"
    return RequestError, "the connection broke off during"


def without_frames(error: Exception) -> Exception:
    """`error` and its causes without their tracebacks: local variables down there hold headers, and so the key."""
    link: BaseException | None = error
    while link is not None and link.__traceback__ is not None:
        link.__traceback__ = None
        link = link.__cause__ or link.__context__
    return error


# -- the answer ----------------------------------------------------------------------------------------------------


class Exchange:
    """A request that is being answered: the answer so far, bounded in size and time."""

    def __init__(self, method: str, url: str, deadline: float, key: ApiKey | None) -> None:
        self.method = method
        self.url = url
        self._deadline = deadline
        self._key = key
        self._status = 0
        self._headers = httpx.Headers()
        self._content = bytearray()
        self._decoder: Any = None

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turns whatever sending raises into `RequestError`; `ConnectError` only if nothing can have been delivered.

        A refusal (4xx) stands, whatever happens to the rest of it: the status alone says that nothing was accepted.
        """
        try:
            yield
        except Exception as error:  # transports and their hooks may be the caller's own
            if httpx.codes.is_client_error(self._status):
                return
            if isinstance(error, PixolaError):
                raise
            raise self._named(error) from self._cause(error)

    def begin(self, response: httpx.Response) -> None:
        """Status and headers have come."""
        self._status = response.status_code
        self._headers = self._masked(response.headers)
        coding = response.headers.get("content-encoding", "identity").strip().lower()
        if coding in _CODINGS:
            self._decoder = zlib.decompressobj(_GZIP_OR_ZLIB)
        elif coding not in ("", "identity"):
            raise httpx.DecodingError(f"its content-encoding is {coding!r}, which was not asked for")

    def add(self, chunk: bytes, now: float) -> None:
        """One more piece; a slow drip ends at the deadline, which the limits of each read never see."""
        self._content += chunk if self._decoder is None else self._decoded(chunk)
        if len(self._content) > LARGEST_ANSWER:
            what = f"the answer to {self.method} {self.url} is larger than {LARGEST_ANSWER} bytes"
            raise RequestError(what, method=self.method, url=self.url)
        if now > self._deadline:
            what = f"no complete answer in time to {self.method} {self.url}"
            raise RequestTimeoutError(what, method=self.method, url=self.url)

    def answer(self, received_at: datetime) -> Answer:
        """The whole answer; the key is replaced where a server repeats it."""
        content = bytes(self._content)
        masked = content if self._key is None else self._key.masked_bytes(content)
        return Answer(self.method, self.url, self._status, self._headers, masked, received_at)

    def _decoded(self, chunk: bytes) -> bytes:
        try:
            piece: bytes = self._decoder.decompress(chunk, LARGEST_ANSWER + 1 - len(self._content))
        except zlib.error as error:
            raise httpx.DecodingError(str(error)) from error
        return piece

    def _masked(self, headers: httpx.Headers) -> httpx.Headers:
        if self._key is None:
            return headers
        masked = [(name, self._key.masked_bytes(value)) for name, value in headers.raw]
        return headers if masked == headers.raw else httpx.Headers(masked)

    def _named(self, error: Exception) -> RequestError:
        kind, what = kind_of(error)
        detail = self._safe(printable(str(error), 200)) or type(error).__name__
        return kind(f"{what} {self.method} {self.url}: {detail}", method=self.method, url=self.url)

    def _cause(self, error: Exception) -> Exception | None:
        """The error to chain; None if it repeats the key, as the parser's do, which quote what they cannot read."""
        return without_frames(error) if self._safe(str(error)) == str(error) else None

    def _safe(self, text: str) -> str:
        return text if self._key is None else self._key.masked(text)
