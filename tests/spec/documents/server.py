"""Documents as frameworks of the server write them."""

from typing import Any

from .api import CALLS, IN_BATCH, MODEL, SHAPE, STYLE, SUMMARY, Call, Dialect


class Next(Dialect):
    """Next.js route handlers: all schemas inline, paths with their prefix, no operation ids, no tags, a header."""

    prefix = "/api/v1"

    def parameters(self, call: Call) -> list[dict[str, Any]]:
        """The key is declared as if it were a parameter."""
        key = {"name": "Authorization", "in": "header", "required": True, "schema": {"type": "string"}}
        return [key, *super().parameters(call)]

    def operation(self, call: Call) -> dict[str, Any]:
        """Nothing but a description."""
        made = super().operation(call)
        return {**made, "description": made.pop("summary")}


class Nest(Dialect):
    """NestJS: classes of Dto, ids by controller and method, `default` in answers, slashes at the end of paths."""

    def document(self) -> dict[str, Any]:
        """With its components."""
        self.schemas: dict[str, Any] = {}
        made = super().document()
        return {**made, "components": {"schemas": self.schemas}}

    def path(self, call: Call) -> str:
        """With a slash at its end."""
        return f"/v1{call.path}/"

    def operation(self, call: Call) -> dict[str, Any]:
        """An id such as BatchController_findOne."""
        verb = "findOne" if call.parameters else "findAll"
        return {"operationId": f"{call.name}Controller_{verb}", "tags": ["default"], **super().operation(call)}

    def responses(self, call: Call) -> dict[str, Any]:
        """201 for what is posted, everything else by default."""
        return {"201" if call.method == "post" else "200": self.answer(call), "default": self.error(call)}

    def thing(self, name: str, members: dict[str, Any], required: list[str]) -> Any:
        """A class; one more of the same name gets a number."""
        made = super().thing(name, members, required)
        title = f"{name[:1].upper()}{name[1:]}Dto"
        while self.schemas.setdefault(title, made) != made:
            title += "2"
        return {"$ref": f"#/components/schemas/{title}"}

    def nullable(self, schema: Any) -> Any:
        """A reference cannot be null, but for allOf."""
        return {"allOf": [schema], "nullable": True}


class Generic(Dialect):
    """Statuses as 2XX, any media type, extensions everywhere, names of parameters of its own, titles on everything."""

    version = "3.0.0"
    told = ("the header X-Request-Id is left out",) * 13

    def path(self, call: Call) -> str:
        """Below a version that is a parameter, and with `id` for everything."""
        return "/{version}" + call.path.replace("{model}", "{slug}").replace("Id}", "_id}")

    def parameters(self, call: Call) -> list[dict[str, Any]]:
        """With extensions, the version, and a header."""
        own = [{"x-order": index, **each} for index, each in enumerate(super().parameters(call))]
        version = {"name": "version", "in": "path", "required": True, "schema": {"type": "string", "default": "v1"}}
        return [*own, version, {"name": "X-Request-Id", "in": "header", "schema": {"type": "string"}}]

    def parameter(self, call: Call, name: str, place: str) -> dict[str, Any]:
        """Under its name in the path."""
        renamed = {"model": "slug", "batchId": "batch_id", "imageId": "image_id"} if place == "path" else {}
        return {**super().parameter(call, name, place), "name": renamed.get(name, name)}

    def responses(self, call: Call) -> dict[str, Any]:
        """Ranges."""
        return {"2XX": self.answer(call), "4XX": self.error(call), "x-timeout": 30}

    def answer(self, call: Call) -> dict[str, Any]:
        """Of any type, or of one with a character set."""
        types = "*/*" if call.parameters else "Application/JSON; charset=utf-8"
        content = {"text/html": {"schema": {"type": "string"}}, types: {"schema": self.schema(call.answer, call.name)}}
        return {"description": "OK", "content": content}

    def thing(self, name: str, members: dict[str, Any], required: list[str]) -> Any:
        """All of one title."""
        return {"title": "Object", "x-go-type": name, **super().thing(name, members, required)}


class Envelopes(Dialect):
    """The lists in other wrappings than ours: a bare array, a map by category, groups in `data`; times as numbers."""

    def answer(self, call: Call) -> dict[str, Any]:
        """Another wrapping for each list."""
        wrapped = {"Models": [MODEL], "Shapes": {"data": {"items": [SHAPE]}}}
        schema = self.schema(wrapped.get(call.name, call.answer), call.name)
        if call.name == "Styles":
            schema = {"type": "object", "additionalProperties": self.many(self.schema(STYLE, "Style"))}
        return {"description": "OK", "content": {"application/json": {"schema": schema}}}

    def leaf(self, kind: str) -> Any:
        """Milliseconds since 1970."""
        return {"type": "integer", "format": "int64"} if kind == "time" else super().leaf(kind)


class Growing(Dialect):
    """The API of next year: more calls, members and words than we know, and a few that are a nuisance."""

    told = (
        "DELETE /images/{imageId} is new; it is generated as images.delete_images",
        "GET /images/{imageId}/variants is new; it is generated as images.list_images_variants",
        "POST /images/{imageId}/variants is new; it is generated as images.create_images_variants",
        "POST /uploads is new; it is generated as uploads.create_uploads",
        "BatchSummary.batch_id gets no attribute, its name is taken",
        "ListImagesVariantsResponse.Image gets no attribute",
        "POST /uploads: the body is not JSON, it is left out",
    )

    def document(self) -> dict[str, Any]:
        """With calls of its own."""
        made = super().document()
        image = made["paths"]["/images/{imageId}"]
        one = [self.parameter(CALLS[11], "imageId", "path")]
        image["delete"] = {"parameters": one, "responses": {"204": {"description": "Gone."}}}
        picture = {"type": "object", "properties": {"image": self.schema(IN_BATCH, ""), "Image": {"type": "integer"}}}
        variant = self.schema({"strength": "count?", "mode": "subtle|strong", "mask": {"x": "count"}}, "")
        answers = {"200": {"description": "", "content": {"application/json": {"schema": picture}}}}
        made["paths"]["/images/{imageId}/variants"] = {
            "get": {"parameters": [*one, {"name": "filter[mode]", "in": "query", "schema": {}}], "responses": answers},
            "post": {
                "parameters": one,
                "requestBody": {"content": {"application/json": {"schema": variant}}},
                "responses": answers,
            },
        }
        upload = {"requestBody": {"content": {"multipart/form-data": {"schema": {"type": "object"}}}}}
        made["paths"]["/uploads"] = {"post": {**upload, "responses": answers}}
        return made

    def schema(self, node: Any, name: str) -> Any:
        """More members, some of the same name to Python."""
        if node == SUMMARY:
            node = {**node, "batch_id": "count", "from": "text", "seed": "count?"}
        return super().schema(node, name)

    def words(self, words: list[str]) -> Any:
        """More words in answers."""
        return super().words([*words, "paused"] if "processing" in words else words)
