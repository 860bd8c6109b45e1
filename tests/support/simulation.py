"""Many asynchronous calls side by side in simulated time."""

import asyncio
import itertools
import random
from datetime import timedelta
from typing import Any

from pixola_ext._io.clock import Clock
from tests.support.faces import START


class Simulation:
    """An event loop without real time: when all tasks sleep, the one that is due first is woken."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()

    async def sleep(self, seconds: float) -> None:
        """Until it is time."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.now + max(seconds, 0.0), next(self._numbers), future))
        await future

    def clock(self) -> Clock:
        """For a client."""
        chance = random.Random(7)  # noqa: S311
        return Clock(
            now=lambda: self.now,
            today=lambda: START + timedelta(seconds=self.now),
            random=chance.random,
            async_sleep=self.sleep,
        )

    async def run(self, *calls: Any) -> list[Any]:
        """The results of coroutines, or their errors."""
        tasks = [asyncio.ensure_future(call) for call in calls]
        while not all(task.done() for task in tasks):
            for _ in range(8):  # every task goes on until it sleeps; the transport never really waits
                await asyncio.sleep(0)
            self._sleepers = [each for each in self._sleepers if not each[2].done()]
            if self._sleepers:
                self._sleepers.sort()
                self.now, _, future = self._sleepers.pop(0)
                future.set_result(None)
        return await asyncio.gather(*tasks, return_exceptions=True)
