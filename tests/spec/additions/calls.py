"""New calls, and new parameters of those that there are."""

from typing import Any

from tests.spec.additions.case import IMAGE, Case, Serve, add, answer, query


def ranked_images(serve: Serve) -> None:
    from pixola_client.api.images import list_images

    px, asked = serve({"images": [IMAGE]})
    assert px.call(list_images.operation(ranking="best")).images[0].image_id == "im_1"
    assert asked == ["ranking=best"]


def sorted_batches(serve: Serve) -> None:
    from pixola_client.api.batches import list_batches

    px, asked = serve({"batches": []})
    px.call(list_batches.operation(sort="oldest", limit=3))
    assert asked == ["limit=3&sort=oldest"]


def models_of_a_version(serve: Serve) -> None:
    from pixola_client.api.models import list_models

    px, asked = serve({"models": []})
    px.call(list_models.operation(min_version=2))
    assert asked == ["minVersion=2"]


def usage(serve: Serve) -> None:
    from pixola_client.api.account import get_usage

    px, _ = serve({"requestsToday": 7})
    assert px.call(get_usage.operation()).requests_today == 7


def cancelling(serve: Serve) -> None:
    from pixola_client.api.batches import cancel_batch

    px, asked = serve(None, 204)
    assert px.call(cancel_batch.operation("bt_1")) is None
    assert asked == [""]


def upscaling(serve: Serve) -> None:
    from pixola_client.api.images import upscale_image
    from pixola_client.models import UpscaleImageRequest

    px, asked = serve({**IMAGE, "imageId": "im_2"})
    image = px.call(upscale_image.operation("im_1", UpscaleImageRequest(factor=2)))
    assert (image.image_id, asked) == ("im_2", [{"factor": 2}])


def variants(serve: Serve) -> None:
    from pixola_client.api.images import list_images_variants

    px, _ = serve([{"name": "small"}])
    assert [variant.name for variant in px.call(list_images_variants.operation("im_1"))] == ["small"]


def favourites(serve: Serve) -> None:
    from pixola_client.api.favourites import set_favourite
    from pixola_client.models import SetFavouriteRequest

    px, asked = serve({"ok": True})
    assert px.call(set_favourite.operation("im_1", SetFavouriteRequest(is_favourite=True))).ok is True
    assert asked == [{"isFavourite": True}]


def searching(serve: Serve) -> None:
    from pixola_client.api.search import search

    px, asked = serve({"images": [IMAGE]})
    assert px.call(search.operation(q="fox")).images[0].image_id == "im_1"
    assert asked == ["q=fox"]


def favourite(document: dict[str, Any]) -> None:
    """An operation under a tag that is new."""
    body = {"type": "object", "required": ["isFavourite"], "properties": {"isFavourite": {"type": "boolean"}}}
    document["tags"].append({"name": "Favourites"})
    add(
        "/images/{imageId}/favourite",
        "put",
        operationId="setFavourite",
        tags=["Favourites"],
        parameters=[{"$ref": "#/components/parameters/ImageId"}],
        requestBody={"required": True, "content": {"application/json": {"schema": body}}},
        responses=answer({"type": "object", "properties": {"ok": {"type": "boolean"}}}),
    )(document)


IN_PATH = [{"$ref": "#/components/parameters/ImageId"}]
FACTOR = {"type": "object", "required": ["factor"], "properties": {"factor": {"type": "integer"}}}
IMAGES = {
    "type": "object",
    "properties": {"images": {"type": "array", "items": {"$ref": "#/components/schemas/Image"}}},
}
VARIANTS = {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}}
CALLS = [
    Case(
        "parameter",
        query("GET /images", "ranking", {"type": "string"}),
        ranked_images,
        ("px.call(list_images.operation(ranking=...))",),
    ),
    Case(
        "parameter with words",
        query("GET /batches", "sort", {"type": "string", "enum": ["newest", "oldest"]}),
        sorted_batches,
        ("px.call(list_batches.operation(sort=...))",),
    ),
    Case(
        "first parameter of a call",
        query("GET /models", "minVersion", {"type": "integer", "default": 1}),
        models_of_a_version,
        ("px.call(list_models.operation(min_version=...))",),
    ),
    Case(
        "call",
        add(
            "/usage",
            "get",
            operationId="get_usage",
            tags=["Account"],
            responses=answer({"title": "Usage", "properties": {"requestsToday": {"type": "integer"}}}),
        ),
        usage,
        ("px.call(get_usage.operation())",),
    ),
    Case(
        "call without an answer",
        add(
            "/batches/{batchId}",
            "delete",
            operationId="cancel_batch",
            tags=["Batches"],
            parameters=[{"$ref": "#/components/parameters/BatchId"}],
            responses={"204": {"description": "It is cancelled."}},
        ),
        cancelling,
        ("px.call(cancel_batch.operation(batch_id))",),
    ),
    Case(
        "call with a body",
        add(
            "/images/{imageId}/upscale",
            "post",
            operationId="upscaleImage",
            tags=["Images"],
            parameters=IN_PATH,
            requestBody={"required": True, "content": {"application/json": {"schema": FACTOR}}},
            responses=answer({"$ref": "#/components/schemas/Image"}),
        ),
        upscaling,
        ("px.call(upscale_image.operation(image_id, UpscaleImageRequest(...)))",),
    ),
    Case(
        "call without a name",
        add("/images/{imageId}/variants", "get", parameters=IN_PATH, responses=answer(VARIANTS)),
        variants,
        ("px.call(list_images_variants.operation(image_id))",),
    ),
    Case(
        "call under another tag",
        favourite,
        favourites,
        ("px.call(set_favourite.operation(image_id, SetFavouriteRequest(...)))",),
    ),
    Case(
        "call with a required parameter",
        add(
            "/search",
            "get",
            operationId="search",
            parameters=[{"name": "q", "in": "query", "required": True, "schema": {"type": "string"}}],
            responses=answer(IMAGES),
        ),
        searching,
        ("px.call(search.operation(q=...))",),
    ),
]
