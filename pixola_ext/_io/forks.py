"""What has to be made anew in a child process after `os.fork`: connections, locks, and what threads were doing."""

import os
from typing import Final, Protocol
from weakref import WeakSet


class Renewable(Protocol):
    """An object that a forked child must not share with its parent."""

    def renew(self) -> None:
        """Called in the child, before anything else runs there; must not wait, lock or send."""


_renewables: Final[WeakSet[Renewable]] = WeakSet()
_abandoned: Final[list[object]] = []


def renew_in_children(*renewables: Renewable) -> None:
    """Call `renew` of these in every child process that is forked while they live."""
    for each in renewables:
        _renewables.add(each)


def abandon(*parents: object) -> None:
    """Keep these to the end of the process: to free them would close what the parent process still uses."""
    _abandoned.extend(parents)


def _renew_all() -> None:
    for each in list(_renewables):
        each.renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_all)
