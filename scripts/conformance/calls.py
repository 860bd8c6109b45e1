"""The read-only calls of the API as `make live` makes them: raw, paced, and each compared with the document."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

import httpx
from attrs import define, field, frozen
from comparing.changes import Change
from comparing.documents import compare
from comparing.servers import without_sandbox

from pixola_ext._api.timing import http_date, retry_after
from pixola_ext._io.exchange import FOREIGN, Exchange, timeouts
from pixola_ext.errors import RequestError
from pixola_ext.settings import Settings

from .answers import Conformance, Marked, Reply, entries, shortened

APART: Final = 2.0  # seconds between two requests: 30 a minute (API reference, "Rate limits")
TIMEOUT: Final = 60.0  # seconds for one answer
_LONGEST_WAIT: Final = 120.0  # seconds of a Retry-After that is waited for
_SKEW: Final = 5.0  # seconds between two clocks that are worth telling
_PAGE: Final = 2  # items
_TOO_MANY: Final = 101  # items; one more than a page may have (API reference)
_UNKNOWN: Final = "pixola-live-check-0"  # an id and a slug that nothing has
_USUAL: Final = frozenset({"connection", "content-length", "content-type", "keep-alive", "transfer-encoding"})

MARKED: Final[Mapping[str, Marked]] = {
    "/models": Marked("slug", "models"),
    "/models/{model}": Marked("slug"),
    "/styles": Marked("slug", "styles"),
    "/styles/{style}": Marked("slug"),
    "/shapes": Marked("slug", "shapes"),
    "/shapes/{shape}": Marked("slug"),
    "/credits": Marked("balance"),
    "/generate": Marked("batchId"),
    "/batches": Marked("batchId", "batches"),
    "/batches/{batchId}": Marked("batchId"),
    "/images": Marked("imageId", "images"),
    "/images/{imageId}": Marked("imageId"),
}


class RefusedKeyError(Exception):
    """The service does not know the key, so that little can be looked at."""


class UnreachableError(Exception):
    """The service cannot be reached at all."""


@frozen
class Clock:
    """Where time comes from; tests put in their own."""

    now: Callable[[], float] = time.monotonic
    today: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep


@define
class Pace:
    """Lets one request through every `APART` seconds, and counts them."""

    clock: Clock
    requests: int = 0
    _free_at: float = 0.0

    def turn(self) -> None:
        """Wait until the next request may be sent."""
        self.clock.sleep(max(0.0, self._free_at - self.clock.now()))
        self._free_at = self.clock.now() + APART
        self.requests += 1


@define
class Headers:
    """Headers that the document does not mention: how often each came, and the value of the first."""

    seen: dict[str, tuple[int, str]] = field(factory=dict)
    skew: float | None = None

    def note(self, headers: Mapping[str, str], today: datetime, secrets: tuple[str, ...]) -> None:
        """Those of one answer; cookies by name only."""
        for name in sorted(headers.keys() - _USUAL):
            count, first = self.seen.get(name, (0, ""))
            value = headers[name].partition("=")[0] + "=…" if name == "set-cookie" else headers[name]
            self.seen[name] = (count + 1, first or shortened(value, secrets))
        made_at = http_date(headers.get("date"))
        ahead = 0.0 if made_at is None else (made_at - today).total_seconds()
        self.skew = ahead if abs(ahead) > _SKEW else None


@define
class Calls:
    """Makes the calls and has them compared. `unchecked` says what could not be looked at, and why."""

    settings: Settings
    conformance: Conformance
    pace: Pace
    client: httpx.Client
    headers: Headers = field(factory=Headers)
    changes: list[Change] = field(factory=list)
    unchecked: list[str] = field(factory=list)
    _answered: int = 0

    def run(self) -> None:
        """All of them; raises `RefusedKeyError` and `UnreachableError`."""
        self._key()
        for path, member in (("/models", "model"), ("/styles", "style"), ("/shapes", "shape")):
            self._catalog(path, f"{path}/{{{member}}}")
        for path, member in (("/batches", "batchId"), ("/images", "imageId")):
            self._history(path, f"{path}/{{{member}}}")
        self._refusals()
        self._document()

    def ask(
        self, path: str, *, status: int = 200, named: str = "", key: bool = True, **query: str | int
    ) -> tuple[Reply | None, Any]:
        """One GET, paced and compared; `named` fills the parameter of the path. The answer, and its JSON."""
        reply = self._sent(path, named, query, key=key)
        if reply is None:
            return None, None
        if reply.status != status:
            found = f"{reply.status} {_asked(named, query, key=key)}"
            self.conformance.note("unexpected status", f"GET {path} {reply.status}", documented=status, found=found)
        return reply, self.conformance.check("GET", path, reply, MARKED.get(path))

    # -- the calls ----------------------------------------------------------------------------------------------------

    def _key(self) -> None:
        reply, _ = self.ask("/credits")
        if reply is None:
            raise UnreachableError
        if reply.status == 401:  # noqa: PLR2004  (as documented)
            raise RefusedKeyError

    def _catalog(self, path: str, single: str) -> None:
        """A list, which needs no key, and its first entry, which does."""
        reply, body = self.ask(path, key=False)
        if reply is not None and reply.status == 401:  # noqa: PLR2004  (it needs a key after all)
            _, body = self.ask(path)
        slugs = self._ids(path, body, single)
        if slugs:
            _, entry = self.ask(single, named=slugs[0])
            self._same(single, self._found(single, entry), slugs[:1])

    def _history(self, path: str, single: str) -> None:
        """Two pages, one item, and for images the filter."""
        _, first = self.ask(path, limit=_PAGE)
        ids = self._ids(path, first, single)
        if len(ids) > _PAGE:
            self.conformance.note("page", f"GET {path} 200", documented=f"limit={_PAGE}", found=f"{len(ids)} items")
        cursor = first.get("nextCursor") if isinstance(first, dict) else None
        if cursor is not None:
            _, second = self.ask(path, limit=_PAGE, cursor=cursor)
            again = set(ids) & set(self._found(path, second))
            if again:
                details = {"documented": "other items after the cursor", "found": f"{len(again)} once more"}
                self.conformance.note("page", f"GET {path} 200", **details)
        elif ids:
            self.unchecked.append(f"GET {path}?cursor: there is one page only")
        if ids:
            _, item = self.ask(single, named=ids[0])
            self._same(single, self._found(single, item), ids[:1])
            if path == "/images":
                self._filter(item)

    def _filter(self, image: Any) -> None:
        batch_id = next((entry.get("batchId") for _, entry in entries(image, MARKED["/images/{imageId}"])), None)
        if not isinstance(batch_id, str):
            self.unchecked.append("GET /images?batchId: the image does not say of which batch it is")
            return
        _, page = self.ask("/images", batchId=batch_id, limit=_PAGE)
        others = [entry for _, entry in entries(page, MARKED["/images"]) if entry.get("batchId") != batch_id]
        if others:
            self.conformance.note("page", "GET /images 200", documented="only that batch", found="others too")

    def _refusals(self) -> None:
        """The error envelopes that can be had for nothing."""
        for path in ("/models/{model}", "/batches/{batchId}", "/images/{imageId}"):
            self.ask(path, status=404, named=_UNKNOWN)
        self.ask("/batches", status=400, limit=_TOO_MANY)
        self.ask("/credits", status=401, key=False)

    def _document(self) -> None:
        _, served = self.ask("/openapi.json", key=False)
        where = "GET /openapi.json 200"
        if not isinstance(served, dict) or not str(served.get("openapi")).startswith("3."):
            self.conformance.note("body", where, documented="an OpenAPI 3 document", found="something else")
            return
        try:
            self.changes = compare(self.conformance.document, without_sandbox(served))
        except Exception as error:  # noqa: BLE001  (a document may be broken in any way)
            found = f"one that cannot be compared: {type(error).__name__}"
            self.conformance.note("body", where, documented="an OpenAPI 3 document", found=found)

    # -- what they have in common -------------------------------------------------------------------------------------

    def _ids(self, path: str, body: Any, single: str) -> list[str]:
        found = self._found(path, body)
        if not found:
            self.unchecked.append(f"GET {single}: GET {path} names nothing to ask for")
        return found

    def _found(self, path: str, body: Any) -> list[str]:
        marked = MARKED[path]
        return [str(entry[marked.member]) for _, entry in entries(body, marked)]

    def _same(self, path: str, found: list[str], asked: list[str]) -> None:
        if found != asked and found:
            details = {"documented": "what was asked for", "found": "another", "example": found[0]}
            self.conformance.note("page", f"GET {path} 200", MARKED[path].member, **details)

    def _sent(self, path: str, named: str, query: Mapping[str, str | int], *, key: bool) -> Reply | None:
        url = self.settings.base_url + _filled(path, named)
        reply = self._once(path, url, query, key=key)
        if reply is not None and reply.status == 429:  # noqa: PLR2004  (too many requests)
            made_at = http_date(reply.headers.get("date")) or self.pace.clock.today()
            wait = retry_after(reply.headers.get("retry-after"), made_at)
            self.conformance.check("GET", path, reply)
            what = f"429 after {self.pace.requests} requests, Retry-After {wait}; asked once more"
            self.unchecked.append(f"GET {path}: {what}")
            self.pace.clock.sleep(min(wait or APART, _LONGEST_WAIT))
            reply = self._once(path, url, query, key=key)
        return reply

    def _once(self, path: str, url: str, query: Mapping[str, str | int], *, key: bool) -> Reply | None:
        headers = self.settings.headers()
        if key and self.settings.api_key is not None:
            headers["Authorization"] = f"Bearer {self.settings.api_key.reveal()}"
        self.pace.turn()
        exchange = Exchange("GET", url, self.pace.clock.now() + TIMEOUT, self.settings.api_key)
        try:
            # A redirect is not followed: the key would go along.
            with self.client.stream(
                "GET", url, params=dict(query), headers=headers, timeout=timeouts(TIMEOUT), follow_redirects=False
            ) as response:
                exchange.begin(response)
                for chunk in response.iter_raw():
                    exchange.add(chunk, self.pace.clock.now())
        except (*FOREIGN, RequestError) as error:
            if self._answered == 0:
                raise UnreachableError(f"{type(error).__name__}: {error}") from error
            self.conformance.note("no answer", f"GET {path}", documented="an answer", found=type(error).__name__)
            return None
        self._answered += 1
        reply = Reply(response.status_code, dict(response.headers), exchange.answer(self.pace.clock.today()).content)
        self.headers.note(reply.headers, self.pace.clock.today(), tuple(self.conformance.secrets))
        return reply


def _filled(path: str, named: str) -> str:
    before, brace, _ = path.partition("{")
    return before + quote(named, safe="") if brace else path


def _asked(named: str, query: Mapping[str, Any], *, key: bool) -> str:
    """What was special about a request."""
    parts = [f"{name}={value}" for name, value in query.items()] + ["with a key" if key else "without a key"]
    return " ".join([*(["for an id that does not exist"] if named == _UNKNOWN else []), *parts])
