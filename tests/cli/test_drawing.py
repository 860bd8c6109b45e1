"""Tables that fit, lines of progress, and estimates that are learned."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from pixola_ext import Batch, Image
from pixola_ext.cli import durations
from pixola_ext.cli.progress import Activity
from pixola_ext.cli.tables import Column, cell, details, table, without_room

COLUMNS = [Column("ID", "id"), Column("STATUS", "status"), Column("TEXT", "text"), Column("LAST", "last")]


@given(
    documents=st.lists(
        st.fixed_dictionaries(
            {"id": st.text("ab1_", min_size=1, max_size=19)}, optional={"status": st.text(), "text": st.text()}
        ),
        min_size=1,
        max_size=5,
    ),
    width=st.integers(20, 200),
)
def test_a_table_fits_and_shows_ids_whole(documents: list[dict[str, str]], width: int) -> None:
    """On any terminal of 20 columns and more, whatever the service says."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(width))
        patch.setenv("NO_COLOR", "1")
        lines = table(documents, COLUMNS, drawn=True).replace("\x1b[1m", "").replace("\x1b[0m", "").splitlines()
    assert len(lines) == len(documents) + 1
    assert all(cell_len(line) <= width for line in lines)
    assert [line.split(" ")[0] for line in lines[1:]] == [each["id"] for each in documents]


def test_a_narrow_terminal_is_told_of_and_a_url_stays_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """The columns without room are named; a field without a space is not broken, so that it can be copied."""
    monkeypatch.setenv("COLUMNS", "30")
    document = {"id": "im_1", "status": "complete", "text": f"https://{'u' * 60}", "last": "x" * 9}
    assert without_room([document], COLUMNS) == ["TEXT", "LAST"]
    assert document["text"] in details(document, COLUMNS, drawn=True)


def test_in_a_pipe_fields_are_whole_and_parted_by_tabs() -> None:
    """No field has a tab or a line end of its own."""
    documents = [{"id": "a", "status": "x\ty\nz", "text": "w" * 300, "last": None}]
    assert table(documents, COLUMNS, drawn=False) == f"a\tx y z\t{'w' * 300}\t"
    assert details(documents[0], COLUMNS, drawn=False) == f"ID\ta\nSTATUS\tx y z\nTEXT\t{'w' * 300}"


@pytest.mark.parametrize(
    ("document", "member", "shown"),
    [
        ({"pricing": {"hd": 24}}, "pricing.hd", "24"),
        ({"pricing": None}, "pricing.hd", ""),
        ({"a": True}, "a", "yes"),
        ({"a": ["x", "y"]}, "a", "x, y"),
        ({"created_at": "no date"}, "created_at", "no date"),
        ({"created_at": "0001-01-01T00:00:00+14:00"}, "created_at", "0001-01-01T00:00:00+14:00"),
    ],
)
def test_a_field_is_shown_as_people_read_it(document: dict[str, object], member: str, shown: str) -> None:
    """Numbers, lists, instants; nothing for null."""
    assert cell(document, member) == shown


def test_an_instant_is_shown_to_the_minute() -> None:
    """By the clock of the user."""
    assert len(cell({"created_at": "2026-11-27T10:19:17.030000+00:00"}, "created_at")) == len("2026-11-27 10:19")


def test_how_long_a_model_takes_is_learned() -> None:
    """Newer durations count more, and each model has its own."""
    assert durations.expected("flux-2") is None
    for seconds in (10.0, 20.0):
        durations.learn("flux-2", seconds)
    durations.learn(None, 3.0)
    assert durations.expected("flux-2") == pytest.approx(13.0)
    assert (durations.expected(None), durations.expected("sana-1.6b")) == (3.0, None)


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"flux-2": "x"}', '{"flux-2": -1}', '{"flux-2": 1e999}', '{"flux-2": NaN}']
)
def test_damaged_estimates_are_as_none(content: str) -> None:
    """They are written anew by the next picture."""
    durations.learn("flux-2", 1.0)
    folder = durations.folder_of_state()
    assert folder is not None
    (folder / "durations.json").write_text(content)
    assert durations.expected("flux-2") is None
    durations.learn("flux-2", 2.0)
    assert durations.expected("flux-2") == 2.0


def test_progress_has_a_line_for_each_picture() -> None:
    """With its time, the estimate while it is not done, and its name without control characters."""
    activity = Activity("submitting", shown=False)
    activity.begins(0, "flux-2", 60.0)
    activity.begins(1, "other", None)
    images = (Image("im_1", status="complete", model="\x1b[2Jm"), Image("im_2", status="processing"))
    activity.knows(0, Batch("bt_1", "processing", images))
    lines = [line.text(line.started_at + 10.4) for line in activity.lines()]
    assert lines[0].startswith("complete 0 s  im_1")
    assert lines[1:] == ["processing 10 s, ~50 s left  im_2", "submitting 10 s  other"]
    assert "\x1b" not in "".join(lines)
