"""One lock for everything that is imported with the first call that needs it.

Two threads that import modules of one circle at the same time (those of the generated package are such) lock each
other out, and the interpreter ends that with `_DeadlockError` or with half a module.
"""

import os
import threading
from contextlib import AbstractContextManager

_lock = threading.RLock()


def importing() -> AbstractContextManager[object]:
    """Hold the lock around an import inside a function."""
    return _lock


def _renew() -> None:
    global _lock  # noqa: PLW0603  (another thread of the parent may have held the old one)
    _lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)
