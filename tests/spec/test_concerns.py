"""A breaking change is told in the names that users write, and the names exist."""

import inspect
import re

import click
import pixola_client.models
import pytest
from comparing.changes import RULES, Change
from comparing.documents import compare
from normalising.calls import CALLS
from normalising.promises import VALUES
from reporting import concerns as told
from reporting.concerns import concerns, is_lost
from reporting.report import lost

import pixola_ext
from pixola_ext import Pixola, errors
from pixola_ext.cli import exits
from pixola_ext.cli.root import root
from tests.spec.breaking_cases import BREAKS, HARMLESS
from tests.spec.change_cases import BREAKING, CASES, SEVERAL, changed
from tests.support import ROOT
from tests.support.reference import reference


@pytest.mark.parametrize("case", [*BREAKS, *HARMLESS], ids=lambda case: case.name)
def test_the_report_names_what_is_concerned(case):
    """And says of a change that breaks others only, why the client takes it."""
    changes = [each for each in compare(reference(), case.document()) if each.severity == "breaking"]
    assert case.concerns in [tuple(concerns(each)) for each in changes]
    assert any(map(is_lost, changes)) == (case in BREAKS)
    report = "\n".join(lost(changes))
    assert all(f"`{name}`" in report for name in case.concerns)
    assert ("The client takes it: " in report) == (case in HARMLESS)


@pytest.mark.parametrize("case", [*CASES, *SEVERAL], ids=lambda case: case[0])
def test_every_change_of_a_call_names_something(case):
    """Whatever the rule."""
    for change in compare(reference(), changed(case[1])):
        if change.severity != "cosmetic" and call_is_known(change):
            assert concerns(change), change


def call_is_known(change):
    return told.call_of(change)[0] is not None


def places():
    """Every member of every answer."""
    for (method, path), call in CALLS.items():
        yield from ((f"{method.upper()} {path} 200 {place}") for place in inside(call.answer))


def inside(kind):
    for name, member in VALUES.get(kind, {}).items():
        yield name
        yield from (f"{name}{'[]' * member.many}.{rest}" for rest in inside(member.value))


@pytest.fixture(scope="module")
def px():
    with Pixola.sandbox() as opened:
        yield opened


def resolve(name, px):
    """Whether a public name of a report is one."""
    if name.startswith(("px.", "Pixola(")):
        path, _, parameter = name.rstrip("=)").partition("(")
        found = Pixola if path == "Pixola" else px
        for part in path.split(".")[1:]:
            found = getattr(found, part)
        assert not parameter or parameter in inspect.signature(found).parameters, name
    elif name.startswith("exit code "):
        assert int(name.removeprefix("exit code ")) in vars(exits).values()
    elif name.startswith("make "):
        assert re.search(rf"^{name.removeprefix('make ')}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    elif name.startswith("pixola "):
        assert name.removeprefix("pixola ") in root.list_commands(click.Context(root))
    elif name.startswith("PIXOLA_"):
        assert name in (ROOT / "README.md").read_text("utf-8")
    else:
        holder, _, attribute = name.partition(".")
        kind = getattr(pixola_ext, holder, None) or getattr(pixola_client.models, holder)
        has = not attribute or hasattr(kind, attribute) or attribute in inspect.signature(kind).parameters
        assert has, name


def test_every_name_that_is_told_exists(px):
    """For each place of every answer, each request, parameter and error."""
    where = [*places(), *(f"{method.upper()} {path}" for method, path in CALLS), "servers"]
    where += [f"POST /generate body {name}" for name in (*told.CALLS[told.SUBMIT].sends, "")]
    where += [f"GET /images query {name}" for name in told.PARAMETERS]
    where += [f"GET /credits {status}" for status in (*told.ERRORS, "503")]
    names = {name for place in where for name in concerns(Change("breaking", place, "It is.", "operation-removed"))}
    names |= {*concerns(Change("breaking", "GET /credits", "It is.", "security-added"))}
    assert len(names) > 60
    for name in names:
        resolve(name, px)


@pytest.mark.parametrize("status", told.ERRORS)
def test_exit_codes_are_those_of_the_errors(status):
    """Each is told beside its error."""
    names = told.ERRORS[status]
    for kind, code in zip(names[::2], names[1::2], strict=True):
        error = getattr(errors, kind)("x", status=400, method="GET", url="u")
        assert f"exit code {exits.exit_code(error)}" == code


def test_what_the_client_takes_is_breaking_for_others():
    """The table has rules of spec_diff only, and none that is harmless anyway."""
    rules = {f"{direction}-{rule}" for rule in RULES for direction in ("response", "request")} | {*RULES}
    assert told.TAKEN.keys() <= rules
    assert told.TAKEN.keys() <= {rule for _, _, severity, rule, _ in [*CASES, *SEVERAL] if severity == BREAKING}


def test_an_identity_is_never_missed_without_harm():
    """Without it a batch that was paid for could not be found."""
    change = Change("breaking", "GET /batches/{batchId} 200 batchId", "It may be absent.", "response-property-optional")
    assert is_lost(change)
    assert "Batch.batch_id" in concerns(change)
