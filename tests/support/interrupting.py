"""A program: interrupts what a client does in threads, after ever more lines of the main thread.

    python -m tests.support.interrupting gentle|at-once|recording|saving STRIDE

It prints how many lines that were; what hangs ends the program with the stacks of all threads. `gentle` and `at-once`
are the second Ctrl-C, while `generate_many` ends because of a first one.
"""

import faulthandler
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any, Final

from attrs import evolve

import pixola_ext
from pixola_ext import Pixola
from pixola_ext.sandbox import Sandbox

TRACED: Final = (
    str(Path(pixola_ext.__file__).parent),
    threading.__file__,
    "contextlib.py",
    str(Path("concurrent", "futures")),
)
PATIENCE: Final = 20.0  # seconds until a run counts as one that hangs


class Leave(BaseException):
    """An interruption that lets requests under way be answered."""


class Interruption:
    """Raises `KeyboardInterrupt` after so many lines and returns of this thread."""

    def __init__(self, step: int) -> None:
        self.is_raised = False
        self._step = step
        self._seen = count()

    def begin(self) -> None:
        """Count from now on, in all frames that there are."""
        sys.settrace(self._trace)
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            frame.f_trace = self._trace if self._is_traced(frame) else None
            frame = frame.f_back

    def _trace(self, frame: FrameType, event: str, _: Any) -> Any:
        if not self._is_traced(frame):
            return None
        if event in ("line", "return") and next(self._seen) == self._step:
            sys.settrace(None)
            self.is_raised = True
            raise KeyboardInterrupt
        return self._trace

    def _is_traced(self, frame: FrameType) -> bool:
        return any(part in frame.f_code.co_filename for part in TRACED)


def prompts(first: type[BaseException], interruption: Interruption) -> Iterator[str]:
    """Some, and then the first interruption."""
    yield from ("a fox sandbox:never-finishes", "a hen sandbox:never-finishes")
    interruption.begin()
    raise first


def many(px: Pixola, interruption: Interruption, first: type[BaseException]) -> None:
    """A bulk run that ends by itself only, which is interrupted before."""
    list(px.generate_many(prompts(first, interruption)))


def recorded(px: Pixola, interruption: Interruption) -> None:
    """A bulk run whose ledger is a file, in which the main thread records the requests."""
    with tempfile.TemporaryDirectory() as folder:
        interruption.begin()
        list(px.generate_many(["a fox", "a hen"], ledger=folder))


def saved(px: Pixola, interruption: Interruption) -> None:
    """Pictures that are saved in threads."""
    batches = [px.generate(prompt) for prompt in ("a fox", "a hen", "a cat")]
    batch = evolve(batches[0], images=tuple(each.images[0] for each in batches))
    with tempfile.TemporaryDirectory() as folder:
        interruption.begin()
        px.save(batch, folder)


WAYS: Final[dict[str, Callable[[Pixola, Interruption], None]]] = {
    "gentle": partial(many, first=Leave),
    "at-once": partial(many, first=KeyboardInterrupt),
    "recording": recorded,
    "saving": saved,
}


def is_reached(way: str, step: int) -> bool:
    """Whether the interruption after so many lines came; ends the program if what is interrupted does not end."""
    interruption = Interruption(step)
    faulthandler.dump_traceback_later(PATIENCE, exit=True)
    with Pixola.sandbox(Sandbox(credits=10**6)) as px:
        try:
            WAYS[way](px, interruption)
        except (Leave, KeyboardInterrupt):
            pass
        finally:
            sys.settrace(None)
    for thread in threading.enumerate():
        if thread.name.startswith("pixola"):
            thread.join()  # its last line may be still to come
    faulthandler.cancel_dump_traceback_later()
    return interruption.is_raised


def main(way: str, stride: str) -> None:
    """Interrupt ever later, until that would be after the end."""
    print(next(step for step in count(step=int(stride)) if not is_reached(way, step)))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
