"""After `make record` nothing is left that no scenario needs."""

import pytest

from tests.replay.scenarios import SCENARIOS
from tests.replay.tape import CASSETTES, prune


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Remove what older recordings left behind."""
    if session.config.getoption("--record"):
        prune(CASSETTES, [scenario.name for scenario in SCENARIOS])
