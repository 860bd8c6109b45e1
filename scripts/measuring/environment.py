"""The rivals' own virtual environment, made by the first measurement and kept until the pins change."""

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]

# The current releases of November 2026, and what `pixola_ext` and the call by hand need; the rivals bring the rest.
RIVALS: Final = ("openai==3.57.0", "anthropic==2.14.0", "replicate==1.0.7", "fal-client==1.0.3", "runwayml==5.24.0")
OURS: Final = ("httpx==0.28.1", "attrs==26.1.0", "python-dateutil==2.9.0.post0", "sniffio==1.3.1")
_PINS: Final = (*RIVALS, *OURS)

# What the clients may find in the environment must not reach them: proxies, keys, telemetry.
_KEPT: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT")


def interpreter() -> Path:
    """The Python with every SDK installed; the first call takes a minute and needs the package index."""
    digest = hashlib.sha256("\n".join((sys.version, *_PINS)).encode()).hexdigest()[:12]
    folder = ROOT / ".cache" / "bench" / digest
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    installed = folder / ".installed"
    if not installed.exists():
        print("installing", *_PINS, file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--quiet", *_PINS], check=True)  # noqa: S603
        installed.touch()
    return python


def variables() -> dict[str, str]:
    """The environment of everything that is measured."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    paths = (ROOT, ROOT / "generated", ROOT / "scripts")
    return {**kept, "PYTHONPATH": os.pathsep.join(map(str, paths)), "DO_NOT_TRACK": "1"}
