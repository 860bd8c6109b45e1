"""A change of the document is told by what it means for clients: what breaks them, what is safe, what is cosmetic."""

import copy
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from comparing.changes import RULES, Change
from comparing.documents import compare
from comparing.reports import render
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.spec.change_cases import (
    CASES,
    COSMETIC,
    DOCUMENT,
    SEVERAL,
    bounds,
    changed,
    drop_operation,
    put,
    schema,
    with_member,
)

ROOT = Path(__file__).parents[2]


def told(changes):
    return [(change.severity, change.rule) for change in changes]


@pytest.mark.parametrize(
    ("mutate", "severity", "rule", "where"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_single_change_is_told_once_by_its_rule(mutate, severity, rule, where):
    """One change of the document is told by one rule, at its place, and no other rule speaks up."""
    changes = compare(DOCUMENT, changed(mutate))
    companions = {"error-status-added"} if rule == "success-status-removed" else set()
    assert {change.rule for change in changes} - companions == {rule}
    assert {change.severity for change in changes if change.rule == rule} == {severity}
    assert where in [change.where for change in changes]
    assert all(change.what.endswith(".") for change in changes)


@pytest.mark.parametrize(
    ("mutate", "severity", "rule", "where"), [case[1:] for case in SEVERAL], ids=[case[0] for case in SEVERAL]
)
def test_a_change_that_brings_others_is_told_first(mutate, severity, rule, where):
    """A change with consequences is still told by its own rule, and the worst changes come first."""
    changes = compare(DOCUMENT, changed(mutate))
    assert changes[0].severity == severity
    assert (severity, rule, where) in [(change.severity, change.rule, change.where) for change in changes]


@pytest.mark.parametrize("case", [*CASES, *SEVERAL], ids=lambda case: case[0])
def test_every_change_is_told_backwards_too(case):
    """A change that is taken back is told as well, and what is cosmetic one way is cosmetic the other."""
    changes = compare(changed(case[1]), DOCUMENT)
    assert changes
    assert (changes[0].severity == COSMETIC) == (case[2] == COSMETIC)


def test_integer_and_number_are_reversed_by_direction():
    """Number instead of integer breaks readers and not senders; integer instead of number the other way round."""
    wide = changed(put("CreditBalance.balance", type="number"))
    assert told(compare(wide, DOCUMENT)) == [("safe", "response-type-narrowed")]
    wide = changed(bounds("ImageLimit", type="number"))
    assert told(compare(wide, DOCUMENT)) == [("breaking", "request-type-changed")]


def test_identical_documents_have_no_changes():
    """A document compared with a copy of itself gives nothing."""
    assert compare(DOCUMENT, copy.deepcopy(DOCUMENT)) == []


def shuffled(node, chance):
    """A deep copy whose members stand in another order."""
    if isinstance(node, dict):
        names = list(node)
        chance.shuffle(names)
        return {name: shuffled(node[name], chance) for name in names}
    return [shuffled(each, chance) for each in node] if isinstance(node, list) else node


def test_the_order_of_members_is_no_change():
    """The same members in another order give nothing."""
    assert compare(DOCUMENT, json.loads(json.dumps(DOCUMENT, sort_keys=True))) == []


@settings(max_examples=25, deadline=None)
@given(chance=st.randoms(use_true_random=False))
def test_no_order_of_members_is_a_change(chance: random.Random):
    """However the members of all objects are shuffled, nothing is told."""
    assert compare(DOCUMENT, shuffled(DOCUMENT, chance)) == []


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_the_report_does_not_depend_on_the_order_of_members(data):
    """A changed document gives the same report in whatever order its members stand."""
    new = changed(data.draw(st.sampled_from([case[1] for case in CASES])))
    chance = data.draw(st.randoms(use_true_random=False))
    assert compare(DOCUMENT, shuffled(new, chance)) == compare(DOCUMENT, new)


def test_the_table_is_complete():
    """Every row of the table of rules was read, and has a severity for at least one direction."""
    assert len(RULES) == 64
    assert all({*severities} & {"breaking", "safe", "cosmetic"} for severities in RULES.values())


def run(*arguments):
    command = [sys.executable, str(ROOT / "scripts" / "spec_diff.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")


@pytest.fixture
def files(tmp_path):
    """Writes documents side by side, each under a name."""

    def write(**documents):
        for name, document in documents.items():
            (tmp_path / name).write_text(json.dumps(document), encoding="utf-8")
        return [tmp_path / name for name in documents]

    return write


def test_the_command_fails_on_a_breaking_change_only(files):
    """Exit code 1 for a breaking change, 0 for safe ones and for none."""
    old, broken, safe = files(
        old=DOCUMENT, broken=changed(drop_operation), safe=changed(with_member("CreditBalance", "renews"))
    )
    assert run(old, broken).returncode == 1
    assert run(old, safe).returncode == 0
    same = run(old, old)
    assert (same.returncode, same.stdout, same.stderr) == (0, "No change.\n", "")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("<html>", "HTML or XML, not JSON"),
        ("[]", "not an OpenAPI document"),
        ('{"swagger": "2.0"}', "Swagger 2.0, not OpenAPI 3"),
        ('{"openapi": "3.0.3", "paths": {}}', "not valid OpenAPI 3.0.3: document: "),
        (None, "No such file"),
    ],
    ids=["html", "list", "swagger", "invalid", "missing"],
)
def test_the_command_says_what_it_cannot_read(files, tmp_path, content, complaint):
    """Exit code 2 and one line on stderr for what is no document."""
    [old] = files(old=DOCUMENT)
    if content is not None:
        (tmp_path / "new").write_text(content, encoding="utf-8")
    done = run(old, tmp_path / "new")
    assert (done.returncode, done.stdout) == (2, "")
    assert complaint in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_three_formats(files):
    """Text and Markdown group the places of one change; JSON lists every change."""
    old, new = files(old=DOCUMENT, new=changed(lambda document: schema(document, "ErrorCode")["enum"].append("busy")))
    text, markdown, listed = (run(old, new, "--format", form) for form in ("text", "markdown", "json"))
    assert {each.returncode for each in (text, markdown, listed)} == {1}
    entries = json.loads(listed.stdout)
    assert {*entries[0]} == {"severity", "where", "what", "rule"}
    assert text.stdout.startswith(f'breaking: {len(entries)}\n  response-enum-widened: Possible now: "busy".\n')
    assert text.stdout.endswith(f"    and {len(entries) - 5} more places\n")
    assert markdown.stdout.startswith(f"## breaking ({len(entries)})\n\n- **response-enum-widened**: ")
    assert "  - `GET /batches 400 error.code`\n" in markdown.stdout


def test_rendering_nothing():
    """Without changes people read a sentence, and programs an empty list."""
    assert [render([], form) for form in ("text", "markdown", "json")] == ["No change.", "No change.", "[]"]
    change = Change("safe", "GET /a", "It is new.", "operation-added")
    assert render([change], "text") == "safe: 1\n  operation-added: It is new.\n    GET /a"
