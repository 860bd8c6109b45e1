"""Recorded exchanges, replayed without a network. `make record` records them anew from the sandbox's HTTP server."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pixola_ext.sandbox.server import SandboxServer
from tests.faces import START, Face, Time
from tests.replay.scenarios import KEY, SCENARIOS, Scenario
from tests.replay.tape import API, CASSETTES, PICTURES, recorder


@pytest.fixture
def stage(request: pytest.FixtureRequest, face: Face, time: Time) -> Callable[[Scenario], Any]:
    """Where a scenario is played: on its cassette, or with --record on a real server."""

    @contextmanager
    def on_cassette(scenario: Scenario) -> Iterator[str]:
        request.getfixturevalue("socket_disabled")
        with recorder({}, "none").use_cassette(_cassette(face, scenario)) as tape:
            yield f"{API}/api/v1"
        assert tape.all_played

    @contextmanager
    def on_server(scenario: Scenario) -> Iterator[str]:
        _cassette(face, scenario).unlink(missing_ok=True)
        clock = START.timestamp()
        with SandboxServer(api_key=KEY, clock=lambda: clock + time.elapsed, **scenario.options) as server:
            scenario.prepare(server.sandbox)
            origins = {server.sandbox.origin: API, server.sandbox.pictures.origin: PICTURES}
            with recorder(origins, "all").use_cassette(_cassette(face, scenario)):
                yield server.url

    return on_server if request.config.getoption("--record") else on_cassette


def _cassette(face: Face, scenario: Scenario) -> Path:
    return CASSETTES / face.name / f"{scenario.name}.yaml"


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_scenario(
    scenario: Scenario, stage: Callable[[Scenario], Any], connect: Callable[..., Any], tmp_path: Path
) -> None:
    """What the service once answered is understood today."""
    with stage(scenario) as url:
        scenario.play(connect(scenario.key, url), tmp_path)
