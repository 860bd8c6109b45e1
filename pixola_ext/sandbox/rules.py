"""Who asks for which fault: a prompt, a header, or a rule."""

import fnmatch
import json
import random
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from attrs import Attribute, define, field, frozen

from . import checks
from .faults import AFTER, DOWNLOADS, FATES, INSTEAD, KINDS, LATE, LOOKS
from .messages import Answer, Request, bad_request
from .records import FINE, Fate

HEADER: Final = "x-sandbox-fault"
_IN_PROMPT: Final = re.compile(r"\bsandbox:([a-z0-9]+(?:-[a-z0-9]+)*)")
_MOST_TIMES: Final = 10**9  # uses of a rule


def fate_in(prompt: str) -> Fate:
    """What a prompt asks to become of its batch."""
    return next((FATES[word] for word in _IN_PROMPT.findall(prompt) if word in FATES), FINE)


def looks_in(prompt: str) -> tuple[str, ...]:
    """The faults that a prompt asks for whenever its batch is looked at."""
    return tuple(word for word in _IN_PROMPT.findall(prompt) if word in LOOKS) if "sandbox:" in prompt else ()


def downloads_in(prompt: str) -> tuple[str, ...]:
    """The faults that a prompt asks for whenever its pictures are fetched."""
    return tuple(word for word in _IN_PROMPT.findall(prompt) if word in DOWNLOADS) if "sandbox:" in prompt else ()


def _in_submission(request: Request) -> Iterator[str]:
    if b"sandbox:" not in request.body or not request.path.endswith("/generate"):
        return
    try:
        prompt = json.loads(request.body)["prompt"]
        words = _IN_PROMPT.findall(prompt)
    except (ValueError, RecursionError, TypeError, LookupError):
        return  # the API says what is wrong with it
    yield from (word for word in words if word in KINDS and word not in LOOKS and word not in DOWNLOADS)


def _fault(_rule: Any, attribute: "Attribute[str]", value: Any) -> None:
    checked(value, attribute.name)


def _pattern(_rule: Any, attribute: "Attribute[str]", value: Any) -> None:
    checks.text(attribute.name, value)


def _times(_rule: Any, attribute: "Attribute[int | None]", value: Any) -> None:
    if value is not None:
        checks.whole(attribute.name, value, 0, _MOST_TIMES)


def _probability(_rule: Any, attribute: "Attribute[float]", value: Any) -> None:
    checks.number(attribute.name, value, 0, 1)


@define
class Rule:
    """A fault for every request that matches, `times` times (None: for ever), with `probability`.

    `method` and `path` are patterns as the shell has them. Raises ValueError, naming the field.
    """

    fault: str = field(validator=_fault)
    method: str = field(default="*", validator=_pattern)
    path: str = field(default="*", validator=_pattern)
    times: int | None = field(default=None, validator=_times)
    probability: float = field(default=1.0, validator=_probability)
    hits: int = 0

    def fits(self, request: Request) -> bool:
        """Whether it is about this request."""
        if self.times is not None and self.hits >= self.times:
            return False
        return fnmatch.fnmatchcase(request.method, self.method) and fnmatch.fnmatchcase(request.path, self.path)


@frozen
class Chosen:
    """The faults for one request."""

    names: tuple[str, ...] = ()

    def instead(self, now: float) -> Answer | None:
        """The answer to give without carrying out the request."""
        return next((INSTEAD[name](now) for name in self.names if name in INSTEAD), None)

    def after(self, answer: Answer, now: float) -> Answer:
        """What becomes of the real answer."""
        for name in self.names:
            late = INSTEAD.get(name.removesuffix(LATE)) if name.endswith(LATE) else None
            if late is not None:
                answer = late(now)
            elif name in AFTER:
                answer = AFTER[name](answer)
        return answer


class Faults:
    """The rules in force, and the faults that requests ask for themselves."""

    def __init__(self, seed: int) -> None:
        self.rules: list[Rule] = []
        self._chance = random.Random(f"{seed}/faults")  # noqa: S311  (failures, not secrets)

    def add(self, fault: str, **conditions: Any) -> Rule:
        """A new rule; conditions are the members of `Rule`, and so are the errors."""
        rule = Rule(fault, **conditions)
        self.rules.append(rule)
        return rule

    def chosen(self, request: Request) -> Chosen:
        """What goes wrong with this request; raises `RefusalError` for a fault that does not exist."""
        header = request.headers.get(HEADER)
        if header is None and not self.rules and not request.body:
            return _NONE
        asked = () if header is None else tuple(checked(name.strip(), HEADER) for name in header.split(","))
        return Chosen((*asked, *_in_submission(request), *self._by_rules(request)))

    def _by_rules(self, request: Request) -> Iterable[str]:
        for rule in self.rules:
            if rule.fits(request) and (rule.probability >= 1 or self._chance.random() < rule.probability):
                rule.hits += 1
                yield rule.fault


_NONE: Final = Chosen()


def checked(name: Any, where: str) -> str:
    """The name of a fault that exists."""
    if name not in KINDS:
        raise bad_request(where, f"there is no fault {str(name)[:60]!r}")
    return str(name)


def rule_document(rule: Rule) -> Mapping[str, Any]:
    """A rule as the admin calls show it."""
    return {
        "fault": rule.fault,
        "method": rule.method,
        "path": rule.path,
        "times": rule.times,
        "probability": rule.probability,
        "hits": rule.hits,
    }
