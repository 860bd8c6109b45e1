"""Several flows at once in threads, for the blocking driver. No thread outlives the call that started it."""

import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final, TypeVar
from weakref import WeakSet

from .._api.importing import importing

T = TypeVar("T")


THREADS: Final = "pixola"  # begins the names of our threads


def is_ours(thread: threading.Thread) -> bool:
    """Whether a thread was started here."""
    return thread.name.startswith(THREADS)


class Stopped(BaseException):
    """Ends a flow in a thread, because the call that started the thread was interrupted."""


class OpenSockets:
    """The sockets that a client has connected and not closed yet.

    Ctrl-C shuts them down, so that threads blocked in a read return at once; a forked child closes its copies of them.
    """

    def __init__(self) -> None:
        self._sockets: WeakSet[socket.socket] = WeakSet()
        self._lock = threading.Lock()

    def add(self, connection: Any) -> None:
        """Remember the socket of a connection that was just made (a network stream of httpcore)."""
        opened = connection.get_extra_info("socket")
        if isinstance(opened, socket.socket):
            with self._lock:
                self._sockets.add(opened)

    def any(self) -> bool:
        """Whether there are any."""
        return bool(self._sockets)

    def shutdown(self) -> None:
        """Shut all of them down for reading and writing: blocked reads return with an error."""
        with self._lock:
            sockets = list(self._sockets)
        for each in sockets:
            with suppress(OSError):
                socket.socket.shutdown(each, socket.SHUT_RDWR)  # not the method of TLS, which is not thread-safe

    def close_copies(self) -> None:
        """After a fork, in the child: close the descriptors without a word to the peer; the parent's stay open."""
        self._lock = threading.Lock()  # another thread of the parent may have held the old one
        for each in list(self._sockets):
            each.close()
        self._sockets = WeakSet()


def gather_in_threads(
    jobs: Sequence[Callable[[], T]], limit: int, interrupt: Callable[[], object]
) -> list[T | Exception]:
    """What the jobs return or raise, in order, with at most `limit` running at once.

    When this thread is interrupted, `interrupt` is called and has to end the jobs that run.
    """
    if len(jobs) == 1:
        return [_outcome(jobs[0])]
    with importing():
        from concurrent.futures import ThreadPoolExecutor, wait  # noqa: PLC0415  (3 ms to import, and seldom needed)

    pool = ThreadPoolExecutor(min(limit, len(jobs)), THREADS)
    try:
        futures = [pool.submit(_outcome, job) for job in jobs]
        wait(futures)
    except BaseException:
        _uninterrupted(interrupt)
        raise
    finally:
        pool.shutdown(cancel_futures=True)  # waits for the jobs that run
    return [future.result() for future in futures]


def _uninterrupted(action: Callable[[], object]) -> None:
    """Run `action` to its end, although Ctrl-C may be pressed again meanwhile."""
    while True:
        with suppress(KeyboardInterrupt):
            action()
            return


def _outcome(job: Callable[[], T]) -> T | Exception:
    try:
        return job()
    except Exception as error:  # noqa: BLE001  (the flow that asked for the jobs decides what it means)
        return error
