"""Fetching from a scripted service into a file of its own."""

import httpx
import pytest
from document.loading import RefusedError, formatted
from fetch_spec import fetch

from tests.spec.fetching import DOCUMENT, NOON


@pytest.fixture
def client():
    """A client that no proxy of the machine comes between."""
    with httpx.Client(trust_env=False, timeout=5) as opened:
        yield opened


@pytest.fixture
def target(tmp_path):
    """The document as it is now, in a folder of its own."""
    path = tmp_path / "target" / "openapi.json"
    path.parent.mkdir()
    path.write_bytes(formatted(DOCUMENT))
    return path


@pytest.fixture
def take(service, client, target):
    """Fetches from the scripted service at noon."""

    def run(source=None, **options):
        return fetch(source or f"{service.url}/openapi.json", target, client=client, now=lambda: NOON, **options)

    return run


@pytest.fixture
def refuse(take, target):
    """Expects a refusal that leaves the folder as it was, and returns the complaint."""

    def run(source=None, **options):
        before = target.read_bytes()
        with pytest.raises(RefusedError) as raised:
            take(source, **options)
        assert target.read_bytes() == before
        assert [each.name for each in target.parent.iterdir()] == [target.name]
        return str(raised.value)

    return run
