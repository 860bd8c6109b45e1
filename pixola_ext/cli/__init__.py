"""The command `pixola`. This file needs nothing but Python, so that a missing extra is said in one line."""

import sys


def main() -> None:
    """Entry point of the console script."""
    try:
        from .root import run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("click", "rich"):
            raise
        sys.stderr.write(f"pixola: {error.name} is missing; install it with: pip install 'pixola-ext[cli]'\n")
        sys.exit(1)
    sys.exit(run())
