"""The dispatcher as a machine: whatever is reported, in whatever order, each item ends once and the run ends."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pixola_ext._budget.limits import Allowance, Budget
from pixola_ext._flows.bulk_actions import Feed, Idle, ListBatches, ListImages, ReadBatch, Reconcile, Submit
from pixola_ext._flows.dispatching import Dispatcher
from pixola_ext.models import COMPLETE, FAILED
from tests.bulk.lists import Account

LANES = 5


class Runs(RuleBasedStateMachine):
    """A run whose lanes are answered in any order, by lists that show now this and now that."""

    @initialize(count=st.integers(0, 12), images=st.integers(0, 3), shows=st.booleans())
    def begin(self, count, images, shows):
        """A run of some items."""
        ends = [5.0 + place for place in range(images)]
        self.account = Account(
            lambda _number: {"ends": ends, "statuses": [COMPLETE, FAILED, COMPLETE][:images]}, shows_making=shows
        )
        self.dispatcher: Dispatcher[int] = Dispatcher(left=count)
        self.count = count
        self.fed = 0
        self.actions: list[Any] = []  # that lanes are at work on
        self.settled: list[int] = []
        self.refused: set[int] = set()
        self.accepted: dict[int, str] = {}
        self.doubts: dict[int, str | None] = {}

    def settle(self, ended):
        """Note what has ended."""
        self.settled += [item for item, _ in ended]

    def ask(self):
        """A free lane asks what to do."""
        action = self.dispatcher.next(self.account.now, None)
        if action is None:
            return False
        if isinstance(action, Idle):
            self.account.now += action.seconds
        else:
            self.actions.append(action)
        return True

    def accept(self, item, *, is_answered):
        """The service accepts a submission."""
        batch_id = self.account.submit(item)
        self.accepted[item] = batch_id
        if is_answered:
            self.dispatcher.submitted(item, batch_id, {}, self.account.now)
        else:
            self.doubts[item] = batch_id
            self.dispatcher.lost(item, self.account.now)

    def honest(self, action):
        """Carry an action out as it should be."""
        now = self.account.now
        match action:
            case Submit(item):
                self.accept(item, is_answered=True)
            case Feed(number):
                items = range(self.fed, min(self.fed + number, self.count))
                self.fed += len(items)
                self.dispatcher.fed(items, is_last=self.fed == self.count)
            case ListImages(cursor):
                images, following = self.account.images(cursor)
                self.settle(self.dispatcher.saw_images(images, following, now, is_first=cursor is None))
            case ListBatches():
                self.settle(self.dispatcher.saw_batches(self.account.newest_batches(), now))
            case ReadBatch(flight):
                self.settle(self.dispatcher.saw_batch(flight, self.account.batch(flight.batch_id), now))
            case Reconcile(items):
                self.decide(items)

    def decide(self, items):
        """What the search for lost answers finds."""
        for item in items:
            batch_id = self.doubts.pop(item)
            if batch_id is None:
                self.dispatcher.again(item)
            else:
                self.dispatcher.flies(item, batch_id, {}, self.account.now)
        self.dispatcher.searched()

    @precondition(lambda self: len(self.actions) < LANES)
    @rule()
    def lane_asks(self):
        """One lane more is at work."""
        self.ask()

    @precondition(lambda self: self.actions)
    @rule(data=st.data())
    def lane_reports(self, data):
        """Any of the lanes is done."""
        self.honest(self.actions.pop(data.draw(st.integers(0, len(self.actions) - 1))))

    @precondition(lambda self: any(isinstance(each, Submit) for each in self.actions))
    @rule(fate=st.sampled_from(["refused", "again", "lost", "lost though accepted"]))
    def submission_goes_wrong(self, fate):
        """In one of the ways there are."""
        action = next(each for each in self.actions if isinstance(each, Submit))
        self.actions.remove(action)
        if fate == "refused":
            self.refused.add(action.item)
            self.dispatcher.refused()
        elif fate == "again":
            self.dispatcher.refused(action.item)
        elif fate == "lost":
            self.doubts[action.item] = None
            self.dispatcher.lost(action.item, self.account.now)
        else:
            self.accept(action.item, is_answered=False)

    @precondition(lambda self: any(isinstance(each, ListImages | ListBatches | ReadBatch) for each in self.actions))
    @rule(is_empty=st.booleans())
    def look_goes_wrong(self, is_empty):
        """It fails, or shows nothing."""
        action = next(each for each in self.actions if isinstance(each, ListImages | ListBatches | ReadBatch))
        self.actions.remove(action)
        now = self.account.now
        if not is_empty:
            self.dispatcher.look_failed(now, 2.0)
        elif isinstance(action, ReadBatch):
            self.settle(self.dispatcher.saw_batch(action.flight, None, now))
        elif isinstance(action, ListBatches):
            self.settle(self.dispatcher.saw_batches([], now))
        else:
            self.settle(self.dispatcher.saw_images([], None, now, is_first=action.cursor is None))

    @rule(seconds=st.floats(0.1, 30.0))
    def time_passes(self, seconds):
        """For everything."""
        self.account.now += seconds

    @rule(count=st.integers(1, 150))
    def others_make_pictures(self, count):
        """Which push ours down."""
        self.account.push(count)

    @invariant()
    def nothing_ends_twice(self):
        """And nothing is paid twice."""
        assert len(self.settled) == len(set(self.settled))
        assert self.refused.isdisjoint(self.settled)

    def teardown(self):
        """From here on all goes well, and the run ends with every item at its end."""
        deadline = self.account.now + 2000.0
        while self.ask() or self.actions:
            if self.actions:
                self.honest(self.actions.pop(0))
            assert self.account.now < deadline, "it does not end"
        assert sorted([*self.settled, *self.refused]) == list(range(self.count))
        assert len(self.accepted) == len(self.settled)


Runs.TestCase.settings = settings(max_examples=25, stateful_step_count=30)
TestRuns = Runs.TestCase


def budget(minute: int, day: int) -> Budget:
    """What is left of the requests of a key."""
    return Budget(Allowance(30, 30 - minute), Allowance(1000, 1000 - day))


def sent(dispatcher: Dispatcher[int], left: Budget, seconds: float) -> int:
    """How many submissions are begun in so many seconds, each of them accepted at once."""
    now, count = 1000.0, 0
    while now < 1000.0 + seconds:
        match dispatcher.next(now, left):
            case Submit(item):
                count += 1
                dispatcher.leaves(now)
                dispatcher.submitted(item, f"b{item}", {}, now)
            case ListImages():
                dispatcher.saw_images([], None, now, is_first=True)
            case ListBatches():
                dispatcher.saw_batches([], now)
            case ReadBatch(flight):
                dispatcher.saw_batch(flight, None, now)
            case Idle(delay):
                now += delay
    return count


def test_a_minute_is_never_given_more_submissions_than_it_has():
    """Submissions come first, and leave room for looks."""
    dispatcher: Dispatcher[int] = Dispatcher(left=200)
    dispatcher.fed(range(200), is_last=True)
    assert 20 <= sent(dispatcher, budget(30, 1000), 55.0) < 30


def test_no_more_is_in_flight_than_is_asked_for():
    """Which is what `concurrency` means."""
    dispatcher: Dispatcher[int] = Dispatcher(left=20, most_in_flight=3)
    dispatcher.fed(range(20), is_last=True)
    assert sent(dispatcher, budget(30, 1000), 55.0) == 3


def test_a_day_keeps_requests_for_looks():
    """Nothing is submitted that could not be looked at any more."""
    dispatcher: Dispatcher[int] = Dispatcher(left=20)
    dispatcher.fed(range(20), is_last=True)
    assert sent(dispatcher, budget(30, 1), 55.0) == 0


def test_a_stopped_run_waits_for_what_is_in_flight():
    """And ends without what was not sent."""
    account = Account()
    dispatcher: Dispatcher[int] = Dispatcher(left=5)
    dispatcher.fed(range(5), is_last=True)
    assert isinstance(dispatcher.next(0.0, None), Submit)
    dispatcher.submitted(0, account.submit(0), {}, 0.0)
    dispatcher.stop()
    ended: list[int] = []
    while (action := dispatcher.next(account.now, None)) is not None:
        if isinstance(action, ListImages):
            images, following = account.images(action.cursor)
            seen = dispatcher.saw_images(images, following, account.now, is_first=True)
            ended += [item for item, _ in seen]
        account.now += 0.5
    assert ended == [0]


def test_an_abandoned_run_does_nothing_more():
    """Though something is in flight."""
    dispatcher: Dispatcher[int] = Dispatcher(left=5)
    dispatcher.fed(range(5), is_last=True)
    dispatcher.next(0.0, None)
    dispatcher.abandon()
    assert dispatcher.next(0.0, None) is None
