"""One simulated run of a policy: how many requests it takes, how late it knows, how long it lasts."""

import random
from collections.abc import Callable, Iterator, Sequence
from statistics import fmean, quantiles
from typing import Any, Final

from attrs import field, frozen

from pixola_ext._bulk.items import Copies, new_owner
from pixola_ext._bulk.memory import MemoryLedger
from pixola_ext._bulk.outcomes import Outcome
from pixola_ext._flows.bulk import LANES, lane
from pixola_ext._flows.bulk_beginning import begin
from pixola_ext._flows.bulk_run import BulkRun
from pixola_ext._flows.dispatching import Dispatcher
from pixola_ext._flows.effects import Flow
from pixola_ext.sandbox import Sandbox
from pixola_ext.sandbox.records import Image
from pixola_ext.settings import Policy

from .virtual import VirtualDriver, VirtualTime

DAY: Final = 86_400.0  # seconds
SIGMA: Final = 0.5  # of the logarithm of a latency
_BACKLOG: Final = 10**6  # requests of a run without an end
POLICY: Final = Policy(timeout=60.0, max_retries=2, is_budgeted=True, wait_for_quota=True, leaves_share=False)
_LANES: Final = LANES - 6  # without those that download


@frozen
class Case:
    """A run of `n` prompts (None: without an end, for a day), of which a share `failing` fail."""

    n: int | None
    median: float = 15.0
    failing: float = 0.0
    seed: int = 1

    def prompts(self) -> Iterator[str]:
        """The prompts."""
        chance = random.Random(self.seed)  # noqa: S311
        number = 0
        while self.n is None or number < self.n:
            number += 1
            yield f"picture {number}" + (" sandbox:fails" if chance.random() < self.failing else "")


@frozen
class Result:
    """What came of it. Seconds; `lags` are from the end of each picture to when that was known.

    `ends` are when the pictures ended, since the begin of the run; `submitted` of the requests were submissions.
    """

    requests: int
    refused: int
    makespan: float
    submitted: int
    lags: Sequence[float] = field(repr=False)
    ends: Sequence[float] = field(repr=False)

    @property
    def done(self) -> int:
        """Pictures that are known to be at their end."""
        return len(self.lags)

    @property
    def requests_each(self) -> float:
        """Requests for each of them."""
        return self.requests / max(self.done, 1)

    @property
    def mean_lag(self) -> float:
        """The mean lag in seconds."""
        return fmean(self.lags) if self.lags else 0.0

    @property
    def late_lag(self) -> float:
        """The 95th percentile of the lag in seconds."""
        return quantiles(self.lags, n=20)[-1] if len(self.lags) > 1 else self.mean_lag


class World:
    """A sandbox in virtual time with the real limits, whose jobs take as long as the case says."""

    def __init__(self, case: Case, time: VirtualTime | None = None) -> None:
        self.time = time or VirtualTime()
        self.box = Sandbox(clock=self.time.epoch, credits=10**9, latency=1.0, rate_limits=True, seed=case.seed)
        chance = random.Random(case.seed)  # noqa: S311

        def durations(_model: Any, _quality: str, _slowness: float, _number: int, count: int) -> list[float]:
            return [case.median * chance.lognormvariate(0.0, SIGMA) for _ in range(count)]

        self.box.world._durations = durations  # type: ignore[method-assign]  # noqa: SLF001
        self.drivers = [VirtualDriver(self.time, self.box)]
        self._seen: dict[str, float] = {}

    @property
    def driver(self) -> VirtualDriver:
        """The first of those that run flows here, and mostly the only one."""
        return self.drivers[0]

    def knows(self, batch_id: str) -> None:
        """The end of a batch is known now."""
        self._seen.setdefault(batch_id, self.time.now)

    def images(self) -> Sequence[Image]:
        """All images that were made."""
        return next(iter(self.box.world.accounts.values())).images

    def result(self) -> Result:
        """What came of it."""
        ends = {image.batch.batch_id: image.finish - self.time.epoch() + self.time.now for image in self.images()}
        lags = [at - ends[batch_id] for batch_id, at in self._seen.items()]
        makespan = max(self._seen.values(), default=0.0)
        known = [ends[batch_id] for batch_id in self._seen]
        requests = sum(driver.requests for driver in self.drivers)
        refused = sum(driver.refused for driver in self.drivers)
        return Result(requests, refused, makespan, len(ends), lags, known)


def dispatched(case: Case, *, frugal: bool = False) -> Result:
    """The dispatcher, as both drivers run it."""
    world = World(case)
    ledger, copies, prompts = MemoryLedger(), Copies(), case.prompts()

    def feed(number: int) -> None:
        items = [
            item for _, prompt in zip(range(number), prompts, strict=False) for item in copies.items({"prompt": prompt})
        ]
        ledger.add(items)
        run.is_fed = len(items) < number

    def delivered(outcome: Outcome) -> None:
        run.taken()
        assert outcome.batch is not None  # noqa: S101  (nothing is refused here)
        world.knows(outcome.batch.batch_id)
        if case.n is None:
            feed(1)

    run = BulkRun(
        ledger=ledger,
        owner=new_owner(),
        dispatcher=Dispatcher(left=case.n or _BACKLOG, frugal=frugal),
        policy=POLICY,
        account=world.driver.account,
        wait_timeout=DAY,
        deliver=delivered,
    )
    feed(case.n or 200)
    run.is_fed = case.n is not None
    lanes = started(run, world.driver)
    world.time.run(DAY, lambda: lanes() == 0)
    return world.result()


def started(run: BulkRun, driver: VirtualDriver) -> Callable[[], int]:
    """Begin a run; gives how many of its lanes have not ended."""
    left = _LANES

    def ended(_value: Any) -> None:
        nonlocal left
        left -= 1

    driver.start([begin(run)], lambda _value: driver.start([lane(run) for _ in range(_LANES)], ended))
    return lambda: left


Policy_ = Callable[[Case], Result]
__all__ = ["Case", "Flow", "Result", "World", "dispatched"]
