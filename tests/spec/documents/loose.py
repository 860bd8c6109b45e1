"""Documents that somebody wrote by hand, or that are not quite valid."""

from typing import Any

from .api import Call, Dialect, sample


class Duplicated(Dialect):
    """A prefix, the same operation id and tag on everything, path parameters that are not declared."""

    prefix = "/api/v1"

    def operation(self, call: Call) -> dict[str, Any]:
        """One id for all."""
        return {"operationId": "handler", "tags": ["API", "v1"], **super().operation(call)}

    def parameters(self, call: Call) -> list[dict[str, Any]]:
        """Only those in the query."""
        return [each for each in super().parameters(call) if each["in"] == "query"]


class ExamplesOnly(Dialect):
    """Examples and no schemas: one, or several by name, some of them with null."""

    def parameter(self, call: Call, name: str, place: str) -> dict[str, Any]:
        """What it looks like."""
        example = sample(call.query.get(name, "text"))
        return {"name": name, "in": place, "required": place == "path", "schema": {}, "example": example}

    def body(self, call: Call) -> dict[str, Any]:
        """One example."""
        return {"content": {"application/json": {"example": sample(call.body)}}}

    def answer(self, call: Call) -> dict[str, Any]:
        """Named examples, the first with null for what may be null."""
        value = sample(call.answer)
        nothing = {name: None for name, node in call.answer.items() if isinstance(node, str) and node.endswith("?")}
        examples = {"none": {"value": {**value, **nothing}}, "some": {"value": value}}
        return {
            "description": "OK",
            "content": {"application/json": {"schema": {"type": "object"}, "examples": examples}},
        }

    def error(self, _call: Call) -> dict[str, Any]:
        """No body."""
        return {"description": "Error"}


class Loose(Dialect):
    """Types left out where they can be guessed, null among the words, numbers for whole numbers, wrong defaults."""

    def parameter(self, call: Call, name: str, place: str) -> dict[str, Any]:
        """Defaults of the wrong type."""
        made = super().parameter(call, name, place)
        wrong = {"count": "twenty", "text": 0}[call.query.get(name, "text")]
        return {**made, "schema": {**made["schema"], "default": wrong}}

    def body(self, call: Call) -> dict[str, Any]:
        """Not said to be required; defaults of the wrong type."""
        made = super().body(call)
        for each in made["content"]["application/json"]["schema"]["properties"].values():
            each["default"] = 0 if "enum" in each else ["x"]
        return {"content": made["content"]}

    def thing(self, name: str, members: dict[str, Any], required: list[str]) -> Any:
        """An object without saying so."""
        made = super().thing(name, members, required)
        return {"properties": made["properties"], "required": required, "default": "nothing"}

    def many(self, item: Any) -> Any:
        """An array without saying so."""
        return {"items": item, "default": {}}

    def words(self, words: list[str]) -> Any:
        """Words without a type, one of them twice, and null."""
        return {"enum": [*words, None, words[0]]}

    def leaf(self, kind: str) -> Any:
        """Numbers, with formats that nobody knows."""
        made = super().leaf(kind)
        return {"type": "number", "format": "u53", "default": "0"} if kind == "count" else made


class Lax(Dialect):
    """Almost nothing is said: arrays without items, objects without members inside others, no types of parameters."""

    told = (
        "not described: BatchSummary in the answer of GET /batches; read as the reference says",
        "not described: Image in the answer of GET /batches/{batchId}; read as the reference says",
        "not described: Image in the answer of GET /images; read as the reference says",
        "not described: the models of GET /models; read as the reference says",
        "not described: the shapes of GET /shapes; read as the reference says",
        "not described: the styles of GET /styles; read as the reference says",
    )

    def parameter(self, call: Call, name: str, place: str) -> dict[str, Any]:
        """Its name."""
        return {"name": name, "in": place, "required": place == "path"}

    def answer(self, call: Call) -> dict[str, Any]:
        """Only the outermost members."""
        if call.name == "Document":
            return {"description": "OK"}
        return super().answer(call)

    def many(self, _item: Any) -> Any:
        """An array of whatever."""
        return {"type": "array"}

    def leaf(self, _kind: str) -> Any:
        """Whatever."""
        return {}

    def words(self, _words: list[str]) -> Any:
        """Whatever."""
        return {"description": "See the documentation."}

    def nullable(self, schema: Any) -> Any:
        """Whatever, or null."""
        return {**schema, "nullable": True}
