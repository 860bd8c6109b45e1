"""Processes of this machine: the name of this one, whether another one has ended, and what a fork leaves behind."""

import os
import sys
import weakref
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final, Protocol


def this_process() -> str:
    """What tells this process from all others that may share a folder with it."""
    return f"{os.getpid()}@{_namespace()}"


def has_ended(process: str) -> bool:
    """Whether `process` has certainly ended; False if that cannot be told from here.

    A number that was given to a new process, a process of another machine or container, and a platform that does not
    say so all count as "cannot be told".
    """
    number, _, namespace = process.partition("@")
    if namespace != _namespace() or sys.platform == "win32":  # where asking would end the process
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except (OSError, ValueError, OverflowError):
        return False
    return False


@cache
def _namespace() -> str:
    """What process numbers are counted in: the machine since it was started, and the container in it."""
    parts = [os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")]
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip())
    with suppress(OSError):
        parts.append(os.readlink("/proc/self/ns/pid"))  # noqa: PTH115  (it is no path)
    return "/".join(parts)


class Renewed(Protocol):
    """What another thread of the parent may have been using in the instant of a fork."""

    def renew(self) -> None:
        """Be usable in the child."""


_renewed: Final[weakref.WeakSet[Renewed]] = weakref.WeakSet()


def renew_after_fork(renewed: Renewed) -> None:
    """Have `renewed.renew()` called in the child after every fork, for as long as the object lives."""
    _renewed.add(renewed)


def _renew_all() -> None:
    for each in list(_renewed):
        each.renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_all)
