"""The httpx clients of an asynchronous Pixola client: made anew on each event loop and in each process."""

from collections.abc import AsyncGenerator
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

import httpx
from anyio.lowlevel import RunVar

from .._state.processes import renew_after_fork
from ..errors import ConfigurationError
from ..settings import Settings
from .connections import Clients, Endpoints, closed
from .forks import abandon


class _Owner:
    """Stands for the clients of one `AsyncConnections` in one process; when it goes, they go."""


class _OnLoop(NamedTuple):
    """Clients on the event loop that runs, and what closes them with it."""

    clients: Clients[httpx.AsyncClient]
    closer: AsyncGenerator[None, None]


_on_loop: Final[RunVar[WeakKeyDictionary[_Owner, _OnLoop]]] = RunVar("pixola_ext clients")


class AsyncConnections:
    """The httpx clients of an asynchronous client. The connections of a loop end with it, or are dropped."""

    def __init__(self, settings: Settings, endpoints: Endpoints[httpx.AsyncClient]) -> None:
        endpoints.check(httpx.AsyncClient)
        self.endpoints = endpoints
        self._settings = settings
        self._owner = _Owner()
        self._is_closed = False
        self._sockets_of: _Owner | None = None
        self._unused = [self._make()]  # what cannot work is refused now, before there is a loop
        renew_after_fork(self)

    async def current(self) -> Clients[httpx.AsyncClient]:
        """Those of the running loop; raises `ConfigurationError` when they cannot be used any more."""
        self.check_open()
        owned = _on_loop.get(None)
        if owned is None:
            owned = WeakKeyDictionary()
            _on_loop.set(owned)
        found = owned.get(self._owner)
        if found is None:
            self._check_given()
            clients = self._unused.pop() if self._unused else self._make()
            found = owned[self._owner] = _OnLoop(clients, _closing(clients))
            await anext(found.closer)
        return found.clients

    def check_open(self) -> None:
        """Raise `ConfigurationError` for a client that was closed."""
        given = self.endpoints.http_client
        if self._is_closed or (given is not None and given.is_closed):
            raise closed()

    def connected(self) -> None:
        """The caller's `http_client` has made a connection, which binds it to this loop and process."""
        self._sockets_of = self._owner

    async def close(self) -> None:
        """Close what was made here on this loop."""
        self._is_closed = True
        owned = _on_loop.get(None)
        found = None if owned is None else owned.pop(self._owner, None)
        if found is not None:
            await found.closer.aclose()
        while self._unused:
            await _close(self._unused.pop())

    def renew(self) -> None:
        """After a fork, in the child: what was connected stays the parent's."""
        abandon(self._owner, *self._unused)
        self._owner = _Owner()
        self._unused = []

    def _check_given(self) -> None:
        if self.endpoints.http_client is not None and self._sockets_of is not None:
            raise ConfigurationError(
                "http_client has connections of another event loop or process; give each of them one of its own",
                setting="http_client",
            )

    def _make(self) -> Clients[httpx.AsyncClient]:
        return Clients(httpx.AsyncClient, self._settings, self.endpoints)


async def _closing(clients: Clients[httpx.AsyncClient]) -> AsyncGenerator[None, None]:
    """Closes the clients when it is closed itself, which event loops do with every generator when they end.

    Without it the sockets of a loop that has ended would stay open until the garbage collector warns of them.
    """
    try:
        yield
    finally:
        await _close(clients)


async def _close(clients: Clients[httpx.AsyncClient]) -> None:
    for client in clients.opened:
        await client.aclose()
