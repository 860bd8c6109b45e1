"""Two processes of one key at the same time, on one ledger or on one each, at a service with its real limits."""

import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from pixola_ext.cli import exits
from tests.support.command import PIXOLA, environment, sandbox

PICTURES = 12  # so that both runs together stay within one minute
PATIENCE = 150  # seconds


def run(folder: Path, outputs: Sequence[str], settings: dict[str, str]) -> list[dict[str, Any]]:
    """The reports of runs that begin at once, one for each output."""
    processes = [
        subprocess.Popen(
            [*PIXOLA, "--json", "bulk", "run", f"{output}.txt", "-m", "sana-1.6b", "-o", output],
            cwd=folder,
            env=environment(**settings),
            stdout=subprocess.PIPE,
            text=True,
        )
        for output in outputs
    ]
    try:
        said = [process.communicate(timeout=PATIENCE)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
    codes = {process.returncode for process in processes}
    # Of two runs on one ledger, the one that ends first leaves what the other one has in flight.
    assert codes == {exits.DONE} if len(set(outputs)) > 1 else codes <= {exits.DONE, exits.PARTLY}, said
    return [json.loads(text) for text in said]


@pytest.mark.parametrize("outputs", [["out", "out"], ["one", "two"]], ids=["one-ledger", "two-ledgers"])
def test_both_finish_within_the_limits_and_nothing_is_made_twice(tmp_path: Path, outputs: list[str]) -> None:
    """They share the budget and the journal of the machine, and the items of one ledger."""
    with sandbox("--latency", "0.2", "--rate-limits") as served, tempfile.TemporaryDirectory() as state:
        folders = sorted(set(outputs))
        each = PICTURES // len(folders)
        for folder in folders:
            (tmp_path / f"{folder}.txt").write_text("".join(f"picture {number}\n" for number in range(each)))
        reports = run(tmp_path, outputs, {**served.settings, "PIXOLA_STATE_DIR": state})
        log = httpx.get(f"{served.url.partition('/api')[0]}/_sandbox/requests", trust_env=False).json()["requests"]
    fetched = [report["counts"]["fetched"] for report in reports]
    assert max(fetched) == each
    assert len(folders) == 1 or min(fetched) == each
    assert sum(entry["method"] == "POST" for entry in log) == PICTURES
    assert not [entry for entry in log if entry["status"] == 429]
    for folder in folders:
        assert len(list((tmp_path / folder).glob("*.png"))) == each
        assert len((tmp_path / folder / "metadata.jsonl").read_text().splitlines()) == each
