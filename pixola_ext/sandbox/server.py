"""The sandbox over HTTP: the API on one port and its pictures on another, as a program or as a context manager."""

import asyncio
import errno
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from types import FrameType, TracebackType
from typing import Any, Final, NoReturn, Self, cast

import uvicorn
from attrs import frozen
from starlette.types import ASGIApp

from .endpoint import Hosts, application
from .protocol import ACCEPTED_AT_ONCE, Bounds, Protocol, Warnings
from .service import Sandbox

DEFAULT_PORT: Final = 8321
LOCAL: Final = "127.0.0.1"
# What asyncio reports when it cannot accept a connection, and tries again a second later.
_EXHAUSTED: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_GRACE: Final = 1.0  # seconds for answers in progress to finish at the end


@frozen
class Sockets:
    """The two listening sockets and the origins that lead to them."""

    api: socket.socket
    pictures: socket.socket
    origin: str
    pictures_origin: str

    @classmethod
    def bind(cls, host: str, port: int, pictures_port: int = 0, *, public_host: str | None = None) -> "Sockets":
        """Listen on `host`; port 0 takes any free one. The origins name `public_host`, or else `host`.

        Raises OSError for a port in use or a host that is not an address of this machine.
        """
        api = _listen(host, port)
        try:
            pictures = _listen(host, pictures_port)
        except OSError:
            api.close()
            raise
        shown = public_host or _REACHED_AT.get(host, host)
        return cls(api, pictures, _origin(shown, api), _origin(shown, pictures))

    def close(self) -> None:
        """Stop listening."""
        self.api.close()
        self.pictures.close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=ACCEPTED_AT_ONCE)
    # Head and body go out in two writes; without this the second waits 40 ms for the first to be acknowledged.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _origin(host: str, listener: socket.socket) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"


_REACHED_AT: Final = {"": LOCAL, "0.0.0.0": LOCAL, "::": "::1"}  # noqa: S104  (listening on all addresses)


# -- running it ----------------------------------------------------------------------------------------------------


class _Server(uvicorn.Server):
    """uvicorn that calls `ready` when it listens and ends at once on `end`, where uvicorn polls every 0.1 seconds."""

    def __init__(self, app: ASGIApp, ready: Callable[[], Any], bounds: Bounds) -> None:
        self._warnings = Warnings(time.monotonic)
        # Dates come from the sandbox's clock; a Server header would be of no use.
        super().__init__(
            uvicorn.Config(
                app,
                http=cast(Any, partial(Protocol, bounds, self._warnings)),  # uvicorn only calls it
                backlog=ACCEPTED_AT_ONCE,
                lifespan="off",
                ws="none",
                access_log=False,
                log_config=None,  # how a program logs is its own affair
                log_level="error",
                server_header=False,
                date_header=False,
            )
        )
        self._ready = ready
        self._end = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen, then call `ready`."""
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(self._report)
        await super().startup(sockets)
        self._ready()

    def _report(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """asyncio reports every failure to accept a connection, which are thousands a second when files run out."""
        error = context.get("exception")
        if isinstance(error, OSError) and error.errno in _EXHAUSTED:
            self._warnings.warn(f"connections cannot be accepted: {error.strerror}")
        else:
            loop.default_exception_handler(context)

    async def main_loop(self) -> None:
        """Serve until `end` is called."""
        await self._end.wait()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End on a signal."""
        super().handle_exit(sig, frame)
        self.end()

    def end(self) -> None:
        """End the server; may be called from any thread."""
        self._loop.call_soon_threadsafe(self._end.set)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, give answers in progress a moment to finish, then abort the connections that are left."""
        for listener in (*self.servers, *(sockets or ())):
            listener.close()
        for connection in [*self.server_state.connections]:
            connection.shutdown()
        tasks = [*self.server_state.tasks]
        if tasks:
            await asyncio.wait(tasks, timeout=_GRACE)
        for connection in [*self.server_state.connections]:
            connection.transport.abort()
        await asyncio.gather(*tasks)


def serve(
    sandbox: Sandbox, sockets: Sockets, *, ready: Callable[[], Any], hosts: Hosts, cors: Iterable[str] = ()
) -> None:
    """Serve until interrupted: KeyboardInterrupt after SIGINT, SystemExit(0) after SIGTERM."""
    signal.signal(signal.SIGTERM, _terminated)  # uvicorn shuts down first, then hands the signal on to this
    app = application(sandbox, sockets.pictures.getsockname()[1], hosts, cors)
    _Server(app, ready, Bounds()).run([sockets.api, sockets.pictures])


def _terminated(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


class SandboxServer:
    """A sandbox on free loopback ports for the length of a `with` block; `url` and `api_key` are for clients.

    Keyword arguments are those of `Sandbox`; `bounds` are those of its connections.
    """

    def __init__(self, *, bounds: Bounds | None = None, **options: Any) -> None:
        self._bounds = bounds or Bounds()
        self._options = options

    def __enter__(self) -> Self:
        sockets = self._sockets = Sockets.bind(LOCAL, 0)
        try:
            self.sandbox = Sandbox(origin=sockets.origin, pictures_origin=sockets.pictures_origin, **self._options)
        except BaseException:
            sockets.close()
            raise
        self.url = self.sandbox.base_url
        self.api_key = self.sandbox.api_key
        ready = threading.Event()
        app = application(self.sandbox, sockets.pictures.getsockname()[1], Hosts.of(LOCAL))
        self._server = _Server(app, ready.set, self._bounds)
        listeners = [sockets.api, sockets.pictures]
        self._thread = threading.Thread(target=self._server.run, args=(listeners,), name="pixola-sandbox")
        self._thread.start()
        while not ready.wait(0.1):
            if not self._thread.is_alive():
                raise RuntimeError("the sandbox's server did not start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.end()
        self._thread.join()
        self._sockets.close()
