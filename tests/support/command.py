"""The command as a process of its own."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import attrs

PIXOLA: Final = [sys.executable, "-W", "error", "-c", "from pixola_ext.cli import main; main()"]


def environment(**settings: str) -> dict[str, str]:
    """The environment without anything that concerns the command."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PIXOLA_", "COV_", "FORCE_COLOR"))
    }
    state = tempfile.mkdtemp(prefix="pixola-state-")  # commands of different tests share no budget
    return {**kept, "NO_PROXY": "*", "PIXOLA_STATE_DIR": state, **settings}


@attrs.frozen
class Ran:
    """A command that has ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """The one document on stdout."""
        return json.loads(self.out)


@attrs.frozen
class Served:
    """A `pixola sandbox` that is running."""

    process: "subprocess.Popen[str]"
    url: str
    api_key: str

    @property
    def settings(self) -> dict[str, str]:
        """The environment for its clients."""
        return {"PIXOLA_BASE_URL": self.url, "PIXOLA_API_KEY": self.api_key}

    def ended(self, sign: signal.Signals) -> Ran:
        """What is left after a signal."""
        self.process.send_signal(sign)
        out, err = self.process.communicate(timeout=20)
        return Ran(self.process.returncode, out, err)


@contextmanager
def sandbox(*arguments: str, **settings: str) -> Iterator[Served]:
    """`pixola sandbox` on free ports, from its ready line to the end of the block."""
    process = subprocess.Popen(
        [*PIXOLA, "--json", "sandbox", "--port", "0", *arguments],
        env=environment(**settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        try:
            yield Served(process, **json.loads(process.stdout.readline()))
        finally:
            process.kill()
