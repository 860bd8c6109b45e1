"""Compares the public API with that of the last tag; what broke, went or came must stand in CHANGELOG.md.

    python scripts/public_api.py

Public is what CHANGELOG.md says: the names in `pixola_ext.__all__` and all that they hand out, and
`pixola_ext.sandbox.Sandbox`. A member that a public class inherits from a private one is its own, the keys of an
unpacked TypedDict are parameters, and a constant as a default is its value. A change is documented if its name stands
in backticks above the section of that tag, under Removed or Changed; under Added if it is a new name. Exit code 1 if
one is not.
"""

import copy
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import griffe
from attrs import frozen

ROOT: Final = Path(__file__).resolve().parent.parent
PACKAGE: Final = "pixola_ext"
ALSO: Final = f"{PACKAGE}.sandbox.Sandbox"
OPTIONS: Final = f"{PACKAGE}.settings.Settings"  # its members' values are the defaults of the clients' options
Package = griffe.Object | griffe.Alias
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
    old = griffe.load_git(PACKAGE, ref=tag, repo=repository, search_paths=["."], extensions=_extensions())
    new = griffe.load(PACKAGE, search_paths=[repository], try_relative_path=False, extensions=_extensions())
    exported = _exported(old)
    public, _ = _as_users_see_it(old), _as_users_see_it(new)
    before, after = exported.keys(), _exported(new).keys()
    found = [Change(name, ("Removed", "Changed"), f"{PACKAGE}.{name} is gone") for name in sorted(before - after)]
    found += [Change(name, ("Added",), f"{PACKAGE}.{name} is new") for name in sorted(after - before)]
    for breakage in _breakages(old, new, public):
        path = breakage.obj.path
        if _is_public(path, public):
            what = _COLOUR.sub("", breakage.explain()).partition(": ")[2]
            found.append(Change(_changelog_name(path), ("Removed", "Changed"), f"{path}: {what}"))
    return list(dict.fromkeys(found))


def _breakages(old: Package, new: Package, public: list[str]) -> Iterator[griffe.Breakage]:
    """What broke in the package and, since griffe does not look there, in public classes of private modules."""
    yield from griffe.find_breaking_changes(old, new)
    for path in public:
        before, after = _find(old, path), _find(new, path)
        if path.split(".")[1].startswith("_") and before is not None and after is not None:
            yield from griffe.find_breaking_changes(before, after)


def _changelog_name(path: str) -> str:
    """The last part of a name; the class for a constructor."""
    *_, holder, name = path.split(".")
    return holder if name == "__init__" else name


def _exported(package: Package) -> dict[str, str]:
    """The names in `__all__`, and where each is defined."""
    found = {}
    for name in map(str, package.exports or ()):
        member = package.members.get(name)
        found[name] = member.target_path if isinstance(member, griffe.Alias) else f"{PACKAGE}.{name}"
    return found


def _extensions() -> griffe.Extensions:
    return griffe.load_extensions(griffe.UnpackTypedDictExtension())


def _as_users_see_it(package: Package) -> list[str]:
    """Give public classes what they inherit from private ones, and parameters their values; the public paths."""
    public = [*_exported(package).values(), ALSO]
    for path in public:  # grows: what a public class hands out is public
        found = _find(package, path)
        if isinstance(found, griffe.Class):
            for name, inherited in found.inherited_members.items():
                if inherited.is_public and not _is_public(inherited.final_target.path, public):
                    found.set_member(name, copy.copy(inherited.final_target))
            public += {each: None for each in _handed_out(found) if each not in public}
        for function in _functions(found):
            _show_values(function, package)
    return public


def _find(package: Package, path: str) -> griffe.Object | None:
    """What is defined at the path, if that is in the package."""
    try:
        found = package.modules_collection[path]
        return found.final_target if isinstance(found, griffe.Alias) else found
    except (KeyError, griffe.AliasResolutionError):
        return None


def _handed_out(holder: griffe.Class) -> Iterator[str]:
    """The classes of the package that the public members of a class return or hold."""
    for member in holder.members.values():
        given = None
        if isinstance(member, griffe.Attribute | griffe.Function) and member.is_public:
            given = member.annotation  # of a function: of what it returns
        for part in given.iterate(flat=True) if isinstance(given, griffe.Expr) else ():
            found = _find(holder, part.canonical_path) if isinstance(part, griffe.ExprName) else None
            if isinstance(found, griffe.Class) and found.path.startswith(f"{PACKAGE}."):
                yield found.path


def _functions(found: griffe.Object | None) -> list[griffe.Function]:
    members = [] if found is None else [found, *found.members.values()]
    return [each for each in members if isinstance(each, griffe.Function)]


def _show_values(function: griffe.Function, package: Package) -> None:
    """Replace the names of constants in defaults, and the missing defaults of a constructor's options, by values."""
    options = _find(package, OPTIONS) if function.name == "__init__" else None
    for parameter in function.parameters:
        default: str | griffe.Expr | None = parameter.default
        if default == "..." and options is not None and parameter.name in options.attributes:
            default = options.attributes[parameter.name].value
        parameter.default = _value(default, package)


def _value(written: str | griffe.Expr | None, package: Package) -> str | griffe.Expr | None:
    """A constant's value, and the default in the `field()` of a member."""
    if isinstance(written, griffe.ExprCall):
        keywords = (each for each in written.arguments if isinstance(each, griffe.ExprKeyword))
        written = next((each.value for each in keywords if each.name == "default"), written)
    found = _find(package, written.canonical_path) if isinstance(written, griffe.ExprName) else None
    return found.value if isinstance(found, griffe.Attribute) else written


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
