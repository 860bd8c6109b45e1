"""Processes and threads contend for one request budget; what each of them got.

`contend` starts the processes. Each is this script: from one instant on, all its threads send, in thought, as often as
they are allowed, and print the instant of each permission. `Outcome` measures what came of it.
"""

import argparse
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from attrs import frozen

from pixola_ext._budget.ledger import Ledger
from pixola_ext._budget.limits import Limit, Limits
from pixola_ext._budget.records import Moment
from pixola_ext._budget.reservation import Reservation

_HEAD_START: Final = 1.0  # seconds for a process to import what it needs, so that all can start at once

Process = subprocess.Popen[str]


@frozen
class Outcome:
    """The instants at which each waiter was permitted to send, in seconds."""

    limit: Limit
    waiters: Sequence[Sequence[float]]

    @property
    def instants(self) -> list[float]:
        """All of them, ascending."""
        return sorted(at for waiter in self.waiters for at in waiter)

    def fullest_window(self) -> int:
        """The most requests in any window of the limit's length."""
        instants, first, most = self.instants, 0, 0
        for index, at in enumerate(instants):
            while at - instants[first] >= self.limit.seconds:
                first += 1
            most = max(most, index - first + 1)
        return most

    def utilisation(self) -> float:
        """The share of the limit that was used, over as many whole windows as there are."""
        instants, count = self.instants, self.limit.count
        windows = (len(instants) - 1) // count
        return windows * self.limit.seconds / (instants[windows * count] - instants[0])

    def fairness(self) -> float:
        """What the waiter with the least got, as a share of what all got on average."""
        shares = [len(waiter) for waiter in self.waiters]
        return min(shares) * len(shares) / sum(shares)


def contend(
    folder: Path,
    limits: Limits,
    *,
    processes: int,
    threads: int,
    seconds: float,
    meanwhile: Callable[[Sequence[Process]], None] = lambda _: None,
) -> Outcome:
    """Let them contend for the ledger in `folder`; `meanwhile` is called with the processes once they have started."""
    start = time.monotonic() + _HEAD_START
    command = [sys.executable, __file__, str(folder), str(threads), str(start), str(start + seconds)]
    numbers = (limits.minute.count, limits.minute.seconds, limits.margin, limits.look_ahead, limits.spacing)
    running = [
        subprocess.Popen([*command, *map(str, numbers)], stdout=subprocess.PIPE, text=True)  # noqa: S603
        for _ in range(processes)
    ]
    meanwhile(running)
    waiters: dict[tuple[int, int], list[float]] = {
        (process, thread): [] for process in range(processes) for thread in range(threads)
    }
    for number, process in enumerate(running):
        for line in process.communicate()[0].splitlines():
            thread, instant = line.split()
            waiters[number, int(thread)].append(float(instant))
    return Outcome(limits.minute, list(waiters.values()))


class _LastReading(threading.local):
    """The time that this thread read last."""

    at = 0.0


_last_reading = _LastReading()


def _clock() -> Moment:
    _last_reading.at = time.monotonic()
    return Moment(time.time(), _last_reading.at)


def _wait_and_send(ledger: Ledger, number: int, start: float, end: float) -> None:
    time.sleep(max(start - time.monotonic(), 0))
    turn: Reservation | None = None
    while (left := end - time.monotonic()) > 0:
        turn = ledger.reserve(is_paid=False, reservation=turn)
        if turn.delay > 0:
            time.sleep(min(turn.delay, left))
        else:
            os.write(1, f"{number} {_last_reading.at!r}\n".encode())  # at once: this process may be killed
            turn = None
    if turn is not None:
        ledger.release(turn)


def main() -> None:
    """One of the processes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("threads", type=int)
    for name in ("start", "end"):
        parser.add_argument(name, type=float)
    parser.add_argument("count", type=int)
    for name in ("window", "margin", "look_ahead", "spacing"):
        parser.add_argument(name, type=float)
    given = parser.parse_args()
    minute = Limit(given.count, given.window)
    ledger = Ledger(
        given.folder,
        "pxk_contended",
        "https://pixola.example",
        clock=_clock,
        limits=Limits(minute, margin=given.margin, look_ahead=given.look_ahead, spacing=given.spacing),
    )
    waiters = [
        threading.Thread(target=_wait_and_send, args=(ledger, number, given.start, given.end))
        for number in range(given.threads)
    ]
    for waiter in waiters:
        waiter.start()
    for waiter in waiters:
        waiter.join()
    ledger.close()


if __name__ == "__main__":
    main()
