"""The `Sandbox` class: a world with its API, pictures, clock, faults and journal."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from .. import _spec
from .admin import Admin
from .api import Api
from .clock import Clock
from .contract import PREFIX, Contract
from .journal import Journal
from .messages import UNANSWERED, Answer, RefusalError, Request
from .options import DEFAULT_KEY, Options
from .page import page_answer
from .pictures import DEFAULT_LIFETIME, Pictures
from .redaction import redacted
from .rules import Faults
from .world import FREE_CREDITS, World

if TYPE_CHECKING:
    from .store import Store
    from .transport import SandboxTransport

_ORIGIN: Final = (
    "http://sandbox.localhost"  # never looked up: the transport answers (RFC 6761 keeps it on this machine)
)
_PICTURES: Final = "http://pictures.sandbox.localhost"


class Sandbox:
    """The whole service: keys, credits, batches, images, pictures and its own clock. Safe to use from any thread.

    It accepts `api_key` and `more_keys`; each has its own `credits`, batches and images.
    `latency` is a factor on each model's usual time in seconds: 0 finishes at once, 1 is lifelike. `rate_limits` turns
    on the 30 requests a minute and 1,000 a day of each key. `clock` gives epoch seconds. `url_lifetime` is how many
    seconds an image URL works. With the same seed, clock and calls, every byte of every answer and picture is the same.
    `store` keeps it on disk (see `store.Store`). `document` is the OpenAPI document to serve, by default that of this
    package; operations that it describes and the sandbox lacks get 501. Raises ValueError for an option out of bounds.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        api_key: str = DEFAULT_KEY,
        more_keys: Iterable[str] = (),
        credits: int = FREE_CREDITS,  # noqa: A002  (the API's own word)
        latency: float = 0.0,
        rate_limits: bool = False,
        url_lifetime: float = DEFAULT_LIFETIME,
        caption: bool = False,
        clock: Callable[[], float] = time.time,
        origin: str = _ORIGIN,
        pictures_origin: str = _PICTURES,
        store: "Store | None" = None,
        document: Mapping[str, Any] | None = None,
    ) -> None:
        self.origin = origin
        self.pictures_origin = pictures_origin
        self.clock = Clock(clock)
        self._admin = Admin(self)
        self._lock = threading.RLock()
        self._store = store
        self._contract = _packaged() if document is None else Contract(document)
        options = Options(seed, api_key, more_keys, credits, latency, rate_limits, url_lifetime, caption)
        if store is not None:
            options = store.open(options, self.clock)
        self._start(options)

    def _start(self, options: Options) -> None:
        now = self.clock.now
        self.options = options
        self.journal = Journal(self._redacted)
        self.faults = Faults(options.seed)
        self.world = World(now, seed=options.seed, store=self._store)
        if self._store is not None:
            self._store.restore(self.world)
        for key in options.keys:
            if key not in self.world.accounts:
                self.world.add_account(key, credit=options.credits)
        self.pictures = Pictures(
            self.world, now, self.pictures_origin, lock=self._lock, caption=options.caption, store=self._store
        )
        self._api = Api(self.world, self.pictures, now, self._contract, self.base_url)
        self._apply()

    def _apply(self) -> None:
        self.world.latency = self.options.latency
        self.pictures.lifetime = self.options.url_lifetime
        self._api.rate_limits = self.options.rate_limits

    def _redacted(self, text: str) -> str:
        return redacted(text, self.world.accounts)

    def shown(self, document: Any) -> Any:
        """A JSON document with every key in it replaced, for the page and the admin calls."""
        if isinstance(document, str):
            return self._redacted(document)
        if isinstance(document, dict):
            return {name: self.shown(value) for name, value in document.items()}
        return [self.shown(each) for each in document] if isinstance(document, list | tuple) else document

    @property
    def api_key(self) -> str:
        """The key that clients use unless another is given."""
        return self.options.api_key

    @property
    def base_url(self) -> str:
        """The base URL of the API, for clients."""
        return f"{self.origin}{PREFIX}"

    @cached_property
    def transport(self) -> "SandboxTransport":
        """The sandbox as a transport for `httpx.Client` and `httpx.AsyncClient`."""
        from .transport import SandboxTransport  # noqa: PLC0415  (the HTTP server has no use for httpx)

        return SandboxTransport(self)

    def reset(self, **changes: Any) -> None:
        """Delete accounts, batches, rules and journal, and start again with changed options, but the same clock."""
        with self._lock:
            options = evolve(self.options, **changes)
            if self._store is not None:
                self._store.clear(options)
            self._start(options)

    def configure(self, **changes: Any) -> None:
        """Change `latency`, `rate_limits` or `url_lifetime` from now on."""
        with self._lock:
            self.options = evolve(self.options, **changes)
            self._apply()

    def move_clock(self, change: Callable[[Clock], None]) -> None:
        """Apply `change` to the clock, and store its state where there is a store."""
        with self._lock:
            before = self.clock.now()
            self.world.settle_until(before)
            change(self.clock)
            if self._store is not None:
                self._store.keep_clock(self.clock.reading, latest=before)

    def answer(self, request: Request) -> Answer:
        """The answer to a request on the API's origin: an operation of the API, an admin call, or the page."""
        if request.path.startswith("/_sandbox/"):
            with self._lock:
                return self._admin.answer(request)
        if request.path == "/":
            return page_answer(request, self.pictures_origin)
        with self._lock:
            return self._faulty(request, self._api.answer)

    def picture(self, request: Request) -> Answer:
        """The answer to a request on the pictures' origin."""
        return self._faulty(request, self.pictures.answer)

    def _faulty(self, request: Request, respond: Callable[[Request], Answer]) -> Answer:
        now = self.clock.now()
        names: tuple[str, ...] = ()
        try:
            with self._lock:
                chosen = self.faults.chosen(request)
            names = chosen.names
            answer = chosen.instead(now) or respond(request)
            names = (*names, *answer.faults)
            if names:
                answer = evolve(chosen, names=names).after(answer, now)
        except RefusalError as refusal:
            answer = refusal.answer()
        account = self._api.account(request)
        key_id = account.key_id if account else None
        status = None if answer.wire in UNANSWERED else answer.status
        self.journal.note(now, (request.method, request.path), status, key_id, names)
        return answer


@cache
def _packaged() -> Contract:
    return Contract(_spec.spec())
