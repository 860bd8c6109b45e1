"""The folder of a bulk run: its ledger, and whether pictures can be put there."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from ..._bulk.memory import MemoryLedger
from ..._bulk.opening import has_ledger, open_ledger
from ..._pictures.formats import SUFFIXES
from ..._places import is_remote
from ..._state.errors import StoreError
from ..._state.folder import state_folder
from ...errors import ConfigurationError
from .. import exits
from ..refusal import RefusedError
from ..session import command_line

if TYPE_CHECKING:
    from ..._bulk.ledger import Ledger
    from ..session import Session

_DIGEST_BYTES: Final = 16  # no two folders have the same
LEAST_BYTES: Final = 10_000  # of a picture: a run whose pictures have less room than that each is certain to fail


def check_folder(folder: Path) -> None:
    """Refuse a folder that files cannot be made in; it is made with the first of them."""
    if folder.suffix.lower() in SUFFIXES:
        raise click.UsageError(f"--output must be a folder, and {folder} is the name of a picture.")
    from ..._io.places import check_destination

    check_destination(folder)
    if not is_remote(folder) and folder.exists() and not folder.is_dir():
        raise click.UsageError(f"--output must be a folder, and {folder} is a file.")


def free_bytes(folder: Path) -> int | None:
    """What is free where the folder is, or will be; None where that is not known, as in a store."""
    if is_remote(folder):
        return None
    from ..destination import existing_folder

    return shutil.disk_usage(existing_folder(folder)).free


def check_room(folder: Path, pictures: int) -> None:
    """Refuse to begin what the disk certainly has no room for."""
    free = free_bytes(folder)
    if free is not None and free < pictures * LEAST_BYTES:
        raise ConfigurationError(
            f"output: no room for {pictures} pictures in {folder} ({free:,} bytes are free); nothing was sent",
            setting="output",
        )


def ledger_folder(folder: Path) -> Path:
    """The folder of the ledger: that of the pictures, but for pictures in a store one in the folder of our state."""
    if not is_remote(folder):
        return folder
    state = state_folder(os.environ)
    if state is None:
        raise ConfigurationError("ledger: there is no home for it; set PIXOLA_STATE_DIR", setting="ledger")
    digest = blake2b(str(folder).rstrip("/").encode("utf-8", "surrogateescape"), digest_size=_DIGEST_BYTES).hexdigest()
    return state / "bulk" / digest


def _place(here: "Session", folder: Path) -> Path | str:
    """Where the ledger of a run is; in a shared database it has the name that all machines give the folder."""
    if here.database_url is None:
        return ledger_folder(folder)
    return str(folder) if is_remote(folder) else folder


@contextmanager
def existing_ledger(here: "Session", folder: Path) -> "Iterator[Ledger | None]":
    """The ledger of an earlier run; None if there is none, or if the sandbox of the run will end with it."""
    if here.sandbox or not has_ledger(_place(here, folder), here.database_url):
        yield None
        return
    with opened_ledger(here, folder) as ledger:
        yield ledger


@contextmanager
def required_ledger(here: "Session", folder: Path) -> "Iterator[Ledger]":
    """The ledger of the run in a folder; refuses a folder without one."""
    if not has_ledger(_place(here, folder), here.database_url):
        words = ["bulk", "run", "FILE", "--output", str(folder)]
        what = f"there is no bulk run in {folder}" + (" that was begun on this machine" if is_remote(folder) else "")
        raise RefusedError(what, code="not_found", exit_code=exits.USAGE, next=command_line(words))
    with opened_ledger(here, folder, is_kept=True) as ledger:
        yield ledger


@contextmanager
def opened_ledger(here: "Session", folder: Path, *, is_kept: bool = False) -> "Iterator[Ledger]":
    """The ledger of the run in a folder, made if there is none.

    That of a sandbox which ends with the command is in memory. Whatever makes the ledger unusable meanwhile ends the
    block with one line.
    """
    ledger = MemoryLedger() if here.sandbox and not is_kept else open_ledger(_place(here, folder), here.database_url)
    try:
        yield ledger
    except StoreError as error:
        raise RefusedError(f"ledger: {error}; nothing more was sent", code="ledger") from error
    finally:
        ledger.close()
