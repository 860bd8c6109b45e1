"""The hands: the only code that sends, sleeps, writes pictures and reads clocks.

`Driver` and `AsyncDriver` stand side by side: each carries out the effects that a flow yields, one by one, and hands
the outcome, or the error, back into the flow.
"""

import inspect
import os
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing, closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import httpx

from ._answers import Answer
from ._connections import Connections
from ._downloads import Transfer, publish
from ._exchange import Body, request_errors, timeouts, unsent
from ._paths import state_folder
from .errors import ConfigurationError
from .flows import (
    Discard,
    Download,
    Downloaded,
    Effect,
    Flow,
    Hold,
    Now,
    Publish,
    Random,
    Release,
    Reserve,
    Send,
    Sleep,
    Tell,
    Today,
)
from .settings import NO_KEY, Settings

if TYPE_CHECKING:
    from ._ledger import Ledger

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
    sleep: Callable[[float], None] = time.sleep
    async_sleep: Callable[[float], Awaitable[None]] = _async_sleep


def ledger_of(settings: Settings, clock: Clock) -> "Ledger | None":
    """The budget of the key in `settings`, by `clock`; None if nothing is to be counted."""
    if not settings.is_budgeted:
        return None
    from ._ledger import Ledger  # noqa: PLC0415  (SQLite takes 5 ms to import)
    from ._ledger_file import Moment  # noqa: PLC0415  (as above)

    def moment() -> Moment:
        return Moment(clock.today().timestamp(), clock.now())

    return Ledger(state_folder(os.environ), settings.api_key or "", settings.origin, clock=moment)


class Driver:
    """Carries out flows, blocking."""

    def __init__(self, connections: Connections[httpx.Client], clock: Clock, ledger: "Ledger | None" = None) -> None:
        self._connections = connections
        self._clock = clock
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

    def _perform(self, effect: Effect[Any], settings: Settings) -> Any:
        match effect:
            case Send():
                return self._send(effect, settings)
            case Download():
                return self._download(effect)
            case Sleep(seconds):
                return self._clock.sleep(seconds)
            case Tell(callback, value):
                return callback(value)
        return _at_once(effect, self._clock, self.ledger)

    def _send(self, send: Send, settings: Settings) -> Answer:
        client = self._connections.paid if send.call.is_paid else self._connections.api
        request, body = _request(client, self._connections.headers, settings, send, self._clock)
        with request_errors(body.method, body.url):
            response = client.send(request, stream=True, auth=None, follow_redirects=False)
            with closing(response):
                for chunk in response.iter_bytes():
                    body.add(chunk, self._clock.now())
        return _answer(body, response, self._clock)

    def _download(self, download: Download) -> Downloaded:
        client = self._connections.pictures
        with Transfer(download, self._clock.now() + download.timeout) as transfer:
            while True:
                request = transfer.request(client, self._clock.now())
                with transfer.failures(), closing(client.send(request, stream=True)) as response:
                    if transfer.moves(response):
                        continue
                    transfer.check(response)
                    for chunk in response.iter_raw():
                        transfer.write(chunk, self._clock.now())
                return transfer.finish()

    def close(self) -> None:
        """Close the connections and the file that are ours."""
        for client in self._connections.owned:
            client.close()
        if self.ledger is not None:
            self.ledger.close()


class AsyncDriver:
    """Carries out flows on an event loop."""

    def __init__(
        self, connections: Connections[httpx.AsyncClient], clock: Clock, ledger: "Ledger | None" = None
    ) -> None:
        self._connections = connections
        self._clock = clock
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

    async def _perform(self, effect: Effect[Any], settings: Settings) -> Any:
        match effect:
            case Send():
                return await self._send(effect, settings)
            case Download():
                return await self._download(effect)
            case Sleep(seconds):
                return await self._clock.async_sleep(seconds)
            case Tell(callback, value):
                told = callback(value)
                return await told if inspect.isawaitable(told) else None
        return _at_once(effect, self._clock, self.ledger)

    async def _send(self, send: Send, settings: Settings) -> Answer:
        client = self._connections.paid if send.call.is_paid else self._connections.api
        request, body = _request(client, self._connections.headers, settings, send, self._clock)
        with request_errors(body.method, body.url):
            response = await client.send(request, stream=True, auth=None, follow_redirects=False)
            async with aclosing(response):
                async for chunk in response.aiter_bytes():
                    body.add(chunk, self._clock.now())
        return _answer(body, response, self._clock)

    async def _download(self, download: Download) -> Downloaded:
        client = self._connections.pictures
        with Transfer(download, self._clock.now() + download.timeout) as transfer:
            while True:
                request = transfer.request(client, self._clock.now())
                with transfer.failures():
                    async with aclosing(await client.send(request, stream=True)) as response:
                        if transfer.moves(response):
                            continue
                        transfer.check(response)
                        async for chunk in response.aiter_raw():
                            transfer.write(chunk, self._clock.now())
                return transfer.finish()

    async def close(self) -> None:
        """Close the connections and the file that are ours."""
        for client in self._connections.owned:
            await client.aclose()
        if self.ledger is not None:
            self.ledger.close()


def _at_once(effect: Effect[Any], clock: Clock, ledger: "Ledger | None") -> Any:
    """The outcome of an effect that takes no time to speak of, the same for both drivers."""
    match effect:
        case Now():
            return clock.now()
        case Today():
            return clock.today()
        case Random():
            return clock.random()
        case Publish(temporary, target):
            return publish(temporary, target)
        case Discard(temporary):
            return temporary.unlink(missing_ok=True)
    return _counted(effect, ledger)


def _counted(effect: Effect[Any], ledger: "Ledger | None") -> Any:
    """The outcome of an effect on the request budget."""
    if ledger is not None:
        match effect:
            case Reserve(is_paid, wait_for_quota, turn):
                return ledger.reserve(is_paid=is_paid, wait_for_quota=wait_for_quota, turn=turn)
            case Release(turn):
                return ledger.release(turn)
            case Hold(seconds):
                return ledger.hold(seconds)
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
        )
    return request, Body(call.method, url, clock.now() + send.timeout)


def _answer(body: Body, response: httpx.Response, clock: Clock) -> Answer:
    return Answer(body.method, body.url, response.status_code, response.headers, body.content(), clock.today())
