"""The command, run in a folder of its own: as a process, or inside this one, which is faster."""

import io
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pixola_ext import Pixola
from pixola_ext.cli.progress import Activity
from pixola_ext.cli.root import run as run_here
from pixola_ext.cli.session import Session
from pixola_ext.sandbox import Sandbox
from pixola_ext.settings import OnRequest
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


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A sandbox in this process that commands take for the service, as long as the test lasts."""
    made = Sandbox()

    @contextmanager
    def client(
        _session: Session, activity: Activity | None = None, *, on_request: OnRequest | None = None
    ) -> Iterator[Pixola]:
        with Pixola.sandbox(made, on_retry=activity.retrying if activity else None, on_request=on_request) as px:
            yield px

    monkeypatch.setattr(Session, "client", client)
    monkeypatch.setenv("PIXOLA_API_KEY", made.api_key)
    return made


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Runs the command inside this process, in an empty folder; `stdin` is what it reads there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.setenv("NO_PROXY", "*")

    def run(*arguments: str, stdin: bytes = b"", **settings: str) -> Ran:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8"))
        capsys.readouterr()
        code = run_here(list(arguments))
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return run
