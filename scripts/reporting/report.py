"""The text of a pull request that follows the document: what users gain and lose, in their words, then the details."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from comparing.changes import Change
from normalise import normalise
from normalising.calls import CALLS

from pixola_ext.sandbox.coverage import lacks

from .changelog import is_lost
from .concerns import TAKEN, concerns
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
    breaking = [change for change in changes if change.severity == "breaking"]
    lines = []
    for change in sorted(breaking, key=lambda change: not is_lost(change)):
        names = ", ".join(f"`{name}`" for name in concerns(change)) or "no call that `pixola_ext` makes by itself"
        taken = "" if is_lost(change) else f" The client takes it: {TAKEN[change.rule]}."
        lines.append(f"- {change.where}: {change.what} It concerns {names}.{taken}")
    return _section("What breaks", lines)


def missing(document: Mapping[str, Any]) -> list[str]:
    """What the document describes and the sandbox lacks, and which calls are on no cassette."""
    paths = normalise(document).document["paths"]
    calls = ((method, path) for path, item in paths.items() for method in item if (method, path) not in CALLS)
    new = [f"- {method.upper()} {path} is on no cassette" for method, path in calls]
    return _section("What the sandbox and the recordings lack", [f"- {each}" for each in lacks(document)] + new)


def _section(title: str, lines: Sequence[str]) -> list[str]:
    rest = [f"- and {len(lines) - _MOST} more"] if len(lines) > _MOST else []
    return [f"## {title}", "", *lines[:_MOST], *rest, ""] if lines else []
