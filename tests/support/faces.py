"""Both clients behind one blocking interface, so that every behaviour is tested on each of them."""

import asyncio
import inspect
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs

from pixola_ext import AsyncPixola, Pixola
from pixola_ext._io.clock import Clock

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Time:
    """A clock that moves only when somebody sleeps, and by `tick` whenever it is read; `slept` lists the sleeps."""

    def __init__(self) -> None:
        self.elapsed = 0.0
        self.tick = 0.0
        self.slept: list[float] = []

    def now(self) -> float:
        """The time, a tick later than before."""
        self.elapsed += self.tick
        return self.elapsed

    def sleep(self, seconds: float) -> None:
        """Move on at once."""
        self.slept.append(seconds)
        self.elapsed += seconds

    async def async_sleep(self, seconds: float) -> None:
        """Move on at once, letting other tasks run."""
        self.sleep(seconds)
        await asyncio.sleep(0)

    def clock(self, random: Callable[[], float] = lambda: 0.5) -> Clock:
        """This clock as the drivers want it; chance is always in the middle."""
        return Clock(
            now=self.now,
            today=lambda: START + timedelta(seconds=self.elapsed),
            random=random,
            sleep=self.sleep,
            async_sleep=self.async_sleep,
        )


class Blocking:
    """An asynchronous object whose coroutines are run and whose iterators are walked on the spot."""

    def __init__(self, target: Any, runner: asyncio.Runner) -> None:
        self._target = target
        self._runner = runner

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._target, name)
        return self._blocking(found) if callable(found) else self._wrapped(found)

    def _blocking(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            result = method(*args, **kwargs)
            if inspect.iscoroutine(result):
                result = self._runner.run(result)
            return self._wrapped(result)

        return call

    def _wrapped(self, value: Any) -> Any:
        module = type(value).__module__
        is_ours = module in ("pixola_ext.aclient", "pixola_ext._aresources")
        return Blocking(value, self._runner) if is_ours else value

    def __iter__(self) -> "Blocking":
        return Blocking(aiter(self._target), self._runner)

    def __next__(self) -> Any:
        try:
            return self._runner.run(_next(self._target))
        except StopAsyncIteration:
            raise StopIteration from None


async def _next(walk: Any) -> Any:
    return await anext(walk)


@attrs.frozen
class Face:
    """One of the two clients: how to make it, and what its parts are called."""

    name: str
    kind: type[Pixola] | type[AsyncPixola]
    runner: asyncio.Runner

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """A client that can be used as if it were blocking."""
        return self._faced(self.kind(*args, **kwargs))

    def sandbox(self, *args: Any, **kwargs: Any) -> Any:
        """A client on the sandbox in this process."""
        return self._faced(self.kind.sandbox(*args, **kwargs))

    def _faced(self, client: Any) -> Any:
        return client if self.kind is Pixola else Blocking(client, self.runner)

    def close(self, client: Any) -> None:
        """Close it, whichever way."""
        if self.kind is Pixola:
            client.close()
        else:
            client.aclose()
