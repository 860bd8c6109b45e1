"""Several flows at once in tasks, and blocking work in threads, for the asynchronous driver.

Runs on asyncio and trio. No task and no thread outlives the call that started it.
"""

import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import anyio
import anyio.to_thread

T = TypeVar("T")


async def gather_in_tasks(jobs: Sequence[Callable[[], Awaitable[T]]], limit: int) -> list[T | Exception]:
    """What the jobs return or raise, in order, with at most `limit` running at once.

    What is no `Exception` (KeyboardInterrupt, SystemExit) cancels the others and is raised as it is, not in a group.
    """
    outcomes: dict[int, T | Exception] = {}
    fatal: list[BaseException] = []
    cancelled = anyio.get_cancelled_exc_class()
    gate = anyio.Semaphore(limit)

    async def run(index: int, job: Callable[[], Awaitable[T]]) -> None:
        async with gate:
            try:
                outcomes[index] = await job()
            except cancelled as error:
                fatal.append(error)  # raised below if only this task was cancelled, which ends no group
                raise
            except Exception as error:  # noqa: BLE001  (the flow that asked for the jobs decides what it means)
                outcomes[index] = error
            except BaseException as error:  # noqa: BLE001  (raised below)
                fatal.append(error)
                group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        for index, job in enumerate(jobs):
            group.start_soon(run, index, job)
    if fatal:
        raise fatal[0]
    return [outcomes[index] for index in range(len(jobs))]


async def in_thread(work: Callable[[], T], cancel: Callable[[], object] | None = None) -> T:
    """Run blocking work beside the event loop; cancelled, it ends before the cancellation goes on.

    `cancel` is called then, to let the work end early.
    """
    begun = threading.Lock()  # held by the thread once it works, or by the task that was cancelled before that
    ended = threading.Event()

    def worker() -> T:
        if not begun.acquire(blocking=False):
            raise RuntimeError("cancelled before it began")
        try:
            return work()
        finally:
            ended.set()

    try:
        return await anyio.to_thread.run_sync(
            worker, abandon_on_cancel=cancel is not None, limiter=anyio.CapacityLimiter(1)
        )
    except anyio.get_cancelled_exc_class():
        if not begun.acquire(blocking=False):
            if cancel is not None:
                cancel()
            # `Task.cancel()` of asyncio does not heed the shield that anyio puts around the thread.
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(ended.wait, limiter=anyio.CapacityLimiter(1))
        raise
