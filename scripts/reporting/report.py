"""The text of a pull request that follows the document: what users gain and lose, in their words, then the details."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from comparing.changes import Change
from normalising.calls import CALLS
from normalising.document import normalise

from pixola_ext.sandbox.coverage import lacks

from .losses import losses
from .surfaces import Addition

_MOST: Final = 40  # lines of a list


def gained(added: Sequence[Addition]) -> list[str]:
    """What came, as a program that a user would write; nothing if nothing did."""
    if not added:
        return []
    imports = dict.fromkeys(one.needs for one in added if one.needs)
    code = [one.code + (f"  # {one.remark}" if one.remark else "") for one in added]
    return ["## New for users", "", "```python", *imports, *([""] if imports else []), *code, "```", ""]


def lost(changes: Iterable[Change]) -> list[str]:
    """What breaks, each with the public names that it concerns, and what the client does about it."""
    return _section("What breaks", [f"- {loss}" for loss in losses(changes)])


def missing(document: Mapping[str, Any]) -> list[str]:
    """What the document describes and the sandbox lacks, and which calls are on no cassette."""
    paths = normalise(document).document["paths"]
    calls = ((method, path) for path, item in paths.items() for method in item if (method, path) not in CALLS)
    new = [f"- {method.upper()} {path} is on no cassette" for method, path in calls]
    return _section("What the sandbox and the recordings lack", [f"- {each}" for each in lacks(document)] + new)


def _section(title: str, lines: Sequence[str]) -> list[str]:
    rest = [f"- and {len(lines) - _MOST} more"] if len(lines) > _MOST else []
    return [f"## {title}", "", *lines[:_MOST], *rest, ""] if lines else []
