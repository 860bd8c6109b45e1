"""What a thousand waits on one event loop cost: requests over a real socket, in real time, and memory."""

import asyncio
import json
import random
import sys
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from pixola_ext import AsyncPixola
from pixola_ext.settings import RequestEvent

from .processes import Process
from .rows import Row

_WAITS: Final = 1000
_MEDIAN: Final = 9.0  # seconds of a generation
_SPREAD: Final = 0.25  # sigma of the logarithm
_SEED: Final = 20262
_MOST_REQUESTS: Final = 3.0  # a second, in all
_MOST_MEMORY: Final = 20.0  # kB a wait


class Cost(NamedTuple):
    """Seconds until the last wait was over, requests in all, and bytes at the peak."""

    seconds: float
    requests: int
    memory: int


async def _wait_for_all(url: str, names: list[str]) -> Cost:
    asked: list[RequestEvent] = []
    # Without the budget, which would hold them to 30 requests a minute: what is measured is what waits ask for.
    async with AsyncPixola("pxk_1", url, on_request=asked.append, budget=False) as px:
        await px.batches.get(names[0])  # what is imported and connected with the first request is no wait's
        asked.clear()
        tracemalloc.start()
        start = time.monotonic()
        batches = await asyncio.gather(*[px.wait(name) for name in names])
        seconds = time.monotonic() - start
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    if not all(batch.completed for batch in batches):
        raise RuntimeError("a wait ended without its picture")
    return Cost(seconds, len(asked), peak)


def waits() -> Iterator[Row]:
    """Three rows, after about half a minute."""
    chance = random.Random(_SEED)  # noqa: S311
    ends = [_MEDIAN * chance.lognormvariate(0, _SPREAD) for _ in range(_WAITS)]
    with Process(Path(sys.executable), "measuring.jobs") as service:
        url = f"http://127.0.0.1:{int(service.ask(json.dumps(ends)))}/api/v1"
        cost = asyncio.run(_wait_for_all(url, [f"bt_{number}" for number in range(_WAITS)]))
    yield Row(f"{_WAITS} waits on one event loop: requests", cost.requests / cost.seconds, "/s", _MOST_REQUESTS)
    yield Row(f"{_WAITS} waits on one event loop: memory of each", cost.memory / _WAITS / 1000, "kB", _MOST_MEMORY)
    yield Row(f"{_WAITS} waits: the last one seen after the last end", cost.seconds - max(ends), "s")
