"""What a bulk run shows while it works."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from pixola_ext import Pixola
from pixola_ext._bulk.items import State
from pixola_ext._bulk.outcomes import FINISHED, SUBMITTED, BulkEvent, Outcome
from pixola_ext._bulk.rows import Totals
from pixola_ext.cli import exits
from pixola_ext.cli.bulk import progress
from pixola_ext.cli.bulk.progress import Meter
from pixola_ext.cli.bulk.telling import plural, span
from pixola_ext.models import Batch, Submission
from pixola_ext.sandbox import Sandbox
from tests.support.command import PIXOLA, Ran, environment

Inside = Callable[..., Ran]

RUN = ("bulk", "run", "-", "-m", "sana-1.6b", "-o", "out")


def test_a_line_says_how_far_it_has_come() -> None:
    """Outcomes, pictures, credits, requests; with limits also what they leave, and when it will end."""
    meter = Meter(Totals({State.WAITING: 90, State.SUBMITTED: 10, State.FETCHED: 7}, {}, 0, 0, 0, 7))
    for _ in range(3):
        meter.sent(None)
    meter.happened(BulkEvent(SUBMITTED, 1))
    meter.happened(BulkEvent(FINISHED, 1))
    image = {"imageId": "i", "status": "complete", "creditsCharged": 2}
    meter.ended(Outcome(1, Submission("a fox"), Batch.from_dict({"batchId": "b", "images": [image]})))
    assert meter.text() == "1 of 100, 1 picture, 2 credits, 3 requests sent"
    with Pixola("pxk_1", "http://127.0.0.1:9", journal=False) as px:
        meter.of(px)
        assert ", 30 left this minute, 1000 today, until about " in meter.text()


def test_without_a_terminal_it_is_a_line_now_and_then(
    inside: Inside, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On stderr, and none with -q."""
    monkeypatch.setattr(progress, "_LINE_SECONDS", 0.01)
    words = ("--timeout", "0.3")
    ran = inside(*RUN, *words, stdin=b"a fox sandbox:never-finishes\n")
    assert ran.code == exits.PARTLY
    assert "pixola: 0 of 1, 0 pictures, 0 credits, " in ran.err
    quiet = inside("-q", *RUN, *words, stdin=b"a hen sandbox:never-finishes\n")
    assert "0 pictures" not in quiet.err


def test_on_a_terminal_it_is_drawn(tmp_path: Path) -> None:
    """And gone when the report is printed."""
    (tmp_path / "in.txt").write_text("a fox\na hen\n")
    ours, theirs = os.openpty()
    words = [*PIXOLA, "--sandbox", "bulk", "run", "in.txt", "-m", "sana-1.6b", "-o", "out"]
    env = environment(COLUMNS="150", TERM="xterm")
    with subprocess.Popen(words, cwd=tmp_path, env=env, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        text = b"".join(_read(ours)).decode()
    os.close(ours)
    assert process.returncode == exits.DONE
    drawn, _, after = text.partition("2 requests: 2 fetched")
    assert " of 2, " in drawn
    assert after
    assert " of 2, " not in after


def _read(descriptor: int) -> Iterator[bytes]:
    with suppress(OSError):  # how Linux says that nothing has the other end open
        while part := os.read(descriptor, 65536):
            yield part


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (59, "59 s"), (61, "1 min 1 s"), (3_700, "1 h 1 min"), (180_000, "2 d 2 h")],
)
def test_a_length_of_time_has_two_units(seconds: float, text: str) -> None:
    """The largest ones."""
    assert span(seconds) == text


def test_a_count_has_its_word() -> None:
    """In the plural but for one."""
    assert [plural(count, "row") for count in (0, 1, 2000)] == ["0 rows", "1 row", "2,000 rows"]
