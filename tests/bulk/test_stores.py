"""Memory and database are the same ledger: after any operations of two runs, whatever they know."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from pixola_ext._bulk.items import IN_FLIGHT, State, new_item
from pixola_ext._bulk.memory import MemoryLedger
from pixola_ext._bulk.opening import open_ledger
from tests.bulk.runs import NOW, batch

OWNERS = st.sampled_from(["a:1@nowhere", "b:2@nowhere"])
LEASES = st.sampled_from([5.0, 30.0])
CEILINGS = st.sampled_from([None, 0, 10, 25])
STATUSES = st.sampled_from(["complete", "failed", "rejected"])


class TwoLedgers(RuleBasedStateMachine):
    """Does the same with both, with the items as one of the runs knows them, which may be long out of date."""

    database_url = None  # of the second ledger, which is a file without it

    def __init__(self):
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.ledgers = (MemoryLedger(), open_ledger(Path(self._folder.name), self.database_url))
        self.now = NOW
        self.seen = []
        self.ceiling = 0

    def teardown(self):
        self.ledgers[1].close()
        self._folder.cleanup()

    def both(self, does):
        one, other = (does(ledger) for ledger in self.ledgers)
        assert one == other
        found = one if isinstance(one, list) else [one]
        self.seen += [item for item in found if getattr(item, "digest", None)]
        return one

    def any_seen(self, data):
        return data.draw(st.sampled_from(self.seen)) if self.seen else None

    @rule(prompts=st.lists(st.sampled_from("abcdefgh"), max_size=4), price=st.sampled_from([None, 3, 7]))
    def add(self, prompts, price):
        self.both(lambda ledger: ledger.add(new_item({"prompt": each}, price=price) for each in prompts))

    @rule(seconds=st.sampled_from([1.0, 10.0]))
    def wait(self, seconds):
        self.now += seconds

    @rule(owner=OWNERS, lease=LEASES, count=st.integers(0, 4), ceiling=CEILINGS)
    def claim(self, owner, lease, count, ceiling):
        claimed = self.both(lambda ledger: ledger.claim(owner, self.now, lease, count, max_credits=ceiling))
        if ceiling is not None and claimed:
            held = sum(item.credits + item.reserved for item in self.ledgers[0].items())
            assert held <= ceiling

    @rule(owner=OWNERS, lease=LEASES, count=st.integers(1, 3))
    def take_over(self, owner, lease, count):
        self.both(lambda ledger: ledger.take_over(owner, self.now, lease, count))

    @rule(owner=OWNERS, lease=LEASES)
    def renew(self, owner, lease):
        self.both(lambda ledger: ledger.renew(owner, self.now, lease))

    @rule(owner=OWNERS)
    def release(self, owner):
        self.both(lambda ledger: ledger.release(owner))

    @rule(data=st.data(), ceiling=CEILINGS)
    def intend(self, data, ceiling):
        if item := self.any_seen(data):
            self.both(lambda ledger: ledger.intend(item, self.now, entry_id="e", max_credits=ceiling))

    @rule(data=st.data(), status=STATUSES, step=st.sampled_from(["unsend", "doubt", "refuse", "settle", "undecided"]))
    def go_on(self, data, status, step):
        item = self.any_seen(data)
        steps = {
            "unsend": lambda ledger: ledger.unsend(item),
            "doubt": lambda ledger: ledger.doubt(item, self.now),
            "refuse": lambda ledger: ledger.refuse(item, "content_flagged", None, self.now),
            "settle": lambda ledger: ledger.settle(item, batch(status=status), self.now),
            "undecided": lambda ledger: ledger.undecided(item),
        }
        if item:
            self.both(steps[step])

    @rule(data=st.data())
    def submitted(self, data):
        if item := self.any_seen(data):
            self.both(lambda ledger: ledger.submitted(item, f"b{item.number}"))

    @rule(data=st.data())
    def fetched(self, data):
        if item := self.any_seen(data):
            self.both(lambda ledger: ledger.fetched(item, {"b1-0": "a.png"}))

    @rule(number=st.integers(0, 9), batch_id=st.sampled_from([None, "b1", "b2", "new"]))
    def resolve(self, number, batch_id):
        self.both(lambda ledger: ledger.resolve(number, batch_id))

    @rule(codes=st.sampled_from([None, ("failed",), ("content_flagged", "rejected")]))
    def retry(self, codes):
        self.both(lambda ledger: ledger.retry(codes))

    @rule()
    def cancel(self):
        self.both(lambda ledger: ledger.cancel())

    @invariant()
    def are_equal(self):
        one, other = (list(ledger.items()) for ledger in self.ledgers)
        assert one == other
        totals, others = (ledger.totals() for ledger in self.ledgers)
        assert totals == others
        assert totals.charged == sum(item.credits for item in one)
        assert all((item.owner is None) == (item.lease_until is None) for item in one)
        assert all(item.state in {State.WAITING, State.SETTLED} | IN_FLIGHT for item in one if item.owner)


class TwoLedgersInPostgres(TwoLedgers):
    """The same with a ledger in PostgreSQL."""


@pytest.fixture(scope="module", autouse=True)
def _database(postgres):
    TwoLedgersInPostgres.database_url = postgres.new_url()


TestTwoLedgersInPostgres = TwoLedgersInPostgres.TestCase
TestTwoLedgersInPostgres.settings = settings(stateful_step_count=30, max_examples=5)
TestTwoLedgers = TwoLedgers.TestCase
TestTwoLedgers.settings = settings(stateful_step_count=40, max_examples=30)
