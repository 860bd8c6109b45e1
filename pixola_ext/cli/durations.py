"""How long the pictures of each model take, learned from those that were waited for."""

import json
import os
from contextlib import suppress
from typing import Final

from .state import folder_of_state

_WEIGHT: Final = 0.3  # of the newest of all durations; what was seen some ten times before hardly counts
_MOST_MODELS: Final = 500


def expected(model: str | None) -> float | None:
    """Seconds that a picture of the model takes; None while that is not known. None is the service's own model."""
    return _known().get(model or "")


def learn(model: str | None, seconds: float) -> None:
    """A picture of the model took so long."""
    folder = folder_of_state()
    if folder is None:
        return
    known = _known()
    name = model or ""
    known[name] = seconds if name not in known else known[name] + _WEIGHT * (seconds - known[name])
    with suppress(OSError):  # the next one is shown without an estimate
        folder.mkdir(parents=True, exist_ok=True)
        new = folder / f"durations.{os.getpid()}"
        new.write_text(json.dumps(dict(list(known.items())[-_MOST_MODELS:])), encoding="utf-8")
        new.replace(folder / "durations.json")


def _known() -> dict[str, float]:
    folder = folder_of_state()
    try:
        found = json.loads((folder / "durations.json").read_text("utf-8")) if folder is not None else {}
    except (OSError, ValueError):
        return {}
    items = found.items() if isinstance(found, dict) else ()
    return {name: float(each) for name, each in items if isinstance(each, int | float) and 0 < each < 86_400}  # noqa: PLR2004
