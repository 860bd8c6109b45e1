"""The ledger of a run in the database that machines share: runs beside each other, owners that freeze, outages."""

from contextlib import closing

import pytest

from pixola_ext._bulk.items import State, new_owner
from pixola_ext._bulk.opening import has_ledger, open_ledger
from pixola_ext._state import database as databases
from pixola_ext._state.errors import UnreachableError
from pixola_ext.errors import ConfigurationError
from tests.bulk.runs import LEASE, NOW, batch, made, sent, submitted
from tests.support.postgres import postgres as started


@pytest.fixture(scope="module")
def own():
    """A server that tests of this module stop and start."""
    with started() as server:
        yield server


@pytest.fixture
def impatient(monkeypatch):
    """A database may be silent for no time at all."""
    monkeypatch.setattr(databases, "OUTAGE_SECONDS", 0.0)
    monkeypatch.setattr(databases, "_AGAIN_SECONDS", 0.0)


def test_one_database_holds_many_runs(database_url, tmp_path):
    """Each place is a run of its own, and machines that give the same place share it."""
    places = [tmp_path / "one", "s3://bucket/two"]
    for number, place in enumerate(places, 1):
        with closing(open_ledger(place, database_url)) as ledger, closing(open_ledger(place, database_url)) as other:
            ledger.add(made(number))
            assert len(list(other.items())) == number
    assert has_ledger(tmp_path / "one", database_url)
    assert not has_ledger(tmp_path / "three", database_url)
    assert list(tmp_path.glob("one/*")) == []


def test_a_run_of_another_version_is_refused_by_name(database_url, postgres, tmp_path):
    """The error names the run and both versions."""
    with closing(open_ledger(tmp_path, database_url)):
        pass
    ((schema,),) = postgres.execute("SELECT schema FROM pixola.runs", database_url)
    postgres.execute(f"UPDATE {schema}.bulk_options SET value = '7' WHERE name = 'version'", database_url)  # noqa: S608
    with pytest.raises(ConfigurationError, match=f"{tmp_path} is of version 7.*version 2"):
        open_ledger(tmp_path, database_url)


def test_a_frozen_owner_that_wakes_changes_nothing(ledger):
    """Its lease has ended and another owner is at work: whatever it reports is not recorded."""
    ledger.add(made(2))
    frozen, other = new_owner(), new_owner()
    (intended,) = sent(ledger, frozen, 1)
    (claimed,) = ledger.claim(frozen, NOW, LEASE, 1)
    later = NOW + 10 * LEASE
    (taken,) = ledger.take_over(other, later, LEASE)
    (reclaimed,) = ledger.claim(other, later, LEASE, 1)
    before = list(ledger.items())
    assert (taken.number, taken.state) == (intended.number, State.SENDING)
    assert reclaimed.number == claimed.number
    assert ledger.intend(claimed, later) is None
    assert ledger.submitted(intended, "bt_1") is None
    assert ledger.unsend(intended) is None
    assert ledger.refuse(intended, "x", None, later) is None
    assert ledger.settle(intended, batch(), later) is None
    assert list(ledger.items()) == before


def test_what_was_about_to_be_sent_is_never_claimed_again(ledger):
    """When the lease of a submission ends it is in doubt: it can be taken over, not sent."""
    ledger.add(made(1))
    sent(ledger, new_owner(), 1)
    other = new_owner()
    assert ledger.claim(other, NOW + 10 * LEASE, LEASE, 1) == []
    assert [item.state for item in ledger.take_over(other, NOW + 10 * LEASE, LEASE)] == [State.SENDING]


def test_the_lease_of_what_is_sent_lasts_until_it_is_accepted_no_longer(ledger):
    """However long a request may take, no run takes it over before."""
    ledger.add(made(1))
    owner = new_owner()
    (item,) = ledger.claim(owner, NOW, LEASE, 1)
    ledger.intend(item, NOW, entry_id="e1", closed_at=NOW + 5 * LEASE)
    assert ledger.take_over("other:1@nowhere", NOW + 4 * LEASE, LEASE) == []


def test_an_intent_whose_commit_was_not_confirmed_can_be_repeated(ledger):
    """The same entry gives the same item again, another entry none."""
    ledger.add(made(1))
    (item,) = ledger.claim(new_owner(), NOW, LEASE, 1)
    first = ledger.intend(item, NOW, entry_id="e1")
    assert ledger.intend(item, NOW, entry_id="e1") == first
    assert ledger.intend(item, NOW, entry_id="e2") is None


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_results_wait_while_the_database_is_away(own, impatient, tmp_path, mode, monkeypatch):
    """A batch and its pictures are recorded when it is back; nothing is claimed meanwhile."""
    monkeypatch.setenv("PIXOLA_STATE_DIR", str(tmp_path / "state"))
    with closing(open_ledger(tmp_path, own.new_url())) as ledger:
        ledger.add(made(2))
        owner = new_owner()
        (item,) = submitted(ledger, owner, 1)
        own.stop(mode)
        settled = ledger.settle(item, batch(item.batch_id), NOW)
        fetched = ledger.fetched(settled, {"b1-0": "a.png"})
        assert (settled.state, fetched.state) == (State.SETTLED, State.FETCHED)
        with pytest.raises(UnreachableError):
            ledger.claim(owner, NOW, LEASE, 1)
        own.start()
        assert len(ledger.claim(owner, NOW, LEASE, 5)) == 1
        kept = ledger.get(item.number)
        assert (kept.state, dict(kept.files), kept.credits) == (State.FETCHED, {"b1-0": "a.png"}, fetched.credits)
        assert list((tmp_path / "state").glob("waiting-*")) == []


def test_results_that_waited_too_long_change_nothing(own, impatient, tmp_path, monkeypatch):
    """Another owner has taken the item over before they could be recorded."""
    monkeypatch.setenv("PIXOLA_STATE_DIR", str(tmp_path / "state"))
    url = own.new_url()
    with closing(open_ledger(tmp_path, url)) as ledger, closing(open_ledger(tmp_path, url)) as other:
        ledger.add(made(1))
        (item,) = submitted(ledger, "a:1@nowhere", 1)
        own.stop()
        ledger.settle(item, batch(item.batch_id), NOW)
        own.start()
        (taken,) = other.take_over("b:2@nowhere", NOW + 10 * LEASE, LEASE)
        ledger.claim("a:1@nowhere", NOW, LEASE, 1)
        assert ledger.get(1) == taken


def test_a_claim_reads_what_it_takes(database_url, postgres, tmp_path):
    """However many items are done, or wait behind it."""
    count = 20_000
    with closing(open_ledger(tmp_path, database_url)):
        pass
    ((schema,),) = postgres.execute("SELECT schema FROM pixola.runs", database_url)
    postgres.execute(
        f"INSERT INTO {schema}.bulk_items (number, state, credits, pictures, attempt, digest, request)"  # noqa: S608
        f" SELECT n, CASE WHEN n < {count // 2} THEN 'fetched' ELSE 'waiting' END, 0, 0, 0, md5(n::text), '{{}}'"
        f" FROM generate_series(1, {count}) AS n",
        database_url,
    )
    postgres.execute(f"ANALYZE {schema}.bulk_items", database_url)

    def read() -> int:
        return postgres.execute(
            "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 'bulk_items'", database_url
        )[0][0]

    before = read()
    with closing(open_ledger(tmp_path, database_url)) as ledger:
        claimed = [ledger.claim(new_owner(), NOW, LEASE, 4) for _ in range(8)]
    assert [item.number for items in claimed for item in items] == list(range(count // 2, count // 2 + 32))
    assert read() - before < 1000
