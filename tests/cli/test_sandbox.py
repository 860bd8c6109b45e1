"""`pixola sandbox`, and the vendor's three quick starts against it with only the host changed."""

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import httpx
import pytest

from pixola_ext.cli import exits
from tests.support.command import Ran, Served, environment, sandbox

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
    """Keys, credits and limits; each key has its own."""
    with (
        sandbox("--api-key", "pxk_mine", "--api-key", "pxk_yours", "--credits", "7") as running,
        httpx.Client(trust_env=False, base_url=running.url) as http,
    ):
        mine = [http.get("/credits", headers={"authorization": "Bearer pxk_mine"}) for _ in range(31)]
        yours = http.get("/credits", headers={"authorization": "Bearer pxk_yours"})
        default = http.get("/credits", headers={"authorization": "Bearer pxk_sandbox"})
    assert running.api_key == "pxk_mine"
    assert (mine[0].json()["balance"], yours.json()["balance"], default.status_code) == (7, 7, 401)
    assert [answer.status_code for answer in mine] == [200] * 30 + [429]


def test_a_name_for_others_is_accepted_and_used() -> None:
    """In requests, and in the URLs of pictures, whose port can be chosen; all other names stay refused."""
    port = free_port()
    with (
        sandbox("--public-host", "sandbox.test", "--pictures-port", str(port), "--cors", "http://app.test") as running,
        httpx.Client(trust_env=False) as http,
    ):
        assert running.url.startswith("http://sandbox.test:")
        url = running.url.replace("sandbox.test", "127.0.0.1")
        style = http.get(f"{url}/styles/anime", headers={"authorization": f"Bearer {running.api_key}"}).json()
        assert style["image"] == f"http://sandbox.test:{port}/styles/anime.png"
        statuses = [
            http.get(f"{url}/models", headers={"host": host}).status_code for host in ("sandbox.test", "b.test")
        ]
        assert statuses == [200, 400]
        page = http.get(f"{url}/models", headers={"origin": "http://app.test"})
        assert page.headers["access-control-allow-origin"] == "http://app.test"
        other = http.get(f"{url}/models", headers={"origin": "http://other.test"})
        assert "access-control-allow-origin" not in other.headers


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        found: int = listener.getsockname()[1]
        return found


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--api-key", "secret", "Invalid value for --api-key: must start with pxk_"),
        ("--credits", "-1", "Invalid value for --credits: must be a whole number from 0 to 1000000000000"),
        ("--latency", "nan", "Invalid value for --latency: must be a number from 0 to 1e+06"),
        ("--latency", "inf", "Invalid value for --latency: must be a number from 0 to 1e+06"),
        ("--url-lifetime", "0", "Invalid value for --url-lifetime: must be a number from 0.001 to 1e+09"),
        ("--seed", str(2**70), "Invalid value for --seed: must be a whole number"),
        ("--port", "65536", "Invalid value for '--port'"),
    ],
)
def test_an_option_out_of_bounds_is_named(command: Callable[..., Ran], option: str, value: str, message: str) -> None:
    """And nothing is started."""
    ran = command("sandbox", "--port", "0", option, value)
    assert (ran.code, ran.out) == (exits.USAGE, "")
    assert message in ran.err


@pytest.mark.parametrize("host", ["203.0.113.1", "no such host"])
def test_a_host_that_is_not_ours_is_one_line(command: Callable[..., Ran], host: str) -> None:
    """And exit code 1."""
    ran = command("sandbox", "--host", host)
    assert (ran.code, ran.out) == (exits.ERROR, "")
    assert ran.err.startswith(f"pixola: cannot listen on {host} port 8321: ")
    assert ran.err.count("\n") == 1


def test_it_says_nothing_about_failures_on_demand() -> None:
    """They are what was asked for; also those that are still going on when it is ended."""
    with sandbox() as running, httpx.Client(trust_env=False, timeout=0.2) as http:
        headers = {"authorization": f"Bearer {running.api_key}"}
        for fault in ("reset", "reset-after", "truncated", "hang", "drip", "html-520"):
            with suppress(httpx.TransportError):
                http.get(f"{running.url}/credits", headers={**headers, "x-sandbox-fault": fault})
        with suppress(httpx.TransportError):
            http.get(f"{running.url}/credits", headers={**headers, "x-sandbox-fault": "hang"})
        ran = running.ended(signal.SIGTERM)
    assert ran.code == exits.DONE
    assert ran.err.count("\n") == 1  # where it listens


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


def test_a_folder_in_use_is_one_line(command: Callable[..., Ran], tmp_path: Path) -> None:
    """Two sandboxes would undo each other; when the first has ended, however, the folder is free."""
    with sandbox("--data", str(tmp_path / "kept")) as running:
        ran = command("sandbox", "--port", "0", "--data", "kept")
        assert (ran.code, ran.out, ran.err) == (exits.ERROR, "", "pixola: kept is in use by another sandbox\n")
        running.process.kill()
        running.process.wait()
    with sandbox("--data", str(tmp_path / "kept")) as running:
        assert running.ended(signal.SIGTERM).code == exits.DONE


def test_a_folder_with_something_else_is_one_line(command: Callable[..., Ran], tmp_path: Path) -> None:
    """A folder with files of another program is refused and left as it is."""
    (tmp_path / "kept").mkdir()
    file = tmp_path / "kept" / "sandbox.sqlite3"
    file.write_bytes(b"not a database, but long enough to be taken for one" * 100)
    ran = command("sandbox", "--port", "0", "--data", "kept")
    assert (ran.code, ran.out) == (exits.ERROR, "")
    assert ran.err.startswith("pixola: kept is not empty and was not made by `pixola sandbox`")
    assert ran.err.count("\n") == 1
    assert [*(tmp_path / "kept").iterdir()] == [file]
    assert file.read_bytes().startswith(b"not a database")


def test_a_damaged_folder_is_one_line(command: Callable[..., Ran], tmp_path: Path) -> None:
    """A sandbox's own database with values that cannot be read is refused."""
    with sandbox("--data", str(tmp_path / "kept")) as running:
        running.ended(signal.SIGTERM)
    with sqlite3.connect(tmp_path / "kept" / "sandbox.sqlite3") as database:
        database.execute("UPDATE meta SET value='\"seven\"' WHERE name='seed'")
    database.close()
    ran = command("sandbox", "--port", "0", "--data", "kept")
    assert (ran.code, ran.out) == (exits.ERROR, "")
    assert ran.err.startswith("pixola: kept is damaged (")
    assert ran.err.count("\n") == 1


def test_an_empty_name_is_no_folder(command: Callable[..., Ran], tmp_path: Path) -> None:
    """An unset variable of a shell does not turn the current folder into a sandbox's."""
    ran = command("sandbox", "--port", "0", "--data", "")
    assert (ran.code, ran.out) == (exits.USAGE, "")
    assert "an empty name is no folder" in ran.err
    assert [*tmp_path.iterdir()] == []


def test_the_current_folder_is_refused_where_it_has_files(command: Callable[..., Ran], tmp_path: Path) -> None:
    """The pictures of a user stay where they are."""
    picture = tmp_path / "pictures" / "fox.png"
    picture.parent.mkdir()
    picture.write_bytes(b"paid for")
    ran = command("sandbox", "--port", "0", "--data", ".")
    assert ran.code == exits.ERROR
    assert picture.read_bytes() == b"paid for"
