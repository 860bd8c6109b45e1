"""The sandbox over HTTP: the API on one port, its pictures on another, as a program or for the length of a test."""

import ipaddress
import signal
import socket
import threading
from collections.abc import Callable, Iterable
from types import FrameType, TracebackType
from typing import Any, Final, NoReturn, Self

import uvicorn
from attrs import frozen
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HTTPRequest
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from . import broken
from .messages import LARGEST_BODY, Answer, RefusalError, Request, announced, bad_request
from .service import Sandbox

DEFAULT_PORT: Final = 8321
_BACKLOG: Final = 2048  # connections that may wait to be accepted


@frozen
class Sockets:
    """The two listening sockets and the origins that lead to them."""

    api: socket.socket
    pictures: socket.socket
    origin: str
    pictures_origin: str

    @classmethod
    def bind(cls, host: str, port: int) -> "Sockets":
        """Listen on `host`; `port` 0 takes any free one, pictures always do. Raises OSError for a port in use."""
        api = _listen(host, port)
        try:
            pictures = _listen(host, 0)
        except OSError:
            api.close()
            raise
        return cls(api, pictures, _origin(host, api), _origin(host, pictures))

    def close(self) -> None:
        """Stop listening."""
        self.api.close()
        self.pictures.close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    # Head and body go out in two writes; without this the second waits 40 ms for the first to be acknowledged.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _origin(host: str, listener: socket.socket) -> str:
    shown = _REACHED_AT.get(host) or (f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{listener.getsockname()[1]}"


_REACHED_AT: Final = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104  (listening on all addresses)


def application(sandbox: Sandbox, sockets: Sockets, *, host: str = "127.0.0.1", cors: Iterable[str] = ()) -> ASGIApp:
    """The ASGI application; the port a request came in by tells the API from the pictures."""
    allowed = [*cors]
    middleware = (
        [Middleware(CORSMiddleware, allow_origins=allowed, allow_methods=["*"], allow_headers=["*"])] if allowed else []
    )
    endpoint = _Endpoint(sandbox, sockets.pictures.getsockname()[1], host)
    return Starlette(routes=[Mount("/", app=endpoint)], middleware=middleware)


class _Endpoint:
    """Between HTTP and the sandbox: reads a request within bounds, gets its answer, writes it."""

    def __init__(self, sandbox: Sandbox, pictures_port: int, host: str) -> None:
        self._sandbox = sandbox
        self._pictures_port = pictures_port
        self._host = host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = await self._answer(scope, receive)
        except ClientDisconnect:
            return
        headers = answer.all_headers(self._sandbox.clock.now())
        if answer.wire is not None:
            await broken.send_broken(answer, announced(headers, answer), scope, receive, send)
            return
        response = Response(b"" if scope["method"] == "HEAD" else answer.body, answer.status)
        response.raw_headers = broken.raw(headers)
        await response(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            self._check_host(headers.get("host", ""))
            body = b"" if scope["method"] in ("GET", "HEAD") else await _body(scope, receive)
        except RefusalError as refusal:
            return refusal.answer()
        request = Request(
            scope["method"], scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1"), headers, body
        )
        if scope["server"][1] == self._pictures_port:
            return await run_in_threadpool(self._sandbox.picture, request)
        return self._sandbox.answer(request)

    def _check_host(self, header: str) -> None:
        """Refuse names that are not ours: a page on the web must not reach this port through a DNS name it controls."""
        name = header.rpartition(":")[0] if not header.endswith("]") and ":" in header else header
        name = name.strip("[]").rstrip(".").lower()
        if name != self._host and not is_local(name):
            raise bad_request("Host", "is not a name of this sandbox")


def is_local(name: str) -> bool:
    """Whether a name or address without port is this machine's."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


async def _body(scope: Scope, receive: Receive) -> bytes:
    """The body; one that is too large is read to its end, so that the answer arrives, but not kept."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in HTTPRequest(scope, receive).stream():
        size += len(chunk)
        if size <= LARGEST_BODY:
            chunks.append(chunk)
    if size > LARGEST_BODY:
        raise bad_request("body", f"must not be larger than {LARGEST_BODY} bytes")
    return b"".join(chunks)


# -- running it ----------------------------------------------------------------------------------------------------


class _Server(uvicorn.Server):
    """uvicorn, telling when it is ready."""

    def __init__(self, app: ASGIApp, ready: Callable[[], Any]) -> None:
        # Dates come from the sandbox's clock, and nobody needs to know what serves them.
        super().__init__(
            uvicorn.Config(
                app,
                http=broken.Protocol,
                lifespan="off",
                ws="none",
                access_log=False,
                log_level="error",
                server_header=False,
                date_header=False,
                timeout_graceful_shutdown=1,
            )
        )
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets)
        self._ready()


def serve(
    sandbox: Sandbox, sockets: Sockets, *, ready: Callable[[], Any], host: str = "127.0.0.1", cors: Iterable[str] = ()
) -> None:
    """Serve until interrupted: KeyboardInterrupt after SIGINT, SystemExit(0) after SIGTERM."""
    signal.signal(signal.SIGTERM, _terminated)  # uvicorn shuts down first, then hands the signal on to this
    server = _Server(application(sandbox, sockets, host=host, cors=cors), ready)
    server.run([sockets.api, sockets.pictures])


def _terminated(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


class SandboxServer:
    """A sandbox on loopback ports of its own for the length of a `with` block; `url` and `api_key` are for clients.

    Keyword arguments are those of `Sandbox`.
    """

    def __init__(self, **options: Any) -> None:
        self._options = options

    def __enter__(self) -> Self:
        self._sockets = Sockets.bind("127.0.0.1", 0)
        self.sandbox = Sandbox(
            origin=self._sockets.origin, pictures_origin=self._sockets.pictures_origin, **self._options
        )
        self.url = self.sandbox.base_url
        self.api_key = self.sandbox.api_key
        ready = threading.Event()
        self._server = _Server(application(self.sandbox, self._sockets), ready.set)
        self._thread = threading.Thread(
            target=self._server.run, args=([self._sockets.api, self._sockets.pictures],), name="pixola-sandbox"
        )
        self._thread.start()
        ready.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._sockets.close()
