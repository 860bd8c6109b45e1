"""A picture on its way to disk, the same for both drivers: whence, how large, how slow, and under what name."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import urljoin

import httpx

from ._exchange import FOREIGN, kind_of, timeouts
from ._origins import is_loopback, is_public, without_query
from .errors import DownloadError
from .flows import Download, Downloaded

LARGEST_PICTURE: Final = 64 * 2**20  # bytes; a lossless 4096 x 4096 picture is about 40 MB
_MOST_REDIRECTS: Final = 5
_ENDS: Final = 16  # bytes kept of both ends of a file, to tell what it is and whether it is whole
_LONGEST_NUMBER: Final = 15  # digits of a Content-Length that is taken seriously


class Transfer:
    """One download on its way to a temporary file beside its target; without `finish` no file is left."""

    def __init__(self, download: Download, deadline: float) -> None:
        self._loopback = download.loopback
        self._folder = download.folder
        self._path = download.folder / f".pixola-{secrets.token_hex(8)}.part"
        self._deadline = deadline
        self._hops = 0
        self._size = 0
        self._head = b""
        self._tail = b""
        self._kept = False
        self.url = self._allowed(download.url)

    def __enter__(self) -> Self:
        with self._writing():
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("xb")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if not self._kept:
            with suppress(OSError):
                self._path.unlink()

    def request(self, client: httpx.Client | httpx.AsyncClient, now: float) -> httpx.Request:
        """The request for the present URL: no key, and no compression, whose output could be of any size."""
        headers = {"Accept": "image/*", "Accept-Encoding": "identity"}
        return client.build_request("GET", self.url, headers=headers, timeout=timeouts(self._deadline - now))

    def moves(self, response: httpx.Response) -> bool:
        """Whether the answer points elsewhere; then `url` is the new place, checked like the first."""
        location = response.headers.get("location")
        if not response.is_redirect or location is None:
            return False
        self._hops += 1
        if self._hops > _MOST_REDIRECTS:
            raise self._error("too many redirects")
        self.url = self._allowed(urljoin(self.url, location))
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
        if len(self._head) < _ENDS:
            self._head = (self._head + chunk)[:_ENDS]
        self._tail = (self._tail + chunk[-_ENDS:])[-_ENDS:]
        with self._writing():
            self._file.write(chunk)

    def finish(self) -> Downloaded:
        """The file, complete by its announced length and closed."""
        if self._announced is not None and self._size != self._announced:
            raise self._error(f"{self._size} bytes came of {self._announced}", transient=True)
        with self._writing():
            self._file.close()
        self._kept = True
        return Downloaded(self._path, self._head, self._tail, self._size)

    @contextmanager
    def failures(self) -> Iterator[None]:
        """Turns what httpx raises into `DownloadError`."""
        try:
            yield
        except FOREIGN as error:
            _, what = kind_of(error)
            raise self._error(f"{what} the download ({type(error).__name__})", transient=True) from error

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._error(f"cannot write to {self._folder} ({error.strerror})") from error

    def _allowed(self, url: str) -> str:
        try:
            parsed = httpx.URL(url)
        except (httpx.InvalidURL, ValueError) as error:
            raise DownloadError("the picture's URL is not a URL", url=without_query(url)) from error
        here = self._loopback and is_loopback(parsed.host)
        if here and parsed.scheme in ("http", "https"):
            return url
        if parsed.scheme != "https" or not parsed.host:
            raise DownloadError("the picture's URL is not https", url=without_query(url))
        if not is_public(parsed.host):
            raise DownloadError("the picture's URL points into a private network", url=without_query(url))
        return url

    def _error(self, reason: str, *, status: int | None = None, transient: bool = False) -> DownloadError:
        url = without_query(self.url)
        return DownloadError(f"cannot download {url}: {reason}", url=url, status=status, is_transient=transient)


def _length(header: str | None) -> int | None:
    if header is None or not (header.isascii() and header.isdigit()) or len(header) > _LONGEST_NUMBER:
        return None
    return int(header)


def publish(temporary: Path, target: Path) -> Path:
    """Gives the file the first free name of `target`, `target-2`, ...; two processes never take the same one."""
    name, number = target, 1
    while True:
        try:
            _claim(name, temporary)
        except FileExistsError:
            number += 1
            name = target.with_stem(f"{target.stem}-{number}")
        except OSError as error:
            with suppress(OSError):
                temporary.unlink()
            raise DownloadError(f"cannot write {name} ({error.strerror})", url="") from error
        else:
            return name


def _claim(name: Path, temporary: Path) -> None:
    try:
        os.link(temporary, name)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        name.touch(exist_ok=False)
        temporary.replace(name)
    else:
        temporary.unlink()
