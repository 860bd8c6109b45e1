"""What steers the sandbox itself, under `/_sandbox/`: it is no part of the API and needs no key."""

import json
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from attrs import asdict

from .._version import __version__
from .clock import Clock
from .faults import KINDS, rule_document
from .messages import Answer, RefusalError, Request, bad_request, not_found
from .world import FREE_CREDITS, Account, Image

if TYPE_CHECKING:
    from .service import Sandbox

_PREFIX: Final = "/_sandbox/"
_SHOWN: Final = 24  # images and requests in the state document
_LONGEST_JUMP: Final = 10.0**9  # seconds
_FASTEST: Final = 10.0**6

Body = dict[str, Any]
Handler = Callable[[Body], Any]


class Admin:
    """Answers to admin requests, in JSON; errors have the API's envelope."""

    def __init__(self, sandbox: "Sandbox") -> None:
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
        """The answer to any request below the prefix."""
        try:
            _same_origin(request)
            return Answer.of(self._call(request)(_body(request)))
        except RefusalError as refusal:
            return refusal.answer()

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
        changes = {
            **_numbers(body, ("seed", "credits"), whole=True),
            **_numbers(body, ("latency", "url_lifetime")),
            **_flags(body, ("rate_limits", "caption")),
        }
        _no_others(body, {"seed", "credits", "latency", "url_lifetime", "rate_limits", "caption"})
        self._sandbox.reset(**changes)
        return self._state({})

    def _configure(self, body: Body) -> Any:
        _no_others(body, {"latency", "url_lifetime", "rate_limits"})
        self._sandbox.configure(**_numbers(body, ("latency", "url_lifetime")), **_flags(body, ("rate_limits",)))
        return self._state({})

    def _state(self, _body: Body) -> Any:
        box = self._sandbox
        options = asdict(box.options, filter=lambda attribute, _value: attribute.name != "api_key")
        newest = sorted(
            (image for account in box.world.accounts.values() for image in account.images[-_SHOWN:]),
            key=lambda image: image.cursor,
            reverse=True,
        )
        return {
            "options": options,
            "clock": self._clock({}),
            "accounts": [self._account(account) for account in box.world.accounts.values()],
            "images": [self._image(image) for image in newest[:_SHOWN]],
            "requests": [entry.document() for entry in list(box.journal.entries)[: -_SHOWN - 1 : -1]],
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

    def _image(self, image: Image) -> Any:
        wanted = image.batch.submission
        return {
            "imageId": image.image_id,
            "batchId": image.batch.batch_id,
            "status": image.status,
            "url": self._sandbox.pictures.url(image),
            "prompt": wanted.prompt[:200],
            "model": wanted.model,
            "style": wanted.style,
            "shape": wanted.shape,
            "createdAt": image.batch.created,
            "isFavorite": image.is_favorite,
        }

    def _favorite(self, body: Body) -> Any:
        _no_others(body, {"imageId", "favorite"})
        for account in self._sandbox.world.accounts.values():
            image = self._sandbox.world.image(account, str(body.get("imageId")))
            if image is not None:
                self._sandbox.world.mark(image, favorite=_flags({"favorite": True, **body}, ("favorite",))["favorite"])
                return self._image(image)
        raise bad_request("imageId", "there is no such image")

    # -- faults, requests, clock, keys --------------------------------------------------------------------------------

    def _rules(self, _body: Body) -> Any:
        return {"rules": [rule_document(rule) for rule in self._sandbox.faults.rules], "kinds": KINDS}

    def _add_rule(self, body: Body) -> Any:
        _no_others(body, {"fault", "match", "times", "probability"})
        match = body.get("match", {})
        if not isinstance(match, dict):
            raise bad_request("match", "must be an object")
        _no_others(match, {"method", "path"})
        conditions = {**_texts(match, ("method", "path")), **_numbers(body, ("times",), whole=True)}
        conditions |= _numbers(body, ("probability",))
        if not 0 <= conditions.get("probability", 1) <= 1:
            raise bad_request("probability", "must be from 0 to 1")
        return rule_document(self._sandbox.faults.add(str(body.get("fault")), **conditions))

    def _clear_rules(self, _body: Body) -> Any:
        self._sandbox.faults.rules.clear()
        return self._rules({})

    def _requests(self, _body: Body) -> Any:
        return {"requests": [entry.document() for entry in self._sandbox.journal.entries]}

    def _clear_requests(self, _body: Body) -> Any:
        self._sandbox.journal.entries.clear()
        return self._requests({})

    def _clock(self, _body: Body) -> Any:
        clock = self._sandbox.clock
        return {"now": clock.now(), "frozen": clock.is_frozen, "scale": clock.rate}

    def _set_clock(self, body: Body) -> Any:
        _no_others(body, {"frozen", "scale", "advance"})
        numbers = _numbers(body, ("scale",)) | _numbers(body, ("advance",), least=-_LONGEST_JUMP)
        flags = _flags(body, ("frozen",))
        if numbers.get("scale", 0) > _FASTEST or numbers.get("advance", 0) > _LONGEST_JUMP:
            raise bad_request("scale" if numbers.get("scale", 0) > _FASTEST else "advance", "is too large")

        def change(clock: Clock) -> None:
            if "frozen" in flags:
                (clock.freeze if flags["frozen"] else clock.resume)()
            if "scale" in numbers:
                clock.scale(numbers["scale"])
            clock.advance(numbers.get("advance", 0.0))

        self._sandbox.move_clock(change)
        return self._clock({})

    def _keys(self, _body: Body) -> Any:
        return {"keys": [self._account(account) for account in self._sandbox.world.accounts.values()]}

    def _add_key(self, body: Body) -> Any:
        _no_others(body, {"key", "credits", "plan"})
        texts = {"plan": "free", **_texts(body, ("key", "plan"))}
        key = texts.get("key") or self._sandbox.world.new_key()
        if not key.startswith("pxk_") or not key.isascii() or not key.isprintable() or " " in key:
            raise bad_request("key", "must start with pxk_ and hold no space")
        numbers = {"credits": FREE_CREDITS, **_numbers(body, ("credits",), whole=True)}
        try:
            account = self._sandbox.world.add_account(key, credit=int(numbers["credits"]), plan=texts["plan"])
        except ValueError as error:
            raise bad_request("key", str(error)) from error
        return {"key": key, **self._account(account)}  # the only time that a key is shown


# -- reading bodies ---------------------------------------------------------------------------------------------------


def _same_origin(request: Request) -> None:
    """Refuse what a page of another origin sends: browsers let it send, and always say whose page it is."""
    origin = request.headers.get("origin")
    if origin is not None and origin != f"http://{request.headers.get('host', '')}":
        raise RefusalError(403, "unauthorized", "Pages of other origins may not steer the sandbox")


def _body(request: Request) -> Body:
    if not request.body:
        return {}
    if not request.headers.get("content-type", "application/json").startswith("application/json"):
        raise bad_request("body", "the content type must be application/json")
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise bad_request("body", "must be JSON") from error
    if not isinstance(body, dict):
        raise bad_request("body", "must be a JSON object")
    return body


def _no_others(body: Body, known: set[str]) -> None:
    for name in body:
        if name not in known:
            raise bad_request(name[:60], f"is not known; known are {', '.join(sorted(known))}")


def _numbers(body: Body, names: tuple[str, ...], *, whole: bool = False, least: float = 0.0) -> dict[str, Any]:
    found = {name: body[name] for name in names if name in body}
    for name, value in found.items():
        kinds = int if whole else int | float
        if not isinstance(value, kinds) or isinstance(value, bool) or not math.isfinite(value) or value < least:
            raise bad_request(name, f"must be a {'whole ' if whole else ''}number of at least {least:g}")
    return found


def _flags(body: Body, names: tuple[str, ...]) -> dict[str, bool]:
    found = {name: body[name] for name in names if name in body}
    for name, value in found.items():
        if not isinstance(value, bool):
            raise bad_request(name, "must be true or false")
    return found


def _texts(body: Body, names: tuple[str, ...]) -> dict[str, str]:
    found = {name: body[name] for name in names if name in body}
    for name, value in found.items():
        if not isinstance(value, str) or not value:
            raise bad_request(name, "must be a string")
    return found
