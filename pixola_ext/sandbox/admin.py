"""The admin calls under `/_sandbox/`, which control the sandbox. They are not part of the API and need no key."""

import heapq
from collections.abc import Callable
from functools import partial
from typing import Any, Final, Protocol

from attrs import asdict

from .._version import __version__
from . import checks
from .clock import LATEST, Clock, iso
from .faults import KINDS
from .journal import Journal
from .messages import Answer, RefusalError, Request, bad_request, not_found
from .options import MOST_CREDITS, Options
from .parameters import json_object
from .pictures import Pictures
from .records import Account, Batch, Image
from .rules import Faults, rule_document
from .world import FREE_CREDITS, World

_PREFIX: Final = "/_sandbox/"
_SHOWN: Final = 24  # batches in the state document
_SHOWN_REQUESTS: Final = 100
_LONGEST_PROMPT: Final = 200  # characters of a prompt in the state document
_LONGEST_JUMP: Final = 10.0**9  # seconds
_FASTEST: Final = 10.0**6  # times as fast as real time
_SETTABLE: Final = ("latency", "url_lifetime", "rate_limits")  # options that can change while it runs
_RESETTABLE: Final = (*_SETTABLE, "seed", "credits", "caption")

Body = dict[str, Any]
Handler = Callable[[Body], Any]


class Steered(Protocol):
    """The parts of a sandbox that admin calls read and change; `service.Sandbox` has them."""

    clock: Clock
    options: Options
    world: World
    pictures: Pictures
    faults: Faults
    journal: Journal

    def reset(self, **changes: Any) -> None:
        """Start again with changed options."""

    def configure(self, **changes: Any) -> None:
        """Change options from now on."""

    def move_clock(self, change: Callable[[Clock], None]) -> None:
        """Apply `change` to the clock."""

    def shown(self, document: Any) -> Any:
        """The document with every key replaced."""


class Admin:
    """Answers admin calls in JSON; errors have the API's envelope."""

    def __init__(self, sandbox: Steered) -> None:
        self._sandbox = sandbox
        self._calls: dict[str, dict[str, Handler]] = {
            "health": {"GET": self._health},
            "reset": {"POST": self._reset},
            "state": {"GET": self._state, "PATCH": self._configure},
            "favorites": {"POST": self._favorite},
            "faults": {"GET": self._rules, "POST": self._add_rule, "DELETE": self._clear_rules},
            "requests": {"GET": self._requests, "DELETE": self._clear_requests},
            "clock": {"GET": self._clock, "POST": self._set_clock},
            "keys": {"GET": self._keys, "POST": self._add_key},
        }

    def answer(self, request: Request) -> Answer:
        """The answer to a request below `/_sandbox/`."""
        try:
            _same_origin(request)
            return self._answer(self._call(request), json_object(request) if request.body else {})
        except RefusalError as refusal:
            return refusal.answer()

    def _answer(self, call: Handler, body: Body) -> Answer:
        document = call(body)
        return Answer.of(document if call == self._add_key else self._sandbox.shown(document))

    def _call(self, request: Request) -> Handler:
        calls = self._calls.get(request.path.removeprefix(_PREFIX))
        if calls is None:
            raise not_found("admin call")
        if request.method not in calls:
            allowed = ", ".join(calls)
            raise RefusalError(405, "bad_request", f"method: use one of {allowed}", allow=allowed)
        return calls[request.method]

    # -- the whole ----------------------------------------------------------------------------------------------------

    def _health(self, _body: Body) -> Any:
        return {"status": "ok", "version": __version__, "time": self._sandbox.clock.now()}

    def _reset(self, body: Body) -> Any:
        _only(body, *_RESETTABLE)
        self._sandbox.reset(**body)
        return self._state({})

    def _configure(self, body: Body) -> Any:
        _only(body, *_SETTABLE)
        self._sandbox.configure(**body)
        return self._state({})

    def _state(self, _body: Body) -> Any:
        box = self._sandbox
        options = asdict(box.options, filter=lambda attribute, _value: attribute.name in _RESETTABLE)
        newest = heapq.nlargest(
            _SHOWN,
            (batch for account in box.world.accounts.values() for batch in account.batches[-_SHOWN:]),
            key=lambda batch: (batch.created, batch.cursor),
        )
        return {
            "options": options,
            "clock": self._clock({}),
            "accounts": [self._account(account) for account in box.world.accounts.values()],
            "batches": [self._batch(batch) for batch in newest],
            "requests": [entry.document() for entry in box.journal.entries[: -_SHOWN_REQUESTS - 1 : -1]],
            "requestCount": box.journal.count,
            "faults": self._rules({})["rules"],
        }

    def _account(self, account: Account) -> Any:
        now = self._sandbox.clock.now()
        return {
            "keyId": account.key_id,
            "plan": account.plan,
            "balance": self._sandbox.world.balance(account),
            "reserved": account.reserved,
            "batches": len(account.batches),
            "minute": {"used": account.limits.minute.used(now), "limit": account.limits.minute.limit},
            "day": {"used": account.limits.day.used(now), "limit": account.limits.day.limit},
        }

    def _batch(self, batch: Batch) -> Any:
        wanted = batch.submission
        return {
            "batchId": batch.batch_id,
            "keyId": batch.account.key_id,
            "status": batch.status,
            "prompt": self._sandbox.shown(wanted.prompt)[:_LONGEST_PROMPT],
            "model": wanted.model,
            "style": wanted.style,
            "shape": wanted.shape,
            "quality": wanted.quality,
            "createdAt": iso(batch.created),
            "images": [self._image(image) for image in batch.images],
        }

    def _image(self, image: Image) -> Any:
        return {
            "imageId": image.image_id,
            "status": image.status,
            "url": self._sandbox.pictures.url(image),
            "creditsCharged": image.charged,
            "isFavorite": image.is_favorite,
        }

    def _favorite(self, body: Body) -> Any:
        _only(body, "imageId", "favorite")
        image_id = checks.text("imageId", body.get("imageId"))
        is_favorite = checks.flag("favorite", body.get("favorite", True))
        image = self._sandbox.world.picture(image_id)
        if image is None:
            raise bad_request("imageId", "there is no such image")
        self._sandbox.world.mark(image, favorite=is_favorite)
        return self._image(image)

    # -- faults, requests, clock, keys --------------------------------------------------------------------------------

    def _rules(self, _body: Body) -> Any:
        return {"rules": [rule_document(rule) for rule in self._sandbox.faults.rules], "kinds": KINDS}

    def _add_rule(self, body: Body) -> Any:
        _only(body, "fault", "match", "times", "probability")
        match = body.pop("match", {})
        if not isinstance(match, dict):
            raise bad_request("match", "must be an object")
        _only(match, "method", "path")
        return rule_document(self._sandbox.faults.add(body.pop("fault", None), **match, **body))

    def _clear_rules(self, _body: Body) -> Any:
        self._sandbox.faults.rules.clear()
        return self._rules({})

    def _requests(self, _body: Body) -> Any:
        return {"requests": [entry.document() for entry in self._sandbox.journal.entries]}

    def _clear_requests(self, _body: Body) -> Any:
        self._sandbox.journal.clear()
        return self._requests({})

    def _clock(self, _body: Body) -> Any:
        clock = self._sandbox.clock
        return {"now": clock.now(), "frozen": clock.is_frozen, "scale": clock.rate}

    def _set_clock(self, body: Body) -> Any:
        _only(body, "frozen", "scale", "advance")
        changes: list[Callable[[Clock], None]] = []
        if "frozen" in body:
            changes.append(Clock.freeze if checks.flag("frozen", body["frozen"]) else Clock.resume)
        if "scale" in body:
            changes.append(partial(Clock.scale, rate=checks.number("scale", body["scale"], 0, _FASTEST)))
        if "advance" in body:
            seconds = checks.number("advance", body["advance"], -_LONGEST_JUMP, _LONGEST_JUMP)
            if not 0 <= self._sandbox.clock.now() + seconds <= LATEST:
                raise bad_request("advance", "leads out of the years 1970 to 9998")
            changes.append(partial(Clock.advance, seconds=seconds))
        for change in changes:
            self._sandbox.move_clock(change)
        return self._clock({})

    def _keys(self, _body: Body) -> Any:
        return {"keys": [self._account(account) for account in self._sandbox.world.accounts.values()]}

    def _add_key(self, body: Body) -> Any:
        _only(body, "key", "credits", "plan")
        world = self._sandbox.world
        key = checks.key("key", body.get("key", world.new_key()))
        credit = checks.whole("credits", body.get("credits", FREE_CREDITS), 0, MOST_CREDITS)
        plan = checks.text("plan", body.get("plan", "free"))
        try:
            account = world.add_account(key, credit=credit, plan=plan)
        except ValueError as error:
            raise bad_request("key", str(error)) from error
        return {"key": key, **self._account(account)}  # the only time that a key is shown


def _same_origin(request: Request) -> None:
    """Refuse requests from web pages of other origins; browsers send them with the page's origin in `Origin`."""
    origin = request.headers.get("origin")
    if origin is not None and origin != f"http://{request.headers.get('host', '')}":
        raise RefusalError(403, "unauthorized", "Pages of other origins may not steer the sandbox")


def _only(body: Body, *known: str) -> None:
    for name in body:
        if name not in known:
            raise bad_request(name[:60], f"is not known; known are {', '.join(sorted(known))}")
