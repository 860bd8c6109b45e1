"""Fixtures of all folders: both clients, a clock that tests move, a scripted service, and the sandbox as a process."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import settings

from pixola_ext import AsyncPixola, Pixola
from tests.support.command import Served, sandbox
from tests.support.faces import Face, Time
from tests.support.wire import Wire, wire

KEY = "pxk_test_0123456789"

settings.register_profile("pixola", deadline=None)  # no test may fail because a machine is busy
settings.load_profile("pixola")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--record`, for `make record`."""
    parser.addoption("--record", action="store_true", help="record the cassettes anew from the sandbox")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in ("PIXOLA_API_KEY", "PIXOLA_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIXOLA_STATE_DIR", str(tmp_path_factory.getbasetemp() / "state"))


@pytest.fixture(params=["sync", "async"])
def face(request: pytest.FixtureRequest) -> Iterator[Face]:
    """Pixola, then AsyncPixola."""
    with asyncio.Runner() as runner:
        yield Face(request.param, Pixola if request.param == "sync" else AsyncPixola, runner)


@pytest.fixture
def time() -> Time:
    """A clock that moves only by sleeping."""
    return Time()


@pytest.fixture
def service() -> Iterator[Wire]:
    """A scripted service."""
    with wire() as running:
        yield running


@pytest.fixture
def px(face: Face, service: Wire, time: Time) -> Iterator[Any]:
    """A client of the scripted service with the moved clock."""
    client = face.open(KEY, service.url, clock=time.clock(), budget=False)
    yield client
    face.close(client)


@pytest.fixture
def connect(face: Face, time: Time) -> Iterator[Callable[..., Any]]:
    """Makes clients with other settings, and closes them."""
    made: list[Any] = []

    def make(*args: Any, **kwargs: Any) -> Any:
        made.append(face.open(*args, **{"clock": time.clock(), "budget": False, **kwargs}))
        return made[-1]

    yield make
    for client in made:
        face.close(client)


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """`pixola sandbox`, one for all tests of a module, without limits."""
    with sandbox("--latency", "0", "--no-rate-limits", "--credits", "100000") as running:
        yield running
