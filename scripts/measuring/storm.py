"""A storm of paid submissions from several processes, with lost answers: what was paid, and what came of it.

    python scripts/measuring/storm.py --face async --folders apart

Each process is this script with `--worker`: its threads or tasks submit their share of the requests and print a line
for each. `storm` starts the service and the processes and compares what they got with what the service knows.
"""

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from attrs import define, evolve, field, frozen

from measuring.storm_service import KEY, StormService, Truth, Wanted, Weather, storm_service, wanted
from pixola_ext import AsyncPixola, GenerationRequest, Pixola, SubmissionUnknownError
from pixola_ext._io.clock import Clock

_SUBJECTS: Final = ("a cat", "a dog", "a fox")  # of the prompts that are submitted again and again
_VARIANTS: Final[Sequence[dict[str, str]]] = (
    {"model": "flux-2", "style": "anime"},
    {"model": "gpt-image-1.5", "style": "watercolor"},
)
_STYLES_ONLY: Final[Sequence[dict[str, str]]] = (
    {"model": "flux-2", "style": "anime"},
    {"model": "flux-2", "style": "watercolor"},
)
_EQUAL_SHARE: Final = 0.4  # of the requests that have a prompt in common with others


@frozen
class Storm:
    """What is submitted, by whom. With `speed` 10, every wait of the clients takes a tenth of its time.

    With `database_url`, the processes share that database, whatever their state folders.
    """

    processes: int = 4
    workers: int = 6
    requests: int = 300
    face: str = "sync"
    shares_folder: bool = True
    database_url: str | None = None
    variants: Sequence[dict[str, str]] = _VARIANTS
    speed: float = 1.0
    weather: Weather = field(factory=Weather)

    def submitted(self) -> list[dict[str, str]]:
        """The requests, in the order in which they are handed out."""
        chance = random.Random(f"{self.weather.seed}/requests")  # noqa: S311  (work, no secrets)
        return [
            {"prompt": chance.choice(_SUBJECTS), **chance.choice(self.variants)}
            if chance.random() < _EQUAL_SHARE
            else {"prompt": f"picture {number}", **chance.choice(self.variants)}
            for number in range(self.requests)
        ]


@define
class Outcome:
    """What came of a storm, in numbers of submissions."""

    posts: int = 0
    found: int = 0
    twice: int = 0
    wrong: int = 0
    unknown: int = 0
    unknown_though_accepted: int = 0
    failed: list[str] = field(factory=list)
    seconds: float = 0.0

    def note(self, request: dict[str, str], line: dict[str, Any], truth: Truth, seen: set[str]) -> None:
        """One submission: a batch, an unknown fate, or an error that should not have been."""
        batch_id = line.get("batch_id")
        if batch_id is not None:
            self.found += 1
            self.twice += batch_id in seen
            self.wrong += truth.batches.get(batch_id) != wanted(request)
            seen.add(batch_id)
        elif line["error"] == SubmissionUnknownError.__name__:
            self.unknown += 1
        else:
            self.failed.append(line["error"])


def storm(settings: Storm, folder: Path) -> Outcome:
    """Let it loose, with state folders below `folder`."""
    requests = settings.submitted()
    with storm_service(settings.weather) as service:
        started_at = time.monotonic()
        lines = list(_lines(settings, requests, service, folder))
        outcome = Outcome(posts=service.truth.posts, seconds=time.monotonic() - started_at)
        seen: set[str] = set()
        unknown: Counter[Wanted] = Counter()
        for line in lines:
            request = requests[line["number"]]
            outcome.note(request, line, service.truth, seen)
            unknown[wanted(request)] += "batch_id" not in line
        # Of equal requests it does not matter which one is unknown, only how many are.
        outcome.unknown_though_accepted = (unknown - service.truth.refused).total()
    return outcome


def _lines(
    settings: Storm, requests: list[dict[str, str]], service: StormService, folder: Path
) -> Iterator[dict[str, Any]]:
    command = [sys.executable, __file__, "--worker", service.url]
    options = ["--face", settings.face, "--workers", str(settings.workers), "--speed", str(settings.speed)]
    path = os.pathsep.join([str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", "")])
    environ = {**os.environ, "PYTHONPATH": path, "PYTHONWARNINGS": "ignore"}
    running = []
    for process in range(settings.processes):
        state = folder / ("shared" if settings.shares_folder else f"own-{process}")
        work = [(number, each) for number, each in enumerate(requests) if number % settings.processes == process]
        program = subprocess.Popen(  # noqa: S603
            [*command, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**environ, "PIXOLA_STATE_DIR": str(state), "PIXOLA_DATABASE_URL": settings.database_url or ""},
        )
        program.stdin.write(json.dumps(work))  # type: ignore[union-attr]
        program.stdin.close()  # type: ignore[union-attr]
        running.append(program)
    for program in running:
        yield from map(json.loads, program.stdout)  # type: ignore[arg-type]
        program.stdout.close()  # type: ignore[union-attr]
        if program.wait():
            raise RuntimeError("a process of the storm has failed")


# -- one process -------------------------------------------------------------------------------------------------------


def _clock(speed: float) -> Clock:
    never = threading.Event()

    async def async_sleep(seconds: float) -> None:
        await asyncio.sleep(seconds / speed)

    return Clock(sleep=lambda seconds: never.wait(seconds / speed), async_sleep=async_sleep)


def _print(number: int, batch_id: str | None, error: Exception | None = None) -> None:
    found = {"batch_id": batch_id} if batch_id is not None else {"error": type(error).__name__}
    sys.stdout.write(json.dumps({"number": number, **found}) + "\n")


def _work(url: str, work: list[tuple[int, dict[str, str]]], workers: int, speed: float) -> None:
    def submit(job: tuple[int, dict[str, str]]) -> None:
        number, request = job
        try:
            _print(number, px.submit(GenerationRequest.from_dict(request)).batch_id)
        except Exception as error:  # noqa: BLE001  (counted by its name)
            _print(number, None, error)

    with Pixola(KEY, url, clock=_clock(speed), budget=False) as px, ThreadPoolExecutor(workers) as threads:
        list(threads.map(submit, work))


async def _async_work(url: str, work: list[tuple[int, dict[str, str]]], workers: int, speed: float) -> None:
    left = iter(work)

    async def submit(px: AsyncPixola) -> None:
        for number, request in left:
            try:
                _print(number, (await px.submit(GenerationRequest.from_dict(request))).batch_id)
            except Exception as error:  # noqa: BLE001  (as above)
                _print(number, None, error)

    async with AsyncPixola(KEY, url, clock=_clock(speed), budget=False) as px:
        await asyncio.gather(*[submit(px) for _ in range(workers)])


def main() -> None:
    """Let a storm loose and print its figures; or be one process of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--worker", metavar="URL")
    parser.add_argument("--face", choices=("sync", "async"), default="sync")
    parser.add_argument("--workers", type=int, default=6)
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--folders", choices=("shared", "apart"), default="shared")
    parser.add_argument("--variants", choices=("all", "styles"), default="all")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    if given.worker:
        work = json.load(sys.stdin)
        if given.face == "sync":
            _work(given.worker, work, given.workers, given.speed)
        else:
            asyncio.run(_async_work(given.worker, work, given.workers, given.speed))
        return
    weather = Weather(seed=given.seed)
    with TemporaryDirectory() as folder:
        settings = Storm(
            workers=given.workers,
            requests=given.requests,
            face=given.face,
            shares_folder=given.folders == "shared",
            variants=_STYLES_ONLY if given.variants == "styles" else _VARIANTS,
            speed=given.speed,
            weather=evolve(weather, late=weather.late / given.speed),
        )
        print(storm(settings, Path(folder)))


if __name__ == "__main__":
    main()
