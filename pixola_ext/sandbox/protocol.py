"""Connections of the HTTP server: their number and the time of each phase are bounded, and input is HTTP or refused."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Final

import h11
from attrs import define, field, frozen
from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

from .messages import RefusalError, bad_request

_TRANSPORT: Final = "pixola_sandbox.transport"  # a member of the ASGI scope's state
_BETWEEN_WARNINGS: Final = 60.0  # seconds
ACCEPTED_AT_ONCE: Final = 100  # connections that asyncio accepts before the first of them can be refused
_OTHER_FILES: Final = 64  # descriptors kept for files, listeners and the program around the server
_LEAST_CONNECTIONS: Final = 16
_MOST_CONNECTIONS: Final = 2000
_log: Final = logging.getLogger("pixola_ext.sandbox")


def most_connections() -> int:
    """How many connections fit into the process's limit of file descriptors."""
    try:
        import resource  # noqa: PLC0415  (not on Windows)
    except ModuleNotFoundError:
        return _LEAST_CONNECTIONS * 16
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY:
        return _MOST_CONNECTIONS
    return min(max(limit - ACCEPTED_AT_ONCE - _OTHER_FILES, _LEAST_CONNECTIONS), _MOST_CONNECTIONS)


@frozen
class Bounds:
    """Bounds of connections: the number of open ones, and seconds for each phase of one.

    Each phase has a deadline from its beginning, which bytes that come one by one do not move: `head` for a request
    line with all headers, `body` for a request body, `idle` between two requests, `unread` for a client that reads
    nothing of its answer. An answer that is slow on demand may take any time.
    """

    connections: int = field(factory=most_connections)
    idle: float = 5.0
    head: float = 10.0
    body: float = 60.0
    unread: float = 60.0


@define
class Warnings:
    """Warnings in the log of the sandbox, at most one a minute: what causes one would cause thousands."""

    _now: Callable[[], float]
    _last: float | None = None

    def warn(self, message: str) -> None:
        """Log a warning, unless there was one in the last minute."""
        now = self._now()
        if self._last is None or now - self._last >= _BETWEEN_WARNINGS:
            self._last = now
            _log.warning("pixola sandbox: %s", message)


class Protocol(H11Protocol):
    """uvicorn's HTTP/1.1 protocol within `Bounds`, with the transport in the ASGI scope: ASGI cannot reset one."""

    def __init__(self, bounds: Bounds, warnings: Warnings, **options: Any) -> None:
        super().__init__(**options)
        self.timeout_keep_alive = bounds.idle  # type: ignore[assignment]  # uvicorn knows whole seconds only
        self._bounds = bounds
        self._warnings = warnings
        self._phase: str | None = None
        self._reading: asyncio.TimerHandle | None = None
        self._writing: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Called when a client has connected; one too many is refused."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, _TRANSPORT: transport}
        most = self._bounds.connections
        if len(self.connections) > most:
            self._warnings.warn(f"{most} connections are open; further ones are refused")
            self._refuse(RefusalError(503, "internal_error", f"The sandbox has {most} open connections, its maximum"))
        else:
            self._enter("head")

    def connection_lost(self, exc: Exception | None) -> None:
        """Called when the connection has ended."""
        self._enter(None)
        self._read()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Called with bytes of requests."""
        super().data_received(data)
        self._follow()

    def on_response_complete(self) -> None:
        """Called when an answer is written, to the transport at least."""
        super().on_response_complete()
        if self.transport.is_closing():
            self._unread()
        self._follow()

    def timeout_keep_alive_handler(self) -> None:
        """Called when a connection was idle for too long."""
        super().timeout_keep_alive_handler()
        self._unread()

    def pause_writing(self) -> None:
        """Called when the client reads more slowly than the answer is written."""
        super().pause_writing()
        self._unread()

    def resume_writing(self) -> None:
        """Called when the client has read enough."""
        super().resume_writing()
        self._read()

    def send_400_response(self, msg: str) -> None:
        """Refuse input that is not HTTP in the API's error envelope."""
        self._refuse(bad_request("request", msg))

    # -- deadlines ----------------------------------------------------------------------------------------------------

    def _follow(self) -> None:
        state = self.conn.their_state
        if self.transport.is_closing():
            self._enter(None)
        elif state is h11.SEND_BODY:
            self._enter("body")
        elif state is h11.IDLE:
            self._enter("head" if self.conn.trailing_data[0] or self._phase == "head" else None)
        else:
            self._enter(None)

    def _enter(self, phase: str | None) -> None:
        """Begin a phase of reading, whose deadline stays while the phase does."""
        if phase == self._phase:
            return
        self._phase = phase
        if self._reading is not None:
            self._reading.cancel()
        delay = {"head": self._bounds.head, "body": self._bounds.body}.get(phase or "")
        self._reading = None if delay is None else self.loop.call_later(delay, self._late)

    def _late(self) -> None:
        has_answer = self.conn.our_state not in {h11.IDLE, h11.SEND_RESPONSE}
        has_begun = self._phase == "body" or self.conn.trailing_data[0]
        if has_answer:
            self.transport.abort()
        elif has_begun:
            self._refuse(RefusalError(408, "bad_request", f"The {self._phase} of the request did not come in time"))
        else:
            self.transport.close()

    def _unread(self) -> None:
        if self._writing is None:
            self._writing = self.loop.call_later(self._bounds.unread, self.transport.abort)

    def _read(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None

    def _refuse(self, refusal: RefusalError) -> None:
        answer = refusal.answer()
        head = f"content-type: application/json\r\ncontent-length: {len(answer.body)}\r\nconnection: close"
        self.transport.write(f"HTTP/1.1 {answer.status} {_REASONS[answer.status]}\r\n{head}\r\n\r\n".encode())
        self.transport.write(answer.body)
        self.transport.close()
        self._unread()


_REASONS: Final = {400: "Bad Request", 408: "Request Timeout", 503: "Service Unavailable"}


def transport_of(scope: Scope) -> asyncio.Transport:
    """The transport of the connection that a request came by."""
    found: asyncio.Transport = scope["state"][_TRANSPORT]
    return found
