"""The ledger of a bulk run: an item goes from state to state, and only its owner moves it."""

import subprocess
import sys

import pytest

from pixola_ext._bulk.items import Copies, State, new_item, new_owner
from pixola_ext._bulk.ledger import Added
from pixola_ext._journal.entries import Baseline
from pixola_ext._state.processes import this_process
from tests.bulk.runs import LEASE, NOW, batch, made, sent, submitted

LATER = NOW + LEASE + 1


def states(ledger):
    return [item.state for item in ledger.items()]


# -- the input ---------------------------------------------------------------------------------------------------------


def test_items_are_numbered_in_their_order(ledger):
    """Items get numbers from 1, and keep all that they were made of."""
    item = new_item({"prompt": "a fox", "model": "flux-2"}, name="fox", carried={"sku": "7"}, price=5)
    assert ledger.add([item, *made(2)]) == Added(3, 0)
    kept = list(ledger.items())
    assert [each.number for each in kept] == [1, 2, 3]
    assert (kept[0].request, kept[0].name, kept[0].carried, kept[0].price) == (item.request, "fox", {"sku": "7"}, 5)


def test_known_items_are_not_added_twice(ledger):
    """An input that is added again adds what is new in it, and nothing else."""
    ledger.add(made(3))
    assert ledger.add(made(5)) == Added(2, 3)
    assert ledger.totals().counts == {State.WAITING: 5}


@pytest.mark.parametrize("change", [{"name": "x"}, {"carried": {"a": "b"}}, {"copy": 2}])
def test_changed_input_is_another_item(ledger, change):
    """Items differ if their name, their carried columns or the number of the copy do."""
    request = {"prompt": "a fox"}
    assert ledger.add([new_item(request), new_item(request, **change)]) == Added(2, 0)


def test_equal_rows_of_one_input_are_all_made():
    """Equal rows are numbered copies, the same ones whenever the input is read, and counted."""

    def read():
        copies = Copies()
        rows = [({"prompt": "a"}, 2), ({"prompt": "b"}, 1), ({"prompt": "a"}, 1)]
        return [item for request, n in rows for item in copies.items(request, number=n)], copies.repeated

    items, repeated = read()
    assert len({item.digest for item in items}) == 4
    assert repeated == 1
    assert read() == (items, 1)


def test_a_price_is_no_content():
    """The same request at another price is the same item."""
    assert new_item({"prompt": "a"}, price=1).digest == new_item({"prompt": "a"}, price=2).digest


def test_options_are_remembered(ledger):
    """What is remembered is JSON, and what is remembered later replaces it."""
    ledger.remember(input="prompts.csv", price=None)
    ledger.remember(price={"flux-2": 4})
    remembered = ledger.options()
    assert (remembered["input"], remembered["price"]) == ("prompts.csv", {"flux-2": 4})


# -- the owner ---------------------------------------------------------------------------------------------------------


def test_an_item_is_claimed_once(ledger):
    """What one run has claimed no other run gets, until the lease ends; then it does, and the first one has lost it."""
    ledger.add(made(3))
    one, other = new_owner(), new_owner()
    first = ledger.claim(one, NOW, LEASE, 2)
    assert [item.number for item in ledger.claim(other, NOW, LEASE, 5)] == [3]
    assert [item.number for item in ledger.claim(other, LATER, LEASE, 5)] == [1, 2]
    assert ledger.intend(first[0], LATER) is None
    assert states(ledger) == [State.WAITING] * 3


def test_a_lease_is_renewed(ledger):
    """A run that goes on renewing keeps what it owns."""
    ledger.add(made(2))
    one, other = new_owner(), new_owner()
    mine = sent(ledger, one)
    assert ledger.claim(one, NOW, LEASE, 1)
    assert ledger.renew(one, NOW + LEASE, LEASE) == 2
    assert ledger.claim(other, LATER, LEASE, 5) == ledger.take_over(other, LATER, LEASE) == []
    assert ledger.submitted(mine[0], "b1").batch_id == "b1"


def test_released_items_are_free_at_once(ledger):
    """What a run gives up another one gets before the lease has ended."""
    ledger.add(made(2))
    one, other = new_owner(), new_owner()
    sent(ledger, one)
    ledger.claim(one, NOW, LEASE, 1)
    assert ledger.release(one) == 2
    assert [item.number for item in ledger.claim(other, NOW, LEASE, 5)] == [2]
    assert [item.number for item in ledger.take_over(other, NOW, LEASE)] == [1]


def test_what_was_sent_is_taken_over(ledger):
    """When the lease ends, another run gets what was sent, as it was left; the first one has lost it."""
    ledger.add(made(6))
    one, other = new_owner(), new_owner()
    accepted, settled, done = submitted(ledger, one, 3)
    ledger.settle(settled, batch("b2"), NOW)
    ledger.fetched(ledger.settle(done, batch("b3"), NOW), {"b3-0": "x.png"})
    doubtful, sending = sent(ledger, one, 2)
    ledger.doubt(doubtful, NOW, closed_at=NOW + 9)
    ledger.claim(one, NOW, LEASE, 1)
    assert ledger.take_over(other, NOW + LEASE - 1, LEASE) == []
    taken = ledger.take_over(other, LATER, LEASE)
    assert [(item.number, item.state, item.owner) for item in taken] == [
        (1, State.SUBMITTED, other),
        (2, State.SETTLED, other),
        (4, State.DOUBT, other),
        (5, State.SENDING, other),
    ]
    assert taken[2].closed_at == NOW + 9
    assert ledger.settle(accepted, batch("b1"), LATER) is None
    assert ledger.submitted(sending, "b5") is None
    assert ledger.settle(taken[0], batch("b1"), LATER).state is State.SETTLED


def test_what_was_sent_is_taken_over_page_by_page(ledger):
    """No more items are taken over at once than asked for."""
    ledger.add(made(5))
    sent(ledger, new_owner(), 5)
    other = new_owner()
    taken = [len(ledger.take_over(other, LATER, LEASE, 2)) for _ in range(4)]
    assert taken == [2, 2, 1, 0]


def test_a_run_whose_process_has_ended_is_not_waited_for(ledger):
    """What the dead left is free before their lease ends, whether it was sent or not."""
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        pass
    dead = f"0000:{child.pid}@{this_process().partition('@')[2]}"
    ledger.add(made(2))
    sent(ledger, dead)
    ledger.claim(dead, NOW, LEASE, 1)
    owner = new_owner()
    assert [item.number for item in ledger.take_over(owner, NOW, LEASE)] == [1]
    assert [item.number for item in ledger.claim(owner, NOW, LEASE, 5)] == [2]


# -- one item ----------------------------------------------------------------------------------------------------------


def test_an_intent_is_recorded_before_a_send(ledger):
    """The intent holds all that it takes to find the batch again; a second one of the same claim is refused."""
    ledger.add(made(1))
    (item,) = ledger.claim(new_owner(), NOW, LEASE, 1)
    baseline = Baseline("b0", NOW - 5, ("b00",))
    intended = ledger.intend(item, NOW, entry_id="e1", baseline=baseline, closed_at=NOW + 180)
    assert ledger.intend(item, NOW) is None
    assert ledger.get(1) == intended
    assert (intended.state, intended.attempt, intended.entry_id) == (State.SENDING, 1, "e1")
    assert (intended.sent_at, intended.closed_at, intended.baseline) == (NOW, NOW + 180, baseline)


def test_what_was_not_accepted_is_sent_again(ledger):
    """A submission that was never delivered is waiting, with its owner, and counts its attempts."""
    ledger.add(made(1))
    (item,) = sent(ledger, new_owner())
    waiting = ledger.unsend(item)
    assert (waiting.state, waiting.owner, waiting.entry_id) == (State.WAITING, item.owner, None)
    again = ledger.intend(waiting, NOW + 1, entry_id="e2")
    assert (again.attempt, again.sent_at) == (2, NOW + 1)
    assert ledger.submitted(item, "b1") is None, "the first attempt is over"


def test_a_batch_with_pictures_is_fetched(ledger):
    """A settled item has the images and what they cost; a fetched one the files, and no owner."""
    ledger.add(made(1))
    (item,) = submitted(ledger, new_owner())
    settled = ledger.settle(item, batch(images=2), NOW + 9)
    assert (settled.state, settled.status, settled.pictures, settled.credits) == (State.SETTLED, "complete", 2, 8)
    assert [image.image_id for image in settled.completed] == ["b1-0", "b1-1"]
    assert ledger.settle(item, batch(images=2), NOW + 9) is None, "it is charged once"
    files = {"b1-0": "a.png", "b1-1": "b.png"}
    fetched = ledger.fetched(settled, files)
    assert (fetched.state, fetched.files, fetched.owner) == (State.FETCHED, files, None)
    assert ledger.get(1) == fetched


@pytest.mark.parametrize("status", ["failed", "rejected"])
def test_a_batch_without_a_picture_is_refused(ledger, status):
    """A batch that failed ends its item, with the status as the reason; it is not claimed again by itself."""
    ledger.add(made(1))
    owner = new_owner()
    (item,) = submitted(ledger, owner)
    ended = ledger.settle(item, batch(status=status), NOW)
    assert (ended.state, ended.code, ended.status, ended.credits) == (State.REFUSED, status, status, 0)
    assert ledger.claim(owner, LATER, LEASE, 5) == ledger.take_over(owner, LATER, LEASE) == []
    assert ledger.totals().reasons == {status: 1}


def test_what_the_service_says_is_made_printable(ledger):
    """Codes and messages of the service are kept without what no file and no terminal takes."""
    ledger.add(made(1))
    (item,) = sent(ledger, new_owner())
    refused = ledger.refuse(item, "bad\0code", "no \ud800\x1b[31m" + "x" * 10_000, NOW)
    assert (refused.code, refused.state) == ("bad code", State.REFUSED)
    assert refused.message.isprintable()
    assert len(refused.message) < 1000
    assert ledger.get(1) == refused


# -- the user ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("batch_id", "state"), [("b9", State.SUBMITTED), (None, State.WAITING)])
def test_the_user_decides_what_is_undecided(ledger, batch_id, state):
    """An undecided item is nobody's, until it is said which batch it became, or that there is none."""
    ledger.add(made(1))
    owner = new_owner()
    (item,) = sent(ledger, owner)
    ledger.undecided(ledger.doubt(item, NOW))
    assert ledger.claim(owner, LATER, LEASE, 5) == ledger.take_over(owner, LATER, LEASE) == []
    resolved = ledger.resolve(1, batch_id)
    assert (resolved.state, resolved.batch_id, resolved.attempt) == (state, batch_id, 1)
    taken = ledger.take_over(owner, LATER, LEASE) + ledger.claim(owner, LATER, LEASE, 5)
    assert [each.number for each in taken] == [1]


def test_a_batch_is_of_one_item(ledger):
    """An undecided item is not resolved to a batch that another item has, and only undecided ones are resolved."""
    ledger.add(made(3))
    owner = new_owner()
    submitted(ledger, owner)
    (item,) = sent(ledger, owner)
    ledger.undecided(ledger.doubt(item, NOW))
    assert [ledger.resolve(number, batch_id) for number, batch_id in ((2, "b1"), (1, "b7"), (3, None), (9, None))] == [
        None
    ] * 4
    assert states(ledger) == [State.SUBMITTED, State.UNDECIDED, State.WAITING]


def test_refused_items_are_retried_by_reason(ledger):
    """Only what was refused for the reasons given is waiting again, without the old reason; all without reasons."""
    ledger.add(made(3))
    owner = new_owner()
    for item, code in zip(sent(ledger, owner, 3), ("content_flagged", "bad_request", "bad_request"), strict=True):
        ledger.refuse(item, code, "no", NOW)
    assert ledger.retry({"bad_request"}) == 2
    assert states(ledger) == [State.REFUSED, State.WAITING, State.WAITING]
    assert (ledger.get(2).code, ledger.get(2).settled_at) == (None, None)
    assert ledger.retry() == 1


def test_a_retry_keeps_what_was_charged(ledger):
    """Credits of earlier attempts stay charged."""
    ledger.add(made(1))
    owner = new_owner()
    (item,) = submitted(ledger, owner)
    failed = batch(status="failed").to_dict()
    failed["images"][0]["creditsCharged"] = 2
    ledger.settle(item, type(batch()).from_dict(failed), NOW)
    ledger.retry()
    (item,) = submitted(ledger, owner)
    assert ledger.settle(item, batch(), NOW).credits == 6
    assert ledger.totals().charged == 6


def test_what_was_not_sent_is_cancelled(ledger):
    """Everything that waits is called off, also what a run has claimed; what was sent goes on."""
    ledger.add(made(4))
    owner = new_owner()
    submitted(ledger, owner)
    (claimed,) = ledger.claim(owner, NOW, LEASE, 1)
    assert ledger.cancel() == 3
    assert ledger.intend(claimed, NOW) is None
    assert states(ledger) == [State.SUBMITTED, *[State.CANCELLED] * 3]
    assert ledger.claim(owner, LATER, LEASE, 5) == []


def test_items_are_listed_by_state(ledger):
    """Items come in their order, all of them or those of some states, and may change while they are listed."""
    ledger.add(made(1200))
    owner = new_owner()
    sent(ledger, owner, 3)
    assert [item.number for item in ledger.items({State.SENDING})] == [1, 2, 3]
    listed = [item.number for item in ledger.items({State.WAITING}) if ledger.claim(owner, NOW, LEASE, 1)]
    assert listed == list(range(4, 1201))
