"""The httpx clients of one Pixola client: one for reading, one for paid submissions, one or two for pictures.

Each process has its own. Connections over an event loop are in `aconnections.py`.
"""

import ssl
import threading
from functools import cache
from http.cookiejar import CookieJar
from typing import Any, Final, Generic, TypeVar

import httpx

from .._api.importing import importing
from .._api.operations import Call
from .._state.processes import renew_after_fork
from ..errors import ConfigurationError
from ..settings import NO_KEY, Settings
from .borrowed import AsyncBorrowed, Borrowed
from .environment import certificates, proxy_for
from .exchange import unsent
from .forks import abandon
from .threads import OpenSockets

C = TypeVar("C", httpx.Client, httpx.AsyncClient)

Transport = httpx.BaseTransport | httpx.AsyncBaseTransport

_KEEPALIVE: Final = 75.0  # seconds; httpx's own 5 s would close every connection between two polls of a batch
_MOST_CONNECTIONS: Final = 20  # above it the connection pool's own bookkeeping is quadratic


class _NoCookies(CookieJar):
    """Keeps none and looks for none: the API knows its users by the key alone."""

    def extract_cookies(self, response: Any, request: Any) -> None:
        """Keep no cookie of the response."""


@cache
def _no_certificates() -> ssl.SSLContext:
    """For hosts that are only reached over http: it trusts no certificate, and reads none."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class Endpoints(Generic[C]):
    """What the caller sends with instead of connections of ours.

    `http_client` is for the API, `download_client` for pictures, `transport` (of the sandbox) for both.
    """

    def __init__(
        self, http_client: C | None = None, download_client: C | None = None, transport: Transport | None = None
    ) -> None:
        self.http_client: C | None = http_client
        self.download_client: C | None = download_client
        self.transport = transport

    def check(self, kind: type[C]) -> None:
        """Raise `TypeError` for clients of the other kind."""
        for name, client in (("http_client", self.http_client), ("download_client", self.download_client)):
            if client is not None and not isinstance(client, kind):
                raise TypeError(f"{name} must be an httpx.{kind.__name__}, not {type(client).__name__}")


class Clients(Generic[C]):
    """The httpx clients that one process, or one event loop of it, sends with; `opened` have to be closed."""

    def __init__(self, kind: type[C], settings: Settings, endpoints: Endpoints[C]) -> None:
        self._kind: type[C] = kind
        self._settings = settings
        self._endpoints: Endpoints[C] = endpoints
        self._pictures: dict[tuple[str, bool], C] = {}  # by scheme, and whether over a proxy
        self._lock = threading.Lock()
        self.opened: list[C] = []
        if endpoints.http_client is not None:
            self.api: C = self._borrowed(endpoints.http_client)
            self.paid: C = self.api
            return
        url = httpx.URL(settings.base_url)
        context = _no_certificates() if url.scheme == "http" else None
        proxy = None if settings.is_loopback else proxy_for(url.scheme, url.raw_host.decode("ascii"))
        headers = settings.headers()
        self.api = self._direct(proxy, context, keep=True, headers=headers)
        # A POST on a reused connection can lose the race with the server's close: then it is unknown who pays.
        self.paid = self._direct(proxy, context, keep=False, headers=headers)

    def api_request(self, call: Call[Any], timeout: httpx.Timeout, trace: object) -> httpx.Request:
        """The request for a call; raises `ConfigurationError` without a key, `ConnectError` for what cannot be sent."""
        settings = self._settings
        if call.needs_key and settings.api_key is None:
            raise ConfigurationError(NO_KEY, setting="api_key")
        url = settings.base_url + call.path
        with unsent(call.method, url):
            given = self._endpoints.http_client
            maker: C = given or self.api
            request: httpx.Request = maker.build_request(
                call.method,
                url,
                params=call.params or None,
                json=call.body,
                headers=None if given is None else settings.headers(),  # ours have them already
                timeout=timeout,
                extensions={"trace": trace},
            )
            if settings.api_key is not None:
                request.headers["Authorization"] = f"Bearer {settings.api_key.reveal()}"
        return request

    def pictures(self, url: str) -> C:
        """The client to fetch a picture with: never the one for the API, which may add credentials."""
        parsed = httpx.URL(url)
        proxy = None
        if not self._is_given and parsed.scheme == "https" and not self._settings.is_loopback:
            proxy = proxy_for("https", parsed.raw_host.decode("ascii"))
        with self._lock:
            key = (parsed.scheme, proxy is not None)
            if key not in self._pictures:
                self._pictures[key] = self._picture_client(parsed.scheme, proxy)
            return self._pictures[key]

    def picture_request(
        self, url: str, headers: dict[str, str], timeout: httpx.Timeout, trace: object
    ) -> httpx.Request:
        """The request for a picture: without the key."""
        maker: C = self._endpoints.download_client or self.pictures(url)
        return maker.build_request("GET", url, headers=headers, timeout=timeout, extensions={"trace": trace})

    @property
    def _is_given(self) -> bool:
        return self._endpoints.download_client is not None or self._endpoints.transport is not None

    def _picture_client(self, scheme: str, proxy: httpx.Proxy | None) -> C:
        if self._endpoints.download_client is not None:
            return self._borrowed(self._endpoints.download_client)
        return self._direct(proxy, _no_certificates() if scheme == "http" else None, keep=True)

    def _borrowed(self, client: C) -> C:
        if isinstance(client, httpx.Client):
            return self._open(transport=Borrowed(client))
        return self._open(transport=AsyncBorrowed(client))

    def _direct(
        self,
        proxy: httpx.Proxy | None,
        context: ssl.SSLContext | None,
        *,
        keep: bool,
        headers: dict[str, str] | None = None,
    ) -> C:
        if self._endpoints.transport is not None:  # the sandbox's is of both kinds
            return self._open(transport=self._endpoints.transport, headers=headers)
        limits = httpx.Limits(
            max_connections=_MOST_CONNECTIONS,
            max_keepalive_connections=_MOST_CONNECTIONS if keep else 0,
            keepalive_expiry=_KEEPALIVE,
        )
        return self._open(limits=limits, verify=context or certificates(), proxy=proxy, headers=headers)

    def _open(self, **options: Any) -> C:
        with importing():  # httpx imports its transports with the first client
            client: C = self._kind(trust_env=False, cookies=_NoCookies(), **options)
        self.opened.append(client)
        return client


class Connections:
    """The httpx clients of a blocking client, made anew in each process."""

    def __init__(self, settings: Settings, endpoints: Endpoints[httpx.Client]) -> None:
        endpoints.check(httpx.Client)
        self.endpoints = endpoints
        self.sockets = OpenSockets()
        self._settings = settings
        self._lock = threading.Lock()
        self._is_closed = False
        self._has_parents_sockets = False
        self._clients: Clients[httpx.Client] | None = self._make()
        renew_after_fork(self)

    def current(self) -> Clients[httpx.Client]:
        """Those of this process; raises `ConfigurationError` when they cannot be used any more."""
        self.check_open()
        clients = self._clients
        if clients is None:
            with self._lock:
                clients = self._clients = self._clients or self._make()
        return clients

    def check_open(self) -> None:
        """Raise `ConfigurationError` for a client that was closed, or that is the parent process's."""
        given = self.endpoints.http_client
        if self._is_closed or (given is not None and given.is_closed):
            raise closed()
        if self._has_parents_sockets:
            raise ConfigurationError(
                "http_client was used before this process was forked; give each process one of its own",
                setting="http_client",
            )

    def close(self) -> None:
        """Close what was made here."""
        self._is_closed = True
        for client in () if self._clients is None else self._clients.opened:
            client.close()

    def renew(self) -> None:
        """After a fork, in the child: what was connected stays the parent's."""
        abandon(self._clients)
        self._has_parents_sockets = self.endpoints.http_client is not None and self.sockets.any()
        self.sockets.close_copies()
        self._clients = None
        self._lock = threading.Lock()

    def _make(self) -> Clients[httpx.Client]:
        return Clients(httpx.Client, self._settings, self.endpoints)


def closed() -> ConfigurationError:
    """The error of every call on a client that was closed."""
    return ConfigurationError("the client is closed; make a new one", setting="http_client")
