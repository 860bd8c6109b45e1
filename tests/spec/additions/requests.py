"""New members of requests, and new words in them."""

from typing import Any

from tests.spec.additions.case import Case, Serve
from tests.spec.change_cases import put, with_member


def sent(serve: Serve, **members: Any) -> Any:
    """The JSON of a submission with these members of the generated request, and of one with them as `extra`."""
    from pixola_client.models import GenerationRequest

    px, asked = serve({"batchId": "bt_1"})
    batch = px.submit(GenerationRequest("a fox", **members))
    assert batch.submission == GenerationRequest("a fox", **members)
    return asked[-1]


def negative_prompt(serve: Serve) -> None:
    assert sent(serve, negative_prompt="fog") == {"prompt": "a fox", "negativePrompt": "fog"}
    px, asked = serve({"batchId": "bt_1"})
    px.submit("a fox", extra={"negativePrompt": "fog"})  # as programs did that could not wait
    assert asked[-1] == {"prompt": "a fox", "negativePrompt": "fog"}


def number_of_images(serve: Serve) -> None:
    assert sent(serve, num_images=3) == {"prompt": "a fox", "numImages": 3}


def mood_of_a_request(serve: Serve) -> None:
    assert sent(serve, mood="calm") == {"prompt": "a fox", "mood": "calm"}
    assert sent(serve, mood="a word of tomorrow")["mood"] == "a word of tomorrow"
    px, asked = serve({"batchId": "bt_1"})
    px.submit("a fox", extra={"mood": "calm"})
    assert asked[-1] == {"prompt": "a fox", "mood": "calm"}


def size_of_a_request(serve: Serve) -> None:
    from pixola_client.models import Size

    assert sent(serve, size=Size(width=512)) == {"prompt": "a fox", "size": {"width": 512}}


def another_quality(serve: Serve) -> None:
    px, asked = serve({"batchId": "bt_1"})
    px.submit("a fox", quality="ultra")
    assert asked[-1] == {"prompt": "a fox", "quality": "ultra"}


def size(document: dict[str, Any]) -> None:
    """The request has an object of a named schema."""
    document["components"]["schemas"]["Size"] = {"type": "object", "properties": {"width": {"type": "integer"}}}
    with_member("GenerationRequest", "size", **{"$ref": "#/components/schemas/Size"})(document)


REQUESTS = [
    Case(
        "text to send",
        with_member("GenerationRequest", "negativePrompt"),
        negative_prompt,
        ("GenerationRequest.negative_prompt",),
    ),
    Case(
        "number to send",
        with_member("GenerationRequest", "numImages", type="integer", minimum=1),
        number_of_images,
        ("GenerationRequest.num_images",),
    ),
    Case(
        "words to send",
        with_member("GenerationRequest", "mood", type="string", enum=["calm"]),
        mood_of_a_request,
        ("GenerationRequest.mood",),
    ),
    Case("object to send", size, size_of_a_request, ("GenerationRequest.size",)),
    Case("word to send", put("Quality", enum=["standard", "hd", "ultra"]), another_quality),
]
