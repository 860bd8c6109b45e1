"""A sandbox in the process and one over HTTP."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from pixola_ext.sandbox import Sandbox
from pixola_ext.sandbox.server import SandboxServer
from tests.support.faces import START, Time
from tests.support.sandboxes import KEY, Opened, Reached


@pytest.fixture(params=["in process", "over HTTP"])
def opened(request: pytest.FixtureRequest, time: Time, caplog: pytest.LogCaptureFixture) -> Iterator[Opened]:
    """Opens sandboxes, one way and the other; whatever happens to them, the server finds nothing to complain of."""
    with ExitStack() as stack:

        def reach(**options: Any) -> Reached:
            start = START.timestamp()
            options = {"api_key": KEY, "clock": lambda: start + time.elapsed, **options}
            if request.param == "in process":
                sandbox = Sandbox(**options)
                http = httpx.Client(transport=sandbox.transport)
            else:
                sandbox = stack.enter_context(SandboxServer(**options)).sandbox
                http = httpx.Client(trust_env=False)
            http.headers["authorization"] = f"Bearer {KEY}"
            return Reached(sandbox, stack.enter_context(http), time)

        yield reach
    assert [record.getMessage() for record in caplog.get_records("call") if record.levelno >= logging.WARNING] == []


@pytest.fixture
def box(opened: Opened) -> Reached:
    """A sandbox that finishes everything at once."""
    return opened()
