"""A report of changes, for people or programs."""

import json
from typing import Final

from attrs import asdict

from .changes import SEVERITIES, Change

FORMS: Final = ("text", "markdown", "json")
_MOST_PLACES: Final = 5  # that a report for people lists of one change


def render(changes: list[Change], form: str) -> str:
    """The changes as `text` or `markdown` for people, grouped by what happened, or as `json`, one by one."""
    if form == "json":
        return json.dumps([asdict(change) for change in changes], indent=2, ensure_ascii=False)
    title, bullet, mark = ("## {} ({})\n", "- **{}**: {}", "`") if form == "markdown" else ("{}: {}", "  {}: {}", "")
    lines: list[str] = []
    for severity in SEVERITIES:
        groups: dict[tuple[str, str], list[str]] = {}
        for change in changes:
            if change.severity == severity:
                groups.setdefault((change.rule, change.what), []).append(f"{mark}{change.where}{mark}")
        if groups:
            lines += ["", title.format(severity, sum(map(len, groups.values())))]
        for (rule, what), places in sorted(groups.items()):
            more = len(places) - _MOST_PLACES
            named = [*places[:_MOST_PLACES], *([f"and {more} more places"] if more > 0 else [])]
            lines += [bullet.format(rule, what), *(f"    {'- ' if mark else ''}{place}" for place in named)]
    return "\n".join(lines[1:]) or "No change."
