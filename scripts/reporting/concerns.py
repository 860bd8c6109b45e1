"""Which public names of `pixola_ext` a change of the document concerns, and which changes the client takes."""

import re
from collections.abc import Mapping
from typing import Final

from comparing.changes import Change
from normalising.calls import CALLS, ITSELF, SUBMIT, Key
from normalising.promises import VALUES

METHODS: Final[Mapping[Key, tuple[str, ...]]] = {
    ("get", "/models"): ("px.models.list",),
    ("get", "/models/{model}"): ("px.models.get",),
    ("get", "/styles"): ("px.styles.list",),
    ("get", "/styles/{style}"): ("px.styles.get",),
    ("get", "/shapes"): ("px.shapes.list",),
    ("get", "/shapes/{shape}"): ("px.shapes.get",),
    ("get", "/credits"): ("px.credits",),
    SUBMIT: ("px.submit", "px.generate", "pixola generate"),
    ("get", "/batches"): ("px.batches.list", "px.reconcile"),
    ("get", "/batches/{batchId}"): ("px.batches.get", "px.wait"),
    ("get", "/images"): ("px.images.list",),
    ("get", "/images/{imageId}"): ("px.images.get", "px.save"),  # which asks anew for a URL that has expired
    ITSELF: ("make fetch-spec",),
}
# What is called otherwise in `pixola_ext` than in the generated package.
CLASSES: Final = {"CreditBalance": "Credits", "GenerationAccepted": "Batch", "BatchPage": "Page", "ImagePage": "Page"}
_LISTS: Final = {"BatchPage.batches": "Page.items", "ImagePage.images": "Page.items"}
# What the library does with a member beside handing it out.
USES: Final[Mapping[str, tuple[str, ...]]] = {
    "Batch.status": ("Batch.is_terminal", "px.wait"),
    "BatchSummary.status": ("BatchSummary.is_terminal", "px.reconcile"),
    "BatchSummary.prompt": ("px.reconcile",),
    "BatchSummary.quality": ("px.reconcile",),
    "BatchSummary.created_at": ("px.reconcile",),
    "Batch.images": ("Batch.completed", "Batch.unfinished", "px.save"),
    "Image.status": ("Image.is_complete", "Batch.completed", "px.save"),
    "Image.url": ("px.save", "px.open"),
}
PARAMETERS: Final = {"limit": "page_size", "cursor": "cursor", "batchId": "batch_id"}
ERRORS: Final[Mapping[str, tuple[str, ...]]] = {
    "400": ("BadRequestError", "exit code 2"),
    "401": ("UnauthorizedError", "exit code 4"),
    "404": ("NotFoundError", "exit code 1"),
    "409": ("ContentFlaggedError", "exit code 5", "InsufficientCreditsError", "exit code 6"),
    "429": ("RateLimitedError", "exit code 7"),
    "5": ("ServerError", "exit code 1"),
    "": ("APIError", "exit code 1"),
}
_WHERE: Final = ("Pixola(base_url=)", "PIXOLA_BASE_URL")
_KEY: Final = ("Pixola(api_key=)", "PIXOLA_API_KEY", "exit code 4")

TAKEN: Final[Mapping[str, str]] = {
    "operation-id-changed": "the calls of the reference keep their names",
    "success-status-added": "any 2xx is a success",
    "response-enum-widened": "any word is read",
    "response-nullable-added": "null is read as None",
    "response-property-optional": "what is absent is read as None",
    "response-format-removed": "times are read in every spelling",
    "response-format-changed": "times are read in every spelling",
    "response-constraint-changed": "answers are not held against constraints",
    "response-header-removed": "without Retry-After the client waits by itself",
    "response-header-optional": "without Retry-After the client waits by itself",
    "callbacks-changed": "the client has no callbacks",
}

_OPERATION: Final = re.compile(r"([A-Z]+) (/\S*)(?: (.*))?")
_KNOWN: Final = {(method, re.sub(r"\{[^}]*\}", "{}", path)): (method, path) for method, path in CALLS}


def call_of(change: Change) -> tuple[Key | None, str]:
    """The call of the reference where a change is, if it is in one; and the place in it, else the whole place."""
    found = _OPERATION.fullmatch(change.where)
    key = found and _KNOWN.get((found[1].lower(), re.sub(r"\{[^}]*\}", "{}", found[2])))
    return (key, found[3] or "") if found and key else (None, change.where)


def is_taken(change: Change) -> bool:
    """Whether the client goes on as before; an identity is never missed without harm."""
    key, place = call_of(change)
    if key and re.fullmatch(r"2\d\d .*", place):
        member = _members(CALLS[key].answer, place.partition(" ")[2])
        if member and VALUES[member[0]].get(member[1]) and VALUES[member[0]][member[1]].is_identity:
            return False
    return change.rule in TAKEN


def is_lost(change: Change) -> bool:
    """Whether something that worked may work no more."""
    return change.severity == "breaking" and not is_taken(change)


def concerns(change: Change) -> list[str]:
    """The public names that a change concerns, the nearest first; none if it concerns no call of the reference."""
    key, place = call_of(change)
    if change.rule.startswith("server") or place == "servers":
        return [*_WHERE, *(METHODS[key] if key else ())]
    if change.rule.startswith("security"):
        return [*(METHODS[key] if key else ()), *_KEY]
    return _inside(key, *place.partition(" ")[::2]) if key else []


def _inside(key: Key, part: str, path: str) -> list[str]:
    """The names for a place in a call: `part` is what was sent, where, or a status, `path` leads on from there."""
    if part == "body":
        return _sent(path)
    if part == "query" and path in PARAMETERS and METHODS[key][0].endswith(".list"):
        return [f"{METHODS[key][0]}({PARAMETERS[path]}=)"]
    if part[:1] in ("4", "5", "d"):
        names = ERRORS.get(part) or ERRORS["5" if part.startswith("5") else ""]
        return [*(["RateLimitedError.retry_after"] if path == "header Retry-After" else ()), *names]
    return [*dict.fromkeys([*_read(CALLS[key].answer, path), *METHODS[key]])]


def _sent(path: str) -> list[str]:
    name = _snake(_step(path.partition(".")[0]))
    if not name:
        return [*METHODS[SUBMIT]]
    attribute = f"GenerationRequest.{name}"
    if name not in CALLS[SUBMIT].sends:
        return [attribute, *METHODS[SUBMIT]]
    return [attribute, f"px.submit({name}=)", f"px.generate({name}=)", "pixola generate"]


def _read(answer: str, path: str) -> list[str]:
    """The attribute at this place of an answer, and what the library does with it."""
    member = _members(answer, path)
    if member is None:
        return []
    kind, name = member
    listed = _LISTS.get(f"{kind}.{name}")
    public = listed or f"{CLASSES.get(kind, kind)}.{_snake(name)}"
    return [] if kind.endswith("List") else [public, *USES.get(public, ())]


def _members(answer: str, path: str) -> tuple[str, str] | None:
    """The generated class and the API's name of the member at a place such as `images[].url`; None for no member."""
    kind, found = answer, None
    for name in map(_step, filter(None, path.split("."))):
        if kind not in VALUES:
            break
        promised = VALUES[kind].get(name)
        if promised is None and kind in ("Style", "Model", "Shape") and f"{kind.lower()}s" == name:
            continue  # a list in groups
        found = (kind, name)
        if promised is None or promised.value is None:
            break
        kind = promised.value
    return found


def _step(name: str) -> str:
    """A step of a path without what stands for items, values and alternatives."""
    return re.split(r"[\[{<]", name, maxsplit=1)[0]


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
