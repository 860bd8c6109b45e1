"""The hands: the only code that sends, sleeps, writes pictures and reads clocks.

`Driver` and `AsyncDriver` stand side by side: each carries out the effects that a flow yields, one by one, and hands
the outcome, or the error, back into the flow.
"""

import copy
import inspect
import os
import random
import threading
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, closing
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import httpx

from .._api.answers import Answer
from .._budget.entries import MemoryRows
from .._budget.folder import state_folder
from .._budget.journal import Journal
from .._flows.effects import (
    Confirm,
    Decode,
    DeleteLeftovers,
    Discard,
    Download,
    Downloaded,
    Effect,
    Flow,
    Journaled,
    Notify,
    Now,
    Pause,
    Publish,
    Random,
    ReadTemporary,
    Release,
    Reserve,
    Send,
    Sleep,
    Together,
    WallClock,
)
from ..errors import ConfigurationError
from ..settings import NO_KEY, Settings
from .concurrency import Lines, Stopped, in_tasks, in_thread, in_threads
from .connections import Connections
from .exchange import GRACE, Body, ending, heed_the_end, request_errors, timeouts, unsent

if TYPE_CHECKING:
    from .._budget.ledger import Ledger
    from .downloads import Transfer

T = TypeVar("T")


def _today() -> datetime:
    return datetime.now(UTC)


async def _async_sleep(seconds: float) -> None:
    import asyncio  # noqa: PLC0415  (20 ms to import, and whoever awaits has it already)

    await asyncio.sleep(seconds)


class Clock(NamedTuple):
    """Where time and chance come from; tests put in their own."""

    now: Callable[[], float] = time.monotonic
    today: Callable[[], datetime] = _today
    random: Callable[[], float] = random.random
    sleep: Callable[[float], object] = time.sleep
    async_sleep: Callable[[float], Awaitable[None]] = _async_sleep

    def interruptible(self, stop: threading.Event) -> "Clock":
        """The same, but real sleeps end as soon as `stop` is set."""
        return self._replace(sleep=stop.wait) if self.sleep is time.sleep else self


def ledger_of(settings: Settings, clock: Clock) -> "Ledger | None":
    """The budget of the key in `settings`, by `clock`; None if nothing is to be counted."""
    if not settings.is_budgeted:
        return None
    from .._budget.ledger import Ledger  # noqa: PLC0415  (SQLite takes 5 ms to import)
    from .._budget.records import Moment  # noqa: PLC0415  (as above)

    def moment() -> Moment:
        return Moment(clock.today().timestamp(), clock.now())

    return Ledger(state_folder(os.environ), settings.api_key or "", settings.origin, clock=moment)


def journal_of(settings: Settings, memory: MemoryRows) -> Journal:
    """The journal of the submissions of the key in `settings`; in `memory` if it is to be kept nowhere else."""
    is_kept = settings.journal and settings.api_key is not None
    folder = state_folder(os.environ) if is_kept else None
    return Journal(folder, settings.api_key or "", settings.origin, memory)


class Driver:
    """Carries out flows, blocking."""

    def __init__(
        self,
        connections: Connections[httpx.Client],
        clock: Clock,
        ledger: "Ledger | None" = None,
        journal: Journal | None = None,
    ) -> None:
        self._connections = connections
        self._clock = clock
        self._lines = Lines()
        self._stop = threading.Event()  # never set, but for the copy that works in threads
        self._journal = journal
        self.ledger = ledger

    def run(self, flow: Flow[T], settings: Settings) -> T:
        """The flow's value; raises what the flow ends with."""
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
        match effect:
            case Send() | Download() | Sleep() if self._stop.is_set():
                raise Stopped
            case Send():
                return self._send(effect, settings)
            case Download():
                return self._download(effect)
            case Together(flows, most):
                return self._together(flows, most, settings)
            case Sleep(seconds):
                return self._clock.sleep(seconds)
            case Notify(callback, value):
                return callback(value)
            case Journaled(action) if self._journal is not None:
                return self._journal.run(action)
        return _at_once(effect, self._clock, self.ledger)

    def _send(self, send: Send, settings: Settings) -> Answer:
        client = self._connections.paid if not send.call.is_safe else self._connections.api
        request, body = _request(client, self._connections.headers, settings, send, self._clock)
        with request_errors(body.method, body.url), ending(send.timeout):
            response = client.send(request, stream=True, auth=None, follow_redirects=False)
            with closing(response):
                for chunk in response.iter_bytes():
                    body.add(chunk, self._clock.now())
        return _answer(body, response, self._clock)

    def _download(self, download: Download) -> Downloaded:
        from .downloads import Transfer  # noqa: PLC0415  (3 ms to import, and not every program saves)

        client = self._connections.pictures
        with Transfer(download, self._clock.now() + download.timeout) as transfer:
            trace = partial(self._connected, transfer)
            while True:
                request = transfer.request(client, self._clock.now(), trace)
                left = ending(transfer.left(self._clock.now()))
                with transfer.failures(), left, closing(client.send(request, stream=True)) as response:
                    if transfer.moves(response):
                        continue
                    transfer.check(response)
                    for chunk in response.iter_raw():
                        transfer.write(chunk, self._clock.now())
                return transfer.finish()

    def _connected(self, transfer: "Transfer", event: str, details: Mapping[str, Any]) -> None:
        refusal: BaseException | None = transfer.connected(event, details)
        heed_the_end(event, details)
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._lines.note(details["return_value"])
            refusal = refusal or (Stopped() if self._stop.is_set() else None)
        if refusal is not None:
            details["return_value"].close()
            raise refusal

    def _together(self, flows: Sequence[Flow[Any]], most: int, settings: Settings) -> list[Any]:
        worker = copy.copy(self)
        worker._stop = threading.Event()  # noqa: SLF001  (a copy of ourselves)
        worker._clock = self._clock.interruptible(worker._stop)  # noqa: SLF001

        def interrupt() -> None:
            worker._stop.set()  # noqa: SLF001
            self._lines.hang_up()

        return in_threads([partial(worker.run, flow, settings) for flow in flows], most, interrupt)

    def close(self) -> None:
        """Close the connections and the file that are ours."""
        for client in self._connections.owned:
            client.close()
        if self._journal is not None:
            self._journal.close()
        if self.ledger is not None:
            self.ledger.close()


class AsyncDriver:
    """Carries out flows on an event loop."""

    def __init__(
        self,
        connections: Connections[httpx.AsyncClient],
        clock: Clock,
        ledger: "Ledger | None" = None,
        journal: Journal | None = None,
    ) -> None:
        self._connections = connections
        self._clock = clock
        self._journal = journal
        self.ledger = ledger

    async def run(self, flow: Flow[T], settings: Settings) -> T:
        """The flow's value; raises what the flow ends with."""
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
        match effect:
            case Send():
                return await self._send(effect, settings)
            case Download():
                return await self._download(effect)
            case Together(flows, most):
                return await in_tasks([partial(self.run, flow, settings) for flow in flows], most)
            case Publish() | ReadTemporary() | DeleteLeftovers() | Decode():
                return await in_thread(partial(_at_once, effect, self._clock, self.ledger))
            case Sleep(seconds):
                return await self._clock.async_sleep(seconds)
            case Notify(callback, value):
                told = callback(value)
                return await told if inspect.isawaitable(told) else None
            case Journaled(action) if self._journal is not None:
                return self._journal.run(action)
        return _at_once(effect, self._clock, self.ledger)

    async def _send(self, send: Send, settings: Settings) -> Answer:
        import asyncio  # noqa: PLC0415  (20 ms to import, and whoever awaits has it already)

        client = self._connections.paid if not send.call.is_safe else self._connections.api
        request, body = _request(client, self._connections.headers, settings, send, self._clock)
        with request_errors(body.method, body.url):
            async with asyncio.timeout(send.timeout + GRACE):
                response = await client.send(request, stream=True, auth=None, follow_redirects=False)
                async with aclosing(response):
                    async for chunk in response.aiter_bytes():
                        body.add(chunk, self._clock.now())
        return _answer(body, response, self._clock)

    async def _download(self, download: Download) -> Downloaded:
        import asyncio  # noqa: PLC0415  (20 ms to import, and whoever awaits has it already)

        from .downloads import Transfer  # noqa: PLC0415  (as above)

        client = self._connections.pictures
        with Transfer(download, self._clock.now() + download.timeout) as transfer:
            trace = partial(_connected, transfer)
            while True:
                request = transfer.request(client, self._clock.now(), trace)
                with transfer.failures():
                    left = asyncio.timeout(transfer.left(self._clock.now()) + GRACE)
                    async with left, aclosing(await client.send(request, stream=True)) as response:
                        if transfer.moves(response):
                            continue
                        transfer.check(response)
                        async for chunk in response.aiter_raw():
                            transfer.write(chunk, self._clock.now())
                return await in_thread(transfer.finish)

    async def close(self) -> None:
        """Close the connections and the file that are ours."""
        for client in self._connections.owned:
            await client.aclose()
        if self._journal is not None:
            self._journal.close()
        if self.ledger is not None:
            self.ledger.close()


async def _connected(transfer: "Transfer", event: str, details: Mapping[str, Any]) -> None:
    refusal = transfer.connected(event, details)
    if refusal is not None:
        await details["return_value"].aclose()
        raise refusal


def _at_once(effect: Effect[Any], clock: Clock, ledger: "Ledger | None") -> Any:
    """The outcome of an effect that waits for nobody, the same for both drivers."""
    match effect:
        case Now():
            return clock.now()
        case WallClock():
            return clock.today()
        case Random():
            return clock.random()
        case Publish() | ReadTemporary() | Discard() | DeleteLeftovers():
            return _on_disk(effect)
        case Decode(decoder, content):
            return decoder(content)
    return _counted(effect, ledger)


def _on_disk(effect: Publish | ReadTemporary | Discard | DeleteLeftovers) -> Any:
    """The outcome of an effect on downloaded files."""
    from . import files, temporary  # noqa: PLC0415  (3 ms to import, and not every program saves)

    match effect:
        case Publish():
            return files.publish(effect)
        case ReadTemporary(path):
            return files.read_and_delete(path)
        case Discard(path):
            return temporary.delete_temporary(path)
        case DeleteLeftovers(folder):
            return temporary.delete_leftovers(folder)


def _counted(effect: Effect[Any], ledger: "Ledger | None") -> Any:
    """The outcome of an effect on the request budget."""
    if ledger is not None:
        match effect:
            case Reserve(is_paid, wait_for_quota, reservation):
                return ledger.reserve(is_paid=is_paid, wait_for_quota=wait_for_quota, reservation=reservation)
            case Confirm(reservation):
                return ledger.confirm(reservation)
            case Release(reservation):
                return ledger.release(reservation)
            case Pause(seconds, refused):
                return ledger.pause(seconds, refused)
    raise TypeError(f"no driver carries out {effect!r}")


def _request(
    client: httpx.Client | httpx.AsyncClient,
    headers: Mapping[str, str] | None,
    settings: Settings,
    send: Send,
    clock: Clock,
) -> tuple[httpx.Request, Body]:
    call = send.call
    if client.is_closed:
        raise ConfigurationError("the client is closed; make a new one", setting="http_client")
    if call.needs_key and settings.api_key is None:
        raise ConfigurationError(NO_KEY, setting="api_key")
    url = settings.base_url + call.path
    with unsent(call.method, url):
        request = client.build_request(
            call.method,
            url,
            params=call.params or None,
            json=call.body,
            headers=headers,
            timeout=timeouts(send.timeout),
            extensions={"trace": heed_the_end} if isinstance(client, httpx.Client) else None,
        )
    return request, Body(call.method, url, clock.now() + send.timeout)


def _answer(body: Body, response: httpx.Response, clock: Clock) -> Answer:
    return Answer(body.method, body.url, response.status_code, response.headers, body.content(), clock.today())
