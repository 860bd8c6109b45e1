"""Opens the ledger of a bulk run; SQLAlchemy is imported with the first one that is kept in a database."""

from pathlib import Path

from ..errors import ConfigurationError
from .ledger import Ledger

INSTALL = "pip install 'pixola-ext[bulk]'"


def open_ledger(place: Path | str) -> Ledger:
    """The ledger in a folder, or in the database of a URL such as `postgresql+psycopg://host/name`, made if missing.

    Raises `ConfigurationError` if the database cannot be opened, is another program's, or is of another version, and
    if SQLAlchemy is not installed.
    """
    try:
        from .database import DatabaseLedger  # noqa: PLC0415  (an extra, and slow to import)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "sqlalchemy":
            raise
        raise ConfigurationError(
            f"ledger: SQLAlchemy is missing; install it with: {INSTALL}", setting="ledger"
        ) from error
    return DatabaseLedger.in_folder(place) if isinstance(place, Path) else DatabaseLedger(place)
