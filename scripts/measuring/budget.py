"""What the request budget costs, and how it is shared when many threads and processes contend for it."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from pixola_ext._budget.ledger import Ledger
from pixola_ext._budget.limits import Limit, Limits

from .contention import contend
from .rows import Row, smallest


def budget() -> Iterator[Row]:
    """The rows, after about a quarter of a minute."""
    yield Row("request budget: a reservation and its return, each", smallest(lambda: reservation(100)), "ms", 0.2)
    yield Row("request budget: the same near the end of the day", smallest(lambda: reservation(970)), "ms", 1)
    yield from _contention()


def reservation(used: int) -> float:
    """Milliseconds for a reservation in the file with so many of the day's thousand used, sends and waits alike."""
    limits = Limits(Limit(30, 0.001), spacing=0.0, margin=0.0)  # the minute never stands in the way
    with (
        TemporaryDirectory() as folder,
        closing(Ledger(Path(folder), "pxk_bench", "https://x", limits=limits)) as ledger,
    ):
        for _ in range(used):
            ledger.reserve(is_paid=False)
        count, start = 100, time.process_time()
        for _ in range(count):
            ledger.release(ledger.reserve(is_paid=False))
        return (time.process_time() - start) * 1000 / count / 2


def _contention() -> Iterator[Row]:
    """Four processes of four threads, a minute scaled to a second and a half."""
    limits = Limits(Limit(30, 1.5), margin=0.02, look_ahead=0.15, spacing=0.005)
    with TemporaryDirectory() as folder:
        outcome = contend(Path(folder), limits, processes=4, threads=4, seconds=9.2)
    yield Row("request budget, 16 contend: fullest window", outcome.fullest_window(), "", 30)
    yield Row("request budget, 16 contend: use of the limit", outcome.utilisation() * 100, "%", least=97)
    yield Row("request budget, 16 contend: least share of a fair one", outcome.fairness() * 100, "%", least=50)
