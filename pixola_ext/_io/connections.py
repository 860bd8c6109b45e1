"""The httpx clients of one Pixola client: one for reading, one for paid submissions, one for pictures."""

import ssl
from collections.abc import Mapping
from functools import cache
from http.cookiejar import CookieJar
from typing import Any, Final, Generic, TypeVar

import httpx
from attrs import field, frozen

from ..settings import Settings

C = TypeVar("C", httpx.Client, httpx.AsyncClient)

_KEEPALIVE: Final = 75.0  # seconds; httpx's own 5 s would close every connection between two looks at a batch
_MOST_CONNECTIONS: Final = 20  # above it the connection pool's own bookkeeping is quadratic


@cache
def _ssl_context() -> ssl.SSLContext:
    return httpx.create_ssl_context()  # 16 ms and 471 kB: one for all clients


class _NoCookies(CookieJar):
    """Keeps none and looks for none: the API knows us by the key alone."""

    def extract_cookies(self, response: Any, request: Any) -> None:
        """None of them."""


@frozen
class Connections(Generic[C]):
    """Who sends what; `owned` is what we made and so must close.

    `headers` are those that each request to the API must be given; clients of ours have them already.
    """

    api: C
    paid: C
    pictures: C
    owned: tuple[C, ...]
    headers: Mapping[str, str] | None = field(default=None, repr=False)


def connect(
    kind: type[C],
    settings: Settings,
    http_client: C | None,
    transport: httpx.BaseTransport | httpx.AsyncBaseTransport | None,
) -> Connections[C]:
    """Connections for `settings`; over the caller's own client for everything but pictures, if there is one."""
    if http_client is not None and not isinstance(http_client, kind):
        raise TypeError(f"http_client must be an httpx.{kind.__name__}, not {type(http_client).__name__}")
    # Pictures never go through the caller's client: it may add credentials to every request.
    pictures = _client(kind, settings, transport, None, keep=True)
    headers = settings.headers()
    if http_client is not None:
        return Connections(http_client, http_client, pictures, owned=(pictures,), headers=headers)
    api = _client(kind, settings, transport, headers, keep=True)
    # A POST on a reused connection can lose the race with the server's close, and then nobody knows who pays.
    paid = _client(kind, settings, transport, headers, keep=False)
    return Connections(api, paid, pictures, owned=(api, paid, pictures))


def _client(
    kind: type[C],
    settings: Settings,
    transport: httpx.BaseTransport | httpx.AsyncBaseTransport | None,
    headers: Mapping[str, str] | None,
    *,
    keep: bool,
) -> C:
    limits = httpx.Limits(
        max_connections=_MOST_CONNECTIONS,
        max_keepalive_connections=_MOST_CONNECTIONS if keep else 0,
        keepalive_expiry=_KEEPALIVE,
    )
    if transport is not None:
        # The sandbox's transport is of both kinds.
        return kind(transport=transport, trust_env=False, headers=headers, cookies=_NoCookies())  # type: ignore[arg-type]
    # A proxy from the environment must not stand between us and this machine: it would see the key over http.
    is_open = not settings.is_loopback
    return kind(limits=limits, verify=_ssl_context(), trust_env=is_open, headers=headers, cookies=_NoCookies())
