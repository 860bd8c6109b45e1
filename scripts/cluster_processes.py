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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from island import Island

_DASK: Final = str(Path(sys.executable).with_name("dask"))
_START_SECONDS: Final = 30.0

Process = subprocess.Popen[bytes]


class ClusterProcesses:
    """A scheduler and its workers; `settings` are added to their environment. `done` counts what was done to them.

    The first worker lives on an island that reaches the scheduler and `ports`, if there are any.
    """

    def __init__(
        self, workers: int, settings: Mapping[str, str], folder: Path, port: int, ports: Sequence[int] = ()
    ) -> None:
        self.address = f"tcp://127.0.0.1:{port}"
        self.done: Counter[str] = Counter()
        self._environment = {**os.environ, **settings}
        self._folder = folder
        self._port = port
        self._island = Island(folder / "island", [port, *ports], free_port()) if ports else None
        self._scheduler = self._started_scheduler()
        self._workers = [self._started_worker(number) for number in range(workers)]
        self._stopped: list[Process] = []

    def revive(self) -> None:
        """Start again what has ended."""
        if self._scheduler.poll() is not None:
            self._scheduler = self._started_scheduler()
        for number, worker in enumerate(self._workers):
            if worker.poll() is not None:
                self._workers[number] = self._started_worker(number)

    def kill_worker(self, chance: random.Random) -> None:
        """SIGKILL one of the workers."""
        awake = [each for each in self._workers if each not in self._stopped]  # the others are to wake later
        if awake:
            _kill(chance.choice(awake))
            self.done["workers killed"] += 1

    def stop_worker(self, chance: random.Random, seconds: float) -> None:
        """SIGSTOP one of the workers, and let it go on after some seconds."""
        victim = chance.choice(self._workers)
        if victim.poll() is None and victim not in self._stopped:
            os.killpg(victim.pid, signal.SIGSTOP)
            self._stopped.append(victim)
            threading.Timer(seconds, self._go_on, [victim]).start()

    def _go_on(self, victim: Process) -> None:
        self._stopped.remove(victim)
        if victim.poll() is None:
            os.killpg(victim.pid, signal.SIGCONT)
            self.done["workers stopped"] += 1

    def disconnect_worker(self, seconds: float) -> None:
        """Cut the worker on the island off from all others, and connect it again after some seconds."""
        if self._island is not None:
            self._island.cut()
            threading.Timer(seconds, self._connect).start()

    def _connect(self) -> None:
        if self._island is not None:
            self._island.mend()
            self.done["workers disconnected"] += 1

    def kill_scheduler(self) -> None:
        """SIGKILL the scheduler."""
        _kill(self._scheduler)
        self.done["schedulers killed"] += 1

    def close(self) -> None:
        """End all processes."""
        for each in (*self._workers, *self._stopped, self._scheduler):
            _kill(each)

    def _started_scheduler(self) -> Process:
        words = ["scheduler", "--host", "127.0.0.1", "--port", str(self._port), "--no-dashboard"]
        process = self._started(*words)
        until = time.monotonic() + _START_SECONDS
        while not _answers(self._port):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("the scheduler does not start")
            time.sleep(0.1)
        return process

    def _started_worker(self, number: int) -> Process:
        words = ["--no-nanny", "--nthreads", "1", "--no-dashboard", "--death-timeout", "20"]
        words = ["worker", self.address, *words, "--local-directory", str(self._folder)]
        if self._island is None or number:
            return self._started(*words)
        own = ["--host", "127.0.0.1", "--worker-port", str(self._island.own)]
        return self._started(*words, *own, island=self._island)

    def _started(self, *words: str, island: Island | None = None) -> Process:
        command = [_DASK, *words]
        return subprocess.Popen(  # noqa: S603
            command if island is None else island.command(command),
            env=self._environment,
            start_new_session=True,  # killed with the processes that it has started
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def _kill(process: Process) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def shared_database(port: int | None = None) -> Iterator[Any]:
    """A PostgreSQL server of our own, which the test group installs, with its `url`; None where there is none.

    Without one, machines of a cluster share SQLite files, which is possible on one machine alone.
    """
    try:
        from tests.support.postgres import postgres  # noqa: PLC0415  (the test group may be missing)
    except ImportError:
        yield None
        return
    with postgres(port) as server:
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
def cluster(
    workers: int, settings: Mapping[str, str], folder: Path, ports: Sequence[int] = ()
) -> Iterator[ClusterProcesses]:
    """A cluster that ends with the block; see `ClusterProcesses`."""
    started = ClusterProcesses(workers, settings, folder, free_port(), ports)
    try:
        yield started
    finally:
        started.close()
