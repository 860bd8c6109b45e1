"""Coverage costs time where it measures nothing, too: it stands still for tests of what is not in the package."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_FOR_PROCESSES: Final = "COVERAGE_PROCESS_CONFIG"  # the variable by which coverage measures the processes of a test


@contextmanager
def unmeasured() -> Iterator[None]:
    """Stop the tracing of this process, and of the processes that it starts, for the length of a block.

    A tracer receives every line of every module: comparing two documents takes three times as long with it. Stopping
    coverage itself is not enough: under pytest-xdist there are two in each worker.
    """
    config = os.environ.pop(_FOR_PROCESSES, None)
    if config is None:  # coverage is not asked for, and what traces is a debugger
        yield
        return
    here, threads = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)  # type: ignore[arg-type]  # typeshed does not know that None is what removes it
    try:
        yield
    finally:
        os.environ[_FOR_PROCESSES] = config
        threading.settrace(threads)  # type: ignore[arg-type]
        sys.settrace(here)
