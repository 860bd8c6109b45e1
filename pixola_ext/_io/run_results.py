"""Writes the results of a bulk run beside its pictures, wherever these are."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from .._bulk.results import write_metadata, write_results
from .._places import is_remote
from .places import store_folder

if TYPE_CHECKING:
    from .._bulk.ledger import Ledger


def written_results(ledger: "Ledger", folder: Path) -> dict[str, str]:
    """Write `metadata.jsonl` and `results.csv`; gives where they are.

    Those for a store are written on this machine and uploaded whole. Raises `OSError`, and `DownloadError` if the store
    does not take them.
    """
    writers = {"metadata": write_metadata, "results": write_results}
    if not is_remote(folder):
        folder.mkdir(parents=True, exist_ok=True)
        return {kind: str(write(ledger.items, folder)) for kind, write in writers.items()}
    store = store_folder(folder)
    with tempfile.TemporaryDirectory(prefix="pixola-") as here:
        made = {kind: write(ledger.items, Path(here)) for kind, write in writers.items()}
        return {kind: str(store.replace(path.name, path)) for kind, path in made.items()}
