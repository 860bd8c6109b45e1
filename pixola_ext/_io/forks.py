"""What a forked child process has of its parent and must neither use nor close."""

from typing import Final

_abandoned: Final[list[object]] = []


def abandon(*parents: object) -> None:
    """Keep these to the end of the process: to free them would close what the parent process still uses."""
    _abandoned.extend(parents)
