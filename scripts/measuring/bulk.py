"""How many pictures a second a bulk run makes where nothing limits it, with and without their download."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from pixola_ext import Pixola

from .processes import Process
from .rows import Row

_PICTURES: Final = 600
_LEAST: Final = 150.0  # pictures a second
_LEAST_SAVED: Final = 40.0  # likewise, each in a file


def _per_second(url: str, key: str, folder: Path, *, is_kept: bool, is_saved: bool) -> float:
    os.environ["PIXOLA_STATE_DIR"] = str(folder / "state")
    prompts = [f"picture {number}" for number in range(_PICTURES)]
    dest = folder / "pictures" if is_saved else None
    with Pixola(key, url, budget=False) as px:
        start = time.perf_counter()
        outcomes = list(px.generate_many(prompts, ledger=folder / "ledger" if is_kept else None, dest=dest))
        seconds = time.perf_counter() - start
    done = sum(outcome.is_ok for outcome in outcomes)
    if done != _PICTURES or (dest is not None and len(list(dest.glob("*.png"))) != _PICTURES):
        raise RuntimeError(f"{done} of {_PICTURES} pictures came out")
    return done / seconds


def bulk() -> Iterator[Row]:
    """Three rows, of real time."""
    with Process(Path(sys.executable), "measuring.small_pictures") as service:
        url, key = service.ask("").split()
        for what, is_kept, is_saved, least in (
            ("made", False, False, _LEAST),
            ("made, with a ledger on disk", True, False, None),
            ("made and saved, with a ledger on disk", True, True, _LEAST_SAVED),
        ):
            with TemporaryDirectory() as folder:
                figure = _per_second(url, key, Path(folder), is_kept=is_kept, is_saved=is_saved)
            yield Row(f"generate_many: pictures {what}", figure, "/s", least=least)
