"""The sandbox, reached in the process and over HTTP, with a clock that a test moves."""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import attrs
import httpx
import pytest

from pixola_ext.sandbox import Sandbox
from pixola_ext.sandbox.server import SandboxServer
from tests.faces import START, Time

KEY = "pxk_tests_0123456789"


@attrs.frozen
class Reached:
    """A sandbox, and a plain httpx client that carries its key and starts from its base URL."""

    sandbox: Sandbox
    http: httpx.Client
    time: Time

    def get(self, path: str, **kwargs: Any) -> httpx.Response:
        """GET below the base URL."""
        return self.http.get(self.sandbox.base_url + path, **kwargs)

    def post(self, document: Any = None, **kwargs: Any) -> httpx.Response:
        """POST /generate."""
        if document is not None:
            kwargs["json"] = document
        return self.http.post(f"{self.sandbox.base_url}/generate", **kwargs)

    def submit(self, prompt: str = "a cat", **options: Any) -> str:
        """The id of a new batch."""
        answer = self.post({"prompt": prompt, **options})
        assert answer.status_code == 200, answer.text
        found: str = answer.json()["batchId"]
        return found


Opened = Callable[..., Reached]


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
