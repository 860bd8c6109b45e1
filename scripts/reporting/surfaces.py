"""What a generated package offers: the attributes of its values, the arguments of its calls; and what one has more."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from .concerns import CLASSES

REQUEST: Final = "GenerationRequest"
_VARIABLES: Final = {"BatchSummary": "summary"}  # the others are called by their class, in small letters


@frozen
class Call:
    """A generated call: what must be given to its `operation`, what may be, and the type of its value."""

    tag: str
    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    value: str

    @property
    def line(self) -> str:
        """The import, as it is written in a program."""
        return f"from pixola_client.api.{self.tag} import {self.name}"

    def written(self, *others: str) -> str:
        """The call, with its required arguments and these others."""
        arguments = ", ".join([*self.required, *(f"{name}=..." for name in others)])
        return f"px.call({self.name}.operation({arguments}))"


@frozen
class Surface:
    """Attributes with their types by class, in the order of the document, and calls by tag and name.

    `names` has the API's name of each attribute, by class and attribute.
    """

    values: Mapping[str, Mapping[str, str]]
    names: Mapping[tuple[str, str], str]
    calls: Mapping[tuple[str, str], Call]


def surface(package: Path) -> Surface:
    """What the package in this folder offers, read from its source."""
    values: dict[str, dict[str, str]] = {}
    names: dict[tuple[str, str], str] = {}
    for path in sorted((package / "models").glob("[!_]*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                values[node.name] = _attributes(node)
                names |= {(node.name, attribute): name for attribute, name in _names(tree, values[node.name])}
    calls = [_call(path) for path in sorted((package / "api").glob("*/[!_]*.py"))]
    return Surface(values, names, {(call.tag, call.name): call for call in calls})


def _attributes(node: ast.ClassDef) -> dict[str, str]:
    each = (each for each in node.body if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name))
    found = {ast.unparse(one.target): ast.unparse(one.annotation) for one in each}
    return {name: kind for name, kind in found.items() if name != "extra" and not name.startswith("_")}


def _names(tree: ast.Module, attributes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each attribute with the API's name, which stands in the constant `_NAMES` of the module."""
    constants = [node.value for node in tree.body if isinstance(node, ast.AnnAssign) and node.value]
    literals = {text.value for node in constants for text in ast.walk(node) if isinstance(text, ast.Constant)}
    api = {re.sub(r"[\W_]", "", str(name)).casefold(): str(name) for name in literals}
    for attribute in attributes:
        yield attribute, api.get(attribute.replace("_", ""), attribute)


def _call(path: Path) -> Call:
    tree = ast.parse(path.read_text("utf-8"))
    made = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "operation")
    named = zip(made.args.kwonlyargs, made.args.kw_defaults, strict=True)
    keywords = [(one.arg, default is None) for one, default in named]
    required = [_argument(one) for one in made.args.args] + [f"{name}=..." for name, needed in keywords if needed]
    optional = tuple(name for name, needed in keywords if not needed)
    value = ast.unparse(made.returns).removeprefix("Operation[").removesuffix("]") if made.returns else "Any"
    return Call(path.parent.name, path.stem, tuple(required), optional, value)


def _argument(one: ast.arg) -> str:
    """A positional argument as it is written: a body by its class, others by their name."""
    kind = ast.unparse(one.annotation) if one.annotation else ""
    return f"{kind}(...)" if one.arg == "body" and kind.isidentifier() else one.arg


# -- what one has more, as a user writes it ----------------------------------------------------------------------------


@frozen
class Addition:
    """Something new: its name, `code` as a user writes it, a remark on what it is, and the import that it needs."""

    name: str
    code: str
    remark: str = ""
    needs: str = ""


def additions(before: Surface, after: Surface) -> list[Addition]:
    """What `after` offers and `before` does not: attributes, then members that can be sent, then calls."""
    found = []
    for name, attributes in after.values.items():
        if name in before.values:
            new = {each: kind for each, kind in attributes.items() if each not in before.values[name]}
            found += [_attribute(after, name, attribute, kind) for attribute, kind in new.items()]
    found.sort(key=lambda one: bool(one.needs))
    for key, call in after.calls.items():
        known = before.calls.get(key)
        if known is None:
            found.append(Addition(call.written(), call.written(), _remark(after, call.value), call.line))
        else:
            others = [name for name in call.optional if name not in known.optional]
            found += [Addition(call.written(name), call.written(name), needs=call.line) for name in others]
    return found


def _attribute(after: Surface, name: str, attribute: str, kind: str) -> Addition:
    api = after.names[name, attribute]
    if name == REQUEST:
        needs = f"from pixola_client.models import {REQUEST}"
        return Addition(f"{REQUEST}.{attribute}", f'px.submit({REQUEST}("...", {attribute}=...))', kind, needs)
    public = CLASSES.get(name, name)
    variable = _VARIABLES.get(public) or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", public).lower()
    if public not in (name, "Credits"):  # read by hand as a value of another class
        return Addition(f'{public}.extra["{api}"]', f'{variable}.extra["{api}"]', "of this answer alone")
    return Addition(f"{public}.{attribute}", f"{variable}.{attribute}", kind)


def _remark(after: Surface, value: str) -> str:
    members = ", ".join(after.values.get(value, ()))
    return f"{value}: {members}" if members else value
