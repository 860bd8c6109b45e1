"""A picture on its way to disk, the same for both drivers: where it comes from, how large it may be, and how slow."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urljoin

import httpx

from .._flows.effects import Download, Downloaded
from .._hosts import checked_url, is_loopback, is_public, without_query
from ..errors import ConfigurationError, DownloadError
from ..settings import Settings
from .connections import C, Clients
from .exchange import FOREIGN, kind_of, timeouts, without_frames
from .files import suffix_of
from .temporary import create_temporary, delete_temporary

LARGEST_PICTURE: Final = 64 * 2**20  # bytes; a lossless 4096 x 4096 picture is about 40 MB
_MOST_REDIRECTS: Final = 5
_LONGEST_NUMBER: Final = 15  # digits of a Content-Length that is taken seriously

_is_quiet: ContextVar[bool] = ContextVar("_is_quiet", default=False)


class _NoSignedUrls(logging.Filter):
    """Keeps httpx from logging the URLs of pictures, in the thread or task that downloads one."""

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002  (the signature of logging)
        return not _is_quiet.get()


logging.getLogger("httpx").addFilter(_NoSignedUrls())


class Transfer:
    """One download on its way to a temporary file beside its target; without `finish` no file is left."""

    def __init__(self, download: Download, settings: Settings, deadline: float) -> None:
        self._loopback = settings.is_loopback
        self._unencrypted_host = settings.unencrypted_host
        self._folder = download.folder or _temporary_folder()
        self._deadline = deadline
        self._hops = 0
        self._size = 0
        self._announced: int | None = None
        self._is_direct = True
        self._kept = False
        self.url = self._allowed(download.url)

    def __enter__(self) -> Self:
        with self._writing():
            self._folder.mkdir(parents=True, exist_ok=True)
            self._path = create_temporary(self._folder)
            self._file = self._path.open("wb")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if error is not None or not self._kept:  # kept, and then cancelled: the file is not given to the caller
            with suppress(OSError):
                delete_temporary(self._path)

    def left(self, now: float) -> float:
        """Seconds until it has to be done."""
        return max(self._deadline - now, 0.001)

    def request(self, clients: Clients[C], now: float, trace: object) -> tuple[C, httpx.Request]:
        """The client and the request for the present URL: no key, and no compression, which could grow to any size.

        `trace` is told what happens on the connection, and hands it on to `connected`.
        """
        headers = {"Accept": "image/*", "Accept-Encoding": "identity"}
        request = clients.picture_request(self.url, headers, timeouts(self._deadline - now), trace)
        return clients.pictures(self.url), request

    def connected(self, event: str, details: Mapping[str, Any]) -> DownloadError | None:
        """Why a connection must not be used, before a byte is sent over it: a public name may lead anywhere.

        Not asked of a proxy, which stands in a private network by right and looks names up by itself.
        """
        host = _host(httpx.URL(self.url))
        if event == "connection.connect_tcp.started":
            self._is_direct = details["host"] == host
        if event != "connection.connect_tcp.complete" or not self._is_direct or host == self._unencrypted_host:
            return None
        peer = details["return_value"].get_extra_info("server_addr")
        if peer is None or is_public(peer[0]) or (self._loopback and is_loopback(peer[0])):
            return None
        return self._error("its host is in a private network")

    def moves(self, response: httpx.Response) -> bool:
        """Whether the answer points elsewhere; then `url` is the new place, checked like the first."""
        location = response.headers.get("location")
        if not response.is_redirect or location is None:
            return False
        self._hops += 1
        if self._hops > _MOST_REDIRECTS:
            raise self._error("too many redirects")
        try:
            target = urljoin(self.url, location)
        except ValueError as error:  # half an IPv6 address
            raise self._error("it redirects to what is not a URL") from error
        self.url = self._allowed(target)
        return True

    def check(self, response: httpx.Response) -> None:
        """Refuses an answer that is no picture by its status, type or announced length."""
        if response.status_code != httpx.codes.OK:
            status = response.status_code
            transient = status >= httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.TOO_MANY_REQUESTS
            raise self._error(f"the server answered {status}", status=status, transient=transient)
        if response.headers.get("content-encoding", "identity").strip().lower() != "identity":
            raise self._error("the picture came compressed, unasked")
        self._announced = _length(response.headers.get("content-length"))
        if self._announced is not None and self._announced > LARGEST_PICTURE:
            raise self._error(f"the picture is larger than {LARGEST_PICTURE} bytes")

    def write(self, chunk: bytes, now: float) -> None:
        """One more piece of the file, within size and time."""
        self._size += len(chunk)
        if self._size > LARGEST_PICTURE:
            raise self._error(f"the picture is larger than {LARGEST_PICTURE} bytes")
        if now > self._deadline:
            raise self._error("the download was too slow", transient=True)
        with self._writing():
            self._file.write(chunk)

    def finish(self) -> Downloaded:
        """The file, closed, complete by its announced length and by its own structure."""
        if self._announced is not None and self._size != self._announced:
            raise self._error(f"{self._size} bytes came of {self._announced}", transient=True)
        with self._writing():
            self._file.close()
            suffix = suffix_of(self._path)
        if suffix is None:
            raise self._error("what came is not a whole picture", transient=True)
        self._kept = True
        return Downloaded(self._path, suffix)

    @contextmanager
    def failures(self) -> Iterator[None]:
        """Turns whatever sending raises into `DownloadError`, and keeps URLs, which may be signed, out of the log."""
        token = _is_quiet.set(True)
        try:
            yield
        except (ConfigurationError, DownloadError):
            raise
        except Exception as error:  # noqa: BLE001  (resolvers and event loops have errors of their own)
            _, what = kind_of(error)
            reason = f"{what} the download ({type(error).__name__})"
            raise self._error(reason, transient=isinstance(error, FOREIGN)) from without_frames(error)
        finally:
            _is_quiet.reset(token)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._error(f"cannot write to {self._folder} ({error.strerror})") from error

    def _allowed(self, url: str) -> str:
        if not url.lower().startswith(("https:", "http:")):
            raise DownloadError("the picture's URL is not https", url=without_query(url))
        try:
            parsed = checked_url(url)
        except ValueError as error:
            raise DownloadError(f"the picture's URL {error}", url=without_query(url)) from error
        host = _host(parsed)
        is_ours = host == self._unencrypted_host or (self._loopback and is_loopback(host))
        if is_ours:
            return url
        if parsed.scheme != "https":
            raise DownloadError("the picture's URL is not https", url=without_query(url))
        if not is_public(host):
            raise DownloadError("the picture's URL points into a private network", url=without_query(url))
        return url

    def _error(self, reason: str, *, status: int | None = None, transient: bool = False) -> DownloadError:
        url = without_query(self.url)
        return DownloadError(f"cannot download {url}: {reason}", url=url, status=status, is_transient=transient)


def _host(url: httpx.URL) -> str:
    return url.raw_host.decode("ascii")  # `host` decodes IDNA, which not every host can be


def _temporary_folder() -> Path:
    import tempfile  # noqa: PLC0415  (3 ms to import, and seldom needed)

    return Path(tempfile.gettempdir())


def _length(header: str | None) -> int | None:
    if header is None or not (header.isascii() and header.isdigit()) or len(header) > _LONGEST_NUMBER:
        return None
    return int(header)
