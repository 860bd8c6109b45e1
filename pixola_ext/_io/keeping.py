"""Where a client keeps its budget and its journal: in memory, in files of this machine, or in a database of many."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from .._api.importing import importing
from .._budget.reservation import UNCOUNTED, Reservation
from .._flows.account import AccountState
from .._flows.effects import (
    Confirm,
    Effect,
    Intend,
    Journaled,
    Outlook,
    Pause,
    Recorded,
    Release,
    Reserve,
)
from .._journal.journal import Journal
from .._state.errors import StoreError, UnreachableError
from .._state.folder import state_folder
from ..errors import ConfigurationError
from ..settings import Settings
from .clock import Clock
from .intending import NotRecordedError, intended

if TYPE_CHECKING:
    from .._budget.ledger import Ledger
    from .._state.database import Database

T = TypeVar("T")

AGAIN_SECONDS: Final = 0.5  # between two attempts while a database is silent


def database_of(settings: Settings) -> "Database | None":
    """The database that machines share, not opened yet; None without one. Raises `ConfigurationError`."""
    if settings.database_url is None or settings.api_key is None:
        return None
    with importing():
        try:
            from .._state.database import Database  # noqa: PLC0415  (SQLAlchemy takes 100 ms to import)
        except ModuleNotFoundError as error:
            raise ConfigurationError(
                f"database_url: {error.name} is missing; install it with: pip install 'pixola-ext[cluster]'",
                setting="database_url",
            ) from error
        try:
            return Database.at(settings.database_url)
        except StoreError as error:
            raise database_error(error) from None


def ledger_of(settings: Settings, clock: Clock, database: "Database | None") -> "Ledger | None":
    """The budget of the key in `settings`, by `clock`; None if nothing is to be counted."""
    if settings.api_key is None or not settings.is_budgeted:
        return None
    with importing():
        from .._budget.ledger import Ledger  # noqa: PLC0415  (SQLite takes 5 ms to import)
        from .._budget.records import Moment  # noqa: PLC0415  (as above)

        shared = None
        if database is not None:
            from .._budget.shared import SharedStore  # noqa: PLC0415  (SQLAlchemy)

            shared = SharedStore(database)

    def moment() -> Moment:
        return Moment(clock.today().timestamp(), clock.now())

    folder = state_folder(os.environ)
    return Ledger(folder, settings.api_key.fingerprint, settings.origin, clock=moment, shared=shared)


def journal_of(settings: Settings, account: AccountState, database: "Database | None") -> Journal:
    """The journal of the submissions of the key in `settings`; in memory if it is to be kept nowhere else."""
    key = settings.api_key
    folder = state_folder(os.environ) if settings.journal and key is not None else None
    with importing():  # SQLite, when there is a folder
        shared = None
        if database is not None and settings.journal:
            from .._journal.shared import SharedJournal  # noqa: PLC0415  (SQLAlchemy)

            shared = SharedJournal(database)
        return Journal(folder, "" if key is None else key.fingerprint, settings.origin, account.memory, shared=shared)


def database_error(error: StoreError) -> ConfigurationError:
    """The error for a shared database that cannot be used."""
    return ConfigurationError(
        f"database_url: {error}; nothing was sent, and the same call goes on when that is mended",
        setting="database_url",
    )


# -- effects on what is kept -------------------------------------------------------------------------------------------


KEPT: Final = (Recorded, Journaled, Intend, Outlook, Reserve, Confirm, Release, Pause)


def kept(effect: Effect[Any], ledger: "Ledger | None", journal: Journal | None) -> Any:
    """The outcome of one of the effects `KEPT`.

    Raises `ConfigurationError` if the shared database cannot be used for the budget or the journal, and
    `UnreachableError` if it is to be tried again.
    """
    if isinstance(effect, Recorded):
        return effect.action()
    try:
        return _accounted(effect, ledger, journal)
    except NotRecordedError as error:
        raise error.reason from None
    except StoreError as error:
        if isinstance(error, UnreachableError) and error.may_pass:
            raise
        raise database_error(error) from error


def _accounted(  # noqa: PLR0911  (one for each effect)
    effect: Effect[Any], ledger: "Ledger | None", journal: Journal | None
) -> Any:
    """The outcome of an effect on the budget or the journal."""
    match effect:
        case Journaled(action, is_result) if journal is not None:
            return journal.run(action, is_result=is_result)
        case Outlook():
            return None if ledger is None else ledger.budget()
        case Intend(reserve, intention) if journal is not None:
            return intended(partial(_reserved, reserve, ledger), intention, ledger, journal)
        case Reserve() if ledger is not None:
            return _reserved(effect, ledger)
        case Confirm(reservation) if ledger is not None:
            return ledger.confirm(reservation)
        case Release(reservation) if ledger is not None:
            return ledger.release(reservation)
        case Pause(seconds, refused) if ledger is not None:
            return ledger.pause(seconds, refused)
    raise TypeError(f"no driver carries out {effect!r}")


def _reserved(reserve: Reserve | None, ledger: "Ledger | None") -> Reservation:
    if reserve is None or ledger is None:
        return UNCOUNTED
    return ledger.reserve(
        is_paid=reserve.is_paid, wait_for_quota=reserve.wait_for_quota, reservation=reserve.reservation
    )


def outlasting(work: Callable[[], T], sleep: Callable[[float], object]) -> T:
    """The outcome of `work` on a database, tried again while that is silent for no longer than it may be."""
    while True:
        try:
            return work()
        except UnreachableError as error:
            if not error.may_pass:
                raise
        sleep(AGAIN_SECONDS)


def wall_clock(clock: Clock, database: "Database | None") -> datetime:
    """The time of day: of this machine, corrected where machines share a database and with it its clock."""
    return clock.today() if database is None else clock.today() + timedelta(seconds=database.skew)
