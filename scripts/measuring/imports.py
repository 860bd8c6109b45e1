"""CPU that importing a client's class adds to `import httpx`, each time in a fresh process."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Final

from .clients import CLIENTS
from .environment import ROOT, variables
from .rows import Row

_TURNS: Final = 9
_BAR: Final = 40.0  # milliseconds


def _milliseconds(python: Path, code: str) -> float:
    program = f"import time, httpx\nstart = time.process_time()\n{code}\nprint(time.process_time() - start)"
    command = [python, "-c", program]
    found = subprocess.run(command, capture_output=True, text=True, check=True, env=variables(), cwd=ROOT)  # noqa: S603
    return float(found.stdout) * 1000


def imports(python: Path) -> Iterator[Row]:
    """A row for each client."""
    codes = {name: client.imports for name, client in CLIENTS.items() if name != "httpx"}
    for code in codes.values():  # the first import compiles
        _milliseconds(python, code)
    turns = [{name: _milliseconds(python, code) for name, code in codes.items()} for _ in range(_TURNS)]
    added = {name: median(turn[name] for turn in turns) for name in codes}
    bare = median(_milliseconds(python, "import pixola_ext") for _ in range(3))
    yield Row("import pixola_ext, CPU beyond import httpx", bare, "ms", _BAR)
    yield Row("from pixola_ext import Pixola, CPU beyond import httpx", added.pop("pixola_ext"), "ms", _BAR)
    for name, milliseconds in added.items():
        yield Row(f"{CLIENTS[name].imports}", milliseconds, "ms")
    least = min(added, key=lambda name: added[name])
    ratio = median(turn["pixola_ext"] / turn[least] for turn in turns)
    yield Row(f"from pixola_ext import Pixola, beside the lightest rival ({least})", ratio, "times", 1.0)
