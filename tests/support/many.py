"""Iterating over the outcomes of either client, and looking at what they have cost."""

from collections.abc import Callable
from contextlib import aclosing, closing
from typing import Any

from pixola_ext import Outcome, Pixola
from pixola_ext.sandbox import Sandbox
from tests.support.faces import Face


def collect(
    face: Face, outcomes: Any, take: Callable[[Outcome], Any] | None = None, *, close: bool = True
) -> list[Outcome]:
    """All outcomes, or those up to the one for which `take` gives False; then the iteration is left, and closed."""
    found: list[Outcome] = []

    def is_enough(outcome: Outcome) -> bool:
        found.append(outcome)
        return take is not None and take(outcome) is False

    async def walk() -> None:
        async for outcome in outcomes:
            if is_enough(outcome):
                break

    async def closed() -> None:
        async with aclosing(outcomes):
            await walk()

    if face.kind is not Pixola:
        face.runner.run(closed() if close else walk())
    elif close:
        with closing(outcomes):
            _walked(outcomes, is_enough)
    else:
        _walked(outcomes, is_enough)
    return found


def _walked(outcomes: Any, is_enough: Callable[[Outcome], bool]) -> None:
    for outcome in outcomes:
        if is_enough(outcome):
            break


def posts(box: Sandbox) -> int:
    """How many submissions the sandbox was sent."""
    return sum(entry.method == "POST" for entry in box.journal.entries)
