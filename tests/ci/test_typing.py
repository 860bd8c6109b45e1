"""The programs in tests/typing, which `make check` has type-checked, use everything that is public."""

import ast
import tomllib
from typing import Final

import pytest

import pixola_ext
from tests.support import ROOT

PROGRAMS: Final = ROOT / "tests/typing"


def used(name: str) -> set[str]:
    """The names and attributes in the functions of a program, which its imports alone do not count for."""
    tree = ast.parse((PROGRAMS / name).read_text("utf-8"))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return names | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def test_every_public_name_is_used() -> None:
    """All of `pixola_ext.__all__`."""
    assert set(pixola_ext.__all__) <= {name for path in PROGRAMS.glob("*.py") for name in used(path.name)}


@pytest.mark.parametrize(("program", "client"), [("sync.py", "Pixola"), ("asynchronous.py", "AsyncPixola")])
def test_every_method_of_the_clients_is_used(program: str, client: str) -> None:
    """Properties, too; closing is what `with` does."""
    public = {name for name in dir(getattr(pixola_ext, client)) if not name.startswith("_")}
    assert public - {"close", "aclose"} <= used(program)


def test_both_type_checkers_read_the_programs() -> None:
    """As they run by themselves, in `make check` and in an editor; a needless `ignore` is an error to each."""
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
    assert "tests.typing" in tools["mypy"]["packages"]
    assert tools["mypy"]["strict"]
    assert "tests/typing" in tools["pyright"]["include"]
    comment = "# pyright: strict, reportUnnecessaryTypeIgnoreComment=true"
    assert all(comment in path.read_text("utf-8").splitlines() for path in PROGRAMS.glob("*.py"))
