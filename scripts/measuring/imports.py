"""CPU that imports take, each time in a fresh process: of a client's class beyond `import httpx`, of a first call."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from .clients import CLIENTS
from .environment import ROOT, variables
from .rows import Row

_TURNS: Final = 9
_BAR: Final = 40.0  # milliseconds
_BAR_OF_SUBMIT: Final = 8.0  # milliseconds

_CLIENT: Final = """
from pixola_ext import Pixola
import httpx
answer = {"batchId": "bt_1", "batches": [], "hasMore": False}
transport = httpx.MockTransport(lambda request: httpx.Response(200, json=answer))
px = Pixola("pxk_0123456789abcdef0123", "http://127.0.0.1/api/v1", http_client=httpx.Client(transport=transport))
"""
_IMPORTED: Final = f"""{_CLIENT}
import sys
known = set(sys.modules)
px.submit("A lighthouse")
print(*(name for name in sys.modules if name not in known))
"""


def _milliseconds(python: Path, code: str, before: str = "import httpx") -> float:
    timed = f"{before}\nimport time\nstart = time.process_time()\n{code}\nprint(time.process_time() - start)"
    return float(_printed(python, timed)) * 1000


def _printed(python: Path, program: str) -> str:
    with TemporaryDirectory() as folder:
        settings = variables() | {"XDG_STATE_HOME": folder}  # of the journal and the budget
        command = [python, "-c", program]
        found = subprocess.run(command, capture_output=True, text=True, check=True, env=settings, cwd=ROOT)  # noqa: S603
    return found.stdout


def first_submit(python: Path) -> Row:
    """What the first `px.submit` imports that the client did not."""
    names = _printed(python, _IMPORTED).split()
    code = f"from importlib import import_module\nfor name in {names!r}: import_module(name)"
    taken = median(_milliseconds(python, code, _CLIENT) for _ in range(_TURNS))
    return Row(f"the first px.submit: import of {len(names)} modules, CPU", taken, "ms", _BAR_OF_SUBMIT)


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
    yield first_submit(python)
    ratio = median(turn["pixola_ext"] / turn[least] for turn in turns)
    yield Row(f"from pixola_ext import Pixola, beside the lightest rival ({least})", ratio, "times", 1.0)
