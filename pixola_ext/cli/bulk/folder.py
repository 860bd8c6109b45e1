"""The folder of a bulk run: its ledger, and whether pictures can be put there."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from ..._bulk.ledger import FILE_NAME
from ..._bulk.memory import MemoryLedger
from ..._bulk.opening import open_ledger
from ..._io.files import check_destination
from ..._pictures.formats import SUFFIXES
from ..._state.errors import StoreError
from ...errors import ConfigurationError
from .. import exits
from ..destination import existing_folder
from ..refusal import RefusedError
from ..session import command_line

if TYPE_CHECKING:
    from ..._bulk.ledger import Ledger
    from ..session import Session

LEAST_BYTES: Final = 10_000  # of a picture: a run whose pictures have less room than that each is certain to fail


def check_folder(folder: Path) -> None:
    """Refuse a folder that files cannot be made in; it is made with the first of them."""
    if folder.suffix.lower() in SUFFIXES:
        raise click.UsageError(f"--output must be a folder, and {folder} is the name of a picture.")
    check_destination(folder)
    if folder.exists() and not folder.is_dir():
        raise click.UsageError(f"--output must be a folder, and {folder} is a file.")


def free_bytes(folder: Path) -> int:
    """What is free where the folder is, or will be."""
    return shutil.disk_usage(existing_folder(folder)).free


def check_room(folder: Path, pictures: int) -> None:
    """Refuse to begin what the disk certainly has no room for."""
    free = free_bytes(folder)
    if free < pictures * LEAST_BYTES:
        raise ConfigurationError(
            f"output: no room for {pictures} pictures in {folder} ({free:,} bytes are free); nothing was sent",
            setting="output",
        )


@contextmanager
def existing_ledger(here: "Session", folder: Path) -> "Iterator[Ledger | None]":
    """The ledger of an earlier run; None if there is none, or if the sandbox of the run will end with it."""
    if here.sandbox or not (folder / FILE_NAME).exists():
        yield None
        return
    with opened_ledger(here, folder) as ledger:
        yield ledger


@contextmanager
def required_ledger(here: "Session", folder: Path) -> "Iterator[Ledger]":
    """The ledger of the run in a folder; refuses a folder without one."""
    if not (folder / FILE_NAME).exists():
        words = ["bulk", "run", "FILE", "--output", str(folder)]
        raise RefusedError(
            f"there is no bulk run in {folder}", code="not_found", exit_code=exits.USAGE, next=command_line(words)
        )
    with opened_ledger(here, folder, is_kept=True) as ledger:
        yield ledger


@contextmanager
def opened_ledger(here: "Session", folder: Path, *, is_kept: bool = False) -> "Iterator[Ledger]":
    """The ledger in a folder, made if there is none; that of a sandbox which ends with the command is in memory.

    Whatever makes it unusable meanwhile ends the block with one line.
    """
    ledger = MemoryLedger() if here.sandbox and not is_kept else open_ledger(folder)
    try:
        yield ledger
    except StoreError as error:
        raise RefusedError(f"ledger: {error}; nothing more was sent", code="ledger") from error
    finally:
        ledger.close()
