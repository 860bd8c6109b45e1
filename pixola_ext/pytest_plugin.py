"""A pytest plugin, found by its entry point: a sandbox and clients on it, for the tests of those who use Pixola.

It imports nothing of the package until a test asks for a fixture.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
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


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", "pixola_sandbox(**options): options of the sandbox that `pixola` talks to")
