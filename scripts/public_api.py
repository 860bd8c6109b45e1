"""Compares the public API with that of the last tag; what broke, went or came must stand in CHANGELOG.md.

    python scripts/public_api.py

Public is what CHANGELOG.md says: the names in `pixola_ext.__all__` and all that they hand out, and
`pixola_ext.sandbox.Sandbox`. A change is documented if its name stands in backticks above the section of that tag,
under Removed or Changed; under Added if it is a new name. Exit code 1 if one is not.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import griffe
from attrs import frozen

ROOT: Final = Path(__file__).resolve().parent.parent
PACKAGE: Final = "pixola_ext"
ALSO: Final = f"{PACKAGE}.sandbox.Sandbox"
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
_SECTION: Final = re.compile(r"^### (\w+)\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)


@frozen
class Change:
    """A change of the public API: the name that the changelog has to hold, under which headings, and what happened."""

    name: str
    headings: tuple[str, ...]
    what: str


def last_tag(repository: Path) -> str | None:
    """The last version tag before this commit; None if there is none yet."""
    here = "HEAD^" if _git(repository, "tag", "--points-at", "HEAD", "--list", "v*") else "HEAD"
    return _git(repository, "describe", "--tags", "--abbrev=0", "--match", "v*", here) or None


def _git(repository: Path, *words: str) -> str:
    git = shutil.which("git") or "git"
    done = subprocess.run([git, *words], cwd=repository, capture_output=True, text=True, check=False)  # noqa: S603
    return done.stdout.strip()


def changes(repository: Path, tag: str) -> list[Change]:
    """What differs from the tag, as far as users can see it."""
    old = griffe.load_git(PACKAGE, ref=tag, repo=repository, search_paths=["."])
    new = griffe.load(PACKAGE, search_paths=[repository], try_relative_path=False)
    exported = _exported(old)
    before, after = exported.keys(), _exported(new).keys()
    found = [Change(name, ("Removed", "Changed"), f"{PACKAGE}.{name} is gone") for name in sorted(before - after)]
    found += [Change(name, ("Added",), f"{PACKAGE}.{name} is new") for name in sorted(after - before)]
    for breakage in griffe.find_breaking_changes(old, new):
        path = breakage.obj.path
        if _is_public(path, [*exported.values(), ALSO]):
            what = _COLOUR.sub("", breakage.explain()).partition(": ")[2]
            found.append(Change(_changelog_name(path), ("Removed", "Changed"), f"{path}: {what}"))
    return found


def _changelog_name(path: str) -> str:
    """The last part of a name; the class for a constructor."""
    *_, holder, name = path.split(".")
    return holder if name == "__init__" else name


def _exported(package: griffe.Object | griffe.Alias) -> dict[str, str]:
    """The names in `__all__`, and where each is defined."""
    found = {}
    for name in map(str, package.exports or ()):
        member = package.members.get(name)
        found[name] = member.target_path if isinstance(member, griffe.Alias) else f"{PACKAGE}.{name}"
    return found


def _is_public(path: str, public: list[str]) -> bool:
    """Whether users can reach it: a public name, what is inside one, or what its module hands out beside it."""
    parts = path.split(".")
    if any(part.startswith("_") and not part.startswith("__") for part in parts[2:]):
        return False
    modules = {each.rpartition(".")[0] for each in public}
    handed_out = ".".join(parts[:2]) in modules and not parts[1].startswith("_") and path not in modules
    return handed_out or any(path == each or path.startswith(f"{each}.") for each in public)


def sections_since(changelog: str, tag: str) -> dict[str, str]:
    """What stands above the section of the tag, by heading."""
    recent = re.split(rf"^## \[{re.escape(tag.removeprefix('v'))}\]", changelog, maxsplit=1, flags=re.MULTILINE)[0]
    found: dict[str, str] = {}
    for heading, text in _SECTION.findall(recent):
        found[heading] = found.get(heading, "") + text
    return found


def undocumented(repository: Path, tag: str) -> list[Change]:
    """The changes that the changelog does not name."""
    sections = sections_since((repository / "CHANGELOG.md").read_text("utf-8"), tag)
    return [
        change
        for change in changes(repository, tag)
        if not any(
            re.search(rf"`[^`\n]*\b{re.escape(change.name)}\b[^`\n]*`", sections.get(heading, ""))
            for heading in change.headings
        )
    ]


def main(repository: Path = ROOT) -> int:
    """Run from the command line."""
    tag = last_tag(repository)
    if tag is None:
        print("public API: there is no tag yet to compare with")
        return 0
    found = undocumented(repository, tag)
    for change in found:
        print(f"{change.what}; CHANGELOG.md does not name `{change.name}` under {' or '.join(change.headings)}")
    print(
        f"public API: {len(found)} changes since {tag} are not in CHANGELOG.md"
        if found
        else f"public API: all changes since {tag} are in CHANGELOG.md"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
