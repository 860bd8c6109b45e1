"""`pixola bulk` as a process that is interrupted or killed, and goes on."""

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from pixola_ext.cli import exits
from tests.support.command import PIXOLA, Ran, Served, environment

Command = Callable[..., Ran]

WORDS = ("bulk", "run", "in.txt", "-m", "sana-1.6b", "-o", "out")


@contextmanager
def running(folder: Path, served: Served, prompts: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    """`pixola bulk run`, until the end of the block."""
    (folder / "in.txt").write_text(prompts)
    env, pipe = environment(**served.settings), subprocess.PIPE
    with subprocess.Popen([*PIXOLA, *words, *WORDS], cwd=folder, env=env, stdout=pipe, stderr=pipe, text=True) as run:
        try:
            yield run
        finally:
            run.kill()


def until_posted(served: Served, prompts: int) -> None:
    """Wait until so many batches are at the sandbox."""
    for _ in range(600):
        if len(posts(served)) >= prompts:
            return
        time.sleep(0.05)
    raise AssertionError("no submission came")


def posts(served: Served) -> list[Any]:
    """The submissions that the sandbox has answered, or been asked for."""
    found = httpx.get(f"{served.url.partition('/api')[0]}/_sandbox/requests", trust_env=False).json()
    return [each for each in found["requests"] if each["method"] == "POST" and each["path"].endswith("/generate")]


@pytest.fixture
def fresh(served: Served) -> Served:
    """The sandbox, with nothing from before."""
    httpx.post(f"{served.url.partition('/api')[0]}/_sandbox/reset", json={}, trust_env=False).raise_for_status()
    httpx.delete(f"{served.url.partition('/api')[0]}/_sandbox/requests", trust_env=False).raise_for_status()
    return served


def test_the_first_interruption_lets_requests_be_answered(tmp_path: Path, fresh: Served, command: Command) -> None:
    """Then 130, the results, and the command that goes on; nothing is in doubt."""
    with running(tmp_path, fresh, "a fox sandbox:never-finishes\na hen sandbox:never-finishes\n", "--json") as run:
        until_posted(fresh, 2)
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=60)
    document = json.loads(out)
    assert (run.returncode, document["error"]["code"]) == (exits.INTERRUPTED, "interrupted")
    assert document["error"]["next"] == "pixola bulk resume out"
    assert "another Ctrl-C ends at once" in err
    assert {state: n for state, n in document["counts"].items() if n} == {"submitted": 2}
    assert (tmp_path / "out/results.csv").is_file()


def test_the_second_interruption_ends_it_at_once(tmp_path: Path, fresh: Served, command: Command) -> None:
    """Although an answer is awaited, which is in doubt then."""
    with running(tmp_path, fresh, "a fox sandbox:hang-after\n") as run:
        until_posted(fresh, 1)
        assert run.stderr is not None
        run.send_signal(signal.SIGINT)
        line = ""
        while "another Ctrl-C" not in line:
            line = run.stderr.readline()
            assert line
        run.send_signal(signal.SIGINT)
        _, err = run.communicate(timeout=20)
    assert (run.returncode, "Traceback" in err) == (exits.INTERRUPTED, False)
    assert "next: pixola bulk resume out" in err
    counts = command("--json", "bulk", "status", "out").json()["counts"]
    assert counts["sending"] + counts["doubt"] == 1


def test_a_run_that_was_killed_goes_on(tmp_path: Path, fresh: Served, command: Command) -> None:
    """SIGKILL after the submissions: every picture is made once, and saved once."""
    with running(tmp_path, fresh, "a fox\na hen\na cat\n") as run:
        until_posted(fresh, 3)
        run.send_signal(signal.SIGKILL)
        run.communicate(timeout=60)
    ran = command("--json", "bulk", "resume", "out", **fresh.settings)
    assert (ran.code, ran.json()["counts"]["fetched"]) == (exits.DONE, 3)
    assert len(posts(fresh)) == 3
    assert len(list((tmp_path / "out").glob("*.png"))) == 3
