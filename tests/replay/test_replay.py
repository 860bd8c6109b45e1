"""Recorded exchanges, replayed without a network. `make record` records them anew, from a sandbox or the service."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from pixola_ext import NotFoundError
from pixola_ext.sandbox.server import SandboxServer
from tests.replay.scenarios import SCENARIOS, Scenario
from tests.replay.stage import Live, recorded, recorded_live, replayed
from tests.replay.tape import CASSETTES
from tests.support.faces import START, Face, Time

NAMED = {scenario.name: scenario for scenario in SCENARIOS}
ENVIRON = dict(os.environ)  # before a fixture hides the settings in it


def _cassette(folder: Path, face: Face, scenario: Scenario) -> Path:
    return folder / face.name / f"{scenario.name}.yaml"


@pytest.fixture
def stage(request: pytest.FixtureRequest, face: Face, time: Time) -> Callable[[Scenario], Any]:
    """Where a scenario is played: on its cassette, or with --record on a real server."""

    @contextmanager
    def on_cassette(scenario: Scenario) -> Iterator[Any]:
        request.getfixturevalue("socket_disabled")
        with replayed(scenario, face, time, _cassette(CASSETTES, face, scenario)) as px:
            yield px

    def on_server(scenario: Scenario) -> Any:
        cassette = _cassette(CASSETTES, face, scenario)
        live = Live.of(ENVIRON)
        if live is None:
            return recorded(scenario, face, time, cassette)
        if scenario.not_live is not None:
            pytest.skip(f"not from the live service: {scenario.not_live}; the old cassette is kept")
        return recorded_live(scenario, face, live, cassette)

    return on_server if request.config.getoption("--record") else on_cassette


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_scenario(scenario: Scenario, stage: Callable[[Scenario], Any], tmp_path: Path) -> None:
    """What the service once answered is understood today."""
    with stage(scenario) as px:
        scenario.play(px, tmp_path)


def test_recording_again_changes_nothing(face: Face, tmp_path: Path) -> None:
    """The same bytes, whenever and on whatever ports: a diff of a cassette is a change of the service."""
    scenario = NAMED["generate"]
    trees = []
    for name in ("once", "twice"):
        folder = tmp_path / name
        with recorded(scenario, face, Time(), _cassette(folder / "tapes", face, scenario)) as px:
            scenario.play(px, folder / "saved")
        files = [path for path in (folder / "tapes").rglob("*") if path.is_file()]
        trees.append({path.relative_to(folder): path.read_bytes() for path in files})
    assert len(trees[0]) == 2  # the cassette and its picture
    assert trees[0] == trees[1]


def test_a_recording_that_fails_leaves_the_old_one(face: Face, tmp_path: Path) -> None:
    """Nothing is lost, and nothing half is left."""
    scenario = SCENARIOS[0]
    cassette = _cassette(tmp_path, face, scenario)
    cassette.parent.mkdir()
    cassette.write_text("the old one")

    def fail() -> None:
        with recorded(scenario, face, Time(), cassette) as px:
            px.models.get("of-nobody")

    with pytest.raises(NotFoundError):
        fail()
    assert [path.read_text() for path in cassette.parent.iterdir()] == ["the old one"]


def test_a_request_that_is_not_on_the_cassette_is_noticed(face: Face, tmp_path: Path) -> None:
    """Also one whose failure the client may swallow, as the look before a submission is."""
    scenario = NAMED["unknown_model"]
    cassette = _cassette(tmp_path, face, scenario)
    with recorded(scenario, face, Time(), cassette) as px:
        scenario.play(px, tmp_path)
    known = yaml.safe_load(cassette.read_text("utf-8"))
    known["interactions"] = [each for each in known["interactions"] if "/batches" not in each["request"]["uri"]]
    cassette.write_text(yaml.safe_dump(known), "utf-8")
    with (
        pytest.raises(AssertionError, match="does not hold"),
        replayed(scenario, face, Time(), cassette) as px,
    ):
        scenario.play(px, tmp_path)


def test_the_live_service_is_recorded_like_a_sandbox(face: Face, time: Time, tmp_path: Path) -> None:
    """A key in the environment says from where; its name and address are not in the cassette, which plays as any."""
    scenario = NAMED["generate"]
    cassette = _cassette(tmp_path, face, scenario)
    with SandboxServer(api_key="pxk_live_0123456789", clock=lambda: START.timestamp() + time.elapsed) as server:
        live = Live.of({"PIXOLA_API_KEY": server.api_key, "PIXOLA_BASE_URL": server.url})
        assert live is not None
        with recorded_live(scenario, face, live, cassette, time.clock()) as px:
            scenario.play(px, tmp_path)
        asked = [entry for entry in server.sandbox.journal.entries if entry.path.startswith("/api/")]
        assert time.elapsed >= 2.0 * (len(asked) - 1)
        text = cassette.read_text("utf-8")
        assert server.sandbox.origin not in text
        assert server.api_key not in text
    with replayed(scenario, face, Time(), cassette) as px:
        scenario.play(px, tmp_path)


def test_without_a_key_nothing_is_recorded_from_the_live_service() -> None:
    """The sandbox is the usual way."""
    assert Live.of({"PIXOLA_BASE_URL": "https://www.pixola.ai/api/v1"}) is None
