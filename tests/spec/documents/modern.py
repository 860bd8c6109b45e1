"""OpenAPI 3.1, as schema libraries write it."""

from typing import Any

from .api import Call, Dialect


class Zod(Dialect):
    """zod: lists of types, constants instead of words, tuples, boolean schemas, unions with null, defaults required."""

    version = "3.1.0"

    def document(self) -> dict[str, Any]:
        """With its dialect."""
        return {**super().document(), "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema"}

    def parameter(self, call: Call, name: str, place: str) -> dict[str, Any]:
        """Numbers are coerced, so they may be anything in a query."""
        made = super().parameter(call, name, place)
        if call.query.get(name) == "count":
            made["schema"] = {"anyOf": [{"type": "number"}, {"type": "string"}], "default": 20}
        return made

    def body(self, call: Call) -> dict[str, Any]:
        """What has a default is required in zod's output."""
        made = super().body(call)
        schema = made["content"]["application/json"]["schema"]
        schema["required"] = ["prompt", "style", "quality"]
        schema["properties"]["style"]["default"] = "no-style"
        schema["properties"]["quality"]["default"] = "standard"
        return made

    def thing(self, name: str, members: dict[str, Any], required: list[str]) -> Any:
        """Open or closed by a boolean schema."""
        made = {**super().thing(name, members, required), "additionalProperties": name != "Generation"}
        if name == "pricing":
            made["properties"]["currency"] = {"const": "credits"}
            made["properties"]["range"] = {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "integer"}]}
            made["properties"]["never"] = False
            made["properties"]["anything"] = True
        return made

    def words(self, words: list[str]) -> Any:
        """A union of literals."""
        return {"anyOf": [{"type": "string", "const": word} for word in words]}

    def nullable(self, schema: Any) -> Any:
        """A list of types where there is one, else a union."""
        if isinstance(schema.get("type"), str):
            return {**schema, "type": [schema["type"], "null"]}
        return {"anyOf": [schema, {"type": "null"}]}


class FastAPI(Dialect):
    """pydantic: a title on everything, references, unions with null, ids made of the path, 422 for what is invalid."""

    version = "3.1.0"

    def document(self) -> dict[str, Any]:
        """With its components."""
        self.schemas: dict[str, Any] = {}
        return {**super().document(), "components": {"schemas": self.schemas}}

    def operation(self, call: Call) -> dict[str, Any]:
        """An id such as read_batch_batches__batchId__get."""
        path = call.path.replace("{", "_").replace("}", "_").replace("/", "_")
        return {"operationId": f"read{path}_{call.method}", **super().operation(call)}

    def parameter(self, call: Call, name: str, place: str) -> dict[str, Any]:
        """Optional ones may be null."""
        made = super().parameter(call, name, place)
        if place == "query":
            made["schema"] = {"anyOf": [made["schema"], {"type": "null"}], "title": name.title()}
        return made

    def responses(self, call: Call) -> dict[str, Any]:
        """With what validation says."""
        invalid = {"type": "object", "properties": {"detail": {"type": "array", "items": {"type": "object"}}}}
        self.schemas["HTTPValidationError"] = invalid
        reference = {"$ref": "#/components/schemas/HTTPValidationError"}
        return {
            "200": self.answer(call),
            "422": {"description": "Invalid", "content": {"application/json": {"schema": reference}}},
        }

    def thing(self, name: str, members: dict[str, Any], required: list[str]) -> Any:
        """A model with a title."""
        made = {**super().thing(name, members, required), "title": name}
        while self.schemas.setdefault(name, made) != made:
            name += "_"
        return {"$ref": f"#/components/schemas/{name}"}

    def leaf(self, kind: str) -> Any:
        """Every field has its title."""
        return {**super().leaf(kind), "title": kind.title()}

    def words(self, words: list[str]) -> Any:
        """An enum of its own, referred to."""
        self.schemas["_".join(words)] = {"type": "string", "enum": words, "title": "Enum"}
        return {"$ref": f"#/components/schemas/{'_'.join(words)}"}

    def nullable(self, schema: Any) -> Any:
        """A union."""
        return {"anyOf": [schema, {"type": "null"}]}
