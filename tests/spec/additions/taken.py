"""What the client takes as it comes: words, codes, statuses, texts, order, notes."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.spec.additions.case import IMAGE, Case, Serve, answer
from tests.spec.change_cases import bounds, operation, schema

ERROR = {"error": {"code": "age_restricted", "message": "no"}}


def status_of_tomorrow(serve: Serve) -> None:
    px, _ = serve({"batchId": "bt_1", "status": "queued"})
    batch = px.batches.get("bt_1")
    assert (batch.status, batch.is_terminal) == ("queued", False)


def code_of_tomorrow(serve: Serve) -> None:
    from pixola_ext import APIError

    px, _ = serve(ERROR, 409)
    with pytest.raises(APIError) as raised:
        px.submit("a fox")
    assert (raised.value.status, raised.value.code) == (409, "age_restricted")


def payment_required(serve: Serve) -> None:
    from pixola_ext import APIError

    px, _ = serve(ERROR, 402)
    with pytest.raises(APIError, match="age_restricted: no"):
        px.submit("a fox")


def accepted(serve: Serve) -> None:
    px, _ = serve({"batchId": "bt_1"}, 202)
    assert px.submit("a fox").batch_id == "bt_1"


def everything_as_before(serve: Serve) -> None:
    px, asked = serve({"batchId": "bt_1", "status": "complete", "images": [IMAGE]})
    assert px.submit("a fox", style="anime").batch_id == "bt_1"
    assert px.batches.get("bt_1").images[0].image_id == "im_1"
    assert {"prompt": "a fox", "style": "anime"} in asked


def code(document: dict[str, Any]) -> None:
    """Another error code, with its example."""
    schema(document, "ErrorCode")["enum"].append("age_restricted")
    media = document["components"]["responses"]["Conflict"]["content"]["application/json"]
    media["examples"]["age_restricted"] = {"value": ERROR}


def responses(call: str, said: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    """Another answer of an operation."""
    return lambda document: operation(document, call)["responses"].update(said)


def reordered(document: dict[str, Any]) -> None:
    """Everything the other way round."""

    def turn(node: Any) -> Any:
        if isinstance(node, dict):
            return {name: turn(each) for name, each in reversed(node.items())}
        return [turn(each) for each in node] if isinstance(node, list) else node

    turned = {name: turn(document[name]) for name in reversed([*document])}
    document.clear()
    document.update(turned)
    document["tags"].reverse()
    operation(document, "GET /images")["parameters"].reverse()


def reworded(document: dict[str, Any]) -> None:
    """Every text is another, with all that could be mistaken for code."""

    def write(node: Any) -> None:
        if isinstance(node, dict) and isinstance(node.get("description"), str):
            node["description"] = 'Said "otherwise": \\ and \'\'\' and """.'
        for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            write(each)

    write({name: each for name, each in document.items() if name != "info"})
    for item in document["paths"].values():
        for each in item.values():
            each["summary"] = f"{each.get('summary', 'A call')}, as it were"


HEADER = {"X-Requests-Left": {"description": "Requests left.", "schema": {"type": "integer"}}}
TEXT = {"application/xml": {"schema": {"type": "string"}}}
FREE = {
    "description": "Pay.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorResponse"}}},
}
CERTAIN = {"type": "apiKey", "in": "header", "name": "X-Key", "description": "Another key."}


def another_way_in(document: dict[str, Any]) -> None:
    """A second kind of key."""
    document["components"]["securitySchemes"]["other"] = CERTAIN
    operation(document, "GET /credits")["security"] = [{"bearerAuth": []}, {"other": []}]


TAKEN = [
    Case(
        "word of a status",
        lambda document: schema(document, "BatchStatus")["enum"].append("queued"),
        status_of_tomorrow,
    ),
    Case("error code", code, code_of_tomorrow),
    Case("error status", responses("POST /generate", {"402": FREE}), payment_required),
    Case("status for every server error", responses("GET /credits", {"5XX": FREE}), everything_as_before),
    Case(
        "another success",
        responses("POST /generate", answer({"$ref": "#/components/schemas/GenerationAccepted"}, "202")),
        accepted,
    ),
    Case(
        "tag", lambda document: document["tags"].append({"name": "Beta", "description": "New."}), everything_as_before
    ),
    Case(
        "call moved to another tag",
        lambda document: operation(document, "GET /images").update(tags=["Beta"]),
        everything_as_before,
    ),
    Case("texts", reworded, everything_as_before),
    Case("order", reordered, everything_as_before),
    Case(
        "deprecation", lambda document: operation(document, "GET /shapes").update(deprecated=True), everything_as_before
    ),
    Case(
        "header",
        lambda document: document["components"]["responses"]["RateLimited"]["headers"].update(HEADER),
        everything_as_before,
    ),
    Case(
        "server",
        lambda document: document["servers"].append({"url": "https://eu.pixola.ai/api/v1"}),
        everything_as_before,
    ),
    Case(
        "content type",
        lambda document: operation(document, "GET /credits")["responses"]["200"]["content"].update(TEXT),
        everything_as_before,
    ),
    Case("way to be let in", another_way_in, everything_as_before),
    Case(
        "schema that nothing uses",
        lambda document: document["components"]["schemas"].update(Later={"type": "object"}),
        everything_as_before,
    ),
    Case("larger pages", bounds("BatchLimit", maximum=200), everything_as_before),
    Case(
        "version", lambda document: document["info"].update(version="2.0.0", description="New."), everything_as_before
    ),
]
