"""`pixola bulk` when something is wrong: what is said, what was spent by then, and the exit code."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pixola_ext._bulk.ledger import FILE_NAME, Ledger
from pixola_ext.cli import exits
from pixola_ext.sandbox import Sandbox
from tests.support.command import Ran

Inside = Callable[..., Ran]

RUN = ("bulk", "run", "-", "-m", "sana-1.6b", "-o", "out")
THREE = b"a fox\na hen\na cat\n"


def accepted(box: Sandbox) -> int:
    """How many submissions the sandbox has accepted."""
    return sum(entry.method == "POST" and entry.status == 200 for entry in box.journal.entries)


@pytest.mark.parametrize(
    ("fault", "code", "following"),
    [
        ("insufficient-credits", exits.CREDITS, "pixola bulk resume out"),
        ("unauthorized", exits.KEY, None),  # the key is from the environment
        ("rate-limited-huge", exits.LIMITS, "pixola bulk resume out"),
    ],
)
def test_what_concerns_all_requests_ends_the_run(
    inside: Inside, box: Sandbox, tmp_path: Path, fault: str, code: int, following: str | None
) -> None:
    """With its own exit code, all requests still waiting, and the results written; the run goes on later."""
    rule = box.faults.add(fault, path="*/generate")
    ran = inside("--json", *RUN, stdin=THREE)
    document = ran.json()
    assert (ran.code, document["error"]["exit_code"]) == (code, code)
    assert document["error"]["next"] == following
    assert document["counts"]["waiting"] == 3
    assert (tmp_path / "out/results.csv").is_file()
    box.faults.rules.remove(rule)
    assert inside("bulk", "resume", "out").code == exits.DONE
    assert accepted(box) == 3


def test_what_concerns_one_request_does_not(inside: Inside, box: Sandbox) -> None:
    """Refused, failed and broken pictures are told, a line each, and the rest is made."""
    prompts = b"a fox\ngore\na hen sandbox:fails\na cat sandbox:download-not-an-image\n"
    ran = inside("--json", *RUN, stdin=prompts)
    document = ran.json()
    assert ran.code == exits.PARTLY
    counts = {state: count for state, count in document["counts"].items() if count}
    assert counts == {"fetched": 1, "refused": 2, "settled": 1}
    assert document["reasons"] == {"content_flagged": 1, "failed": 1}
    assert document["next"] == "pixola bulk resume out"
    for number, prompt in ((2, "gore"), (3, "a hen"), (4, "a cat")):
        assert sum(line.startswith(f"pixola: request {number} ({prompt}") for line in ran.err.splitlines()) == 1


def test_a_batch_that_never_ends_is_given_up(inside: Inside, box: Sandbox) -> None:
    """After --timeout; it goes on at the service, and a later run waits again."""
    ran = inside("--json", *RUN, "--timeout", "0.1", stdin=b"a fox\na hen sandbox:never-finishes\n")
    document = ran.json()
    assert (ran.code, document["counts"]["submitted"], document["next"]) == (exits.PARTLY, 1, "pixola bulk resume out")


def test_a_lost_answer_is_looked_for_and_not_paid_twice(inside: Inside, box: Sandbox) -> None:
    """It was accepted, and its picture is there in the end."""
    box.faults.add("reset-after", path="*/generate", times=1)
    ran = inside("--json", *RUN, stdin=THREE)
    assert (ran.code, ran.json()["pictures"]) == (exits.DONE, 3)
    assert sum(entry.method == "POST" for entry in box.journal.entries) == 3


@pytest.mark.parametrize("output", ["in.txt", "in.txt/out", "out.png"])
def test_a_folder_that_cannot_be_one_is_refused(inside: Inside, box: Sandbox, tmp_path: Path, output: str) -> None:
    """Before the input costs anything."""
    (tmp_path / "in.txt").write_text("a fox\n")
    ran = inside("bulk", "run", "in.txt", "-m", "flux-2", "-o", output)
    assert ran.code == exits.USAGE
    assert not box.journal.entries


def test_a_full_disk_is_found_before_the_first_submission(
    inside: Inside, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If it is certain; else the estimate says that it may get full."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=100))
    ran = inside(*RUN, stdin=THREE)
    assert ran.code == exits.USAGE
    assert "no room for 3 pictures in out" in ran.err
    assert accepted(box) == 0
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=1_000_000))
    ran = inside(*RUN, stdin=THREE)
    assert (ran.code, "the disk may get full" in ran.err) == (exits.DONE, True)


def test_a_ledger_that_is_deleted_ends_the_run_before_the_next_submission(
    inside: Inside, box: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In a line that names the file."""
    intend, path = Ledger.intend, tmp_path / "out" / FILE_NAME
    sent = []

    def deleted_first(ledger: Ledger, *arguments: Any, **options: Any) -> Any:
        sent.append(arguments)
        if len(sent) == 2:
            path.unlink()
        return intend(ledger, *arguments, **options)

    monkeypatch.setattr(Ledger, "intend", deleted_first)
    ran = inside(*RUN, "--concurrency", "1", stdin=THREE)
    assert ran.code == exits.ERROR
    assert f"{FILE_NAME}: was deleted or replaced while it was in use; nothing more was sent" in ran.err
    assert accepted(box) == 1


def _of_another_program(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE notes (text)")


def _newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE bulk_options SET value = '9' WHERE name = 'version'")


def _damaged(path: Path) -> None:
    path.write_bytes(b"no database at all" * 100)


@pytest.mark.parametrize(
    ("change", "reason"),
    [(_of_another_program, "is another program's"), (_newer, "is of version 9"), (_damaged, "cannot be used")],
)
@pytest.mark.parametrize("words", [RUN, ("bulk", "resume", "out"), ("bulk", "status", "out")])
def test_a_ledger_that_is_not_ours_is_refused(
    inside: Inside, box: Sandbox, tmp_path: Path, change: Callable[[Path], None], reason: str, words: tuple[str, ...]
) -> None:
    """By its name, and nothing is sent."""
    inside(*RUN, stdin=b"a fox\n")
    change(tmp_path / "out" / FILE_NAME)
    ran = inside(*words, stdin=THREE)
    assert ran.code == exits.USAGE
    assert FILE_NAME in ran.err
    assert reason in ran.err
    assert accepted(box) == 1


@pytest.mark.parametrize("words", [("--base-url", "https://other.example"), ("--sandbox",)])
def test_a_run_goes_on_at_its_own_service_only(inside: Inside, box: Sandbox, words: tuple[str, ...]) -> None:
    """Its batches are nowhere else."""
    box.faults.add("insufficient-credits", path="*/generate")
    inside(*RUN, stdin=b"a fox\n")
    ran = inside(*words, "bulk", "resume", "out")
    assert ran.code == exits.USAGE
    assert "this run was begun at https://www.pixola.ai/api/v1" in ran.err


def test_a_template_without_sense_is_refused(inside: Inside, box: Sandbox) -> None:
    """Before anything is read."""
    ran = inside(*RUN, "--template", "{nothing}", stdin=THREE)
    assert ran.code == exits.USAGE
    assert "no field {nothing}" in ran.err
    assert not box.journal.entries
