"""A scheduler and workers of Dask as processes of this machine, to be killed, stopped and started again."""

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

_DASK: Final = str(Path(sys.executable).with_name("dask"))
_START_SECONDS: Final = 30.0


class ClusterProcesses:
    """A scheduler and its workers; `settings` are added to their environment. `done` counts what was done to them."""

    def __init__(self, workers: int, settings: Mapping[str, str], folder: Path, port: int) -> None:
        self.address = f"tcp://127.0.0.1:{port}"
        self.done: Counter[str] = Counter()
        self._environment = {**os.environ, **settings}
        self._folder = folder
        self._port = port
        self._scheduler = self._started_scheduler()
        self._workers = [self._started_worker() for _ in range(workers)]
        self._stopped: list[subprocess.Popen[bytes]] = []

    def revive(self) -> None:
        """Start again what has ended."""
        if self._scheduler.poll() is not None:
            self._scheduler = self._started_scheduler()
        self._workers = [each if each.poll() is None else self._started_worker() for each in self._workers]

    def kill_worker(self, chance: random.Random) -> None:
        """SIGKILL one of the workers."""
        victim = chance.choice(self._workers)
        victim.kill()
        victim.wait()
        self.done["workers killed"] += 1

    def stop_worker(self, chance: random.Random, seconds: float) -> None:
        """SIGSTOP one of the workers, and let it go on after some seconds."""
        victim = chance.choice(self._workers)
        if victim.poll() is None:
            victim.send_signal(signal.SIGSTOP)
            self._stopped.append(victim)
            threading.Timer(seconds, self._go_on, [victim]).start()

    def _go_on(self, victim: "subprocess.Popen[bytes]") -> None:
        self._stopped.remove(victim)
        if victim.poll() is None:
            victim.send_signal(signal.SIGCONT)
            self.done["workers stopped"] += 1

    def kill_scheduler(self) -> None:
        """SIGKILL the scheduler."""
        self._scheduler.kill()
        self._scheduler.wait()
        self.done["schedulers killed"] += 1

    def close(self) -> None:
        """End all processes."""
        for each in (*self._workers, *self._stopped, self._scheduler):
            each.kill()
            each.wait()

    def _started_scheduler(self) -> "subprocess.Popen[bytes]":
        words = ["scheduler", "--host", "127.0.0.1", "--port", str(self._port), "--no-dashboard"]
        process = self._started(*words)
        until = time.monotonic() + _START_SECONDS
        while not _answers(self._port):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("the scheduler does not start")
            time.sleep(0.1)
        return process

    def _started_worker(self) -> "subprocess.Popen[bytes]":
        words = ["--no-nanny", "--nthreads", "1", "--no-dashboard", "--death-timeout", "20"]
        return self._started("worker", self.address, *words, "--local-directory", str(self._folder))

    def _started(self, *words: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(  # noqa: S603
            [_DASK, *words],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


@contextmanager
def shared_database() -> Iterator[Any]:
    """A PostgreSQL server of our own, which the test group installs, with its `url`; None where there is none.

    Without one, machines of a cluster share SQLite files, which is possible on one machine alone.
    """
    try:
        from tests.support.postgres import postgres  # noqa: PLC0415  (the test group may be missing)
    except ImportError:
        yield None
        return
    with postgres() as server:
        yield server


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def cluster(workers: int, settings: Mapping[str, str], folder: Path) -> Iterator[ClusterProcesses]:
    """A cluster that ends with the block."""
    started = ClusterProcesses(workers, settings, folder, free_port())
    try:
        yield started
    finally:
        started.close()
