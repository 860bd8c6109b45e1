"""The outcomes of a flow that goes on in the background, for the blocking driver; `astreams.py` has the other one.

The thread lives no longer than the iteration: whoever ends that early, by `break`, `close` or an error, waits until the
requests under way are answered; Ctrl-C interrupts them.
"""

import math
from collections.abc import Callable, Generator, Iterable, Iterator
from functools import partial
from operator import length_hint
from queue import Empty, SimpleQueue
from threading import current_thread
from time import monotonic
from typing import Any, Final, Protocol, TypeVar

from .._flows.effects import Flow
from ..settings import Settings
from .drivers import Driver
from .threads import BackgroundThread, is_ours, uninterrupted

T = TypeVar("T")

LONGEST_READING: Final = 0.05  # seconds that requests are read before outcomes are looked for again
_PATIENCE: Final = 0.2  # seconds between two questions whether more requests are wanted


class Background(Protocol[T]):
    """A flow that gives values by the way."""

    def deliver_to(self, deliver: Callable[[T], Any]) -> None:
        """What takes the values."""

    def prepare(self) -> Flow[None]:
        """What comes before the first request is read."""
        ...

    def flow(self) -> Flow[None]:
        """The whole of it; what it raises is raised from the iteration."""
        ...

    def wants(self) -> int:
        """How many more requests to read."""
        ...

    def add(self, given: Iterable[Any], *, is_last: bool) -> list[T]:
        """Requests were read, no more if `is_last`. Gives values that are ready at once."""
        ...

    def failed(self, error: Exception) -> None:
        """The caller's iterable has raised: `ended` raises that again when all that was begun is at its end."""

    def taken(self) -> None:
        """A value was taken."""

    def is_paying(self) -> bool:
        """Whether the answer to a paid request is awaited."""
        ...

    def abandon(self) -> None:
        """The iteration ends early."""

    def left_behind(self) -> Flow[None]:
        """Tell what is left behind when the iteration has ended early."""
        ...

    def ended(self) -> None:
        """The flow has ended. Raises why it ended early, if it did."""


class _End:
    """The flow has ended, with an error or without one."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def stream(
    driver: Driver, background: Background[T], requests: Iterable[Any], settings: Settings
) -> Generator[T, None, None]:
    """The values of a flow, as they come; requests are read in this thread, as they are wanted."""
    worker, source, most = driver.worker(), iter(requests), read_at_once(requests)
    queue: SimpleQueue[T | _End] = SimpleQueue()
    background.deliver_to(queue.put)

    def work() -> None:
        try:
            worker.run(background.flow(), settings)
        except BaseException as error:  # noqa: BLE001  (raised again in the other thread)
            queue.put(_End(error))
        else:
            queue.put(_End())

    def stop() -> None:
        background.abandon()
        worker.stop()

    def interrupt() -> None:
        background.abandon()
        worker.interrupt()

    thread = BackgroundThread(work, "bulk")
    try:
        try:
            driver.run(background.prepare(), settings)
            thread.start()
            yield from _values(background, source, most, queue)
        except BaseException as error:
            uninterrupted(interrupt if isinstance(error, KeyboardInterrupt) else stop)
            _wait_for(thread)
            raise
        _wait_for(thread)
    except KeyboardInterrupt:  # while the answers are awaited: then they are awaited no longer
        uninterrupted(interrupt)
        _wait_for(thread)
        raise
    finally:
        driver.carry_out(background.left_behind(), settings)
    background.ended()


def _values(
    background: Background[T], source: Iterator[Any], most: float, queue: "SimpleQueue[T | _End]"
) -> Iterator[T]:
    """The values up to the end of the flow."""
    while True:
        yield from _read(background, source, most)
        try:
            found = queue.get(timeout=_PATIENCE)
        except Empty:
            continue
        if isinstance(found, _End):
            if found.error is not None:
                raise found.error
            return
        background.taken()
        yield found


def _wait_for(thread: BackgroundThread) -> None:
    # Garbage is collected in any thread: in one of ours, which cannot wait for itself.
    if not is_ours(current_thread()):
        thread.wait()


def read_at_once(requests: Any) -> float:
    """How many requests are read before they are sent: one of a generator, which may have to wait for the next."""
    return math.inf if length_hint(requests, -1) >= 0 else 1


def _read(background: Background[T], source: Iterator[Any], most: float) -> Iterator[T]:
    until = monotonic() + LONGEST_READING
    while (wanted := min(background.wants(), most)) > 0 and monotonic() < until:
        given: list[Any] = []
        is_last = False
        while len(given) < wanted and not is_last:
            try:
                given.append(next(source))
            except StopIteration:
                is_last = True
            except Exception as error:  # noqa: BLE001  (raised when all that was begun is at its end)
                background.failed(error)
                is_last = True
        # A database that is interrupted may lose a connection for which the other thread would wait.
        yield from uninterrupted(partial(background.add, given, is_last=is_last))
