"""`pixola bulk run`: what it reads, checks, spends, writes and prints."""

import csv
import json
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pixola_ext.cli import exits
from pixola_ext.cli.schemas import schema_of
from pixola_ext.sandbox import Sandbox
from tests.support.command import Ran

Inside = Callable[..., Ran]

CSV = b"prompt,n,name,tag\r\na fox,2,fox,x\r\na hen,,,y\r\n"


def submissions(box: Sandbox) -> int:
    """How many submissions the sandbox was sent."""
    return sum(entry.method == "POST" for entry in box.journal.entries)


def fits(ran: Ran, name: str) -> Any:
    """The document, which fits its published schema."""
    document = ran.json()
    jsonschema.validate(document, schema_of(name))
    return document


@pytest.mark.parametrize(
    ("name", "content", "count"),
    [
        ("in.csv", b"\xef\xbb\xbf" + CSV, 3),
        ("in.jsonl", b'{"prompt": "a fox", "n": 2}\n"a hen"\n', 3),
        ("in.txt", b"a fox\na hen\n", 2),
        ("-", b"a fox\n", 1),
    ],
)
def test_an_input_becomes_pictures_and_results(
    inside: Inside, box: Sandbox, tmp_path: Path, name: str, content: bytes, count: int
) -> None:
    """Of every kind of file, or of stdin: pictures, metadata.jsonl, results.csv, and a private ledger."""
    if name != "-":
        (tmp_path / name).write_bytes(content)
    ran = inside("--json", "bulk", "run", name, "-m", "sana-1.6b", "-o", "out", stdin=content)
    assert ran.code == exits.DONE
    document = fits(ran, "bulk run")
    assert (document["is_done"], document["pictures"], document["added"]) == (True, count, count)
    assert document["counts"]["fetched"] == count == submissions(box)
    lines = [json.loads(line) for line in (tmp_path / "out/metadata.jsonl").read_text().splitlines()]
    assert all((tmp_path / "out" / line["file_name"]).is_file() for line in lines)
    rows = list(csv.DictReader((tmp_path / "out/results.csv").read_text().splitlines()))
    assert len(lines) == len(rows) == count == len(list((tmp_path / "out").glob("*.png")))
    assert stat.S_IMODE((tmp_path / "out/pixola-bulk.db").stat().st_mode) == 0o600


def test_names_and_columns_are_carried_through(inside: Inside, box: Sandbox, tmp_path: Path) -> None:
    """The file has the name of its row, and the results have the other columns."""
    ran = inside("-q", "bulk", "run", "-", "-m", "sana-1.6b", "-o", "out", stdin=CSV)
    assert ran.code == exits.DONE
    paths = ran.out.split()
    assert {Path(path).name for path in paths} >= {"fox.png", "fox-2.png"}
    tags = sorted(json.loads(line)["tag"] for line in (tmp_path / "out/metadata.jsonl").read_text().splitlines())
    assert tags == ["x", "x", "y"]
    assert ran.err == ""


def test_the_report_is_for_people_without_json(inside: Inside, box: Sandbox) -> None:
    """The estimate on stderr before, the figures on stdout after."""
    ran = inside("bulk", "run", "-", "-m", "sana-1.6b", "-o", "out", stdin=b"a fox\na hen\na fox\n")
    assert "3 pictures for 6 credits" in ran.err
    assert "rows that repeat an earlier one: 1" in ran.err
    assert "3 pictures for 6 credits" in ran.out
    assert "this run: " in ran.out


def test_an_outcome_is_a_line_with_jsonl(inside: Inside, box: Sandbox) -> None:
    """As it comes; refused ones have their error."""
    ran = inside("--jsonl", "bulk", "run", "-", "-m", "sana-1.6b", "-o", "out", stdin=b"a fox\ngore\n")
    assert ran.code == exits.PARTLY
    lines = [json.loads(line) for line in ran.out.splitlines()]
    for line in lines:
        jsonschema.validate(line, schema_of("bulk run"))
    errors = {line["request"]["prompt"]: line["error"] for line in lines}
    assert errors["a fox"] is None
    assert errors["gore"]["code"] == "content_flagged"


def test_running_again_makes_only_what_is_new(inside: Inside, box: Sandbox) -> None:
    """What the ledger has is told by its content, and not made twice."""
    words = ("--json", "bulk", "run", "-", "-m", "sana-1.6b", "-o", "out")
    assert inside(*words, stdin=b"a fox\na hen\n").code == exits.DONE
    document = fits(inside(*words, stdin=b"a hen\na cat\na fox\n"), "bulk run")
    assert (document["added"], document["known"], document["pictures"]) == (1, 2, 3)
    assert submissions(box) == 3
    again = inside(*words[1:], stdin=b"a hen\n")
    assert again.code == exits.DONE
    assert "new: 0; in the ledger of the folder already: 1" in again.err
    assert "nothing left to do" in again.err
    assert submissions(box) == 3


@pytest.mark.parametrize("name", ["in.csv", "-"])
def test_a_broken_line_is_named_before_anything_is_spent(
    inside: Inside, box: Sandbox, tmp_path: Path, name: str
) -> None:
    """File, line and column; no folder is made."""
    content = b"prompt,n\na fox,1\na hen,many\n"
    (tmp_path / "in.csv").write_bytes(content)
    ran = inside("bulk", "run", name, "-m", "flux-2", "-o", "out", stdin=content)
    source = "stdin" if name == "-" else name
    assert ran.code == exits.USAGE
    assert f"{source}, line 3, column 2: n: expected a whole number" in ran.err
    assert not (tmp_path / "out").exists()
    assert submissions(box) == 0


def test_broken_lines_are_left_out_when_that_is_asked_for(inside: Inside, box: Sandbox) -> None:
    """And reported, those with unknown slugs, too."""
    content = b"prompt,n,model\na fox,1,\na hen,many,\na cat,1,flux2\n"
    ran = inside("--json", "bulk", "run", "-", "-m", "sana-1.6b", "-o", "out", "--skip-invalid", stdin=content)
    document = fits(ran, "bulk run")
    assert [each["line"] for each in document["skipped"]] == [3, 4]
    assert "left out: stdin, line 4" in ran.err
    assert submissions(box) == document["pictures"] == 1


def test_unknown_slugs_are_found_by_the_catalog(inside: Inside, box: Sandbox) -> None:
    """With their neighbours and the line, before anything is spent."""
    ran = inside("bulk", "run", "-", "-o", "out", stdin=b"prompt,model\na fox,flux-2\na hen,flux2\n")
    assert ran.code == exits.USAGE
    assert "stdin, line 3: model: there is no 'flux2' (did you mean flux-2" in ran.err
    assert submissions(box) == 0


@pytest.mark.parametrize("content", [b"", b"\n\n", b"prompt\n", b"a \0 fox\n", b"x" * 10_000_000])
def test_an_input_without_a_usable_row_spends_nothing(inside: Inside, box: Sandbox, content: bytes) -> None:
    """Nor does it make a file."""
    ran = inside("bulk", "run", "-", "-m", "flux-2", "-o", "out", stdin=content)
    assert ran.code == exits.USAGE
    assert "stdin" in ran.err
    assert submissions(box) == 0


def test_a_file_that_is_not_there_is_named(inside: Inside, box: Sandbox) -> None:
    """With the reason."""
    ran = inside("bulk", "run", "nothing.csv", "-o", "out")
    assert ran.code == exits.USAGE
    assert "nothing.csv: cannot be read" in ran.err


def test_a_dry_run_prints_the_estimate_and_spends_nothing(inside: Inside, box: Sandbox, tmp_path: Path) -> None:
    """Pictures, credits, requests, time, disk, and what is repeated."""
    content = b"prompt,quality\na fox,\na fox,\na hen,hd\n"
    ran = inside("--json", "bulk", "run", "-", "-m", "flux-2", "-o", "out", "--dry-run", stdin=content)
    assert ran.code == exits.DONE
    document = fits(ran, "bulk run")
    assert (document["pictures"], document["repeated"], document["unpriced"]) == (3, 1, 0)
    assert document["credits"] == document["most_credits"] > 0
    assert document["requests"] > 3
    assert document["bytes"] > 0
    assert submissions(box) == 0
    assert not (tmp_path / "out").exists()


def test_above_a_sum_it_asks(inside: Inside, box: Sandbox) -> None:
    """And without a terminal refuses, naming the way."""
    ran = inside("bulk", "run", "-", "-m", "sana-1.6b", "-o", "out", stdin=b"a fox\na hen\n", PIXOLA_ASK_ABOVE="3")
    assert ran.code == exits.CREDITS
    assert "would cost 4 credits, more than 3; nothing was paid" in ran.err
    assert "--yes" in ran.err
    assert submissions(box) == 0
    assert inside("bulk", "run", "-", "-m", "sana-1.6b", "-o", "out", "--yes", stdin=b"a fox\n").code == exits.DONE


def test_max_credits_is_a_ceiling_also_of_the_runs_after(inside: Inside, box: Sandbox) -> None:
    """What it does not pay for waits; the command that goes on names the sum."""
    words = ("bulk", "run", "-", "-m", "sana-1.6b", "-o", "out", "--max-credits", "5")
    ran = inside("--json", *words, stdin=b"a fox\na hen\na cat\n")
    document = fits(ran, "bulk run")
    assert ran.code == document["error"]["exit_code"] == exits.CREDITS
    assert (document["credits_charged"], document["counts"]["waiting"]) == (4, 1)
    assert document["error"]["next"] == "pixola bulk resume out --max-credits 6"
    assert inside("bulk", "resume", "out").code == exits.CREDITS
    assert inside("bulk", "resume", "out", "--max-credits", "6").code == exits.DONE
    assert submissions(box) == 3


def test_without_a_key_nothing_is_read(inside: Inside) -> None:
    """As of any command."""
    assert inside("bulk", "run", "-", "-o", "out", stdin=b"a fox\n").code == exits.KEY


def test_a_sandbox_in_the_process_leaves_no_ledger(inside: Inside, tmp_path: Path) -> None:
    """It would name batches that are gone when the command ends."""
    assert inside("--sandbox", "bulk", "run", "-", "-m", "sana-1.6b", "-o", "out", stdin=b"a fox\n").code == exits.DONE
    assert len(list((tmp_path / "out").glob("*.png"))) == 1
    assert not (tmp_path / "out/pixola-bulk.db").exists()


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ("A fox,\nA hen,", r"2 pictures of a model that the service chooses, \d+ credits at most"),
        (
            "A fox,\nA hen,flux-2",
            r"2 pictures: 12 credits, and 1 of a model that the service chooses, \d+ credits at most",
        ),
        ("A hen,flux-2", "1 picture for 12 credits"),
    ],
)
def test_the_estimate_tells_known_prices_from_those_of_the_service(
    inside: Inside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: str, line: str
) -> None:
    """Where no model is named, the dearest one is the most that it can cost."""
    monkeypatch.chdir(tmp_path)
    Path("in.csv").write_text(f"prompt,model\n{rows}\n")
    ran = inside("--sandbox", "bulk", "run", "in.csv", "-o", "out", "--dry-run")
    assert re.fullmatch(line, (ran.out + ran.err).splitlines()[0])
