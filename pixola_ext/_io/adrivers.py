"""The asynchronous driver, for asyncio and trio; `drivers.py` has the blocking one."""

import inspect
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

import anyio
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
    Intend,
    Notify,
    Outlook,
    Recorded,
    Send,
    Sleep,
    WallClock,
)
from .._journal.journal import Journal
from .._state.errors import UnreachableError
from ..settings import Settings
from .aconnections import AsyncConnections
from .borrowed import async_answered
from .clock import Clock
from .connections import Endpoints
from .drivers import performed_here
from .exchange import GRACE, Exchange, check_in_time, is_connected, timeouts
from .keeping import AGAIN_SECONDS, KEPT, kept, outlasting, wall_clock
from .tasks import gather_in_tasks, in_thread

if TYPE_CHECKING:
    from .._budget.ledger import Ledger
    from .._budget.limits import Budget
    from .._state.database import Database
    from .downloads import Transfer

T = TypeVar("T")


class AsyncDriver:
    """Carries out flows on whatever event loop runs, one loop after the other."""

    def __init__(
        self,
        settings: Settings,
        endpoints: Endpoints[httpx.AsyncClient],
        clock: Clock,
        ledger: "Ledger | None" = None,
        journal: Journal | None = None,
        *,
        database: "Database | None" = None,
    ) -> None:
        self._connections = AsyncConnections(settings, endpoints)
        self._clock = clock
        self._journal = journal
        self._database = database
        self.ledger = ledger

    @property
    def budget(self) -> "Budget | None":
        """What is left of the requests of the key; None if they are not counted."""
        return cast("Budget | None", outlasting(partial(kept, Outlook(), self.ledger, self._journal), time.sleep))

    async def run(self, flow: Flow[T], settings: Settings) -> T:
        """The flow's value; raises what the flow ends with, and `ConfigurationError` when the client is closed."""
        self._connections.check_open()
        return await self.carry_out(flow, settings)

    async def carry_out(self, flow: Flow[T], settings: Settings) -> T:
        """The same for a flow that needs no connection, also when the client is closed."""
        try:
            effect = next(flow)
            while True:
                try:
                    outcome = await self._perform(effect, settings)
                except BaseException as error:  # noqa: BLE001  (cancellation too goes through the flow)
                    effect = flow.throw(error)
                else:
                    effect = flow.send(outcome)
        except StopIteration as stop:
            value: T = stop.value
            return value

    async def _perform(self, effect: Effect[Any], settings: Settings) -> Any:  # noqa: PLR0911  (one for each effect)
        if isinstance(effect, KEPT):
            return await self._kept(effect)
        match effect:
            case Send():
                return await self._send(effect, settings)
            case Download():
                return await self._download(effect, settings)
            case Gather(flows, limit):
                return await gather_in_tasks([partial(self.run, flow, settings) for flow in flows], limit)
            case FileEffect(takes_time=True):
                cancelled = threading.Event()
                work = partial(performed_here, effect, self._clock, cancelled)
                return await in_thread(work, cancelled.set)
            case Sleep(seconds):
                return await self._clock.async_sleep(seconds)
            case Notify(callback, value):
                told = callback(value)
                return await told if inspect.isawaitable(told) else None
            case WallClock():
                return wall_clock(self._clock, self._database)
        return performed_here(effect, self._clock)

    async def _kept(self, effect: Effect[Any]) -> Any:
        work = partial(kept, effect, self.ledger, self._journal)
        if self._database is not None:
            return await self._outlasting(work)
        return await in_thread(work) if isinstance(effect, Recorded | Intend) else work()

    async def _outlasting(self, work: Callable[[], Any]) -> Any:
        """As `outlasting`; a task that is cancelled has its fate written down first."""
        while True:
            with anyio.CancelScope(shield=True):
                try:
                    return await in_thread(work)
                except UnreachableError as error:
                    if not error.may_pass:
                        raise
                await self._clock.async_sleep(AGAIN_SECONDS)

    async def _send(self, send: Send, settings: Settings) -> Answer:
        clients, started = await self._connections.current(), self._clock.now()
        client = clients.api if send.call.is_safe else clients.paid
        given = self._connections.endpoints.http_client
        method, url = send.call.method, settings.base_url + send.call.path
        in_time = partial(check_in_time, method, url, send.latest)
        in_time(started)
        is_traced = given is not None or send.latest is not None  # a trace costs 15 % of a call
        trace = partial(self._api_connected, in_time) if is_traced else None
        request = clients.api_request(send.call, timeouts(send.timeout), trace)
        exchange = Exchange(method, url, started + send.timeout, settings.api_key)
        with exchange.errors(), anyio.fail_after(send.timeout + GRACE):
            response = await client.send(request, stream=True, auth=None, follow_redirects=False)
            async with aclosing(response):
                exchange.begin(response)
                async for chunk in cast(httpx.AsyncByteStream, response.stream):
                    exchange.add(chunk, self._clock.now())
        answer = exchange.answer(self._clock.today())
        await async_answered(given, request, answer, self._clock.now() - started)
        return answer

    async def _download(self, download: Download, settings: Settings) -> Downloaded:
        with importing():
            from .downloads import Transfer  # noqa: PLC0415  (3 ms to import, and not every program saves)

        clients = await self._connections.current()
        with Transfer(download, settings, self._clock.now() + download.timeout) as transfer:
            trace = partial(_picture_connected, transfer)
            while True:
                with transfer.failures():
                    client, request = transfer.request(clients, self._clock.now(), trace)
                    with anyio.fail_after(transfer.left(self._clock.now()) + GRACE):
                        sent = client.send(request, stream=True, auth=None, follow_redirects=False)
                        async with aclosing(await sent) as response:
                            if transfer.moves(response):
                                continue
                            transfer.check(response)
                            async for chunk in cast(httpx.AsyncByteStream, response.stream):
                                transfer.write(chunk, self._clock.now())
                return await in_thread(transfer.finish)

    async def _api_connected(
        self,
        in_time: Callable[[float], None],
        event: str,
        details: Mapping[str, Any],
    ) -> None:
        if not is_connected(event):
            return
        if self._connections.endpoints.http_client is not None:
            self._connections.connected()
        try:
            in_time(self._clock.now())
        except HeldUpError:
            await details["return_value"].aclose()
            raise

    async def close(self) -> None:
        """Close the connections and the file that are ours."""
        await self._connections.close()
        if self._journal is not None:
            self._journal.close()
        if self.ledger is not None:
            self.ledger.close()


async def _picture_connected(transfer: "Transfer", event: str, details: Mapping[str, Any]) -> None:
    refusal = transfer.connected(event, details)
    if refusal is not None:
        await details["return_value"].aclose()
        raise refusal
