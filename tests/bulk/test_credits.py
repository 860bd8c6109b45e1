"""The ceiling of credits: what is charged, in flight and in doubt never comes to more, whichever run spends it."""

from pixola_ext._bulk.items import State, new_item, new_owner
from tests.bulk.runs import LEASE, NOW, batch, made, sent, submitted

LATER = NOW + LEASE + 1


def numbers(items):
    return [item.number for item in items]


def test_a_claim_ends_at_the_ceiling(ledger):
    """No item is claimed that the credits left do not pay for, nor any behind it."""
    ledger.add([*made(2, price=3), new_item({"prompt": "dear"}, price=50), new_item({"prompt": "cheap"}, price=1)])
    assert numbers(ledger.claim(new_owner(), NOW, LEASE, 9, max_credits=10)) == [1, 2]


def test_an_item_without_a_price_is_above_every_ceiling(ledger):
    """What may cost any number of credits is not claimed under a ceiling."""
    ledger.add(made(1, price=None))
    owner = new_owner()
    assert ledger.claim(owner, NOW, LEASE, 1, max_credits=10**9) == []
    assert numbers(ledger.claim(owner, NOW, LEASE, 1)) == [1]


def test_two_runs_share_the_ceiling(ledger):
    """What one run has claimed, sent, or lost the answer of counts for the other."""
    ledger.add(made(9, price=3))
    one, other = new_owner(), new_owner()
    first, second, _ = (*sent(ledger, one, 2), *ledger.claim(one, NOW, LEASE, 1))
    ledger.undecided(ledger.doubt(first, NOW))
    ledger.doubt(second, NOW)
    assert numbers(ledger.claim(other, NOW, LEASE, 9, max_credits=12)) == [4]
    assert ledger.claim(one, NOW, LEASE, 9, max_credits=12) == []


def test_credits_that_were_not_needed_are_free_again(ledger):
    """A refusal, a failed batch and a picture for less leave room for the next claim."""
    ledger.add(made(9, price=4))
    owner = new_owner()
    first, second, third = submitted(ledger, owner, 2) + sent(ledger, owner)
    assert ledger.claim(owner, NOW, LEASE, 9, max_credits=12) == []
    ledger.refuse(third, "content_flagged", "no", NOW)
    assert numbers(ledger.claim(owner, NOW, LEASE, 9, max_credits=12)) == [4]
    ledger.settle(first, batch(status="failed"), NOW)
    ledger.settle(second, batch(price=1), NOW)
    assert numbers(ledger.claim(owner, NOW, LEASE, 9, max_credits=12)) == [5]
    assert ledger.totals().charged == 1


def test_a_claim_of_the_dead_takes_no_credits(ledger):
    """Claims whose lease has ended are free, also under a lower ceiling than that of the run that made them."""
    ledger.add(made(5, price=10))
    ledger.claim(new_owner(), NOW, LEASE, 5)
    assert numbers(ledger.claim(new_owner(), LATER, LEASE, 5, max_credits=20)) == [1, 2]


def test_the_ceiling_holds_for_intents(ledger):
    """A claimed item is not sent once others have cost more than was estimated; it is given up, and waits."""
    ledger.add(made(2, price=3))
    owner = new_owner()
    (first,) = submitted(ledger, owner)
    (second,) = ledger.claim(owner, NOW, LEASE, 1, max_credits=6)
    ledger.settle(first, batch(price=5), NOW)
    assert ledger.intend(second, NOW, max_credits=6) is None
    assert (ledger.get(2).state, ledger.get(2).owner) == (State.WAITING, None)
    assert numbers(ledger.claim(owner, NOW, LEASE, 1, max_credits=8)) == [2]


def test_the_totals_tell_what_is_spent(ledger):
    """Figures by state and reason; reserved is what was sent and not settled, unpriced what may cost anything."""
    ledger.add([*made(5, price=3), *[new_item({"prompt": "unpriced"})]])
    owner = new_owner()
    settled, failed, doubtful = submitted(ledger, owner, 2) + sent(ledger, owner)
    ledger.settle(settled, batch(images=2, price=2), NOW)
    ledger.settle(failed, batch("b2", status="failed"), NOW)
    ledger.undecided(ledger.doubt(doubtful, NOW))
    sent(ledger, owner)
    totals = ledger.totals()
    assert totals.counts == {
        State.SETTLED: 1,
        State.REFUSED: 1,
        State.UNDECIDED: 1,
        State.SENDING: 1,
        State.WAITING: 2,
    }
    assert (totals.items, totals.charged, totals.reserved, totals.unpriced, totals.pictures) == (6, 4, 6, 1, 2)
    assert totals.reasons == {"failed": 1}
