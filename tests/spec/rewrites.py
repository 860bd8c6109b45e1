"""Rewrites a document into another that says the same: each rewrite changes one way of writing, wherever `chance` says.

`rewritings()` is the strategy that applies several of them, in any order.
"""

import copy
import random
import re
from collections.abc import Callable
from typing import Any

import attrs
from hypothesis import strategies as st

Document = dict[str, Any]
Rewrite = Callable[[Document, random.Random], None]
REWRITES: list[Rewrite] = []


def rewrite(function: Rewrite) -> Rewrite:
    """Adds one to the list."""
    REWRITES.append(function)
    return function


@attrs.frozen
class Rewriting:
    """Several rewrites, one after the other; `seed` decides what they leave to chance."""

    rewrites: list[Rewrite] = attrs.field(repr=lambda rewrites: str([each.__name__ for each in rewrites]))
    seed: int

    def __call__(self, document: Document) -> Document:
        """Another document that says the same."""
        made = copy.deepcopy(document)
        for each in self.rewrites:
            each(made, random.Random(self.seed))  # noqa: S311  (chance, but the same again)
        return made


def rewritings() -> st.SearchStrategy[Rewriting]:
    """Any of them, in any order."""
    return st.builds(Rewriting, st.lists(st.sampled_from(REWRITES), max_size=8), st.integers(0, 2**32))


def _operations(document: Document) -> list[dict[str, Any]]:
    methods = ("get", "post")
    return [item[method] for item in document["paths"].values() for method in methods if method in item]


def _schemas(document: Document) -> dict[str, Any]:
    return document["components"]["schemas"]


def _holders(document: Document) -> list[tuple[dict[str, Any], str]]:
    """Every place of a schema inside a component, as the object that holds it and its key."""
    places: list[tuple[dict[str, Any], str]] = []
    for schema in _schemas(document).values():
        for part in [schema, *schema.get("allOf", ())]:
            places += [(part["properties"], name) for name in part.get("properties", {})]
            places += [(each, "items") for each in part.get("properties", {}).values() if "items" in each]
    return places


def _target(document: Document, reference: str) -> Any:
    node: Any = document
    for part in reference.removeprefix("#/").split("/"):
        node = node[part]
    return node


@rewrite
def write_out(document: Document, chance: random.Random) -> None:
    """References become what they lead to."""
    for holder, key in _holders(document):
        node = holder[key]
        if [*node] == ["$ref"] and chance.random() < 0.5:
            holder[key] = copy.deepcopy(_target(document, node["$ref"]))


@rewrite
def refer(document: Document, chance: random.Random) -> None:
    """What is written out becomes a component."""
    for holder, key in _holders(document):
        if "$ref" not in holder[key] and chance.random() < 0.3:
            name = f"Part{len(_schemas(document))}"
            _schemas(document)[name] = holder[key]
            holder[key] = {"$ref": f"#/components/schemas/{name}"}


def _mapped(node: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    """The node with every object in it changed, the innermost first."""
    if isinstance(node, dict):
        return change({name: _mapped(each, change) for name, each in node.items()})
    return [_mapped(each, change) for each in node] if isinstance(node, list) else node


def _replace(document: Document, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    made = _mapped(document, change)
    document.clear()
    document.update(made)


@rewrite
def rename(document: Document, chance: random.Random) -> None:
    """Components get other names, and references follow."""
    suffix = chance.choice(["Dto", "_2", ".v1"])
    _replace(document, lambda node: {"$ref": f"{node['$ref']}{suffix}"} if _is_to_schema(node) else node)
    document["components"]["schemas"] = {f"{name}{suffix}": each for name, each in _schemas(document).items()}


def _is_to_schema(node: dict[str, Any]) -> bool:
    return [*node] == ["$ref"] and "/schemas/" in node["$ref"]


@rewrite
def split(document: Document, chance: random.Random) -> None:
    """An object becomes two halves that share a member, and what is required a third part."""
    for name, schema in _schemas(document).items():
        if schema.get("type") == "object" and "properties" in schema and chance.random() < 0.5:
            names = [*schema["properties"]]
            cut = chance.randrange(len(names))
            halves = [
                {"type": "object", "properties": {each: copy.deepcopy(schema["properties"][each]) for each in part}}
                for part in (names[: cut + 1], names[cut:])
            ]
            _schemas(document)[name] = {"allOf": [*halves, {"required": schema.get("required", [])}]}


@rewrite
def alternatives(document: Document, chance: random.Random) -> None:
    """Words become a union, of constants or of one word each."""
    for holder, key in [*_holders(document), *((_schemas(document), name) for name in _schemas(document))]:
        words = holder[key].get("enum")
        if words:
            one = chance.choice([lambda word: {"const": word}, lambda word: {"type": "string", "enum": [word]}])
            holder[key] = {chance.choice(["oneOf", "anyOf"]): [one(word) for word in words]}


@rewrite
def null(document: Document, chance: random.Random) -> None:
    """What may be null says so in one of the other ways."""
    for holder, key in _holders(document):
        node = {name: each for name, each in holder[key].items() if name != "nullable"}
        if holder[key].get("nullable") and isinstance(node.get("type"), str):
            listed = {**node, "type": chance.choice([[node["type"], "null"], ["null", node["type"]]])}
            united = {
                chance.choice(["oneOf", "anyOf"]): chance.choice([[node, {"type": "null"}], [{"const": None}, node]])
            }
            holder[key] = chance.choice([listed, united, {"allOf": [node], "nullable": True}])
            document["openapi"] = "3.1.0"


@rewrite
def title(document: Document, _chance: random.Random) -> None:
    """Everything is called the same."""
    for schema in _schemas(document).values():
        schema["title"] = "Thing"


@rewrite
def names(document: Document, chance: random.Random) -> None:
    """Operations lose their ids and tags, or all have the same."""
    said = chance.choice([{}, {"operationId": "handler", "tags": ["v1", "API"]}])
    for operation in _operations(document):
        for key in ("operationId", "tags"):
            operation.pop(key, None)
        operation.update(copy.deepcopy(said))


@rewrite
def paths(document: Document, chance: random.Random) -> None:
    """A prefix before all paths, other names in them, a slash behind them."""
    prefix, end = chance.choice(["", "/api/v1", "/{tenant}"]), chance.choice(["", "/"])
    parameter = chance.choice([r"\g<0>", "{id}", ":id"])
    document["paths"] = {
        f"{prefix}{re.sub(r'{[^}]*}', parameter, path).rstrip('/')}{end}": item
        for path, item in document["paths"].items()
    }


@rewrite
def undeclared(document: Document, _chance: random.Random) -> None:
    """Parameters in paths are not declared."""
    for operation in _operations(document):
        declared = [
            _target(document, each["$ref"]) if "$ref" in each else each for each in operation.get("parameters", ())
        ]
        operation["parameters"] = [each for each in declared if each["in"] != "path"]


@rewrite
def inherited(document: Document, _chance: random.Random) -> None:
    """Parameters stand at the path."""
    for item in document["paths"].values():
        for method in [method for method in ("get", "post") if method in item]:
            item["parameters"] = [*item.get("parameters", []), *item[method].pop("parameters", [])]


@rewrite
def by_default(document: Document, chance: random.Random) -> None:
    """Errors are not told apart; a success has another number."""
    status = chance.choice(["200", "201", "2XX", 200])
    for operation in _operations(document):
        [success] = [each for key, each in operation["responses"].items() if str(key).startswith("2")]
        operation["responses"] = {"default": {"description": "An error."}, status: success}


@rewrite
def shuffle(document: Document, chance: random.Random) -> None:
    """Members stand in another order."""
    _replace(document, lambda node: dict(chance.sample([*node.items()], len(node))))
