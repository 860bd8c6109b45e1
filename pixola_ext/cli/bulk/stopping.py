"""Ctrl-C during a bulk run: the first one lets requests under way be answered, the second one ends at once."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class Leave(BaseException):
    """Raised in the main thread by the first Ctrl-C; no error, and so not to be caught as one."""


@contextmanager
def first_is_gentle(say: Callable[[], None]) -> Iterator[None]:
    """The first Ctrl-C in the block calls `say` and raises `Leave`, later ones raise `KeyboardInterrupt`."""
    if threading.current_thread() is not threading.main_thread():  # which alone hears of signals
        yield
        return

    def leave(_number: int, _frame: Any) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        say()
        raise Leave

    before = signal.signal(signal.SIGINT, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
