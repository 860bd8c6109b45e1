"""One paid generation as `make live SPEND=1` makes it: through `Pixola`, every raw answer compared, and timed."""

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import httpx
from attrs import define, field, frozen

from pixola_ext import Batch, Image, Model, Pixola, PixolaError
from pixola_ext._io.clock import Clock
from pixola_ext.settings import Settings

from .answers import Conformance, Reply, shown
from .calls import MARKED, Headers, Pace

PROMPT: Final = "A lighthouse above a calm sea at dusk"
_FRESH: Final = httpx.Limits(max_keepalive_connections=0)
_STORE_TIMEOUT: Final = 30.0  # seconds for the headers of the picture


@frozen
class Moment:
    """Something seen, so many seconds after the submission was begun."""

    seconds: float
    what: str


@define
class Generation:
    """What became of it. `store` holds the headers of the picture, for the host that its URL names."""

    moments: list[Moment] = field(factory=list)
    store: dict[str, str] = field(factory=dict)
    batch_id: str = ""


@define
class _Listener:
    """Hears every request and answer of a client of ours."""

    base_url: str
    conformance: Conformance
    pace: Pace
    headers: Headers
    clock: Clock
    seen: Generation
    started: float = 0.0
    _known: set[str] = field(factory=set)

    def asked(self, request: httpx.Request) -> None:
        """Hold it back until it is its turn; time is counted from the submission."""
        self.pace.turn()
        if request.method == "POST":
            self.started = self.clock.now()

    def answered(self, response: httpx.Response) -> None:
        """Compare it, and note what it shows for the first time."""
        body = response.read()
        method, path = response.request.method, _written(str(response.request.url), self.base_url)
        reply = Reply(response.status_code, dict(response.headers), body)
        self.headers.note(reply.headers, self.clock.today(), tuple(self.conformance.secrets))
        document = self.conformance.check(method, path, reply, MARKED.get(path))
        if path in ("/generate", "/batches/{batchId}"):
            for what in _members(document):
                if f"{method} {path} {what}" not in self._known:
                    self._known.add(f"{method} {path} {what}")
                    self.tell(f"{method} {path}: {what}")

    def tell(self, what: str) -> None:
        """Note a moment."""
        self.seen.moments.append(
            Moment(round(self.clock.now() - self.started, 2), shown(what, self.conformance.secrets))
        )


def generate(settings: Settings, conformance: Conformance, pace: Pace, headers: Headers, clock: Clock) -> Generation:
    """Generate with the cheapest model in standard quality, and download it; raises `PixolaError`.

    An error that ends it carries the batch, as everywhere; what was seen until then is in the differences.
    """
    seen = Generation()
    listener = _Listener(settings.base_url, conformance, pace, headers, clock, seen)
    hooks = {"request": [listener.asked], "response": [listener.answered]}
    with (
        # No connection is used twice: the submission must not meet one that the service is about to close.
        httpx.Client(event_hooks=hooks, limits=_FRESH, trust_env=not settings.is_loopback) as client,
        Pixola(
            settings.api_key and settings.api_key.reveal(),
            settings.base_url,
            http_client=client,
            clock=clock,
            budget=False,
        ) as px,
        tempfile.TemporaryDirectory() as folder,
    ):
        price, model = _cheapest(px.models.list())
        before = px.credits().balance
        batch = px.generate(PROMPT, model=model, quality="standard")
        seen.batch_id = batch.batch_id
        listener.tell(f"complete, {model} for {price} credits an image")
        _download(px, batch, Path(folder), listener)
        listener.tell(f"credits: {before} before, {px.credits().balance} now, {_charged(batch.images)} charged")
        _look_at_store(batch.images, seen, trust_env=not settings.is_loopback)
    return seen


def _cheapest(models: Iterable[Model]) -> tuple[float, str]:
    """The price of one image in standard quality, and the slug; what has no price is not bought."""
    prices = [
        (model.pricing.standard, model.slug)
        for model in models
        if model.pricing is not None and model.pricing.standard is not None and model.slug
    ]
    if not prices:
        raise PixolaError("no model says what it costs, so nothing is generated")
    return min(prices)


def _download(px: Pixola, batch: Batch, folder: Path, listener: _Listener) -> None:
    began = listener.clock.now()
    for path in px.save(batch, folder):
        seconds = listener.clock.now() - began
        listener.tell(f"downloaded a {path.suffix.lstrip('.')} of {path.stat().st_size} bytes in {seconds:.2f} s")


def _look_at_store(images: tuple[Image, ...], seen: Generation, *, trust_env: bool) -> None:
    """The headers of the first picture, asked for without the key; the body is not read."""
    url = next((image.url for image in images if image.url), None)
    if url is None:
        return
    try:
        with (
            httpx.Client(trust_env=trust_env, timeout=_STORE_TIMEOUT) as client,
            client.stream("GET", url, headers={"accept-encoding": "identity"}) as response,
        ):
            seen.store = {"host": response.url.host, "status": str(response.status_code), **_public(response.headers)}
    except httpx.HTTPError as error:
        seen.store = {"error": type(error).__name__}


def _public(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: shown(value) for name, value in headers.items() if name != "set-cookie"}


def _charged(images: tuple[Image, ...]) -> int:
    return sum(image.credits_charged or 0 for image in images)


def _members(node: Any, path: str = "") -> Iterator[str]:
    """Every member that is there and not null, by its path; of statuses also the word."""
    if isinstance(node, dict):
        for name, inside in node.items():
            at = f"{path}.{name}" if path else name
            if inside is not None:
                yield f"{at} is {inside}" if name == "status" else at
            yield from _members(inside, at)
    elif isinstance(node, list):
        for item in node:
            yield from _members(item, f"{path}[]")


def _written(url: str, base_url: str) -> str:
    """The path of a request as openapi.json writes it."""
    path = url.removeprefix(base_url).partition("?")[0]
    patterns = ((known, re.sub(r"\{[^}]*\}", "[^/]+", known)) for known in MARKED)
    return next((known for known, pattern in patterns if re.fullmatch(pattern, path)), path)
