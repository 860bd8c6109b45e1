"""Where a scenario is played: on its cassette without a network, on a sandbox's HTTP server, or on the live service."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from attrs import define, frozen

from pixola_ext._io.clock import Clock
from pixola_ext.sandbox.server import SandboxServer
from pixola_ext.settings import Settings
from tests.replay.scenarios import KEY, Scenario
from tests.replay.tape import API, PICTURES, recorder
from tests.support.faces import START, Face, Time

_APART: Final = 2.0  # seconds between two requests to the live service: 30 a minute (API reference, "Rate limits")


@frozen
class Live:
    """The live service, by the environment of `make record`."""

    settings: Settings

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "Live | None":
        """It, if there is a key in the environment."""
        settings = Settings.resolve(environ=environ)
        return None if settings.api_key is None else cls(settings)


@contextmanager
def replayed(scenario: Scenario, face: Face, time: Time, cassette: Path) -> Iterator[Any]:
    """A client whose every request must be on the cassette, and which must make every one that is there."""
    asked: list[Any] = []
    with recorder({}, "none").use_cassette(cassette) as tape:
        with _client(face, scenario.key, f"{API}/api/v1", clock=time.clock(), on_request=asked.append) as px:
            yield px
        assert tape.all_played, "the cassette holds requests that were not made"
        known = [request for request in tape.requests if request.uri.startswith(f"{API}/")]
        # The client may swallow the error for an unknown request, so they are counted too.
        assert len(asked) == len(known), "a request was made that the cassette does not hold"


@contextmanager
def recorded(scenario: Scenario, face: Face, time: Time, cassette: Path) -> Iterator[Any]:
    """A client of a sandbox's HTTP server whose clock and seed are ours, so that every recording is the same."""
    clock = START.timestamp()
    with SandboxServer(api_key=KEY, clock=lambda: clock + time.elapsed, **scenario.options) as server:
        scenario.prepare(server.sandbox)
        origins = {server.sandbox.origin: API, server.sandbox.pictures.origin: PICTURES}
        with (
            _written(cassette) as part,
            recorder(origins, "all", secrets=[KEY]).use_cassette(part),
            _client(face, scenario.key, server.url, clock=time.clock()) as px,
        ):
            yield px


@contextmanager
def recorded_live(scenario: Scenario, face: Face, live: Live, cassette: Path, clock: Clock = Clock()) -> Iterator[Any]:  # noqa: B008  (frozen)
    """A client of the live service, slow enough for its limits. What it costs, the account pays."""
    secret = live.settings.api_key.reveal()
    key = secret if scenario.key == KEY else scenario.key
    url = live.settings.base_url
    parts = urlsplit(url)
    # The base URL as it is recorded ends in /api/v1, whatever it ends in there.
    origins = {url: f"{API}/api/v1", f"{parts.scheme}://{parts.netloc}": API}
    with (
        _written(cassette) as part,
        recorder(origins, "all", secrets=[secret]).use_cassette(part),
        _client(face, key, url, clock=clock, on_request=_Pace(clock)) as px,
    ):
        yield px


@define
class _Pace:
    """Holds every request back until it is its turn."""

    clock: Clock
    free_at: float = 0.0

    def __call__(self, _event: Any) -> None:
        self.clock.sleep(max(0.0, self.free_at - self.clock.now()))
        self.free_at = self.clock.now() + _APART


@contextmanager
def _client(face: Face, key: str | None, url: str, **options: Any) -> Iterator[Any]:
    client = face.open(key, url, budget=False, **options)  # no file on this machine may change what is asked
    try:
        yield client
    finally:
        face.close(client)


@contextmanager
def _written(cassette: Path) -> Iterator[Path]:
    """A name beside the cassette, which replaces it only when all went well: a failed recording loses nothing."""
    part = cassette.with_suffix(f".{os.getpid()}.part")
    try:
        yield part
        part.replace(cassette)
    finally:
        part.unlink(missing_ok=True)
