"""The entries of the journal of submissions, and how they are kept in memory.

Every instant in an entry ends in `_at` and is in seconds since the epoch, because it has to outlive the process.
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple

from .._state.processes import has_ended, renew_after_fork

_OPEN_DAYS: Final = 30  # an entry without a batch is kept this long
_SETTLED_DAYS: Final = 7  # and one with a batch this long: until then no other submission can take that batch
_DAY_SECONDS: Final = 86_400.0


class Baseline(NamedTuple):
    """What an account had before a submission: new batches are listed above `batch_id`, which is None for no batches.

    `known_at` is when that was known; `nearby` are other batches that were listed then, made at nearly the same time.
    """

    batch_id: str | None
    known_at: float
    nearby: tuple[str, ...] = ()


class Entry(NamedTuple):
    """A submission in the journal.

    `request` is None as soon as `batch_id` is known, and `digest` stands for it. The process `owner` is at work on it
    until `deadline_at` at the latest. `unconfirmed_at` is when its answer was lost, None while it is under way; at
    `closed_at` it is no longer accepted, if it was not before.
    `is_answered` tells a batch that the service named from one that was found in a list.
    """

    entry_id: str
    request: Mapping[str, Any] | None
    digest: str
    sent_at: float
    deadline_at: float
    closed_at: float
    owner: str
    baseline: Baseline | None = None
    unconfirmed_at: float | None = None
    batch_id: str | None = None
    is_answered: bool = False

    def settled(self, batch_id: str, *, is_answered: bool) -> "Entry":
        """The entry with its batch, and without the text of the request."""
        return self._replace(request=None, batch_id=batch_id, is_answered=is_answered)

    def is_at_work(self, now: float) -> bool:
        """Whether the process that sent it may still be sending it or looking for its batch."""
        return now < self.deadline_at and not has_ended(self.owner)


class Rows(ABC):
    """The entries of one account inside one transaction."""

    @abstractmethod
    def entry(self, entry_id: str) -> Entry | None:
        """The entry of this id."""

    @abstractmethod
    def put(self, entry: Entry) -> None:
        """Add an entry, or replace the one with its id."""

    @abstractmethod
    def drop(self, entry_id: str) -> None:
        """Forget an entry."""

    @abstractmethod
    def unsettled(self) -> Sequence[Entry]:
        """The entries without a batch, in the order in which they were sent."""

    @abstractmethod
    def owners(self, batch_ids: Collection[str]) -> Mapping[str, Entry]:
        """The entries that these batches belong to, by batch."""

    @abstractmethod
    def found(self, digest: str) -> Sequence[Entry]:
        """The entries of equal requests whose batch was found in a list."""

    @abstractmethod
    def baseline(self) -> Baseline | None:
        """The newest baseline that is known."""

    @abstractmethod
    def keep_baseline(self, baseline: Baseline) -> None:
        """Replace the baseline."""

    @abstractmethod
    def forget(self, unsettled_before: float, settled_before: float) -> None:
        """Drop entries that were sent before these instants."""


class MemoryRows(Rows):
    """The entries of one account in the memory of this process; `lock` makes a transaction of what happens in it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._unsettled: dict[str, Entry] = {}
        self._settled: dict[str, Entry] = {}
        self._owners: dict[str, Entry] = {}
        self._baseline: Baseline | None = None
        renew_after_fork(self)

    def renew(self) -> None:
        """After a fork, in the child: the lock is the parent's."""
        self.lock = threading.Lock()

    def entry(self, entry_id: str) -> Entry | None:
        return self._unsettled.get(entry_id) or self._settled.get(entry_id)

    def put(self, entry: Entry) -> None:
        self.drop(entry.entry_id)
        if entry.batch_id is None:
            self._unsettled[entry.entry_id] = entry
        else:
            self._settled[entry.entry_id] = entry
            self._owners[entry.batch_id] = entry

    def drop(self, entry_id: str) -> None:
        self._unsettled.pop(entry_id, None)
        entry = self._settled.pop(entry_id, None)
        if entry is not None and entry.batch_id is not None and self._owners.get(entry.batch_id) is entry:
            del self._owners[entry.batch_id]

    def unsettled(self) -> Sequence[Entry]:
        return sorted(self._unsettled.values(), key=lambda entry: entry.sent_at)

    def owners(self, batch_ids: Collection[str]) -> Mapping[str, Entry]:
        return {each: self._owners[each] for each in batch_ids if each in self._owners}

    def found(self, digest: str) -> Sequence[Entry]:
        return [each for each in self._settled.values() if each.digest == digest and not each.is_answered]

    def baseline(self) -> Baseline | None:
        return self._baseline

    def keep_baseline(self, baseline: Baseline) -> None:
        self._baseline = baseline

    def forget(self, unsettled_before: float, settled_before: float) -> None:
        for entries, before in ((self._unsettled, unsettled_before), (self._settled, settled_before)):
            # The oldest come first: most calls look at one entry.
            while entries and (oldest := next(iter(entries.values()))).sent_at < before:
                self.drop(oldest.entry_id)


def forget_old(rows: Rows, now: float) -> None:
    """Drop the entries that nothing can be asked about any more."""
    rows.forget(now - _OPEN_DAYS * _DAY_SECONDS, now - _SETTLED_DAYS * _DAY_SECONDS)
