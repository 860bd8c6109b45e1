"""The API without any style: what is sent and what is answered, typed in from the API reference.

A leaf is `text`, `count`, `flag`, `time`, `date` or `url`, or words with `|` between them; `?` at its end says that it
may be null. A dict is an object, a list an array of what is in it. A `Dialect` writes it down as an OpenAPI document.
"""

import re
from typing import Any

import attrs

STATUS, QUALITY = "processing|complete|failed|rejected", "standard|hd"
PRICING = {"standard": "count", "hd": "count"}
MODEL = {
    "slug": "text", "name": "text", "bestFor": "text", "description": "text", "tags": ["text"], "released": "date",
    "pricing": PRICING, "researcher": "text", "researcherUrl": "url?", "urls": ["url"], "samplePrompts": ["text"],
}  # fmt: skip
STYLE = {"slug": "text", "name": "text", "category": "text", "prompt": "text", "alias": "text?", "image": "url?"}
SHAPE = {"slug": "text", "name": "text", "aspectRatio": "text", "width": "count", "height": "count"}
PLACE = {"imageId": "text", "batchId": "text", "url": "url?", "title": "text?"}
MAKING = {"model": "text", "status": "text", "createdAt": "time", "creditsCharged": "count"}
PAGE = {"nextCursor": "count?", "hasMore": "flag"}
SUMMARY = {
    "batchId": "text", "status": STATUS, "prompt": "text", "quality": QUALITY, "imageCount": "count",
    "createdAt": "time",
}  # fmt: skip
IN_BATCH = {"imageId": "text", "url": "url?", "model": "text", "status": "text", "creditsCharged": "count"}
GENERATION = {"prompt": "text", "model": "text", "style": "text", "shape": "text", "quality": QUALITY}
ERROR = {"error": {"code": "text", "message": "text"}}


@attrs.frozen
class Call:
    """One call; `query` are its parameters, `name` is what a schema of its answer might be called."""

    method: str
    path: str
    name: str
    answer: Any
    query: dict[str, str] = attrs.field(factory=dict)
    body: dict[str, str] | None = None

    @property
    def parameters(self) -> list[str]:
        """The names in the path."""
        return re.findall(r"\{(\w+)\}", self.path)


CALLS = [
    Call("get", "/models", "Models", {"models": [MODEL]}),
    Call("get", "/models/{model}", "Model", MODEL),
    Call("get", "/styles", "Styles", {"styles": [{"category": "text", "styles": [STYLE]}]}),
    Call("get", "/styles/{style}", "Style", STYLE),
    Call("get", "/shapes", "Shapes", {"shapes": [SHAPE]}),
    Call("get", "/shapes/{shape}", "Shape", SHAPE),
    Call("get", "/credits", "Credits", {"balance": "count", "plan": "text?"}),
    Call("post", "/generate", "Accepted", {"batchId": "text"}, body=GENERATION),
    Call("get", "/batches", "Batches", {"batches": [SUMMARY], **PAGE}, query={"limit": "count", "cursor": "count"}),
    Call("get", "/batches/{batchId}", "Batch", {"batchId": "text", "status": STATUS, "images": [IN_BATCH]}),
    Call(
        "get",
        "/images",
        "Images",
        {"images": [{**PLACE, **MAKING, "isFavorite": "flag"}], **PAGE},
        query={"limit": "count", "cursor": "count", "batchId": "text"},
    ),
    Call("get", "/images/{imageId}", "Image", {**PLACE, "prompt": "text", **MAKING}),
    Call("get", "/openapi.json", "Document", {"openapi": "text"}),
]
SAMPLES = {"text": "flux-2", "count": 3, "flag": True, "time": "2026-02-18T05:19:34.019Z", "date": "2025-11-25",
           "url": "https://www.pixola.ai/a.png"}  # fmt: skip


def sample(node: Any) -> Any:
    """A value as the service might answer it."""
    if isinstance(node, dict):
        return {name: sample(inside) for name, inside in node.items()}
    if isinstance(node, list):
        return [sample(node[0])]
    leaf = node.rstrip("?")
    return SAMPLES.get(leaf, leaf.partition("|")[0])


class Dialect:
    """Writes the API down as OpenAPI 3.0 without names or components; each style overrides what it does otherwise.

    `told` are parts of the sentences that the normaliser reports, in order; nothing else may be reported.
    """

    version = "3.0.3"
    prefix = ""
    told: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """The whole document."""
        paths: dict[str, Any] = {}
        for call in CALLS:
            paths.setdefault(self.path(call), {})[call.method] = self.operation(call)
        info = {"title": "Pixola", "version": "1"}
        return {"openapi": self.version, "info": info, "paths": paths}

    def path(self, call: Call) -> str:
        """The key of the call in `paths`."""
        return f"{self.prefix}{call.path}"

    def operation(self, call: Call) -> dict[str, Any]:
        """One operation."""
        made: dict[str, Any] = {"summary": f"{call.method.upper()} {call.path}"}
        if parameters := self.parameters(call):
            made["parameters"] = parameters
        if call.body is not None:
            made["requestBody"] = self.body(call)
        return {**made, "responses": self.responses(call)}

    def parameters(self, call: Call) -> list[dict[str, Any]]:
        """All parameters, those in the path first."""
        places = [*((name, "path") for name in call.parameters), *((name, "query") for name in call.query)]
        return [self.parameter(call, name, place) for name, place in places]

    def parameter(self, call: Call, name: str, place: str) -> dict[str, Any]:
        """One parameter."""
        schema = self.schema(call.query.get(name, "text"), name)
        return {"name": name, "in": place, "required": place == "path", "schema": schema}

    def body(self, call: Call) -> dict[str, Any]:
        """The body of a request: of its members only the first must be there."""
        schema = self.thing("Generation", call.body or {}, required=[next(iter(call.body or {}))])
        return {"required": True, "content": {"application/json": {"schema": schema}}}

    def responses(self, call: Call) -> dict[str, Any]:
        """All answers by status."""
        return {"200": self.answer(call), "400": self.error(call)}

    def answer(self, call: Call) -> dict[str, Any]:
        """The answer of a success."""
        return {"description": "OK", "content": {"application/json": {"schema": self.schema(call.answer, call.name)}}}

    def error(self, _call: Call) -> dict[str, Any]:
        """Any other answer."""
        return {"description": "Error", "content": {"application/json": {"schema": self.schema(ERROR, "Error")}}}

    # -- schemas --

    def schema(self, node: Any, name: str) -> Any:
        """The schema of a node of the API."""
        if isinstance(node, dict):
            return self.thing(name, node, required=[*node])
        if isinstance(node, list):
            return self.many(self.schema(node[0], name.rstrip("s")))
        kind, may_be_null = node.rstrip("?"), node.endswith("?")
        written = self.words(kind.split("|")) if "|" in kind else self.leaf(kind)
        return self.nullable(written) if may_be_null else written

    def thing(self, name: str, members: dict[str, Any], required: list[str]) -> Any:
        """An object."""
        properties = {member: self.schema(inside, member) for member, inside in members.items()}
        return {"type": "object", "properties": properties, "required": required}

    def many(self, item: Any) -> Any:
        """An array."""
        return {"type": "array", "items": item}

    def words(self, words: list[str]) -> Any:
        """A string of known words."""
        return {"type": "string", "enum": words}

    def leaf(self, kind: str) -> Any:
        """Text, numbers and so on."""
        formats = {"time": "date-time", "date": "date", "url": "uri"}
        types = {"count": "integer", "flag": "boolean"}
        made: dict[str, Any] = {"type": types.get(kind, "string")}
        return {**made, "format": formats[kind]} if kind in formats else made

    def nullable(self, schema: Any) -> Any:
        """The same or null."""
        return {**schema, "nullable": True}
