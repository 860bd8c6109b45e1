"""How often requests that the budget let through are refused by a service that counts arrivals, on a busy machine.

Processes of several threads send as often as the budget allows, over real connections, while busy loops take every
processor. A minute is shortened to `WINDOW` seconds. Run as a program, this is one of the processes:

    python -m measuring.refusals serve          the service; reads a line, prints its port, ends with its input
    python -m measuring.refusals send FOLDER    a sender; reads a line with the origin and the seconds, prints `done`
"""

import asyncio
import json
import math
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from measuring.processes import Process
from measuring.rows import Row
from measuring.server import NOT_FOUND, serve, whole
from pixola_ext import Pixola, PixolaError
from pixola_ext._budget.ledger import Ledger
from pixola_ext._budget.limits import Limit, Limits
from pixola_ext.sandbox.limits import Window

WINDOW: Final = 6.0  # seconds
LIMITS: Final = Limits(Limit(30, WINDOW), look_ahead=0.5, queue_timeout=1.5)
_PROCESSES: Final = 4
_THREADS: Final = 4
_SECONDS: Final = 30.0
_MODULE: Final = "measuring.refusals"


class Arrivals(NamedTuple):
    """What the service saw: requests accepted and refused, and the share of the limit that was used."""

    accepted: int
    refused: int
    utilisation: float


class Service:
    """A service that lets 30 requests through in any window, by the time at which it reads them."""

    def __init__(self) -> None:
        self._window = Window(LIMITS.minute.count, LIMITS.minute.seconds)
        self._accepted: list[float] = []
        self._refused = 0

    def answer(self, target: str) -> bytes:
        """The whole answer to a GET."""
        if target == "/arrivals":
            return whole({"accepted": self._accepted, "refused": self._refused})
        if target != "/api/v1/credits":
            return NOT_FOUND
        now = time.monotonic()
        delay = self._window.delay(now)
        if delay > 0:
            self._refused += 1
            head = f"HTTP/1.1 429 Too Many Requests\r\nretry-after: {math.ceil(delay)}\r\ncontent-length: 0\r\n\r\n"
            return head.encode()
        self._window.take(now)
        self._accepted.append(now)
        return whole({"credits": 7, "plan": "free"})


def contended(*, is_busy: bool) -> Arrivals:
    """One run of all senders; what was sent, refused and used."""
    python = Path(sys.executable)
    with TemporaryDirectory() as folder, ExitStack() as stack:
        origin = f"http://127.0.0.1:{int(stack.enter_context(Process(python, _MODULE, 'serve')).ask(''))}"
        senders = [stack.enter_context(Process(python, _MODULE, "send", folder)) for _ in range(_PROCESSES)]
        processors = (os.cpu_count() or 1) if is_busy else 0
        spinning = [subprocess.Popen([python, "-c", "while True: pass"]) for _ in range(processors)]  # noqa: S603
        try:
            threads = [threading.Thread(target=each.ask, args=(f"{origin} {_SECONDS}",)) for each in senders]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        finally:
            for each in spinning:
                each.kill()
                each.wait()
        with urllib.request.urlopen(f"{origin}/arrivals") as answer:  # noqa: S310  (loopback)
            seen = json.load(answer)
    accepted, count = seen["accepted"], LIMITS.minute.count
    windows = (len(accepted) - 1) // count
    return Arrivals(len(accepted), seen["refused"], windows * WINDOW / (accepted[windows * count] - accepted[0]))


def refusals() -> Iterator[Row]:
    """Two rows, after half a minute."""
    seen = contended(is_busy=True)
    what = f"busy machine, {_PROCESSES} x {_THREADS} senders: requests refused of {seen.accepted}"
    yield Row(what, seen.refused, "", 0)
    yield Row("... part of the limit left unused", (1 - seen.utilisation) * 100, "%", 5.0)


def _send(folder: Path, origin: str, seconds: float) -> None:
    end = time.monotonic() + seconds
    with Pixola("pxk_contended", f"{origin}/api/v1", timeout=seconds * 2, max_retries=9) as px:
        px._driver.ledger = Ledger(folder, "pxk_contended", origin, limits=LIMITS)  # noqa: SLF001  (shorter minutes)

        def send() -> None:
            while time.monotonic() < end:
                try:
                    px.credits()
                except PixolaError as error:
                    print(error, file=sys.stderr)

        threads = [threading.Thread(target=send) for _ in range(_THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def _main(role: str, *arguments: str) -> None:
    line = sys.stdin.readline()
    if role == "serve":
        asyncio.run(serve(Service().answer))
    else:
        origin, seconds = line.split()
        _send(Path(*arguments), origin, float(seconds))
        print("done", flush=True)


if __name__ == "__main__":
    _main(*sys.argv[1:])
