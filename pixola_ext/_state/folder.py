"""Where a platform keeps what programs remember between runs. Nothing is looked at or made here."""

import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path


def state_folder(
    environ: Mapping[str, str], *, platform: str = sys.platform, home: Callable[[], Path] = Path.home
) -> Path | None:
    """The folder of this package's state: `PIXOLA_STATE_DIR`, else the platform's own place; None without a home.

    A relative path in a variable of the platform is ignored, as the XDG base directory specification wants it.
    """
    own = environ.get("PIXOLA_STATE_DIR")
    if own:
        return Path(own)
    with suppress(RuntimeError):  # the user has no home
        if platform == "darwin":
            return home() / "Library" / "Application Support" / "pixola"
        if platform == "win32":
            return (_absolute(environ.get("LOCALAPPDATA")) or home() / "AppData" / "Local") / "pixola"
        return (_absolute(environ.get("XDG_STATE_HOME")) or home() / ".local" / "state") / "pixola"
    return None


def _absolute(folder: str | None) -> Path | None:
    return Path(folder) if folder and Path(folder).is_absolute() else None
