"""`pixola bulk run --cluster`: what is refused before anything is spent, and a run on a cluster of its own."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pixola_ext.cli import exits
from tests.support.command import Ran, Served

FUNCTIONS = """
def size(picture, row):
    return {"letters": len(row["prompt"])}

three = 3
"""


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--lanes", "2"), "--lanes needs --cluster"),
        (("--map", "functions:size"), "--map needs --cluster"),
        (("--map-timeout", "3"), "--map-timeout needs --cluster"),
        (("--cluster", "scheduler:8786"), "--cluster must be local or an address"),
        (("--cluster", "local", "--map", "functions"), "expected module:function"),
        (("--cluster", "local", "--map", "functions:three"), "map: functions:three is not callable"),
        (("--cluster", "local", "--map", "functions:four"), "map: functions:four cannot be imported"),
        (("--cluster", "local", "--lease", "0"), "Invalid value for '--lease'"),
    ],
)
def test_what_cannot_work_is_refused(
    inside: Callable[..., Ran], served: Served, tmp_path: Path, words: tuple[str, ...], reason: str
) -> None:
    """Before the input is read; the module of a function is looked for in the folder of the command."""
    (tmp_path / "functions.py").write_text(FUNCTIONS)
    ran = inside("bulk", "run", "no-such-file.csv", "-o", "out", *words, **served.settings)
    assert (ran.code, reason in ran.err) == (exits.USAGE, True), ran.err
    assert not (tmp_path / "out").exists()


def test_a_sandbox_in_this_process_is_not_reached(inside: Callable[..., Ran]) -> None:
    """The error names the command that is."""
    ran = inside("--sandbox", "bulk", "run", "-", "-o", "out", "--cluster", "local", stdin=b"a fox\n")
    assert ran.code != exits.DONE
    assert "run `pixola sandbox`" in ran.err


def test_a_run_on_a_cluster_of_its_own(command: Callable[..., Ran], served: Served, tmp_path: Path) -> None:
    """Ends with the command, whose report is that of one process; where no scheduler answers, the run can go on."""
    (tmp_path / "functions.py").write_text(FUNCTIONS)
    (tmp_path / "prompts.txt").write_text("a fox\na hen\n")
    settings = {**served.settings, "PIXOLA_STATE_DIR": str(tmp_path / "state"), "PYTHONWARNINGS": "default"}
    run = ("--json", "bulk", "run", "prompts.txt", "-m", "sana-1.6b", "-o", "out", "--yes")
    failed = command(*run, "--cluster", "tcp://127.0.0.1:9", **settings)
    assert failed.code == exits.ERROR
    assert failed.json()["error"]["next"] == "pixola bulk resume out"
    assert "no scheduler answers" in failed.json()["error"]["message"]
    ran = command(*run, "--cluster", "local", "--lanes", "1", "--map", "functions:size", **settings)
    assert ran.code == exits.DONE, ran.err
    document = ran.json()
    assert (document["counts"]["fetched"], document["pictures"], document["run"]["pictures"]) == (2, 2, 2)
    assert document["run"]["credits"] == document["credits_charged"]
    assert document["run"]["requests"] >= 2
    lines = [json.loads(line) for line in (tmp_path / "out/metadata.jsonl").read_text().splitlines()]
    assert [line["map_letters"] for line in lines] == [5, 5]
