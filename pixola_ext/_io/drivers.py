"""The blocking driver, and what both drivers do alike. `adrivers.py` has the asynchronous one.

A driver carries out the effects that a flow yields, one by one, and gives the outcome, or the error, back to the flow.
"""

import copy
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

import httpx

from .._api.answers import Answer
from .._api.importing import importing
from .._flows.effects import (
    Download,
    Downloaded,
    Effect,
    FileEffect,
    Flow,
    Gather,
    HeldUpError,
    Notify,
    Now,
    Outlook,
    Random,
    Send,
    Sleep,
    WallClock,
)
from .._journal.journal import Journal
from ..settings import Settings
from .borrowed import answered
from .clock import Clock
from .connections import Connections, Endpoints
from .exchange import Exchange, check_in_time, enforce_read_deadline, is_connected, read_deadline, timeouts
from .keeping import KEPT, kept, outlasting, wall_clock
from .threads import Stopped, gather_in_threads

if TYPE_CHECKING:
    from .._budget.ledger import Ledger
    from .._budget.limits import Budget
    from .._state.database import Database
    from .downloads import Transfer

T = TypeVar("T")


class Driver:
    """Carries out flows, blocking."""

    def __init__(
        self,
        settings: Settings,
        endpoints: Endpoints[httpx.Client],
        clock: Clock,
        ledger: "Ledger | None" = None,
        journal: Journal | None = None,
        *,
        database: "Database | None" = None,
    ) -> None:
        self._connections = Connections(settings, endpoints)
        self._clock = clock
        self._rest = clock.sleep  # until a database answers; also of a copy that is to stop: results are written down
        self._database = database
        self._stop: threading.Event | None = None  # of the copy that works in threads
        self._interrupted: threading.Event | None = None  # likewise
        self._journal = journal
        self.ledger = ledger

    def run(self, flow: Flow[T], settings: Settings) -> T:
        """The flow's value; raises what the flow ends with, and `ConfigurationError` when the client is closed."""
        self._connections.check_open()
        return self.carry_out(flow, settings)

    def carry_out(self, flow: Flow[T], settings: Settings) -> T:
        """The same for a flow that needs no connection, also when the client is closed."""
        try:
            effect = next(flow)
            while True:
                try:
                    outcome = self._perform(effect, settings)
                except BaseException as error:  # noqa: BLE001  (Ctrl-C too goes through the flow, which re-raises it)
                    effect = flow.throw(error)
                else:
                    effect = flow.send(outcome)
        except StopIteration as stop:
            value: T = stop.value
            return value

    def _perform(self, effect: Effect[Any], settings: Settings) -> Any:  # noqa: PLR0911  (one for each effect)
        if isinstance(effect, KEPT):
            return self._kept(effect)
        match effect:
            case Send() | Download() | Sleep() if self._is_stopped:
                raise Stopped
            case Send():
                return self._send(effect, settings)
            case Download():
                return self._download(effect, settings)
            case Gather(flows, limit):
                return self._gather(flows, limit, settings)
            case Sleep(seconds):
                return self._clock.sleep(seconds)
            case Notify(callback, value):
                return callback(value)
            case WallClock():
                return wall_clock(self._clock, self._database)
        return performed_here(effect, self._clock, self._interrupted)

    def _kept(self, effect: Effect[Any]) -> Any:
        return outlasting(partial(kept, effect, self.ledger, self._journal), self._rest)

    @property
    def budget(self) -> "Budget | None":
        """What is left of the requests of the key; None if they are not counted."""
        return cast("Budget | None", self._kept(Outlook()))

    def _send(self, send: Send, settings: Settings) -> Answer:
        clients, started = self._connections.current(), self._clock.now()
        client = clients.api if send.call.is_safe else clients.paid
        method, url = send.call.method, settings.base_url + send.call.path
        in_time = partial(check_in_time, method, url, send.latest)
        in_time(started)
        request = clients.api_request(send.call, timeouts(send.timeout), partial(self._api_connected, in_time))
        exchange = Exchange(method, url, started + send.timeout, settings.api_key)
        with exchange.errors(), read_deadline(send.timeout):
            response = client.send(request, stream=True, auth=None, follow_redirects=False)
            with closing(response):
                exchange.begin(response)
                for chunk in cast(httpx.SyncByteStream, response.stream):
                    exchange.add(chunk, self._clock.now())
        answer = exchange.answer(self._clock.today())
        answered(self._connections.endpoints.http_client, request, answer, self._clock.now() - started)
        return answer

    def _download(self, download: Download, settings: Settings) -> Downloaded:
        with importing():
            from .downloads import Transfer  # noqa: PLC0415  (3 ms to import, and not every program saves)

        clients = self._connections.current()
        with Transfer(download, settings, self._clock.now() + download.timeout) as transfer:
            trace = partial(self._picture_connected, transfer)
            while True:
                with transfer.failures():
                    client, request = transfer.request(clients, self._clock.now(), trace)
                    with (
                        read_deadline(transfer.left(self._clock.now())),
                        closing(client.send(request, stream=True, auth=None, follow_redirects=False)) as response,
                    ):
                        if transfer.moves(response):
                            continue
                        transfer.check(response)
                        for chunk in cast(httpx.SyncByteStream, response.stream):
                            transfer.write(chunk, self._clock.now())
                return transfer.finish()

    def _api_connected(self, in_time: Callable[[float], None], event: str, details: Mapping[str, Any]) -> None:
        if not is_connected(event):
            return
        connection = details["return_value"]
        self._connected(connection)
        try:
            in_time(self._clock.now())
        except HeldUpError:
            connection.close()
            raise

    def _connected(self, connection: Any) -> None:
        enforce_read_deadline(connection)
        self._connections.sockets.add(connection)
        if self._interrupted is not None and self._interrupted.is_set():  # it was not there to be shut down
            connection.close()
            raise Stopped

    def _picture_connected(self, transfer: "Transfer", event: str, details: Mapping[str, Any]) -> None:
        refusal: BaseException | None = transfer.connected(event, details)
        if is_connected(event):
            self._connected(details["return_value"])
            if self._is_stopped:
                refusal = refusal or Stopped()
        if refusal is not None:
            details["return_value"].close()
            raise refusal

    def _gather(self, flows: Sequence[Flow[Any]], limit: int, settings: Settings) -> list[Any]:
        worker = self if self._stop is not None else self.worker()
        return gather_in_threads([partial(worker.run, flow, settings) for flow in flows], limit, worker.interrupt)

    # -- in threads of our own -----------------------------------------------------------------------------------------

    def worker(self) -> "Driver":
        """A copy that shares the connections, and whose flows `stop` or `interrupt` ends."""
        worker = copy.copy(self)
        worker._stop, worker._interrupted = threading.Event(), threading.Event()  # noqa: SLF001  (a copy of ourselves)
        worker._clock = self._clock.interruptible(worker._stop)  # noqa: SLF001
        return worker

    @property
    def _is_stopped(self) -> bool:
        return self._stop is not None and self._stop.is_set()

    def stop(self) -> None:
        """End the flows at the next thing that takes time; requests that are under way are answered first."""
        if self._stop is not None:
            self._stop.set()

    def interrupt(self) -> None:
        """End the flows at once, and the requests that they are waiting for."""
        self.stop()
        if self._interrupted is not None:
            self._interrupted.set()
        self._connections.sockets.shutdown()

    def close(self) -> None:
        """Close the connections and the file that are ours."""
        self._connections.close()
        if self._journal is not None:
            self._journal.close()
        if self.ledger is not None:
            self.ledger.close()


def performed_here(effect: Effect[Any], clock: Clock, interrupted: threading.Event | None = None) -> Any:
    """The outcome of an effect that waits for no peer but a store of pictures, the same for both drivers.

    `interrupted` ends an upload to a store when it is set.
    """
    match effect:
        case Now():
            return clock.now()
        case Random():
            return clock.random()
        case FileEffect():
            with importing():
                from .file_work import carry_out  # noqa: PLC0415  (5 ms to import, and not every program saves)

            return carry_out(effect, interrupted)
    raise TypeError(f"no driver carries out {effect!r}")
