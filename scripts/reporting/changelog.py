"""The entry of a regeneration in CHANGELOG.md, under what is not released yet."""

import re
import textwrap
from collections.abc import Iterable, Sequence
from typing import Final

from comparing.changes import Change

from .concerns import concerns, is_taken
from .surfaces import Addition

_UNRELEASED: Final = re.compile(r"^## \[Unreleased\]\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_WIDTH: Final = 120  # characters of a line
_LONGEST: Final = 30  # changes that are told one by one


def entered(changelog: str, added: Sequence[Addition], changes: Iterable[Change]) -> str:
    """The changelog with an entry for what came, and one for each change that users have to know of.

    What stands there already is not told twice; without anything to tell, or without a section for it, the text stays
    as it is.
    """
    told = []
    if added:
        told.append(("Added", f"From the document: {', '.join(f'`{one.code}`' for one in added)}."))
    breaking = {f"{change.where}: {change.what}": change for change in changes if is_lost(change)}
    for text, change in [*breaking.items()][:_LONGEST]:
        names = ", ".join(f"`{name}`" for name in concerns(change))
        told.append(("Changed", f"The document, {text}" + (f" This concerns {names}." if names else "")))
    if len(breaking) > _LONGEST:
        told.append(("Changed", f"The document breaks clients in {len(breaking) - _LONGEST} more places."))
    for heading, text in told:
        changelog = _UNRELEASED.sub(lambda found, entry=(heading, text): _with(found[0], *entry), changelog, count=1)
    return changelog


def is_lost(change: Change) -> bool:
    """Whether something that worked may work no more."""
    return change.severity == "breaking" and not is_taken(change)


def _with(section: str, heading: str, text: str) -> str:
    entry = textwrap.fill(
        text, _WIDTH, initial_indent="- ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
    if entry in section:
        return section
    title = f"### {heading}\n"
    if title not in section:
        return f"{section.rstrip()}\n\n{title}\n{entry}\n\n"
    before, _, after = section.partition(title)
    entries, found, rest = after.partition("\n### ")
    return f"{before}{title}{entries.rstrip()}\n{entry}\n{found}{rest}" + ("" if found else "\n")
