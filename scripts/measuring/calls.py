"""CPU of one call, each client against the same server, as a multiple of the same call by hand with httpx."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Final

from .clients import CLIENTS
from .processes import serving, workers
from .rows import Row

_CALLS: Final = 100  # in one turn
_TURNS: Final = 15  # of each client, one after the other, so that a busy moment meets all of them
_BAR: Final = 1.25  # times the call by hand


def calls(python: Path) -> Iterator[Row]:
    """A row for each client and both ways."""
    answers = {client.path: client.answer for client in CLIENTS.values()}
    with serving(python, answers) as origin:
        for face in ("sync", "async"):
            yield from _rows(face, _measured(python, face, origin))


def _measured(python: Path, face: str, origin: str) -> dict[str, list[float]]:
    """Seconds of CPU of each client's turns."""
    with workers(python, list(CLIENTS), face, origin) as processes:
        for process in processes.values():  # the first calls import, connect and fill caches
            process.ask(str(_CALLS))
        turns = [{name: float(process.ask(str(_CALLS))) for name, process in processes.items()} for _ in range(_TURNS)]
    return {name: [turn[name] for turn in turns] for name in CLIENTS}


def ratios(seconds: Mapping[str, Sequence[float]], to: str) -> dict[str, float]:
    """The median, over all turns, of what each client took beside `to` in the same turn."""
    return {
        name: median(one / other for one, other in zip(taken, seconds[to], strict=True))
        for name, taken in seconds.items()
    }


def _rows(face: str, seconds: Mapping[str, Sequence[float]]) -> Iterator[Row]:
    by_hand, ours = ratios(seconds, "httpx"), ratios(seconds, "pixola_ext")
    rivals = [name for name in seconds if name not in {"httpx", "pixola_ext"}]
    cheapest = min(rivals, key=lambda name: ours[name])
    yield Row(f"{face}: GET of one job with httpx by hand, CPU", median(seconds["httpx"]) / _CALLS * 1e6, "us")
    yield Row(f"{face}: px.batches.get, beside that", by_hand["pixola_ext"], "times", _BAR)
    for name in rivals:
        yield Row(f"{face}: {name}, beside that", by_hand[name], "times")
    yield Row(f"{face}: px.batches.get, beside the cheapest rival, {cheapest}", 1 / ours[cheapest], "times", 1.0)
