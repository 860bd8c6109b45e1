"""Which faults a request gets: by words in its prompt, by a header, or by a rule."""

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
    """The outcome of a batch that its prompt asks for by a `sandbox:` word; the usual outcome if there is none."""
    return next((FATES[word] for word in _IN_PROMPT.findall(prompt) if word in FATES), FINE)


def looks_in(prompt: str) -> tuple[str, ...]:
    """The faults that a prompt asks for on every GET of its batch or images."""
    return tuple(word for word in _IN_PROMPT.findall(prompt) if word in LOOKS) if "sandbox:" in prompt else ()


def downloads_in(prompt: str) -> tuple[str, ...]:
    """The faults that a prompt asks for on every download of its pictures."""
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
    """A fault for the next `times` requests that match (None: for all), each with `probability`.

    `method` and `path` are shell patterns. Raises ValueError, naming the field.
    """

    fault: str = field(validator=_fault)
    method: str = field(default="*", validator=_pattern)
    path: str = field(default="*", validator=_pattern)
    times: int | None = field(default=None, validator=_times)
    probability: float = field(default=1.0, validator=_probability)
    hits: int = 0

    def fits(self, request: Request) -> bool:
        """Whether the rule applies to a request."""
        if self.times is not None and self.hits >= self.times:
            return False
        return fnmatch.fnmatchcase(request.method, self.method) and fnmatch.fnmatchcase(request.path, self.path)


@frozen
class Chosen:
    """The names of the faults for one request, in the order in which they are applied."""

    names: tuple[str, ...] = ()

    def instead(self, now: float) -> Answer | None:
        """The answer that a fault gives without carrying out the request, or None."""
        return next((INSTEAD[name](now) for name in self.names if name in INSTEAD), None)

    def after(self, answer: Answer, now: float) -> Answer:
        """The real answer, changed or replaced by the faults."""
        for name in self.names:
            late = INSTEAD.get(name.removesuffix(LATE)) if name.endswith(LATE) else None
            if late is not None:
                answer = late(now)
            elif name in AFTER:
                answer = AFTER[name](answer)
        return answer


class Faults:
    """The rules in force; it chooses the faults of each request."""

    def __init__(self, seed: int) -> None:
        self.rules: list[Rule] = []
        self._chance = random.Random(f"{seed}/faults")  # noqa: S311  (failures, not secrets)

    def add(self, fault: str, **conditions: Any) -> Rule:
        """Add a rule; `conditions` and errors are those of `Rule`."""
        rule = Rule(fault, **conditions)
        self.rules.append(rule)
        return rule

    def chosen(self, request: Request) -> Chosen:
        """The faults of a request; raises `RefusalError` if its header names a fault that does not exist."""
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
    """`name` if such a fault exists; else raises `MalformedError` for the field `where`."""
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
