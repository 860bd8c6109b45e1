"""What is written down before a paid request: its place in the budget, its entry in the journal, and in a bulk run."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from .._budget.reservation import Reservation
from .._flows.effects import Intention
from .._journal.entries import Entry, Rows
from .._journal.journal import Journal
from .._state.errors import StoreError

if TYPE_CHECKING:
    from .._budget.ledger import Ledger

Intended = tuple[Reservation, Entry | None]


class NotRecordedError(Exception):
    """The ledger of a bulk run cannot be used, for this `reason`: it is no trouble of the budget or the journal."""

    def __init__(self, reason: StoreError) -> None:
        super().__init__(reason)
        self.reason = reason


def intended(
    reserved: Callable[[], Reservation], intention: Intention, ledger: "Ledger | None", journal: Journal
) -> Intended:
    """See `Intend`; `reserved` reserves in `ledger`. Raises `NotRecordedError` for what the third step raises."""
    if journal.is_shared:
        return journal.run(lambda rows: _at_once(reserved, intention, rows))
    return _one_by_one(reserved, intention, ledger, journal)


def _at_once(reserved: Callable[[], Reservation], intention: Intention, rows: Rows) -> Intended:
    reservation = reserved()
    if reservation.delay > 0:
        return reservation, None
    entry = intention.begin(rows)
    _record(intention, entry)
    return reservation, entry


def _one_by_one(
    reserved: Callable[[], Reservation], intention: Intention, ledger: "Ledger | None", journal: Journal
) -> Intended:
    """In files, each of which has transactions of its own."""
    reservation = reserved()
    if reservation.delay > 0:
        return reservation, None
    try:
        return reservation, _begun(intention, journal)
    except BaseException:
        if ledger is not None:
            ledger.release(reservation)
        raise


def _begun(intention: Intention, journal: Journal) -> Entry:
    entry = journal.run(intention.begin)
    try:
        _record(intention, entry)
    except BaseException:
        journal.run(lambda rows: intention.withdraw(rows, entry))
        raise
    return entry


def _record(intention: Intention, entry: Entry) -> None:
    try:
        intention.record(entry)
    except StoreError as error:
        raise NotRecordedError(error) from error
