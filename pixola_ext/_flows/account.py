"""What the clients of one account remember together, in this process: shared by copies, threads and tasks."""

from collections.abc import Hashable, Mapping
from typing import Final, NamedTuple
from weakref import WeakValueDictionary

from attrs import define, field

from .catalog import KnownSlugs
from .pending import Submissions
from .poll_schedule import Pace
from .shared_polling import Watch

_MOST_JOBS: Final = 10_000  # submissions that are remembered until somebody waits for them


class Job(NamedTuple):
    """A submission of ours: when it went out (monotonic seconds), and how long its kind usually takes."""

    submitted: float
    pace: Pace


@define(eq=False)
class AccountState:
    """What is learned about one account.

    With `polls_at_once`, a batch is asked for as soon as it is submitted: the sandbox in the process needs no time.
    """

    polls_at_once: bool = False
    slugs: KnownSlugs = field(factory=dict)
    submissions: Submissions = field(factory=Submissions)
    watch: Watch = field(factory=Watch)
    _jobs: dict[str, Job] = field(factory=dict)
    _paces: dict[tuple[str | None, str | None], Pace] = field(factory=dict)

    def renew(self) -> None:
        """After a fork, in the child: what the threads of the parent were doing is theirs, and so are their locks."""
        self.submissions, self.watch = Submissions(), Watch()
        self._jobs, self._paces = {}, {}

    def submitted(self, batch_id: str, now: float, request: Mapping[str, str]) -> None:
        """A batch of ours was accepted at `now`."""
        while len(self._jobs) >= _MOST_JOBS:
            self._jobs.pop(next(iter(self._jobs)), None)
        kind = (request.get("model"), request.get("quality"))
        self._jobs[batch_id] = Job(now, self._paces.setdefault(kind, Pace()))

    def job(self, batch_id: str) -> Job | None:
        """What is known of a batch, if it is one of ours."""
        return self._jobs.get(batch_id)

    def finished(self, batch_id: str) -> None:
        """Nobody will wait for it again, or will be answered at once."""
        self._jobs.pop(batch_id, None)


_accounts: WeakValueDictionary[tuple[str, Hashable], AccountState] = WeakValueDictionary()


def state_of_account(base_url: str, api_key: Hashable) -> AccountState:
    """The state of an account, forgotten with the last of its clients."""
    fresh = AccountState()
    return _accounts.setdefault((base_url, api_key), fresh)
