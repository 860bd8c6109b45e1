"""What may be in a cassette, and how requests are told apart."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from vcr.errors import CannotOverwriteExistingCassetteException

from tests.replay.tape import API, CASSETTES, HIDDEN, recorder
from tests.wire import Wire, reply

CASSETTE_FILES = sorted(CASSETTES.glob("*/*.yaml"))
SIGNATURE = "0123456789abcdef" * 4
SECRETS = re.compile(
    rf"pxk_(?!{HIDDEN})|bearer\s+\S|authorization|cookie|(signature|sig|token)=(?!{HIDDEN})|{SIGNATURE}", re.IGNORECASE
)


def texts(node: Any) -> Iterator[str]:
    """Every text in a cassette, names of members too; bytes and what is compressed are decoded."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield str(name)
            yield from texts(value)
    elif isinstance(node, list):
        for each in node:
            yield from texts(each)
    elif isinstance(node, bytes):
        yield (gzip.decompress(node) if node.startswith(b"\x1f\x8b") else node).decode("latin-1")
    else:
        yield str(node)


def secrets_in(path: Path) -> list[str]:
    """What in a cassette looks like a secret."""
    return [text for text in texts(yaml.safe_load(path.read_text("utf-8"))) if SECRETS.search(text)]


def test_there_are_cassettes() -> None:
    """Both clients have theirs, so that the next test cannot pass by finding none."""
    assert {path.parent.name for path in CASSETTE_FILES} == {"sync", "async"}


@pytest.mark.parametrize("path", CASSETTE_FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_secret_is_in_a_cassette(path: Path) -> None:
    """Neither key nor cookie nor signature, decoded too."""
    assert secrets_in(path) == []


@pytest.fixture
def leaky(service: Wire) -> Wire:
    """A service that gives away everything it can, compressed."""
    body = {"key": "pxk_live_secret", "url": f"{service.origin}/a.png?expires=1&signature={SIGNATURE}"}
    service.plays(
        reply(
            gzip.compress(json.dumps(body).encode()),
            content_encoding="gzip",
            set_cookie="session=secret; Path=/",
            location=f"{service.origin}/b?token=secret",
        )
    )
    return service


def ask(url: str, prompt: str) -> httpx.Response:
    """A request with secrets in its headers and its query."""
    headers = {"Authorization": "Bearer pxk_live_secret", "Cookie": "session=secret"}
    with httpx.Client(trust_env=False) as client:
        return client.post(f"{url}/generate?sig=secret", json={"prompt": prompt}, headers=headers)


def test_what_a_service_gives_away_is_not_recorded(leaky: Wire, tmp_path: Path) -> None:
    """Keys, cookies and signatures are hidden in URLs, headers and compressed bodies."""
    path = tmp_path / "leaky.yaml"
    with recorder({leaky.origin: API}, "all").use_cassette(path):
        ask(leaky.url, "a cat")
    assert secrets_in(path) == []
    assert leaky.origin not in path.read_text("utf-8")
    assert f"{API}/a.png?expires=1&signature={HIDDEN}" in " ".join(texts(yaml.safe_load(path.read_text("utf-8"))))


def test_a_request_is_found_by_its_body(leaky: Wire, tmp_path: Path) -> None:
    """Another prompt is another request."""
    path = tmp_path / "one.yaml"
    with recorder({leaky.origin: API}, "all").use_cassette(path):
        ask(leaky.url, "a cat")
    with recorder({}, "none").use_cassette(path):
        assert ask(f"{API}/api/v1", "a cat").json()["key"] == f"pxk_{HIDDEN}"
    with recorder({}, "none").use_cassette(path), pytest.raises(CannotOverwriteExistingCassetteException):
        ask(f"{API}/api/v1", "a dog")
