"""Machines that share keys: one ledger and one budget for each key, in the database of all."""

from collections.abc import Callable
from statistics import fmean
from typing import Final

from attrs import evolve, frozen

from pixola_ext._bulk.items import Copies, new_owner
from pixola_ext._bulk.memory import MemoryLedger
from pixola_ext._bulk.outcomes import Outcome
from pixola_ext._flows.bulk_run import BulkRun
from pixola_ext._flows.dispatching import Dispatcher
from pixola_ext._journal.entries import MemoryRows

from .runs import DAY, POLICY, Case, World, started
from .virtual import VirtualDatabase, VirtualDriver, VirtualTime, budget_of

TRANSACTION: Final = 0.008  # seconds of one on the database; see `scripts/shared_ledger.py`


@frozen
class Fleet:
    """So many machines, on so many keys, each with the prompts of `case`."""

    machines: int
    keys: int
    case: Case

    @property
    def machines_a_key(self) -> int:
        """How many work on the run of one key."""
        return max(self.machines // self.keys, 1)


@frozen
class FleetResult:
    """What came of it; `transactions_each` are those on the database for each picture, seconds are as in `Result`."""

    done: int
    refused: int
    requests_each: float
    mean_lag: float
    makespan: float
    transactions_each: float

    @property
    def a_minute(self) -> float:
        """Pictures a minute, of all keys together."""
        return 60.0 * self.done / self.makespan

    @property
    def transactions_a_second(self) -> float:
        """Transactions that the database has, of all keys together."""
        return self.transactions_each * self.done / self.makespan


def together(fleet: Fleet) -> FleetResult:
    """A run on each key, by all of its machines; a machine works on several keys where there are more of them."""
    time = VirtualTime()
    lanes: list[Callable[[], int]] = []
    worlds, databases = [], []
    for key in range(fleet.keys):
        world = World(evolve(fleet.case, seed=fleet.case.seed + key), time)
        databases.append(VirtualDatabase(time, TRANSACTION))
        lanes += _on_key(world, databases[-1], fleet)
        worlds.append(world)
    time.run(DAY, lambda: not any(left() for left in lanes))
    results = [world.result() for world in worlds]
    done = sum(result.done for result in results)
    return FleetResult(
        done,
        sum(result.refused for result in results),
        sum(result.requests for result in results) / max(done, 1),
        fmean(lag for result in results for lag in result.lags),
        max(result.makespan for result in results),
        sum(database.transactions for database in databases) / max(done, 1),
    )


def _on_key(world: World, database: VirtualDatabase, fleet: Fleet) -> list[Callable[[], int]]:
    """Begin the run of one key; gives for each of its machines how many lanes have not ended."""
    case, copies, ledger = fleet.case, Copies(), MemoryLedger()
    ledger.add([item for prompt in case.prompts() for item in copies.items({"prompt": prompt})])
    memory, budget = MemoryRows(), budget_of(world.box, world.time)
    world.drivers = [
        VirtualDriver(world.time, world.box, memory=memory, budget=budget, database=database)
        for _ in range(fleet.machines_a_key)
    ]
    return [started(_run(world, driver, ledger), driver) for driver in world.drivers]


def _run(world: World, driver: VirtualDriver, ledger: MemoryLedger) -> BulkRun:
    """The part of one machine in a run."""

    def delivered(outcome: Outcome) -> None:
        assert outcome.batch is not None  # noqa: S101  (nothing is refused here)
        world.knows(outcome.batch.batch_id)
        run.taken()

    run = BulkRun(
        ledger=ledger,
        owner=new_owner(),
        dispatcher=Dispatcher(left=sum(ledger.totals().counts.values())),
        policy=POLICY,
        account=driver.account,
        wait_timeout=DAY,
        deliver=delivered,
    )
    run.is_fed = True
    return run
