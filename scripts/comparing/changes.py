"""What a change means for clients: the table of rules, and the changes that were found by it.

Severities are read from the table; where it has two, for answers and for requests, so has the id of the rule:
`response-enum-widened` and `request-enum-widened`.
Components that no operation uses are not weighed; a schema that stands in a body twice is reported at the nearer place.

    type-changed                   breaking  breaking  another type, or answers may hold more, requests fewer
    type-narrowed                  safe      -         answers hold fewer types, or integer instead of number
    type-widened                   -         safe      requests may hold more types, or number instead of integer
    nullable-added                 breaking  safe      however 3.0 or 3.1 writes it
    nullable-removed               safe      breaking
    enum-widened                   breaking  safe      more words, or any word
    enum-narrowed                  safe      breaking
    format-added                   safe      breaking
    format-removed                 breaking  safe
    format-changed                 breaking  breaking
    bound-tightened                safe      breaking  minimum, maxLength, ...; another pattern counts as tighter
    bound-loosened                 safe      safe      clients seldom check what they receive
    default-changed                safe      safe      who says nothing gets something else: worth reading, not alarming
    property-removed               breaking  safe      in requests it is ignored from now on
    property-refused               -         breaking  removed, and additionalProperties is false
    property-added                 safe      safe      optional in requests
    required-property-added        -         breaking
    property-required              safe      breaking  was optional
    property-optional              breaking  safe      was required
    additional-properties-opened   safe      safe
    additional-properties-closed   safe      breaking
    alternative-added              breaking  safe      of oneOf and anyOf, in any order
    alternative-removed            safe      breaking
    constraint-changed             breaking  breaking  a keyword that is not weighed: not, if, discriminator, ...
    schema-deprecated              safe      safe      or no longer, as in every rule of this name
    operation-added                safe
    operation-removed              breaking
    operation-deprecated           safe
    operation-id-changed           breaking  for generated clients, whose functions are called by it
    operation-tags-changed         cosmetic
    path-parameter-renamed         safe      the wire is the same; arguments of generated functions are called otherwise
    parameter-added                safe      optional
    parameter-removed              breaking  a filter that is ignored gives the caller something else
    parameter-required             breaking  was optional, or is new
    parameter-optional             safe
    parameter-style-changed        breaking  style, explode and the like: another way to write it
    parameter-deprecated           safe
    request-body-added             safe      optional
    request-body-removed           breaking
    request-body-required          breaking  was optional, or is new
    request-body-optional          safe
    request-encoding-changed       breaking  of the parts of a form
    content-type-added             safe      safe
    content-type-removed           breaking  breaking
    success-status-added           breaking  2xx and 3xx: clients know the old ones only
    success-status-removed         breaking
    error-status-added             safe      4xx, 5xx and default
    error-status-removed           safe
    header-added                   safe      -
    header-removed                 breaking  -
    header-required                safe      -         was optional
    header-optional                breaking  -         was required
    callbacks-changed              breaking  and webhooks, links: not weighed further
    security-added                 breaking  to an operation that needed none
    security-removed               safe      the operation needs none any more
    security-alternative-added     safe
    security-alternative-removed   breaking  schemes are compared by what they are, not by name
    server-added                   safe
    server-url-changed             breaking  or removed
    description-changed            cosmetic  and summaries, titles, links to documentation
    example-changed                cosmetic
    extension-changed              cosmetic  x-...
    order-changed                  cosmetic  of words, parameters, tags
    info-changed                   cosmetic  title, version, contact, licence, list of tags, version of OpenAPI
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, cast

from attrs import field, frozen

Severity = Literal["breaking", "safe", "cosmetic"]
Direction = Literal["response", "request"]
SEVERITIES: Final = ("breaking", "safe", "cosmetic")  # the worst first
_ROW: Final = re.compile(r"^    ([a-z-]+) +(breaking|safe|cosmetic|-)(?: {1,9}(breaking|safe|-)(?= |$))?", re.MULTILINE)
RULES: Final = {rule: (answer, request) for rule, answer, request in _ROW.findall(__doc__ or "")}
TEXTS: Final = {"description": "description", "title": "title", "summary": "summary", "externalDocs": "link"}


@frozen
class Change:
    """One change, and what it means for a client."""

    severity: Severity
    where: str
    what: str
    rule: str


@frozen
class Found:
    """Collects changes; severities come from the table."""

    changes: list[Change] = field(factory=list)

    def add(self, rule: str, where: str, what: str, direction: Direction | None = None) -> None:
        """Note a change by its rule."""
        severity = RULES[rule][direction == "request"]
        named = f"{direction}-{rule}" if direction else rule
        self.changes.append(Change(cast(Severity, severity), where.strip(), what, named))

    def texts(self, old: Mapping[str, Any], new: Mapping[str, Any], where: str) -> None:
        """Note what only people read."""
        for key, word in TEXTS.items():
            if differ(old, new, key):
                self.add("description-changed", where, f"The {word} reads otherwise.")
        if differ(old, new, "example", "examples"):
            self.add("example-changed", where, "The example is another.")
        for key in sorted(key for key in {*old, *new} if key.startswith("x-") and differ(old, new, key)):
            self.add("extension-changed", where, f"The extension {key} is another.")

    def order(self, old: Iterable[Any], new: Iterable[Any], where: str, what: str) -> None:
        """Note that the same things stand in another order."""
        before, after = list(map(written, old)), list(map(written, new))
        if before != after and sorted(before) == sorted(after):
            self.add("order-changed", where, f"The order of the {what} is another.")


def written(value: Any) -> str:
    """JSON that is the same for the same value; unlike in Python, `true` is not 1."""
    return json.dumps(value, sort_keys=True, default=sorted)


def differ(old: Mapping[str, Any], new: Mapping[str, Any], *keys: str) -> bool:
    """Whether two objects differ in any of these members."""
    for key in keys:
        before, after = old.get(key), new.get(key)
        if before is not after and written(before) != written(after):  # most members are on neither side
            return True
    return False


def without_texts(value: Any) -> str:
    """The JSON of a value without what only people read."""
    if isinstance(value, Mapping):
        unread = ("description", "summary", "example", "examples", "externalDocs")
        kept = {
            key: without_texts(each) for key, each in value.items() if key not in unread and not key.startswith("x-")
        }
        return written(kept)
    return written([without_texts(each) for each in value]) if isinstance(value, list) else written(value)
