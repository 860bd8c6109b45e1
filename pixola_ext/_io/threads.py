"""Flows in threads, for the blocking driver. No thread outlives the call that started it."""

import socket
import threading
from _thread import start_new_thread
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final, TypeVar
from weakref import WeakSet

T = TypeVar("T")


THREADS: Final = "pixola"  # begins the names of our threads
_ASKED_EVERY: Final = 0.2  # seconds


def is_ours(thread: threading.Thread) -> bool:
    """Whether a thread was started here."""
    return thread.name.startswith(THREADS)


class Stopped(BaseException):
    """Ends a flow in a thread, because the call that started the thread was interrupted."""


class BackgroundThread:
    """A function in a thread of its own, whose end can be waited for whatever Ctrl-C interrupts."""

    # `Thread.join` does not do: before Python 3.13, a thread whose `join` was interrupted counts as ended.

    def __init__(self, work: Callable[[], object], name: str) -> None:
        self._work = work
        self._thread = threading.Thread(target=self._run, name=f"{THREADS}-{name}", daemon=True)
        self._is_begun = False
        self._has_ended = False
        self._at_work = threading.Lock()
        self._at_work.acquire()

    def start(self) -> None:
        """Start the thread."""
        uninterrupted(self._start)

    def _start(self) -> None:
        self._thread.start()
        self._is_begun = True

    def _run(self) -> None:
        try:
            self._work()
        finally:
            self._has_ended = True
            self._at_work.release()

    def wait(self) -> None:
        """Wait for the end of the thread, if it was started."""
        while self._is_begun and not self._has_ended:  # asked again: an interruption may take what wakes this thread
            self._at_work.acquire(timeout=_ASKED_EVERY)
        if self._is_begun:
            self._thread.join()


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
    left = deque(enumerate(jobs))
    outcomes: dict[int, T | Exception] = {}
    ends: list[BaseException] = []

    def work() -> None:
        try:
            while (taken := _taken(left)) is not None:
                number, job = taken
                outcomes[number] = _outcome(job)
        except BaseException as end:  # noqa: BLE001  (raised in the thread that waits)
            ends.append(end)

    threads = [BackgroundThread(work, str(number)) for number in range(min(limit, len(jobs)))]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.wait()
    except BaseException:
        left.clear()
        with suppress(KeyboardInterrupt):  # pressed again
            uninterrupted(interrupt)
        for thread in threads:
            thread.wait()
        raise
    if ends:
        raise ends[0]
    return [outcomes[number] for number in range(len(jobs))]


def _taken(left: "deque[T]") -> T | None:
    try:
        return left.popleft()
    except IndexError:  # another thread may have taken the last one
        return None


def uninterrupted(action: Callable[[], T]) -> T:
    """What `action` returns or raises, run to its end, once; Ctrl-C meanwhile is raised afterwards.

    It runs in a thread of its own, which no signal interrupts: in the main thread an interruption may come between the
    lines of `threading.Event.set`, say, and leave the event locked.
    """
    turns = [action]
    values: list[T] = []
    errors: list[BaseException] = []
    at_work = threading.Lock()
    at_work.acquire()

    def run() -> None:
        try:
            turn = turns.pop()
        except IndexError:  # started twice: the first interruption came just then
            return
        try:
            values.append(turn())
        except BaseException as failed:  # noqa: BLE001  (raised in the thread that waits)
            errors.append(failed)
        finally:
            at_work.release()

    is_started = False
    interruption: BaseException | None = None
    while not values and not errors:
        try:
            if not is_started:
                _start(run)
                is_started = True
            at_work.acquire(timeout=_ASKED_EVERY)
        except BaseException as error:  # noqa: BLE001  (raised below)
            interruption = error
    if interruption is not None:
        raise interruption
    if errors:
        raise errors[0]
    return values[0]


def _start(action: Callable[[], None]) -> None:
    try:
        start_new_thread(action, ())  # `Thread.start` waits for an event, too
    except RuntimeError:  # the interpreter ends, or the system gives no more threads
        action()


def _outcome(job: Callable[[], T]) -> T | Exception:
    try:
        return job()
    except Exception as error:  # noqa: BLE001  (the flow that asked for the jobs decides what it means)
        return error
