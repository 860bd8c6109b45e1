"""Several flows at the same time, as the two drivers do it: with threads, and with tasks. Nothing outlives a call."""

import socket
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar
from weakref import WeakSet

T = TypeVar("T")


class Stopped(BaseException):
    """Ends a flow in a thread, because the call it belongs to was interrupted."""


class Lines:
    """The connections of a client that threads may be listening on, so that Ctrl-C need not wait for their peers."""

    def __init__(self) -> None:
        self._sockets: WeakSet[socket.socket] = WeakSet()
        self._lock = threading.Lock()

    def note(self, connection: Any) -> None:
        """Remember a connection that was made."""
        line = connection.get_extra_info("socket")
        if isinstance(line, socket.socket):
            with self._lock:
                self._sockets.add(line)

    def hang_up(self) -> None:
        """End them all: whoever listens hears the end at once."""
        with self._lock:
            lines = list(self._sockets)
        for line in lines:
            with suppress(OSError):
                socket.socket.shutdown(line, socket.SHUT_RDWR)  # not TLS's own, which is not for two threads


def in_threads(jobs: Sequence[Callable[[], T]], most: int, interrupt: Callable[[], object]) -> list[T | Exception]:
    """What the jobs return or raise, in order; `interrupt` has to end those that run."""
    if len(jobs) == 1:
        return [_outcome(jobs[0])]
    from concurrent.futures import ThreadPoolExecutor, wait  # noqa: PLC0415  (3 ms to import, and seldom needed)

    pool = ThreadPoolExecutor(min(most, len(jobs)), "pixola")
    try:
        futures = [pool.submit(_outcome, job) for job in jobs]
        wait(futures)
    except BaseException:
        _surely(interrupt)
        raise
    finally:
        pool.shutdown(cancel_futures=True)  # and wait for those that run
    return [future.result() for future in futures]


def _surely(action: Callable[[], object]) -> None:
    """Do it, although Ctrl-C may be pressed again meanwhile."""
    while True:
        with suppress(KeyboardInterrupt):
            action()
            return


def _outcome(job: Callable[[], T]) -> T | Exception:
    try:
        return job()
    except Exception as error:  # noqa: BLE001  (the flow that asked for the jobs judges it)
        return error


async def in_tasks(jobs: Sequence[Callable[[], Awaitable[T]]], most: int) -> list[T | Exception]:
    """What the jobs return or raise, in order."""
    import asyncio  # noqa: PLC0415  (20 ms to import, and whoever awaits has it already)

    gate = asyncio.Semaphore(most)

    async def outcome(job: Callable[[], Awaitable[T]]) -> T | Exception:
        async with gate:
            try:
                return await job()
            except Exception as error:  # noqa: BLE001  (as above)
                return error

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(outcome(job)) for job in jobs]
    return [task.result() for task in tasks]


async def in_thread(work: Callable[[], T]) -> T:
    """Work for disk or processor beside the event loop; cancelled, it ends before the cancellation goes on."""
    import asyncio  # noqa: PLC0415  (as above)

    future = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        await asyncio.wait([future])
        raise
