"""The sandbox, reached in the process and over HTTP, with a clock that a test moves."""

from collections.abc import Callable
from typing import Any

import attrs
import httpx

from pixola_ext.sandbox import Sandbox
from tests.support.faces import Time

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
