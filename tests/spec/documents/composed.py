"""Documents in which nothing stands where it is used."""

from typing import Any

from .api import CALLS, Call, Dialect


class Composed(Dialect):
    """Everything from parts: allOf of halves that overlap, unions by status, one title for all, `default` errors."""

    def responses(self, call: Call) -> dict[str, Any]:
        """An error by default."""
        return {"200": self.answer(call), "default": self.error(call)}

    def thing(self, name: str, members: dict[str, Any], required: list[str]) -> Any:
        """Two halves that share a member; a batch is one of two."""
        made = super().thing(name, members, required)
        names = [*members]
        middle = len(names) // 2
        halves = [
            {"title": "Part", "type": "object", "properties": {each: made["properties"][each] for each in part}}
            for part in (names[: middle + 1], names[middle:])
        ]
        whole = {"title": "Thing", "allOf": [*halves, {"required": required}]}
        if name != "Batch":
            return whole
        running = {"type": "object", "properties": {"batchId": {"type": "string"}, "status": {"enum": ["processing"]}}}
        return {"title": "Thing", "oneOf": [running, whole], "discriminator": {"propertyName": "status"}}

    def words(self, words: list[str]) -> Any:
        """A union of two lists of words."""
        return {"oneOf": [{"type": "string", "enum": words[:1]}, {"type": "string", "enum": words[1:]}]}

    def nullable(self, schema: Any) -> Any:
        """A part that may be null."""
        return {"allOf": [schema, {"nullable": True}]}


class Referenced(Dialect):
    """References everywhere: path items, parameters, bodies, answers, examples, headers, into paths, with quoting."""

    version = "3.1.0"

    def document(self) -> dict[str, Any]:
        """Paths that lead to path items, those to operations' parts."""
        self.parts: dict[str, Any] = {"schemas": {}, "parameters": {}, "responses": {}, "requestBodies": {}}
        made = super().document()
        items = {call.name: made["paths"][call.path] for call in CALLS if call.name != "Images"}
        made["components"] = {**self.parts, "pathItems": items}
        made["paths"] |= {
            call.path: {"$ref": f"#/components/pathItems/{call.name}"} for call in CALLS if call.name in items
        }
        # One parameter by its place in another operation, with the path quoted.
        items["Batches"]["get"]["parameters"][0] = {"$ref": "#/paths/~1imag%65s/get/parameters/0"}
        return made

    def _put(self, kind: str, name: str, made: Any) -> Any:
        while self.parts[kind].setdefault(name, made) != made:
            name += "_"
        return {"$ref": f"#/components/{kind}/{name}"}

    def parameter(self, call: Call, name: str, place: str) -> dict[str, Any]:
        """By reference to a reference."""
        made = self._put("parameters", name, super().parameter(call, name, place))
        return self._put("parameters", f"{name}.alias", made)

    def body(self, call: Call) -> dict[str, Any]:
        """By reference."""
        return self._put("requestBodies", call.name, super().body(call))

    def answer(self, call: Call) -> dict[str, Any]:
        """By reference."""
        return self._put("responses", call.name, super().answer(call))

    def error(self, call: Call) -> dict[str, Any]:
        """By reference."""
        return self._put("responses", "Error", super().error(call))

    def thing(self, name: str, members: dict[str, Any], required: list[str]) -> Any:
        """With a sentence beside the reference."""
        return {**self._put("schemas", name, super().thing(name, members, required)), "description": "A thing."}

    def leaf(self, kind: str) -> Any:
        """Leaves too."""
        return self._put("schemas", kind, super().leaf(kind))

    def words(self, words: list[str]) -> Any:
        """Words too."""
        return self._put("schemas", f"words-{len(words)}", super().words(words))

    def nullable(self, schema: Any) -> Any:
        """A union of references."""
        return {"oneOf": [schema, self._put("schemas", "null", {"type": "null"})]}
