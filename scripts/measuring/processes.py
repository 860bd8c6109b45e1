"""The processes of a measurement, ended with it: the server on loopback, and one worker for each client."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, Self

from .environment import ROOT, variables


class Process:
    """A Python module that answers each line with a line, until its input is closed."""

    def __init__(self, python: Path, *arguments: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603
            [python, "-m", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=variables(),
            cwd=ROOT,
        )

    def ask(self, line: str) -> str:
        """Its answer to `line`; `RuntimeError` if it has ended instead."""
        _of(self._process.stdin).write(line + "\n")
        _of(self._process.stdin).flush()
        answer = _of(self._process.stdout).readline()
        if not answer:
            raise RuntimeError(f"{self._process.args} ended with {self._process.wait()}")
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        _of(self._process.stdin).close()
        self._process.wait()
        _of(self._process.stdout).close()


def _of(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        raise TypeError("the stream is not a pipe")
    return stream


@contextmanager
def serving(python: Path, answers: Mapping[str, Any]) -> Iterator[str]:
    """The origin of a server with these bodies by path."""
    with Process(python, "measuring.server") as server:
        yield f"http://127.0.0.1:{int(server.ask(json.dumps(answers)))}"


@contextmanager
def workers(python: Path, names: list[str], face: str, origin: str) -> Iterator[dict[str, Process]]:
    """A process for each client."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(Process(python, "measuring.worker", name, face, origin)) for name in names}
