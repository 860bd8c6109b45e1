"""A pytest plugin, found by its entry point: a sandbox and clients on it, for the tests of those who use Pixola.

It imports nothing of the package until a test asks for a fixture.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ._io.clock import Clock
    from .aclient import AsyncPixola
    from .client import Pixola
    from .sandbox import Sandbox


@pytest.fixture
def pixola_sandbox(request: pytest.FixtureRequest) -> "Sandbox":
    """A sandbox inside the process, new for each test: `@pytest.mark.pixola_sandbox(credits=20)` sets it up."""
    from .sandbox import Sandbox  # noqa: PLC0415  (see above)

    marker = request.node.get_closest_marker("pixola_sandbox")
    return Sandbox(**(marker.kwargs if marker else {}))


@pytest.fixture
def pixola(pixola_sandbox: "Sandbox") -> "Iterator[Pixola]":
    """A `Pixola` on that sandbox."""
    from .client import Pixola  # noqa: PLC0415

    with Pixola.sandbox(pixola_sandbox) as client:
        yield client


@pytest.fixture
def async_pixola(pixola_sandbox: "Sandbox") -> "AsyncPixola":
    """An `AsyncPixola` on that sandbox, for whichever plugin runs your asynchronous tests; it has nothing to close."""
    from .aclient import AsyncPixola  # noqa: PLC0415

    return AsyncPixola.sandbox(pixola_sandbox)


@pytest.fixture
def pixola_clock() -> "Clock":
    """A clock for `Pixola(clock=)` on which sleeping takes no time, for tests on mocks and recorded answers.

    Waits and retries go on at once, and deadlines pass as if they had been slept through.
    """
    from ._io.clock import Clock  # noqa: PLC0415

    slept = 0.0

    def sleep(seconds: float) -> None:
        nonlocal slept
        slept += seconds

    async def async_sleep(seconds: float) -> None:
        from anyio.lowlevel import checkpoint  # noqa: PLC0415

        sleep(seconds)
        await checkpoint()  # other tasks run meanwhile

    return Clock(
        now=lambda: time.monotonic() + slept,
        today=lambda: datetime.now(UTC) + timedelta(seconds=slept),
        sleep=sleep,
        async_sleep=async_sleep,
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", "pixola_sandbox(**options): options of the sandbox that `pixola` talks to")
