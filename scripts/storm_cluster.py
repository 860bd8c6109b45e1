"""Kills the workers and the scheduler of a bulk run on a cluster, and counts what was paid for and what came out.

    python scripts/storm_cluster.py [--workers 4] [--items 200] [--kills 50] [--stops 10] [--schedulers 3]
        [--restarts 3] [--cuts 1] [--pause 5]

A sandbox with the real limits loses a fifth of the answers to submissions: half of those were accepted and half were
not. Workers are killed (SIGKILL), or stopped (SIGSTOP) for longer than their lease; one of them, in a network namespace
of its own, is cut off from all others for half a minute (`--cuts 0` where namespaces may not be made); the database is
restarted, orderly and by a crash; the scheduler is killed, and the command that was told so is run again. At the end
every item must have its picture once, the credits charged must be those of the pictures delivered, and the service must
not have refused a request for its limits. Exit code 1 if not.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from cluster_processes import ClusterProcesses, cluster, free_port, shared_database
from storm import found_at, is_right, service

_PIXOLA: Final = str(Path(sys.executable).with_name("pixola"))
_QUIET: Final = "12"  # seconds, longer than a worker is stopped, on a service that lists a batch at once
_RESTARTS: Final = ("fast", "immediate", "immediate")  # of the database
_LEASE: Final = 5.0  # seconds
_STOPPED: Final = 8.0  # seconds, longer than the lease
_CUT: Final = 30.0  # seconds
_PATIENCE: Final = 1800.0  # seconds for the whole


class Storm:
    """One storm: a command that is run until it is done, and what happens to its cluster meanwhile."""

    def __init__(self, folder: Path, settings: dict[str, str], cluster: ClusterProcesses, items: int) -> None:
        self.out = folder / "out"
        self.told = ""
        self.commands = 0
        self._settings = settings
        self._cluster = cluster
        self._prompts = folder / "prompts.txt"
        # Many are equal: what was paid for twice cannot be told apart by its prompt alone.
        self._prompts.write_text("".join(f"picture {number % (items * 3 // 5)}\n" for number in range(items)))

    def run(self, actions: list[Callable[[], Any]], pause: float, lanes: int) -> int:
        """Take the actions, one in each `pause` seconds, until the command is done; its exit code."""
        until = time.monotonic() + _PATIENCE
        process = self._started(lanes)
        due = time.monotonic() + pause
        while time.monotonic() < until:
            if process.poll() is not None:
                self.told = "".join(process.communicate())[-1000:]
                if process.returncode == 0:
                    return 0
                self._cluster.revive()
                process = self._started(lanes)
            if actions and time.monotonic() >= due:
                actions.pop()()
                due = time.monotonic() + pause
            time.sleep(0.2)
            self._cluster.revive()
        process.kill()
        process.communicate()
        return 1

    def _started(self, lanes: int) -> "subprocess.Popen[str]":
        self.commands += 1
        command = [_PIXOLA, "--json", "bulk", "run", str(self._prompts), "-o", str(self.out), "--yes"]
        words = ["--cluster", self._cluster.address, "--lanes", str(lanes)]
        words += ["--quiet-period", _QUIET, "--lease", str(_LEASE)]
        return subprocess.Popen(  # noqa: S603
            [*command, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **self._settings},
        )


def storm(
    folder: Path,
    *,
    workers: int = 4,
    items: int = 200,
    kills: int = 50,
    stops: int = 10,
    schedulers: int = 3,
    restarts: int = 3,
    cuts: int = 1,
    pause: float = 5.0,
    limits: bool = True,
) -> dict[str, Any]:
    """What is true at the end of a storm."""
    port = free_port() if cuts else None
    chance = random.Random(20262)  # noqa: S311
    with service(folder, limits=limits) as settings, shared_database(port) as database:
        if database is not None:
            settings["PIXOLA_DATABASE_URL"] = database.url
        ports = [] if port is None else [port, urlsplit(settings["PIXOLA_BASE_URL"]).port or 0]
        with cluster(workers, settings, folder, ports) as processes:
            actions: list[Callable[[], Any]] = [partial(processes.kill_worker, chance)] * kills
            actions += [partial(processes.stop_worker, chance, _STOPPED)] * stops
            actions += [processes.kill_scheduler] * schedulers
            actions += [partial(processes.disconnect_worker, _CUT)] * cuts
            if database is not None:
                actions += [partial(_restart, database, mode, processes) for mode in _RESTARTS[:restarts]]
            chance.shuffle(actions)
            run = Storm(folder, settings, processes, items)
            begun = time.monotonic()
            exit_code = run.run(actions, pause, lanes=workers)
            seconds = round(time.monotonic() - begun)
            found = found_at(run.out, settings) | _answered(settings)
    found |= {**processes.done, "commands": run.commands, "exit": exit_code, "seconds": seconds}
    if not is_right(found, items) or exit_code:
        found["told"] = run.told
    return found


def _restart(database: Any, mode: str, processes: ClusterProcesses) -> None:
    database.stop(mode)
    database.start()
    processes.done["databases restarted"] += 1


def _answered(settings: dict[str, str]) -> dict[str, int]:
    origin = settings["PIXOLA_BASE_URL"].removesuffix("/api/v1")
    journal = httpx.get(f"{origin}/_sandbox/requests").json()["requests"]
    requests = [each for each in journal if each["path"].startswith("/api/")]  # and not those for pictures
    return {"requests": len(requests), "refused for limits": sum(each["status"] == 429 for each in requests)}  # noqa: PLR2004


def main() -> int:
    """Run the storm and tell what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--items", type=int, default=200)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--stops", type=int, default=10)
    parser.add_argument("--schedulers", type=int, default=3)
    parser.add_argument("--restarts", type=int, default=3, choices=range(len(_RESTARTS) + 1))
    parser.add_argument("--cuts", type=int, default=1)
    parser.add_argument("--pause", type=float, default=5.0, help="seconds between two of them")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = storm(Path(folder), **vars(options))
    print(json.dumps(found, indent=2))
    wanted = {
        "workers killed": options.kills,
        "workers stopped": options.stops,
        "schedulers killed": options.schedulers,
        "databases restarted": options.restarts,
        "workers disconnected": options.cuts,
    }
    is_whole = all(found.get(name, 0) >= count for name, count in wanted.items())
    return 0 if is_whole and is_right(found, options.items) and not found["exit"] + found["refused for limits"] else 1


if __name__ == "__main__":
    sys.exit(main())
