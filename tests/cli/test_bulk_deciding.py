"""`pixola bulk` beside a run: what there is, what is made again, called off, decided about and exported."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import jsonschema
import pytest
from attrs import evolve

from pixola_ext import Pixola
from pixola_ext._bulk.items import Copies, State
from pixola_ext._bulk.ledger import Ledger
from pixola_ext._bulk.opening import open_ledger
from pixola_ext.cli import exits
from pixola_ext.cli.schemas import schema_of
from pixola_ext.sandbox import Sandbox
from tests.support.command import Ran

Inside = Callable[..., Ran]

MODEL = "sana-1.6b"
LEASE = 60.0


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """The ledger in the folder `out`, with three items that wait."""
    opened = open_ledger(tmp_path / "out")
    add(opened, "a fox", "a hen", "a cat")
    yield opened
    opened.close()


def add(ledger: Ledger, *prompts: str) -> None:
    """Add an item for each prompt."""
    copies = Copies()
    for prompt in prompts:
        ledger.add(copies.items({"prompt": prompt, "model": MODEL}, price=2))


def refuse(ledger: Ledger, code: str) -> None:
    """Let the next item that waits be refused."""
    (item,) = ledger.claim("test", time.time(), LEASE, 1)
    assert ledger.refuse(item, code, "refused by a test", time.time()) is not None


def leave_undecided(ledger: Ledger) -> None:
    """Let the next item that waits be undecided."""
    (item,) = ledger.claim("test", time.time(), LEASE, 1)
    sending = ledger.intend(item, time.time())
    assert sending is not None
    doubted = ledger.doubt(sending, time.time())
    assert doubted is not None
    assert ledger.undecided(doubted) is not None


def test_status_shows_the_figures_and_sends_nothing(inside: Inside, ledger: Ledger) -> None:
    """Counts, credits, reasons, what is in doubt, and the command to go on with; without a key."""
    refuse(ledger, "content_flagged")
    leave_undecided(ledger)
    ran = inside("--json", "bulk", "status", "out")
    document = ran.json()
    jsonschema.validate(document, schema_of("bulk status"))
    assert ran.code == exits.DONE
    assert {state: n for state, n in document["counts"].items() if n} == {"waiting": 1, "refused": 1, "undecided": 1}
    assert (document["reasons"], document["credits_reserved"]) == ({"content_flagged": 1}, 2)
    assert (document["is_done"], document["next"]) == (False, "pixola bulk resume out")
    told = inside("bulk", "status", "out")
    for text in ("3 requests: 1 waiting, 1 refused, 1 undecided", "1 content_flagged", "in doubt: 1 request"):
        assert text in told.out
    assert "next: pixola bulk resume out" in told.err


@pytest.mark.parametrize("name", ["resume", "status", "retry", "resolve", "cancel", "export"])
def test_a_folder_without_a_run_is_refused(inside: Inside, box: Sandbox, tmp_path: Path, name: str) -> None:
    """And nothing is made in it."""
    ran = inside("bulk", name, "out")
    assert ran.code == exits.USAGE
    assert "there is no bulk run in out" in ran.err
    assert not (tmp_path / "out").exists()


def test_resume_makes_what_waits(inside: Inside, box: Sandbox, ledger: Ledger) -> None:
    """Without the input, once."""
    ran = inside("--json", "bulk", "resume", "out")
    document = ran.json()
    jsonschema.validate(document, schema_of("bulk resume"))
    assert (ran.code, document["counts"]["fetched"], document["next"]) == (exits.DONE, 3, None)
    assert "nothing left to do" in inside("bulk", "resume", "out").err


def test_retry_makes_what_was_refused_for_a_code(inside: Inside, box: Sandbox, ledger: Ledger) -> None:
    """Others stay refused."""
    refuse(ledger, "bad_request")
    refuse(ledger, "content_flagged")
    ran = inside("--json", "bulk", "retry", "out", "--code", "bad_request")
    document = ran.json()
    assert ran.code == exits.PARTLY
    assert (document["counts"]["fetched"], document["reasons"]) == (2, {"content_flagged": 1})
    assert document["next"] == "pixola bulk retry out"
    assert inside("bulk", "retry", "out").code == exits.DONE
    assert "nothing was refused" in inside("bulk", "retry", "out").err


def test_retry_asks_like_any_command_that_pays(inside: Inside, box: Sandbox, ledger: Ledger) -> None:
    """Refused, it leaves the ledger as it was."""
    refuse(ledger, "bad_request")
    assert inside("bulk", "retry", "out", PIXOLA_ASK_ABOVE="1").code == exits.CREDITS
    assert ledger.totals().counts[State.REFUSED] == 1


def test_cancel_calls_off_what_waits_if_that_is_agreed_to(inside: Inside, ledger: Ledger) -> None:
    """Nothing is left to do then."""
    refused = inside("bulk", "cancel", "out")
    assert (refused.code, ledger.totals().counts) == (exits.USAGE, {State.WAITING: 3})
    assert "next: pixola bulk cancel out --yes" in refused.err
    ran = inside("--json", "bulk", "cancel", "out", "--yes")
    jsonschema.validate(ran.json(), schema_of("bulk cancel"))
    assert (ran.code, ran.json()["cancelled"]) == (exits.DONE, 3)
    assert inside("--json", "bulk", "status", "out").json()["is_done"]


def test_export_writes_the_results_again_or_prints_them(
    inside: Inside, box: Sandbox, ledger: Ledger, tmp_path: Path
) -> None:
    """The files are as the run has written them; on stdout, as one document or a line for each picture."""
    inside("bulk", "resume", "out")
    written = {name: (tmp_path / "out" / name).read_text() for name in ("metadata.jsonl", "results.csv")}
    for name in written:
        (tmp_path / "out" / name).unlink()
    assert inside("bulk", "export", "out").out.split() == ["out/metadata.jsonl", "out/results.csv"]
    assert {name: (tmp_path / "out" / name).read_text() for name in written} == written
    document = inside("--json", "bulk", "export", "out").json()
    jsonschema.validate(document, schema_of("bulk export"))
    lines = [json.loads(line) for line in written["metadata.jsonl"].splitlines()]
    assert document == lines
    assert [json.loads(line) for line in inside("--jsonl", "bulk", "export", "out").out.splitlines()] == lines


def test_resolve_lists_the_batches_that_may_be_it(inside: Inside, box: Sandbox, ledger: Ledger) -> None:
    """Those with its prompt that no other item has, with their dates."""
    leave_undecided(ledger)
    with Pixola.sandbox(box) as px:
        other, ours = px.submit("a dog"), px.submit("a fox", model=MODEL)
    ran = inside("--json", "bulk", "resolve", "out")
    (listed,) = ran.json()
    jsonschema.validate(ran.json(), schema_of("bulk resolve"))
    assert (listed["number"], listed["request"]["prompt"]) == (1, "a fox")
    (candidate,) = listed["candidates"]
    assert (candidate["batch_id"], candidate["created_at"] is None) == (ours.batch_id, False)
    assert other.batch_id not in ran.out


def test_resolve_decides_for_a_batch(inside: Inside, box: Sandbox, ledger: Ledger) -> None:
    """Which is then finished, and not sent again; one that is not there is refused."""
    leave_undecided(ledger)
    with Pixola.sandbox(box) as px:
        ours = px.submit("a fox", model=MODEL)
    assert inside("bulk", "resolve", "out", "1", "bt_nothing").code != exits.DONE
    assert inside("bulk", "resolve", "out", "2", ours.batch_id).code == exits.USAGE
    ran = inside("--json", "bulk", "resolve", "out", "1", ours.batch_id)
    jsonschema.validate(ran.json(), schema_of("bulk resolve"))
    assert (ran.code, ran.json()["state"]) == (exits.DONE, "submitted")
    assert inside("bulk", "resume", "out").code == exits.DONE
    assert sum(entry.method == "POST" for entry in box.journal.entries) == 3  # one of them by the test


def test_resolve_decides_that_it_was_not_accepted(inside: Inside, box: Sandbox, ledger: Ledger) -> None:
    """It waits again."""
    leave_undecided(ledger)
    assert inside("--json", "bulk", "resolve", "out", "1", "--not-accepted").json()["state"] == "waiting"
    assert "nothing is undecided" in inside("bulk", "resolve", "out").err


@pytest.mark.parametrize("words", [("1",), ("1", "bt_1", "--not-accepted"), ("--not-accepted",)])
def test_resolve_takes_a_whole_decision_or_none(
    inside: Inside, box: Sandbox, ledger: Ledger, words: tuple[str, ...]
) -> None:
    """A number with a batch or with --not-accepted."""
    assert inside("bulk", "resolve", "out", *words).code == exits.USAGE


def test_what_is_undecided_is_told_by_the_exit_code(inside: Inside, box: Sandbox, ledger: Ledger) -> None:
    """It may have been paid for; the command that goes on is named."""
    leave_undecided(ledger)
    ran = inside("bulk", "resume", "out")
    assert ran.code == exits.UNKNOWN
    assert "in doubt: 1 request, which may have been paid for" in ran.out
    assert "next: pixola bulk resolve out" in ran.err


def test_a_picture_that_was_saved_before_a_kill_is_not_saved_twice(
    inside: Inside, box: Sandbox, ledger: Ledger, tmp_path: Path
) -> None:
    """Neither one with the image id in its name nor one with the id in its metadata alone."""
    copies = Copies()
    ledger.add(copies.items({"prompt": "a dog", "model": MODEL}, name="dog", price=2, number=2))
    inside("bulk", "resume", "out")
    before = {path.name for path in (tmp_path / "out").glob("*.png")}
    assert {"dog.png", "dog-2.png"} < before
    files = {item.number: dict(item.files) for item in ledger.items()}
    with ledger.transaction() as rows:  # as a kill between the name of the file and the ledger leaves it
        for number in (1, 5):
            item = rows.get(number)
            assert item is not None
            rows.put([(item, evolve(item, state=State.SETTLED, files={}))])
    ran = inside("--json", "bulk", "resume", "out")
    assert (ran.code, ran.json()["counts"]["fetched"]) == (exits.DONE, 5)
    assert {path.name for path in (tmp_path / "out").glob("*.png")} == before
    assert {item.number: dict(item.files) for item in ledger.items()} == files
