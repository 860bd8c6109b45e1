"""Answers that are lost in a bulk run, in simulated time: each item is made once, and paid for once."""

import pytest
from simulating.virtual import VirtualDriver, VirtualTime

from pixola_ext._bulk.items import Copies, new_owner
from pixola_ext._bulk.memory import MemoryLedger
from pixola_ext._flows.bulk import lane
from pixola_ext._flows.bulk_beginning import begin
from pixola_ext._flows.bulk_run import LEASE_SECONDS, BulkRun
from pixola_ext._flows.dispatching import Dispatcher
from pixola_ext._flows.ownership import ENDED_SECONDS, LATE_VISIBILITY_SECONDS
from pixola_ext.errors import CreditLimitError, SubmissionUnknownError
from pixola_ext.sandbox import Sandbox
from pixola_ext.settings import Policy

CREDITS = 10**6
LANES = 6
PRICE = 4  # credits of the catalog, for what is claimed here
QUIET = ENDED_SECONDS + LATE_VISIBILITY_SECONDS  # after a connection has ended


class Run:
    """A run on a sandbox whose batches are listed `late` seconds after they were accepted."""

    def __init__(self, prompts, late=0.0, max_credits=None, price=None):
        self.time = VirtualTime()
        self.box = Sandbox(clock=self.time.epoch, credits=CREDITS, latency=1.0, rate_limits=True, seed=3)
        self.driver = VirtualDriver(self.time, self.box)
        self.outcomes, self.events = [], []
        self.accepted, self.posted = {}, []
        self._show_late(late)
        ledger, copies = MemoryLedger(), Copies()
        rows = [{"prompt": prompt, "model": "flux-2"} for prompt in prompts]
        ledger.add([item for row in rows for item in copies.items(row, price=price)])
        self.ledger = ledger
        self.run = BulkRun(
            ledger=ledger,
            owner=new_owner(),
            dispatcher=Dispatcher(left=0),
            policy=Policy(timeout=60.0, max_retries=2, is_budgeted=True, wait_for_quota=True, leaves_share=False),
            account=self.driver.account,
            wait_timeout=10_000.0,
            deliver=self._delivered,
            on_event=lambda event: self.events.append((event.kind, self.time.now)),
            is_fed=True,
            max_credits=max_credits,
        )

    def _show_late(self, late):
        world = self.box.world
        submit, batches, images = world.submit, world.batches, world.images

        def submitted(*args, **kwargs):
            batch = submit(*args, **kwargs)
            self.accepted[batch.batch_id] = self.time.now
            return batch

        def is_shown(batch):
            return self.time.now >= self.accepted[batch.batch_id] + late

        def listed(*args):
            found, following = batches(*args)
            return [batch for batch in found if is_shown(batch)], following

        def shown(*args):
            found, following = images(*args)
            return [image for image in found if is_shown(image.batch)], following

        world.submit, world.batches, world.images = submitted, listed, shown

    def _delivered(self, outcome):
        self.run.taken()
        self.outcomes.append(outcome)

    def finish(self):
        """Run it to its end, and check that nothing was lost and nothing paid twice."""
        ended = []
        self.driver.start(
            [begin(self.run)], lambda _value: self.driver.start([lane(self.run) for _ in range(LANES)], ended.append)
        )
        self.time.run(86_400.0, lambda: len(ended) == LANES)
        assert len(ended) == LANES, "it does not end"
        return self

    @property
    def charged(self):
        """The credits that the service has charged."""
        return CREDITS - self.box.world.balance(next(iter(self.box.world.accounts.values())))

    def at(self, kind):
        """When an event of this kind came first."""
        return next(at for each, at in self.events if each == kind)

    def check_exact(self, count):
        """Each item has exactly one picture, and these are all that were charged."""
        assert sorted(outcome.number for outcome in self.outcomes) == list(range(1, count + 1))
        assert all(outcome.is_ok for outcome in self.outcomes)
        assert len(self.accepted) == count
        assert sum(outcome.credits for outcome in self.outcomes) == self.charged


def prompts(count, equal=1):
    """Texts, some of which are equal."""
    return [f"picture {number // equal}" for number in range(count)]


@pytest.mark.parametrize("fault", ["reset", "reset-after", "internal-error", "internal-error-after", "html-502-after"])
@pytest.mark.parametrize("equal", [1, 3])
def test_each_item_is_made_once_though_answers_are_lost(fault, equal):
    """A quarter of them, accepted or not; equal prompts, too."""
    run = Run(prompts(24, equal))
    run.box.faults.add(fault, method="POST", probability=0.25)
    run.finish().check_exact(24)
    assert [kind for kind, _ in run.events].count("lost") >= 2


def test_each_item_is_made_once_though_some_were_accepted_and_some_not():
    """Both at once, and lists that fail, too."""
    run = Run(prompts(40, 2), late=3.0)
    run.box.faults.add("reset", method="POST", probability=0.15)
    run.box.faults.add("reset-after", method="POST", probability=0.15)
    run.box.faults.add("internal-error", method="GET", probability=0.2)
    run.finish().check_exact(40)


@pytest.mark.parametrize("early", [1.0, 20.0, 55.0])
def test_a_batch_that_shows_before_the_quiet_period_ends_is_found(early):
    """However late: it is not sent again."""
    run = Run(["a fox"], late=QUIET - early)
    run.box.faults.add("reset-after", method="POST", times=1)
    run.finish().check_exact(1)
    assert [kind for kind, _ in run.events] == ["lost", "found", "finished"]


def test_what_was_not_accepted_is_sent_again_when_the_quiet_period_is_over():
    """Not before, and not much later."""
    run = Run(["a fox"])
    run.box.faults.add("reset", method="POST", times=1)
    run.finish().check_exact(1)
    assert QUIET <= run.at("not accepted") - run.at("lost") <= QUIET + 5.0
    assert run.at("submitted") > run.at("not accepted")


def test_what_is_in_doubt_counts_as_spent():
    """With a ceiling for one picture, the second is not sent while the first may have been accepted."""
    run = Run(["a fox", "a hen"], max_credits=PRICE, price=PRICE)
    run.box.faults.add("reset-after", method="POST", times=1)
    run.finish()
    assert len(run.accepted) == 1
    assert isinstance(run.run.failure, CreditLimitError)
    assert [outcome.number for outcome in run.outcomes] == [1]


def test_what_cannot_be_told_from_the_lists_is_left_undecided():
    """Another program has submitted the same meanwhile: nothing is sent again, and the candidates are named."""
    run = Run(["a fox"])
    run.box.faults.add("reset-after", method="POST", times=1)
    world = run.box.world
    account = next(iter(world.accounts.values()))
    run.time.after(2.0, lambda: world.submit(account, account.batches[0].submission))
    run.finish()
    (outcome,) = run.outcomes
    assert isinstance(outcome.error, SubmissionUnknownError)
    assert {each.batch_id for each in outcome.error.candidates} == set(run.accepted)
    assert [kind for kind, _ in run.events] == ["lost", "undecided"]


def test_a_run_keeps_what_it_waits_for_longer_than_its_lease():
    """The lease is renewed in time: no other run takes over a batch that this one is waiting for."""
    run = Run(prompts(3))
    run.box.configure(latency=400.0)
    other, taken = new_owner(), []

    def steal():
        taken.extend(run.ledger.take_over(other, run.time.epoch(), LEASE_SECONDS))
        run.time.after(LEASE_SECONDS / 4, steal)

    steal()
    run.finish().check_exact(3)
    assert run.time.now > 2 * LEASE_SECONDS
    assert taken == []
