"""What a run leaves behind: a line for each picture, a row for each outcome, whole files only."""

import csv
import json
from pathlib import Path

import pytest

from pixola_ext._bulk.items import Copies, new_owner
from pixola_ext._bulk.memory import MemoryLedger
from pixola_ext._bulk.results import METADATA_NAME, RESULTS_NAME, write_metadata, write_results
from pixola_ext.models import Batch
from tests.bulk.runs import LEASE, NOW, batch


def finished(*requests, carried=None, end=batch, keep=True):
    """A ledger whose items have come to their end, with the pictures in files."""
    ledger, copies, owner = MemoryLedger(), Copies(), new_owner()
    ledger.add(item for each in requests for item in copies.items(each, carried=carried or {}, price=3))
    for item in ledger.claim(owner, NOW, LEASE, len(requests)):
        number = item.number
        ended = ledger.settle(ledger.submitted(ledger.intend(item, NOW), f"b{number}"), end(f"b{number}"), NOW)
        if keep and ended.pictures:
            ledger.fetched(ended, {image.image_id: f"{image.image_id}.png" for image in ended.completed})
    return ledger


def metadata(ledger, folder):
    path = write_metadata(ledger.items, folder)
    assert path == folder / METADATA_NAME
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def results(ledger, folder):
    path = write_results(ledger.items, folder)
    assert path == folder / RESULTS_NAME
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_picture_has_a_line(tmp_path):
    """A line has the name of the file, the request, what the picture is and cost, and the carried columns."""
    request = {"prompt": "a fox", "model": "flux-2", "quality": "hd"}
    (line,) = metadata(finished(request, carried={"sku": "7"}), tmp_path)
    assert next(iter(line)) == "file_name"
    assert line == {
        **request,
        "file_name": "b1-0.png",
        "image_id": "b1-0",
        "batch_id": "b1",
        "credits": 4,
        "created_at": None,
        "sku": "7",
    }


def test_lines_are_for_pictures_that_are_there(tmp_path):
    """What failed, and what was not fetched, has no line."""
    assert metadata(finished({"prompt": "a"}, end=lambda number: batch(number, "failed")), tmp_path) == []
    assert metadata(finished({"prompt": "a"}, keep=False), tmp_path) == []


def test_names_are_below_the_folder(tmp_path):
    """A file that is kept by its whole path has a name below the folder."""
    ledger = finished({"prompt": "a"}, keep=False)
    (item,) = ledger.items()
    ledger.fetched(item, {"b1-0": str(tmp_path / "foxes" / "a.png")})
    assert metadata(ledger, tmp_path)[0]["file_name"] == "foxes/a.png"
    assert results(ledger, tmp_path)[0]["file_name"] == "foxes/a.png"


def test_every_outcome_has_a_row(tmp_path):
    """A row for each picture, for each failure with its reason, and for what is still waiting."""
    ledger = finished({"prompt": "a"}, {"prompt": "b"}, end=lambda number: batch(number, images=2))
    ledger.add(Copies().items({"prompt": "c", "style": "ink"}))
    ledger.add(Copies().items({"prompt": "d"}))
    (item,) = ledger.claim(new_owner(), NOW, LEASE, 1)
    ledger.refuse(item, "content_flagged", "flagged", NOW)
    rows = results(ledger, tmp_path)
    shown = [(row["number"], row["state"], row["code"], row["file_name"], row["credits"]) for row in rows]
    assert shown == [
        ("1", "fetched", "", "b1-0.png", "4"),
        ("1", "fetched", "", "b1-1.png", "4"),
        ("2", "fetched", "", "b2-0.png", "4"),
        ("2", "fetched", "", "b2-1.png", "4"),
        ("3", "refused", "content_flagged", "", ""),
        ("4", "waiting", "", "", ""),
    ]
    assert (rows[4]["prompt"], rows[4]["style"], rows[4]["message"]) == ("c", "ink", "flagged")


def test_a_missing_picture_of_a_batch_has_a_row(tmp_path):
    """In a batch with other pictures, the one that failed is told with its status."""

    def end(batch_id):
        shown = batch(batch_id, images=2).to_dict()
        shown["images"][1] |= {"status": "failed", "url": None, "creditsCharged": 0}
        return Batch.from_dict(shown)

    rows = results(finished({"prompt": "a"}, end=end), tmp_path)
    assert [(row["image_id"], row["code"], row["file_name"]) for row in rows] == [
        ("b1-0", "", "b1-0.png"),
        ("b1-1", "failed", ""),
    ]


def test_carried_columns_do_not_hide_ours(tmp_path):
    """A carried column that is named like one of ours gets a prefix, and no two columns the same name."""
    carried = {"state": "mine", "input_state": "too", "image_id": "x", "sku": "7"}
    ledger = finished({"prompt": "a"}, carried=carried)
    (row,) = results(ledger, tmp_path)
    (line,) = metadata(ledger, tmp_path)
    assert (row["state"], row["image_id"], row["sku"]) == ("fetched", "b1-0", "7")
    for shown in (row, line):
        assert shown["input_input_state"] == "mine"
        assert (shown["input_state"], shown["input_image_id"]) == ("too", "x")


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1+1", "-x", "@SUM(A1)", "\tx"])
def test_formulas_are_no_formulas(tmp_path, text):
    """A text that a spreadsheet would calculate is text there, and stands as it is in the lines."""
    ledger = finished({"prompt": text}, carried={"note": text})
    (row,) = results(ledger, tmp_path)
    assert row["prompt"] == row["note"] == f"'{text}"
    (line,) = metadata(ledger, tmp_path)
    assert line["prompt"] == line["note"] == text


@pytest.mark.parametrize("text", ["-5", "+1.5", "-0,75", "a=b", "", "'quoted'"])
def test_other_texts_stay_as_they_are(tmp_path, text):
    """Numbers and ordinary texts are not changed."""
    assert results(finished({"prompt": "a"}, carried={"note": text}), tmp_path)[0]["note"] == text


def test_texts_of_every_script_are_written(tmp_path):
    """Prompts are readable in both files; what UTF-8 cannot hold is an escape."""

    def odd(number):
        shown = batch(number).to_dict()
        shown["images"][0]["model"] = "odd \ud800"
        return shown

    ledger = finished({"prompt": "狐 🦊"}, end=lambda number: Batch.from_dict(odd(number)))
    (line,) = metadata(ledger, tmp_path)
    assert "狐 🦊" in Path(tmp_path / METADATA_NAME).read_text(encoding="utf-8")
    assert (line["prompt"], line["model"]) == ("狐 🦊", "odd \ud800")
    assert results(ledger, tmp_path)[0]["prompt"] == "狐 🦊"


@pytest.mark.parametrize("write", [write_metadata, write_results])
def test_a_file_is_replaced_when_it_is_whole(tmp_path, write):
    """If writing ends early, the file before is still there, and nothing else."""
    ledger = finished({"prompt": "a"}, {"prompt": "b"})
    path = write(ledger.items, tmp_path)
    before = path.read_bytes()

    def broken():
        yield next(iter(ledger.items()))
        raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space"):
        write(broken, tmp_path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
