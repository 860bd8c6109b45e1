"""What the clients of one account remember together, in this process: shared by copies, threads and tasks."""

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from weakref import WeakValueDictionary

from .._journal.entries import MemoryRows
from .catalog import KnownSlugs
from .poll_schedule import PollSchedule
from .scans import Scans
from .shared_polling import SharedPolling

if TYPE_CHECKING:
    from .flights import Kinds

_MOST_JOBS: Final = 10_000  # submissions that are remembered until their first wait


class Job(NamedTuple):
    """A submission of ours: when it was accepted (monotonic seconds), and when to poll a job of its kind."""

    submitted_at: float
    schedule: PollSchedule


class AccountState:
    """What is learned about one account.

    With `polls_at_once`, a batch is polled as soon as it is submitted: the sandbox in the process needs no time.
    `memory` holds the journal of submissions where no file does.
    """

    def __init__(self, *, polls_at_once: bool = False) -> None:
        self.polls_at_once = polls_at_once
        self.slugs: KnownSlugs = {}
        self.memory = MemoryRows()
        self.renew()

    def renew(self) -> None:
        """After a fork, in the child: what the threads of the parent were doing is theirs, and so are their locks."""
        self.scans, self.polling = Scans(), SharedPolling()  # the memory of submissions renews itself
        self.kinds: Kinds = {}
        self._jobs: dict[str, Job] = {}
        self._schedules: dict[tuple[str | None, str | None], PollSchedule] = {}

    def submitted(self, batch_id: str, now: float, request: Mapping[str, Any]) -> None:
        """A batch of ours was accepted at `now`."""
        while len(self._jobs) >= _MOST_JOBS:
            self._jobs.pop(next(iter(self._jobs)), None)
        kind = (request.get("model"), request.get("quality"))
        self._jobs[batch_id] = Job(now, self._schedules.setdefault(kind, PollSchedule()))

    def job(self, batch_id: str) -> Job | None:
        """What is known of a batch, if it is one of ours."""
        return self._jobs.get(batch_id)

    def finished(self, batch_id: str) -> None:
        """The wait for a batch has ended: another one would be answered by its first poll."""
        self._jobs.pop(batch_id, None)


_accounts: WeakValueDictionary[tuple[str, Hashable], AccountState] = WeakValueDictionary()


def state_of_account(base_url: str, api_key: Hashable) -> AccountState:
    """The state of an account, forgotten with the last of its clients."""
    fresh = AccountState()
    return _accounts.setdefault((base_url, api_key), fresh)
