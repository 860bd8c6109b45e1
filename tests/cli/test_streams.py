"""The three streams as they may be: absent, closed, unwritable, of few characters, left by their reader."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from pixola_ext.cli import exits
from tests.support.command import PIXOLA, Ran, Served, environment

GENERATE: Final = ("--sandbox", "generate", "a fox")
_WITHOUT: Final = "import sys; sys.{} = None; from pixola_ext.cli import main; main()"


def start(tmp_path: Path, words: list[str], **streams: object) -> "subprocess.CompletedProcess[bytes]":
    """The command as a process whose streams are as given."""
    settings = {name: str(streams.pop(name)) for name in list(streams) if name.startswith("PYTHON")}
    kept: dict[str, object] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL}
    return subprocess.run(
        words, cwd=tmp_path, env=environment(**settings), timeout=60, check=False, **{**kept, **streams}
    )


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "cp437"])
def test_what_stdout_cannot_show_is_escaped(tmp_path: Path, encoding: str) -> None:
    """The picture is there, its path is told, and the exit code says that it is not as printed."""
    ran = start(tmp_path, [*PIXOLA, *GENERATE, "--template", "狐 {index}"], PYTHONIOENCODING=encoding)
    assert (tmp_path / "狐 1.png").is_file()
    assert (ran.returncode, ran.stdout) == (exits.ERROR, b"\\u72d0 1.png\n")
    assert b"characters that stdout cannot show were escaped" in ran.stderr


def test_a_document_can_be_shown_everywhere(tmp_path: Path) -> None:
    """JSON is ASCII."""
    words = [*PIXOLA, "--json", *GENERATE, "--template", "狐"]
    ran = start(tmp_path, words, PYTHONIOENCODING="cp1252")
    assert (ran.returncode, b'"path": "\\u72d0.png"' in ran.stdout) == (exits.DONE, True)


def test_a_message_that_stderr_cannot_show_is_escaped(tmp_path: Path) -> None:
    """The exit code is that of the error."""
    ran = start(tmp_path, [*PIXOLA, "--sandbox", "models", "狐"], PYTHONIOENCODING="ascii")
    assert (ran.returncode, b"there is no '\\u72d0'" in ran.stderr) == (exits.ERROR, True)


@pytest.mark.parametrize("stream", ["stdin", "stdout", "stderr"])
def test_without_a_stream_there_is_no_traceback(tmp_path: Path, stream: str) -> None:
    """As under pythonw: what was paid is saved, and without stdout the exit code says that nothing was printed."""
    words = [sys.executable, "-W", "error", "-c", _WITHOUT.format(stream), *GENERATE]
    ran = start(tmp_path, words)
    assert b"Traceback" not in ran.stderr
    assert ran.returncode == (exits.ERROR if stream == "stdout" else exits.DONE)
    assert len(list(tmp_path.glob("*.png"))) == 1


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_closed_stream_is_no_traceback(tmp_path: Path, number: int) -> None:
    """As `>&-` of a shell leaves it."""
    line = f'exec {number}>&-; exec "$@"'
    ran = start(tmp_path, ["sh", "-c", line, "sh", *PIXOLA, *GENERATE])
    assert b"Traceback" not in ran.stderr
    assert ran.returncode == (exits.ERROR if number == 1 else exits.DONE)
    assert len(list(tmp_path.glob("*.png"))) == 1


@pytest.mark.parametrize("words", [GENERATE, ("--help",), ("spec",), ("--json", "--sandbox", "models")])
def test_a_stdout_that_cannot_be_written_is_told(tmp_path: Path, words: tuple[str, ...]) -> None:
    """In one line, and by the exit code, as for a full disk."""
    (tmp_path / "read-only").touch()
    with (tmp_path / "read-only").open("rb") as unwritable:
        ran = start(tmp_path, [*PIXOLA, *words], stdout=unwritable)
    assert (ran.returncode, ran.stderr.count(b"\n")) == (exits.ERROR, 1)
    assert b"Bad file descriptor" in ran.stderr


@pytest.mark.parametrize("words", [("--sandbox", "--jsonl", "models"), ("--sandbox", "--json", "styles"), ("spec",)])
def test_a_reader_that_leaves_is_no_error_to_tell(tmp_path: Path, words: tuple[str, ...]) -> None:
    """As `head` does."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        ran = start(tmp_path, [*PIXOLA, *words], stdout=pipe)
    assert (ran.returncode, ran.stderr) == (exits.ERROR, b"")


def test_one_picture_goes_to_stdout(tmp_path: Path) -> None:
    """And nothing else does, nor into the folder."""
    ran = start(tmp_path, [*PIXOLA, *GENERATE, "-o", "-"])
    assert (ran.returncode, ran.stdout[:8]) == (exits.DONE, b"\x89PNG\r\n\x1a\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [("-n", "2"), ("--json",), ("-m", "flux-2", "-m", "sana-1.6b")])
def test_stdout_takes_no_more_than_one(tmp_path: Path, words: tuple[str, ...]) -> None:
    """Neither two pictures, nor a picture and a document; nothing is paid."""
    ran = start(tmp_path, [*PIXOLA, *GENERATE, "-o", "-", *words])
    assert ran.returncode == exits.USAGE


@pytest.mark.parametrize(
    "words", [("models", "flux-2"), ("images",), ("--json", "credits"), ("batches", "--limit", "1")]
)
def test_the_result_goes_to_stdout_while_progress_is_drawn_on_stderr(
    inside: Callable[..., Ran], served: Served, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """Byte for byte what it is without a terminal."""
    assert inside("-q", "submit", "a fox in the snow, at dusk, by the lake", **served.settings).code == exits.DONE
    whole = inside("--jsonl", "batches").out
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert inside("--jsonl", "batches").out == whole
    assert inside(*words).out
