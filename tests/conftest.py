"""Fixtures of all folders: both clients, a clock that tests move, a scripted service, and the sandbox as a process."""

import asyncio
import secrets
from collections.abc import Callable, Generator, Iterator
from contextlib import nullcontext
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from pixola_ext import AsyncPixola, Pixola
from pixola_ext.sandbox import service as sandboxes
from pixola_ext.sandbox.contract import Contract
from tests.support import ROOT, s3
from tests.support.command import Served, sandbox
from tests.support.faces import Face, Time
from tests.support.measuring import unmeasured
from tests.support.reference import reference
from tests.support.wire import Wire, wire

if TYPE_CHECKING:
    from tests.support.postgres import Postgres

KEY = "pxk_test_0123456789"
OF_SCRIPTS = {"ci", "measuring", "shipping", "spec", "toolchains"}  # folders whose tests are not of `pixola_ext`

# Neither has a deadline: no test may fail because a machine is busy.
settings.register_profile("repeatable", deadline=None, derandomize=True)  # a change is judged by the same inputs
settings.register_profile("fuzz", deadline=None, max_examples=1000, print_blob=True)  # of `make fuzz`
settings.load_profile("repeatable")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--record`, for `make record`."""
    parser.addoption("--record", action="store_true", help="record the cassettes anew from the sandbox")


def is_of_scripts(item: pytest.Item) -> bool:
    """Whether a test is of something else than `pixola_ext`."""
    return item.path.relative_to(ROOT / "tests").parts[0] in OF_SCRIPTS


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those of scripts come first: their modules take longest, and one that began last would leave the cores idle."""
    items.sort(key=is_of_scripts, reverse=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Coverage is measured by the tests of the package, with their fixtures and processes, and by no others."""
    with unmeasured() if is_of_scripts(item) else nullcontext():
        return (yield)


@pytest.fixture(autouse=True, scope="session")
def _sandboxes_of_the_reference() -> Iterator[None]:
    """Sandboxes in this process have the document that they implement, whatever the service has changed since.

    Their bounds are those of their document; a bound that the service tightens is for tests/spec/test_promises.py to
    tell, not for all tests that submit something.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sandboxes, "_packaged", cache(lambda: Contract(reference())))
        yield


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in ("PIXOLA_API_KEY", "PIXOLA_BASE_URL", "PIXOLA_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIXOLA_STATE_DIR", str(tmp_path_factory.mktemp("state")))


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """The seed of tests that draw inputs without Hypothesis: 1, or in `make fuzz` a random one, shown if they fail."""
    given = request.config.getoption("--hypothesis-seed")
    if given is not None:
        return int(given)
    drawn = secrets.randbelow(2**31) if request.config.getoption("--hypothesis-profile") == "fuzz" else 1
    request.node.add_report_section("setup", "seed", f"again with: make fuzz SEED={drawn}")
    return drawn


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


@pytest.fixture(scope="session")
def postgres() -> "Iterator[Postgres]":
    """A PostgreSQL server, started with the first test that needs one."""
    from tests.support.postgres import postgres as started  # noqa: PLC0415  (few tests need it)

    with started() as server:
        yield server


@pytest.fixture
def database_url(postgres: "Postgres") -> str:
    """The URL of a new, empty PostgreSQL database."""
    return postgres.new_url()


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """`pixola sandbox`, one for all tests of a module, without limits."""
    with sandbox("--latency", "0", "--no-rate-limits", "--credits", "100000") as running:
        yield running


@pytest.fixture(scope="session")
def s3_port() -> Iterator[int]:
    """The port of an S3 server on loopback."""
    with s3.server() as port:
        yield port


@pytest.fixture
def bucket(s3_port: int, monkeypatch: pytest.MonkeyPatch) -> s3.Bucket:
    """An empty bucket, to which the environment leads."""
    made = s3.bucket(s3_port)
    for name, value in made.settings.items():
        monkeypatch.setenv(name, value)
    return made
