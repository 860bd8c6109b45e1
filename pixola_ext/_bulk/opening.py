"""Opens the ledger of a bulk run; SQLAlchemy is imported with the first one that is kept in a database."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from .._state.errors import StoreError
from .._state.folder import state_folder
from ..errors import ConfigurationError
from .ledger import FILE_NAME, Ledger

if TYPE_CHECKING:
    from .._state.database import Database

INSTALL = "pip install 'pixola-ext[bulk]'"


def open_ledger(place: Path | str, database_url: str | None = None) -> Ledger:
    """The ledger in a folder, or in the database of a URL such as `postgresql+psycopg://host/name`, made if missing.

    With the `database_url` that machines share, it is in that database, as the run that `place` names: machines that
    give the same place work on the same run. Raises `ConfigurationError` if the database cannot be opened, is another
    program's, or is of another version, and if SQLAlchemy is not installed.
    """
    try:
        if database_url is not None:
            from .shared import SharedLedger  # noqa: PLC0415  (as below)

            return SharedLedger(_database(database_url), _name(place), state_folder(os.environ))
        from .database import DatabaseLedger  # noqa: PLC0415  (an extra, and slow to import)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "sqlalchemy":
            raise
        raise ConfigurationError(
            f"ledger: SQLAlchemy is missing; install it with: {INSTALL}", setting="ledger"
        ) from error
    return DatabaseLedger.in_folder(place) if isinstance(place, Path) else DatabaseLedger(place)


def has_ledger(place: Path | str, database_url: str | None = None) -> bool:
    """Whether there is a ledger in a folder, or in the shared database for it."""
    if database_url is None:
        return (Path(place) / FILE_NAME).exists()
    from .shared import has_run  # noqa: PLC0415  (as above)

    return has_run(_database(database_url), _name(place))


def _name(place: Path | str) -> str:
    """The name of the run in a place: a URL as it stands, else the whole path."""
    return place if isinstance(place, str) else str(place.absolute())


def _database(url: str) -> "Database":
    from .._state.database import Database  # noqa: PLC0415  (as above)

    try:
        return Database.at(url)
    except StoreError as error:
        raise ConfigurationError(f"database_url: {error}", setting="database_url") from None
