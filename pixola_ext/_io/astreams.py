"""The outcomes of a flow that goes on in the background, for the asynchronous driver; `streams.py` says how."""

import math
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable
from time import monotonic
from typing import Any, Final, TypeVar

import anyio
import sniffio

from ..settings import Settings
from .adrivers import AsyncDriver
from .streams import LONGEST_READING, Background, read_at_once

T = TypeVar("T")

_PATIENCE: Final = 0.2  # seconds between two questions whether more requests are wanted


class BackgroundTask:
    """A task of its own on the event loop that runs, asyncio or trio; `stop` cancels it and waits for its end."""

    def __init__(self, work: Callable[[], Awaitable[None]]) -> None:
        self._work = work
        self._scope = anyio.CancelScope()
        self._has_ended = anyio.Event()
        self._is_started = False
        self.error: BaseException | None = None

    def start(self) -> None:
        """Start it."""
        self._is_started = True
        if sniffio.current_async_library() == "trio":
            import trio  # noqa: PLC0415  (only there if it runs)

            trio.lowlevel.spawn_system_task(self._run)
        else:
            import asyncio  # noqa: PLC0415  (a program on trio never needs it)

            self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        try:
            with self._scope:
                await self._work()
        except BaseException as error:  # noqa: BLE001  (raised again in the other task)
            self.error = error
        finally:
            self._has_ended.set()

    async def stop(self) -> None:
        """Cancel it; it has ended when this returns."""
        if not self._is_started:
            return
        self._scope.cancel()
        with anyio.CancelScope(shield=True):
            await self._has_ended.wait()


async def stream(
    driver: AsyncDriver, background: Background[T], requests: Iterable[Any] | AsyncIterable[Any], settings: Settings
) -> AsyncGenerator[T, None]:
    """The values of a flow, as they come; requests are read in this task, as they are wanted."""
    source = requests if isinstance(requests, AsyncIterable) else _async(requests)
    most = read_at_once(requests)
    sender, receiver = anyio.create_memory_object_stream[T](math.inf)
    background.deliver_to(sender.send_nowait)

    async def work() -> None:
        with sender:
            await driver.run(background.flow(), settings)

    task = BackgroundTask(work)
    try:
        await driver.run(background.prepare(), settings)
        iterator = aiter(source)
        task.start()
        with receiver:
            while True:
                for value in await _read(background, iterator, most):
                    yield value
                found: T | None = None
                is_there = False
                with anyio.move_on_after(_PATIENCE):
                    try:
                        found = await receiver.receive()
                        is_there = True
                    except anyio.EndOfStream:
                        break
                if is_there:
                    background.taken()
                    yield found  # type: ignore[misc]  # a T, if it is there
        if task.error is not None:
            raise task.error
    finally:
        background.abandon()
        with anyio.CancelScope(shield=True):
            await _answered(background)
            await task.stop()
            await driver.carry_out(background.left_behind(), settings)
    background.ended()


async def _answered(background: Background[Any]) -> None:
    """Wait until no paid request is under way."""
    while background.is_paying():  # noqa: ASYNC110  (lanes know no event loop)
        await anyio.sleep(_PATIENCE / 10)


async def _read(background: Background[T], source: AsyncIterator[Any], most: float) -> list[T]:
    ready: list[T] = []
    until = monotonic() + LONGEST_READING
    while (wanted := min(background.wants(), most)) > 0 and monotonic() < until:
        given: list[Any] = []
        is_last = False
        while len(given) < wanted and not is_last:
            try:
                given.append(await anext(source))
            except StopAsyncIteration:
                is_last = True
            except Exception as error:  # noqa: BLE001  (raised when all that was begun is at its end)
                background.failed(error)
                is_last = True
        ready += background.add(given, is_last=is_last)
    return ready


async def _async(requests: Iterable[Any]) -> AsyncIterator[Any]:
    for each in requests:
        yield each
