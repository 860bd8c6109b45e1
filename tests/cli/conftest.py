"""The command, run in a folder of its own."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.command import PIXOLA, Ran, environment


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., Ran]:
    """Runs the command in an empty folder to its end."""

    def run(*arguments: str, **settings: str) -> Ran:
        words, env = [*PIXOLA, *arguments], environment(**settings)
        done = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False)
        assert "Traceback" not in done.stderr
        return Ran(done.returncode, done.stdout, done.stderr)

    return run
