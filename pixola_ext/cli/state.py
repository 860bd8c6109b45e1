"""Where the command keeps what it remembers between runs."""

import os
from pathlib import Path

from .._state.folder import state_folder


def folder_of_state() -> Path | None:
    """Where the command keeps what it remembers; None without a home."""
    found = state_folder(os.environ)
    return None if found is None else found / "command"
