"""What may be in a cassette, and how requests are told apart."""

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from vcr.errors import CannotOverwriteExistingCassetteException

from tests.replay.disclosure import disclosed, texts
from tests.replay.tape import API, CASSETTES, HIDDEN, UnreadableBodyError, hidden, prune, recorder
from tests.support.wire import Wire, reply

FILES = sorted(path for path in CASSETTES.glob("*/*") if path.is_file())
KEY = "pxk_live_secret"
SIGNATURE = "0123456789abcdef" * 4
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"

# What a service may give away, as it stands in an answer: name -> text.
PLANTED = {
    "a key": f"your key is {KEY}",
    "a key of another form": "sk-other-form-of-key",
    "a token": "sent as Bearer abcdefghijkl12345678",
    "a web token": f"id {JWT}",
    "a signed URL": f"https://cdn.example/a.png?expires=1&signature={SIGNATURE}",
    "a signed URL of S3": "https://s3.example/a.png?X-Amz-Credential=AKIA123456&X-Amz-Signature=00ff00ff",
    "a signed URL of CloudFront": "https://cf.example/a.png?Policy=eyJ0ZXN0&Key-Pair-Id=K2ABCDEF&Signature=a~b_",
    "a signed URL with an unknown parameter": "https://cdn.example/a.png?whatever=0badc0de0badc0de",
    "a user in a URL": "https://user:password@cdn.example/a.png",
}
GIVEN_AWAY = ("live_secret", "other-form-of-key", "12345678", JWT, SIGNATURE, "AKIA", "00ff", "eyJ0", "K2AB", "a~b_")
GIVEN_AWAY += ("0badc0de", "password", "session-secret", "location-secret", "query-secret")


def test_there_are_cassettes() -> None:
    """Both clients have theirs, and there are pictures, so that the next test cannot pass by finding none."""
    assert {path.parent.name for path in FILES} == {"sync", "async", "pictures"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_secret_is_in_a_cassette(path: Path) -> None:
    """Neither key nor cookie nor signature, decoded too."""
    assert disclosed(path) == []


@pytest.mark.parametrize("text", [text for name, text in PLANTED.items() if name != "a key of another form"])
@pytest.mark.parametrize(
    "wrapped",
    [
        lambda text: text,
        lambda text: text.encode(),
        lambda text: gzip.compress(text.encode()),
        lambda text: base64.b64encode(text.encode()).decode(),
        lambda text: base64.b64encode(gzip.compress(text.encode())),
        lambda text: json.dumps({"inside": [text]}),
    ],
    ids=["text", "binary", "gzip", "base64", "base64-of-gzip", "json"],
)
def test_a_secret_in_a_cassette_would_be_found(text: str, wrapped: Any, tmp_path: Path) -> None:
    """Whichever way YAML holds it: the test above can fail."""
    if "whatever=" in text:
        text = text.replace("whatever", "sig")  # a parameter of no known name is hidden, but cannot be recognised
    path = tmp_path / "planted.yaml"
    path.write_text(yaml.safe_dump({"interactions": [{"response": {"body": {"string": wrapped(text)}}}]}), "utf-8")
    assert disclosed(path) != []


@pytest.fixture(params=["plain", "gzip", "slashes escaped", "ampersands escaped"])
def leaky(request: pytest.FixtureRequest, service: Wire) -> Wire:
    """A service that gives away everything it can."""
    body = json.dumps({**PLANTED, "own": f"{service.origin}/a.png?signature={SIGNATURE}"})
    if request.param == "slashes escaped":
        body = body.replace("/", "\\/")
    if request.param == "ampersands escaped":
        body = body.replace("&", "\\u0026")
    content = gzip.compress(body.encode()) if request.param == "gzip" else body.encode()
    encoding = {"content_encoding": "gzip"} if request.param == "gzip" else {}
    service.plays(
        reply(
            content,
            **encoding,
            set_cookie="session=session-secret; Path=/",
            location=f"{service.origin}/b?token=location-secret",
            x_debug=f"key={KEY}",
        )
    )
    return service


def ask(url: str, prompt: str) -> httpx.Response:
    """A request with secrets in its headers, its query and its body."""
    headers = {"Authorization": f"Bearer {KEY}", "Cookie": "session=session-secret"}
    with httpx.Client(trust_env=False) as client:
        return client.post(f"{url}/generate?sig=query-secret", json={"prompt": prompt, "key": KEY}, headers=headers)


def test_what_a_service_gives_away_is_not_recorded(leaky: Wire, tmp_path: Path) -> None:
    """Keys, cookies and signatures are hidden in URLs, headers and compressed bodies, known keys in any form."""
    path = tmp_path / "leaky.yaml"
    with recorder({leaky.origin: API}, "all", secrets=["sk-other-form-of-key"]).use_cassette(path):
        ask(leaky.url, "a cat")
    assert disclosed(path) == []
    everything = " ".join(texts(yaml.safe_load(path.read_text("utf-8"))))
    assert [secret for secret in GIVEN_AWAY if secret in everything] == []
    assert leaky.origin not in everything
    for kept in ("a cat", "your key is pxk_hidden", "expires=1", "cdn.example"):
        assert kept in everything


def test_what_is_not_secret_stays_as_it_is() -> None:
    """Pages are found by their cursors, and prompts are told apart."""
    prompt = "is this a cat? yes & no = maybe, a bearer of standards"
    kept = json.dumps({"next": f"{API}/api/v1/batches?limit=100&cursor=17", "prompt": prompt}).encode()
    assert hidden(kept) == kept
    assert hidden(hidden(PLANTED["a signed URL"].encode())) == hidden(PLANTED["a signed URL"].encode())


def test_a_body_that_nobody_can_read_is_not_recorded(service: Wire, tmp_path: Path) -> None:
    """It might hold anything."""
    service.plays(reply(b"\x93\x00\xffpacked", content_type="application/msgpack"))
    with (
        recorder({service.origin: API}, "all").use_cassette(tmp_path / "packed.yaml"),
        pytest.raises(UnreadableBodyError),
    ):
        ask(service.url, "a cat")


def test_a_request_is_found_by_its_body(leaky: Wire, tmp_path: Path) -> None:
    """Another prompt is another request."""
    path = tmp_path / "one.yaml"
    with recorder({leaky.origin: API}, "all").use_cassette(path):
        ask(leaky.url, "a cat")
    with recorder({}, "none").use_cassette(path):
        assert ask(f"{API}/api/v1", "a cat").json()["a key"] == f"your key is pxk_{HIDDEN}"
    with recorder({}, "none").use_cassette(path), pytest.raises(CannotOverwriteExistingCassetteException):
        ask(f"{API}/api/v1", "a dog")


def test_what_no_scenario_needs_is_removed(tmp_path: Path) -> None:
    """Cassettes of another name, and pictures that no cassette shows; nothing else."""
    for name in ("sync/kept.yaml", "sync/old.yaml", "async/kept.yaml", "pictures/0123456789abcdef.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("string: pictures/0123456789abcdef.png\n")
    (tmp_path / "pictures/fedcba9876543210.png").touch()
    prune(tmp_path, ["kept"])
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*")}
    assert left == {"sync/kept.yaml", "async/kept.yaml", "pictures/0123456789abcdef.png"}
