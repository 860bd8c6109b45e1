"""The httpx clients of one Pixola client: one for reading, one for paid submissions, one for pictures."""

import ssl
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final, Generic, TypeVar

import httpx
from attrs import frozen

from .settings import Settings

C = TypeVar("C", httpx.Client, httpx.AsyncClient)

_KEEPALIVE: Final = 75.0  # seconds; httpx's own 5 s would close every connection between two looks at a batch
_MOST_CONNECTIONS: Final = 20  # above it the connection pool's own bookkeeping is quadratic


@cache
def _ssl_context() -> ssl.SSLContext:
    return httpx.create_ssl_context()  # 16 ms and 471 kB: one for all clients


@frozen
class Connections(Generic[C]):
    """Who sends what; `owned` is what we made and so must close."""

    api: C
    paid: C
    pictures: C
    owned: tuple[C, ...]


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
    pictures = _client(kind, settings, transport, keep=True)
    if http_client is not None:
        return Connections(http_client, http_client, pictures, owned=(pictures,))
    api = _client(kind, settings, transport, keep=True)
    # A POST on a reused connection can lose the race with the server's close, and then nobody knows who pays.
    paid = _client(kind, settings, transport, keep=False)
    return Connections(api, paid, pictures, owned=(api, paid, pictures))


def _client(
    kind: type[C],
    settings: Settings,
    transport: httpx.BaseTransport | httpx.AsyncBaseTransport | None,
    *,
    keep: bool,
) -> C:
    limits = httpx.Limits(
        max_connections=_MOST_CONNECTIONS,
        max_keepalive_connections=_MOST_CONNECTIONS if keep else 0,
        keepalive_expiry=_KEEPALIVE,
    )
    cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))  # keeps none: the API knows us by the key alone
    if transport is not None:
        # The sandbox's transport is of both kinds.
        return kind(transport=transport, trust_env=False, cookies=cookies)  # type: ignore[arg-type]
    # A proxy from the environment must not stand between us and this machine: it would see the key over http.
    return kind(limits=limits, verify=_ssl_context(), trust_env=not settings.is_loopback, cookies=cookies)
