"""The entry of a regeneration in CHANGELOG.md, under what is not released yet."""

import re
import textwrap
from collections.abc import Iterable, Sequence
from typing import Final

from comparing.changes import Change

from .losses import losses
from .surfaces import Addition

_UNRELEASED: Final = re.compile(r"^## \[Unreleased\]\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_WIDTH: Final = 120  # characters of a line
_LONGEST: Final = 30  # changes that are listed one by one


def entered(changelog: str, added: Sequence[Addition], changes: Iterable[Change]) -> str:
    """The changelog with an entry for what came, and one for each change that users have to know of.

    What stands there already is not added twice; without anything to add, or without a section for it, the text stays
    as it is.
    """
    entries = []
    if added:
        entries.append(("Added", f"From the document: {', '.join(f'`{one.name}`' for one in added)}."))
    lost = [loss for loss in losses(changes) if not loss.taken]
    entries += [("Changed", f"In the document, {loss}") for loss in lost[:_LONGEST]]
    if len(lost) > _LONGEST:
        entries.append(("Changed", f"In the document, {len(lost) - _LONGEST} more changes that break clients."))
    for heading, text in entries:
        changelog = _UNRELEASED.sub(lambda found, entry=(heading, text): _with(found[0], *entry), changelog, count=1)
    return changelog


def _with(section: str, heading: str, text: str) -> str:
    entry = textwrap.fill(
        text, _WIDTH, initial_indent="- ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
    if entry in section:
        return section
    title = f"### {heading}\n"
    if title not in section:
        return f"{section.rstrip()}\n\n{title}\n{entry}\n{_end(section)}"
    before, _, after = section.partition(title)
    entries, found, rest = after.partition("\n### ")
    return f"{before}{title}{entries.rstrip()}\n{entry}\n{found}{rest or _end(section)}"


def _end(section: str) -> str:
    """What stands between the section and the next, if there is one."""
    return "\n" if section.endswith("\n\n") else ""
