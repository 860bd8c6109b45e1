"""What the journal of submissions costs, and whether it holds in a storm of lost answers."""

import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from pixola_ext._flows.ownership import answered, begin, has_baseline, new_entry, saw
from pixola_ext._journal.entries import MemoryRows
from pixola_ext._journal.journal import Journal

from .rows import Row, smallest
from .storm import Storm, storm
from .storm_service import Weather

_SUBMISSIONS: Final = 300
_STORM_SPEED: Final = 10  # times as fast as users meet it


def journal() -> Iterator[Row]:
    """The rows."""
    yield Row("journal: what it adds to a submission", smallest(journaled), "ms", 1)
    yield from _storms()


def journaled() -> float:
    """Milliseconds of CPU that the journal adds to one submission."""
    with TemporaryDirectory() as folder, closing(Journal(Path(folder), "pxk_bench", "x", MemoryRows())) as kept:
        kept.run(partial(saw, batches=[], now=time.time()))
        started = time.process_time()
        for number in range(_SUBMISSIONS):
            now = time.time()
            kept.run(partial(has_baseline, now=now))
            entry = kept.run(partial(begin, entry=new_entry({"prompt": "a cat", "model": "flux-2"}, now, 120.0)))
            kept.run(partial(answered, entry=entry, batch_id=f"bt_{number}"))
        return (time.process_time() - started) / _SUBMISSIONS * 1000


def _storms() -> Iterator[Row]:
    """300 submissions from 4 processes of 6 threads or tasks, with a quarter of the answers lost."""
    for face in ("sync", "async"):
        with TemporaryDirectory() as folder:
            outcome = storm(Storm(face=face, speed=_STORM_SPEED, weather=Weather(late=5 / _STORM_SPEED)), Path(folder))
        yield Row(f"storm, {face}: batches returned twice", outcome.twice, "", 0)
        yield Row(f"storm, {face}: batches of another request", outcome.wrong, "", 0)
        yield Row(f"storm, {face}: unknown though accepted", outcome.unknown_though_accepted, "", 0)
