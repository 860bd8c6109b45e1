"""Pictures worth looking at, made from nothing but their parameters: the same ones give the same bytes."""

import io
import random
import re
from collections.abc import Mapping, Sequence

from .canvas import Canvas
from .palettes import PALETTES, TIMES
from .scenes import SCENES, SUBJECTS


def render(
    *,
    prompt: str,
    model: str,
    style: str,
    category: str,
    width: int,
    height: int,
    seed: int = 0,
    caption: str | None = None,
) -> bytes:
    """A PNG of `width` x `height` pixels."""
    chance = random.Random(f"{prompt}/{model}/{style}/{category}/{seed}")  # noqa: S311  (compositions, not secrets)
    canvas = Canvas(width, height)
    SCENES[_named(prompt, SUBJECTS, chance)](canvas, PALETTES[_named(prompt, TIMES, chance)], chance)
    file = io.BytesIO()
    canvas.finished().save(file, "PNG", compress_level=3)
    return file.getvalue()


def _named(prompt: str, words: Mapping[str, Sequence[str]], chance: random.Random) -> str:
    said = set(re.findall(r"[a-z]+", prompt.casefold()))
    fitting = [name for name, each in words.items() if not said.isdisjoint(each)]
    return fitting[0] if fitting else chance.choice(list(words))
