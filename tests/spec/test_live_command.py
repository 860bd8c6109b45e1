"""`make live` as a command, and the generation that it follows with SPEND=1."""

import json
import re
from datetime import timedelta
from typing import Any

import live
import pytest
from conformance.calls import Clock

from pixola_ext.sandbox import Sandbox
from pixola_ext.sandbox.messages import Request
from pixola_ext.sandbox.server import SandboxServer
from pixola_ext.settings import Settings
from tests.support.faces import START, Time
from tests.support.reference import PATH, reference

KEY = "pxk_live_0123456789"


@pytest.fixture(autouse=True)
def _reference(monkeypatch: pytest.MonkeyPatch) -> None:
    """The document that is compared with is the one that the sandbox implements."""
    monkeypatch.setattr(live, "DOCUMENT", PATH)


def found(report: live.Report) -> set[tuple[str, str, str]]:
    """Every difference: what kind, in which answer, at which path."""
    return {(each.kind, each.where, each.path) for each in report.calls.conformance.differences}


# -- the command -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({}, "create one at https://www.pixola.ai/settings and set PIXOLA_API_KEY"),
        ({"PIXOLA_API_KEY": "pxk_a b"}, "api_key"),
        ({"PIXOLA_API_KEY": KEY, "PIXOLA_BASE_URL": "http://www.pixola.ai/api/v1"}, "use https"),
        ({"PIXOLA_API_KEY": KEY, "PIXOLA_BASE_URL": "http://127.0.0.1:1/api/v1"}, "cannot reach"),
    ],
)
def test_what_cannot_be_checked_is_said_in_one_line(environ, says, capsys, time: Time) -> None:
    """Exit code 2, and nothing on stdout."""
    assert live.main([], environ, Clock(now=time.now, sleep=time.sleep)) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert says in err
    assert KEY not in err


def test_a_key_that_is_refused_is_no_difference(capsys, time: Time) -> None:
    """It says where to get one."""
    with SandboxServer(api_key="pxk_another", document=reference()) as server:
        environ = {"PIXOLA_API_KEY": KEY, "PIXOLA_BASE_URL": server.url}
        assert live.main([], environ, Clock(now=time.now, sleep=time.sleep)) == 2
    assert "refuses the key" in capsys.readouterr().err


@pytest.mark.parametrize(("faults", "code"), [([], 0), (["extra-members"], 1)])
def test_the_exit_code_tells_whether_anything_differs(faults, code, capsys, time: Time) -> None:
    """And --json is one document."""
    with SandboxServer(api_key=KEY, document=reference()) as server:
        for fault in faults:
            server.sandbox.faults.add(fault, path="*/models")
        environ = {"PIXOLA_API_KEY": KEY, "PIXOLA_BASE_URL": server.url}
        assert live.main(["--json"], environ, Clock(now=time.now, sleep=time.sleep)) == code
    document = json.loads(capsys.readouterr().out)
    assert bool(document["differences"]) == bool(code)
    assert document["requests"] == 15


# -- with --spend ------------------------------------------------------------------------------------------------------


@pytest.fixture
def spend(time: Time):
    """Checks a sandbox over HTTP, and generates; all on one clock that is moved by hand."""

    def run(fault: str | None = None, **conditions: Any) -> tuple[live.Report, Sandbox]:
        def now() -> float:
            return START.timestamp() + time.elapsed

        clock = Clock(now=time.now, today=lambda: START + timedelta(seconds=time.elapsed), sleep=time.sleep)
        with SandboxServer(api_key=KEY, document=reference(), clock=now, latency=10.0) as server:
            if fault is not None:
                server.sandbox.faults.add(fault, **conditions)
            settings = Settings.resolve(KEY, server.url)
            return live.check(settings, spend=True, clock=clock, client_clock=time.clock()), server.sandbox

    return run


def test_a_generation_is_followed_to_its_end(spend) -> None:
    """With the cheapest model, in standard quality: which members appear when, the picture, and what it cost."""
    report, box = spend()
    assert (found(report), report.trouble) == (set(), None)
    generation = report.generation
    assert generation is not None
    (batch,) = box.world.accounts[KEY].batches
    assert (batch.batch_id, batch.submission.quality) == (generation.batch_id, "standard")
    assert batch.price == min(model["pricing"]["standard"] for model in _models(box))
    told = [moment.what for moment in generation.moments]
    assert told.index("GET /batches/{batchId}: status is processing") < told.index(
        "GET /batches/{batchId}: images[].url"
    )
    assert any(re.fullmatch(r"downloaded a png of \d+ bytes in \d+\.\d\d s", what) for what in told)
    assert told[-1] == f"credits: 1000 before, {1000 - batch.price} now, {batch.price} charged"
    seconds = [moment.seconds for moment in generation.moments]
    assert seconds == sorted(seconds)
    assert (generation.store["status"], generation.store["content-type"]) == ("200", "image/png")
    printed = report.text() + json.dumps(report.document())
    assert "signature=" not in printed
    assert KEY not in printed


def test_differences_of_a_generation_are_told(spend) -> None:
    """Though the client makes light of them."""
    report, _ = spend("extra-members", path="*/generate")
    assert ("undocumented member", "POST /generate 200", "sandboxExtra") in found(report)
    assert report.trouble is None


def test_a_generation_that_fails_is_told(spend) -> None:
    """What was found until then is reported all the same."""
    report, _ = spend("content-flagged", path="*/generate")
    assert report.generation is None
    assert report.trouble is not None
    assert report.trouble.startswith("ContentFlaggedError")
    assert report.differs


def _models(box: Sandbox) -> list[dict[str, Any]]:
    return json.loads(box.answer(Request("GET", "/api/v1/models")).body)["models"]
