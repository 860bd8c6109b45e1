"""Inputs of bulk runs: what each kind of file says, and what is wrong with one that cannot be used."""

import csv
import io
import json
import tracemalloc

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixola_ext._bulk import columns, lines
from pixola_ext._bulk.reading import Kind, kind_of, read_requests
from pixola_ext.errors import ConfigurationError
from pixola_ext.models import GenerationRequest


def read(content, kind=None, **options):
    """The rows of an input, as (prompt, n, name, carried) or, with more members, (request, ...)."""
    raw = content if isinstance(content, bytes) else content.encode()
    return list(read_requests(io.BytesIO(raw), kind, source="in", **options))


def prompts(rows):
    return [row.request["prompt"] for row in rows]


def refusal(content, kind=None):
    """What is said of the first thing that is wrong."""
    with pytest.raises(ConfigurationError) as raised:
        read(content, kind)
    return str(raised.value)


# -- what is read ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_has_columns(delimiter):
    """Members of a request, copies, a name, and whatever else there is; empty cells ask for nothing."""
    text = "model,prompt,n,name,sku,quality\nflux-2,a fox,2,fox,7,hd\n,an owl,,,,\n".replace(",", delimiter)
    first, second = read(text, Kind.CSV)
    assert (first.request, first.n, first.name) == ({"model": "flux-2", "prompt": "a fox", "quality": "hd"}, 2, "fox")
    assert (first.carried, first.line) == ({"sku": "7"}, 2)
    assert (second.request, second.n, second.name, second.carried) == ({"prompt": "an owl"}, 1, None, {"sku": ""})


def test_csv_is_as_spreadsheets_write_it():
    """A byte order mark, CR LF, line breaks and delimiters inside quotes, unnamed and empty columns, empty rows."""
    text = '\ufeff"prompt";sku;\r\n"two\r\nlines; ""quoted""";"1,5";\r\n;;\r\n\r\nb;;\r\n'
    rows = read(text, Kind.CSV)
    assert prompts(rows) == ['two\nlines; "quoted"', "b"]
    assert [(row.line, row.carried) for row in rows] == [(2, {"sku": "1,5"}), (6, {"sku": ""})]


def test_json_lines_hold_objects_or_prompts():
    """An object has the columns; a string is a prompt; what is not text is carried as JSON."""
    text = '{"prompt": "a", "n": 3, "style": null, "tags": ["x"], "other": null}\r\n\n"b"\n'
    first, second = read(text, Kind.JSONL)
    assert (first.request, first.n, first.carried) == ({"prompt": "a"}, 3, {"tags": '["x"]', "other": ""})
    assert (second.request, second.n, second.line) == ({"prompt": "b"}, 1, 3)


def test_text_has_a_prompt_a_line():
    """Blank lines are left out; nothing else has a meaning."""
    assert prompts(read("a fox, red\n\n  {an owl}\r\n \t\nthe last", Kind.TEXT)) == [
        "a fox, red",
        "{an owl}",
        "the last",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('\n{"prompt": "a"}\n{"prompt": "b"}', ["a", "b"]),
        ('"a"\n"b"\n', ["a", "b"]),
        ("n;prompt\n1;a\n1;b\n", ["a", "b"]),
        ("prompt\na\nb\n", ["a", "b"]),
        ("a\nb\n", ["a", "b"]),
        ("a prompt, and more\nb\n", ["a prompt, and more", "b"]),
    ],
)
def test_the_first_line_tells_the_kind(text, expected):
    """Without a suffix, as from a pipe, an object, a JSON string or a header with `prompt` says what follows."""
    assert prompts(read(text)) == expected


def test_the_suffix_tells_the_kind():
    """Suffixes in any case; unknown ones tell nothing."""
    names = ("a.csv", "a.TSV", "a.jsonl", "a.ndjson", "a.txt", "a.xlsx", "csv")
    assert [kind_of(name) for name in names] == [Kind.CSV] * 2 + [Kind.JSONL] * 2 + [Kind.TEXT, None, None]


def test_every_member_of_a_request_is_a_column():
    """The columns are those of the class, whatever the service adds to it."""
    names = [each.name for each in attrs.fields(GenerationRequest) if each.name != "extra"]
    assert set(names) <= set(columns.members())
    names = [name for name in names if str in columns.members()[name][1]]  # the others have a test of their own
    (row,) = read(f"{','.join(names)}\n{','.join(names)}\n", Kind.CSV)
    assert GenerationRequest.from_dict(row.request) == GenerationRequest(**{name: name for name in names})
    assert row.carried == {}


def test_members_that_are_no_text_are_read(monkeypatch):
    """A number or a truth value in CSV becomes one in the request, under the API's name."""
    known = {"prompt": ("prompt", frozenset({str})), "num_images": ("numImages", frozenset({int}))}
    known |= {"is_raw": ("isRaw", frozenset({bool})), "weight": ("weight", frozenset({float}))}
    monkeypatch.setattr(columns, "members", lambda: known)
    (row,) = read("prompt,num_images,is_raw,weight\na,3,TRUE,2\n", Kind.CSV)
    assert row.request == {"prompt": "a", "numImages": 3, "isRaw": True, "weight": 2}
    assert "num_images: expected a whole number" in refusal("prompt,num_images\na,many\n", Kind.CSV)


# -- what is wrong -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "text", "place", "expected"),
    [
        (Kind.CSV, "prompt,n\na,1\nb,0\n", (3, 2), "n: expected a whole number from 1"),
        (Kind.CSV, "prompt,n\na,1.5\n", (2, 2), "n: expected a whole number"),
        (Kind.CSV, "prompt,n\na,99999\n", (2, 2), "n: expected a whole number from 1 to 10,000"),
        (Kind.CSV, "n,prompt\n1, \n", (2, 2), "prompt: expected text"),
        (Kind.CSV, "prompt,name\na,../b\n", (2, 2), "name: expected the name of a file"),
        (Kind.CSV, "prompt,n\na\n", (2, 2), "expected 2 cells, found 1"),
        (Kind.CSV, "prompt,n\na,1,2\n", (2, 3), "expected 2 cells, found 3"),
        (Kind.CSV, "prompt,\na,b\n", (2, 2), "without a name"),
        (Kind.CSV, 'n,prompt\n1,a\n1,"b\n1,c\n1,d\n', (3, 2), "expected a quote at the end"),
        (Kind.CSV, 'n,prompt\n1,"b"c\n', (2, 2), "behind the quote"),
        (Kind.CSV, f"n,prompt\n1,{'x' * 200_000}\n", (2, 2), "at most 100,000 characters"),
        (Kind.CSV, "promt,n\na,1\n", (1, 1), "expected a column 'prompt'; there are: promt, n"),
        (Kind.CSV, 'prompt,"n\na,1\n', (1, 1), "expected a column 'prompt'"),
        (Kind.CSV, "prompt,a,a\nb,1,2\n", (1, 3), "found 'a' twice"),
        (Kind.JSONL, '"a"\n{"prompt": "b",}\n', (2, 16), "expected JSON"),
        (Kind.JSONL, '"a"\n[1]\n', (2, 1), "expected a JSON object or a JSON string"),
        (Kind.JSONL, '{"model": "x"}\n', (1, 1), "prompt: expected text"),
        (Kind.JSONL, '{"prompt": "a", "model": 5}\n', (1, 17), "model: expected text"),
        (Kind.JSONL, '{"prompt": "a", "n": true}\n', (1, 17), "n: expected a whole number"),
        (Kind.JSONL, '{"prompt": "a", "prompt": "b"}\n', (1, 2), "found twice"),
        (Kind.JSONL, '{"prompt": "\\ud800"}\n', (1, 2), "surrogate"),
        (Kind.JSONL, '{"prompt": "\\u0000"}\n', (1, 2), "NUL"),
        (Kind.JSONL, "[" * 100_000, (1, 1), "expected JSON of a sensible size"),
        (Kind.JSONL, '{"prompt": "a", "n": ' + "9" * 5000 + "}", (1, 1), "expected JSON of a sensible size"),
        (Kind.TEXT, "a\nx" + "y" * 10_000_000 + "\nb\n", (2, 1), "at most"),
        (Kind.TEXT, "a\n" + "y" * 100_001, (2, 1), "prompt: expected at most 100,000 characters, found 100,001"),
        (Kind.TEXT, "a\nb\0c\n", (2, 2), "NUL"),
        (Kind.TEXT, b"a\n\xc3\xa4\xff\n", (2, 2), "expected UTF-8, found byte 0xff"),
    ],
)
def test_a_broken_line_is_named(kind, text, place, expected):
    """The error names file, line and column, and what was expected there."""
    said = refusal(text, kind)
    assert said.startswith(f"in, line {place[0]}, column {place[1]}: ")
    assert expected in said
    assert len(said) < 300


@pytest.mark.parametrize("kind", [None, *Kind])
@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xef\xbb\xbf", b"\r\n"])
def test_an_input_without_a_request_is_refused(kind, content):
    """No row at all is no run, whatever the file is called."""
    assert refusal(content, kind) == "in: expected at least one request, found none"


def test_a_header_alone_is_refused():
    """A header without rows asks for nothing."""
    assert "found none" in refusal("prompt,n\n", Kind.CSV)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32"])
def test_other_encodings_are_named(encoding):
    """What is not UTF-8 is not read as something else."""
    content = "\ufeffa fox\n".encode(encoding) if encoding == "utf-16-be" else "a fox\n".encode(encoding)
    assert "expected UTF-8, and this is UTF-16 or UTF-32" in refusal(content)


def test_what_is_wrong_can_be_skipped():
    """All that is wrong is collected, and all that is right is read."""
    skipped = []
    text = b'prompt,n\na,1\nb,x\n\xff,1\nc,1,1\n"d"e,1\nf,1\n"g,1\n'
    rows = read(text, Kind.CSV, skipped=skipped)
    assert prompts(rows) == ["a", "f"]
    assert [(each.line, each.column) for each in skipped] == [(3, 2), (4, 1), (5, 3), (6, 1), (8, 1)]
    assert str(skipped[0]) == "in, line 3, column 2: n: expected a whole number from 1 to 10,000"


def test_all_wrong_is_not_nothing():
    """An input of which every line was skipped has no row, and says what was wrong instead."""
    skipped = []
    assert read('{"a": 1}\n', Kind.JSONL, skipped=skipped) == []
    assert len(skipped) == 1


# -- files and streams -------------------------------------------------------------------------------------------------


def test_a_file_is_read_as_it_was_at_the_start(tmp_path):
    """What is appended while it is read is left for the next run."""
    path = tmp_path / "in.txt"
    path.write_text("a\nb\n")
    with path.open("rb") as stream, path.open("a") as writer:
        rows = read_requests(stream, Kind.TEXT)
        found = [next(rows)]
        writer.write("c\n")
        writer.flush()
        assert prompts([*found, *rows]) == ["a", "b"]


def test_a_line_that_is_being_written_is_refused(tmp_path):
    """A last line without an end, of a file that has grown since, may be half a prompt."""
    path = tmp_path / "in.txt"
    path.write_text("a\na prompt that is not")
    with path.open("rb") as stream, path.open("a") as writer:
        rows = read_requests(stream, Kind.TEXT)
        next(rows)
        writer.write(" whole\n")
        writer.flush()
        with pytest.raises(ConfigurationError, match="line 2, column 1: .* being written"):
            list(rows)


def test_a_stream_that_breaks_is_an_error():
    """What cannot be read on is an error that names the input."""

    class Broken(io.RawIOBase):
        def readline(self, _size=-1):
            raise OSError("Input/output error")

    with pytest.raises(ConfigurationError, match="stdin: cannot be read"):
        list(read_requests(Broken()))


@pytest.mark.parametrize("kind", list(Kind))
def test_rows_are_read_one_by_one(kind):
    """Ten thousand rows take no more memory than a few."""
    lines_of = {Kind.CSV: b"a fox,1\n", Kind.JSONL: b'{"prompt": "a fox"}\n', Kind.TEXT: b"a fox\n"}

    class Endless(io.RawIOBase):
        left = 10_000

        def readline(self, _size=-1):
            if self.left == 10_000 and kind is Kind.CSV:
                self.left -= 1
                return b"prompt,n\n"
            self.left -= 1
            return lines_of[kind] if self.left > 0 else b""

    tracemalloc.start()
    try:
        count = sum(1 for _ in read_requests(Endless(), kind))
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
    assert count > 9_990


# -- any input ---------------------------------------------------------------------------------------------------------

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=20)
PROMPTS = TEXTS.filter(str.strip)


@given(st.lists(st.tuples(PROMPTS, TEXTS), min_size=1), st.sampled_from(",;\t"))
def test_csv_is_read_as_it_was_written(rows, delimiter):
    """Every prompt and carried text comes back from a CSV file, whatever is in it."""
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter).writerows([("prompt", "note"), *rows])
    found = [(row.request["prompt"], row.carried["note"]) for row in read(written.getvalue(), Kind.CSV)]
    assert found == rows


@given(st.lists(st.tuples(PROMPTS, TEXTS), min_size=1))
def test_json_lines_are_read_as_they_were_written(rows):
    """Every prompt and carried text comes back from JSON lines, whatever is in it."""
    written = "".join(json.dumps({"prompt": prompt, "note": note}) + "\n" for prompt, note in rows)
    assert [(row.request["prompt"], row.carried["note"]) for row in read(written)] == rows


@given(st.binary(max_size=200), st.sampled_from([None, *Kind]))
def test_no_input_is_a_foreign_error(content, kind):
    """Any bytes are rows, or an error of configuration; collected errors point into the input."""
    skipped = []
    try:
        read(content, kind, skipped=skipped)
    except ConfigurationError:
        return
    assert all(1 <= each.line <= content.count(b"\n") + 1 and each.column >= 1 for each in skipped)


@given(st.text('ab",;\n\r', max_size=60))
def test_no_csv_is_a_foreign_error(text):
    """Any quotes, delimiters and line breaks are rows, or are told where they are wrong."""
    skipped = []
    for row in read("prompt,n\n" + text + "\na,1\n", Kind.CSV, skipped=skipped):
        assert row.request["prompt"].strip()
    assert all(each.line > 1 and each.column >= 1 for each in skipped)


def test_the_bounds_fit_each_other():
    """A prompt of the longest kind fits into a line, with every character escaped, and into a cell of CSV."""
    assert columns.LONGEST_TEXT * len("\\ud83d\\ude00") < lines.LONGEST_LINE
    assert csv.field_size_limit() > columns.LONGEST_TEXT
