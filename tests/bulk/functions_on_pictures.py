"""Functions on pictures as users write them: good ones, and each kind of bad one."""

import os
import sys
import threading
from pathlib import Path

import numpy as np

not_callable = 3


def measured(picture, row):
    """Columns of plain and numpy values; what is printed disturbs nothing."""
    sys.stdout.write("a line on stdout\n")
    return {"bytes": np.int64(Path(picture).stat().st_size), "prompt": row["prompt"].upper(), "page": row.get("page")}


def nothing(picture, row):
    """No columns."""


def raises(picture, row):
    """An error with a line break."""
    raise ValueError("no\nface")


def hangs(picture, row):
    """Never returns."""
    threading.Event().wait()


def crashes(picture, row):
    """Ends its process."""
    os._exit(7)


def leaves(picture, row):
    """Wants to end the program."""
    raise SystemExit(3)


def wrong(picture, row):
    """Not a mapping."""
    return [1]


def unspeakable(picture, row):
    """A column that JSON cannot hold."""
    return {"score": float("nan")}


def identity(picture, row):
    """The process it is called in."""
    return {"process": os.getpid(), "key": os.environ.get("PIXOLA_API_KEY")}
