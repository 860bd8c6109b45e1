"""`pixola sandbox`, and the vendor's three quick starts against it with only the host changed."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import httpx
import pytest

from pixola_ext.cli import exits
from tests.cli.conftest import Ran, Served, environment, sandbox

QUICK_STARTS: Final = Path(__file__).parent / "quick_starts"


def test_one_line_tells_when_it_is_ready(served: Served) -> None:
    """Where it is, and with which key."""
    assert served.url.startswith("http://127.0.0.1:")
    answer = httpx.get(f"{served.url}/credits", headers={"authorization": f"Bearer {served.api_key}"}, trust_env=False)
    assert answer.json()["plan"] == "free"


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGINT, exits.INTERRUPTED), (signal.SIGTERM, exits.DONE)])
def test_it_ends_by_signal(sign: signal.Signals, code: int) -> None:
    """Ctrl-C is an interruption, a termination is what a supervisor asks for."""
    with sandbox() as running:
        ran = running.ended(sign)
    assert (ran.code, ran.out) == (code, "")
    assert "Traceback" not in ran.err


def test_a_port_in_use_is_one_line(command: Callable[..., Ran], served: Served) -> None:
    """And exit code 1."""
    port = served.url.split(":")[2].partition("/")[0]
    ran = command("sandbox", "--port", port)
    assert (ran.code, ran.out) == (exits.ERROR, "")
    assert ran.err == f"pixola: cannot listen on 127.0.0.1 port {port}: Address already in use\n"


def test_another_address_is_warned_of() -> None:
    """Whoever can reach it can use it."""
    with sandbox("--host", "0.0.0.0") as running:
        assert running.url.startswith("http://127.0.0.1:")
        assert "can be reached from other machines" in running.ended(signal.SIGTERM).err


def test_its_options_reach_the_service() -> None:
    """Key, credits and limits."""
    with sandbox("--api-key", "pxk_mine", "--credits", "7") as running:
        headers = {"authorization": "Bearer pxk_mine"}
        answers = [httpx.get(f"{running.url}/credits", headers=headers, trust_env=False) for _ in range(31)]
    assert running.api_key == "pxk_mine"
    assert answers[0].json()["balance"] == 7
    assert [answer.status_code for answer in answers] == [200] * 30 + [429]


@pytest.mark.parametrize(
    ("program", "script"),
    [("bash", "quick_start.sh"), (sys.executable, "quick_start.py"), ("node", "quick_start.mjs")],
)
def test_the_quick_starts_run_to_their_last_line(served: Served, program: str, script: str, tmp_path: Path) -> None:
    """curl, Python requests and JavaScript fetch: submit, poll every two seconds, use the first URL."""
    missing = [each for each in (program, "curl") if shutil.which(each) is None]
    if missing and "CI" not in os.environ:  # where it counts, nothing is skipped
        pytest.skip(f"{missing} cannot be run here")
    settings = {"BASE_URL": served.url, "API_KEY": served.api_key}
    words = [program, str(QUICK_STARTS / script)]
    ran = subprocess.run(
        words, cwd=tmp_path, env=environment(**settings), capture_output=True, text=True, timeout=60, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    url = ran.stdout.strip().splitlines()[-1]
    answer = httpx.get(url, trust_env=False)
    assert answer.headers["content-type"] == "image/png"


def test_a_folder_that_cannot_be_written_is_a_usage_error(command: Callable[..., Ran], tmp_path: Path) -> None:
    """Saying which."""
    (tmp_path / "file").write_text("")
    ran = command("sandbox", "--port", "0", "--data", "file/below")
    assert ran.code == exits.USAGE
    assert "file/below cannot be written" in ran.err
