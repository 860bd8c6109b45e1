"""New members of answers."""

from typing import Any

from tests.spec.additions.case import IMAGE, Case, Serve
from tests.spec.change_cases import with_member


def each_image(document: dict[str, Any]) -> None:
    """Wherever an image is shown, it has a seed."""
    for name in ("Image", "ImageSummary", "BatchImage"):
        with_member(name, "seed", type="integer", nullable=True)(document)


def seed_of_an_image(serve: Serve) -> None:
    px, _ = serve({**IMAGE, "seed": 7})
    assert px.images.get("im_1").seed == 7
    px, _ = serve({"batchId": "bt_1", "status": "complete", "images": [{**IMAGE, "seed": 7}, IMAGE]})
    assert [image.seed for image in px.batches.get("bt_1").images] == [7, None]
    px, _ = serve({"images": [{**IMAGE, "seed": "seven"}]})
    (image,) = px.images.list()
    assert (image.seed, image.extra["seed"]) == (None, "seven")


def cost_of_a_batch(serve: Serve) -> None:
    px, _ = serve({"batchId": "bt_1", "cost": 1.5})
    assert px.batches.get("bt_1").cost == 1.5


def model_of_a_summary(serve: Serve) -> None:
    px, _ = serve({"batches": [{"batchId": "bt_1", "model": "flux-2"}]})
    assert [summary.model for summary in px.batches.list()] == ["flux-2"]


def licence_of_a_model(serve: Serve) -> None:
    px, _ = serve({"models": [{"slug": "flux-2", "licence": "open"}]})
    assert [model.licence for model in px.models.list()] == ["open"]


def price_of_another_quality(serve: Serve) -> None:
    px, _ = serve({"slug": "flux-2", "pricing": {"ultra": 9}})
    assert px.models.get("flux-2").pricing.ultra == 9


def colours_of_a_style(serve: Serve) -> None:
    px, _ = serve({"slug": "anime", "colours": ["red"]})
    assert px.styles.get("anime").colours == ("red",)


def icon_of_a_shape(serve: Serve) -> None:
    px, _ = serve({"slug": "square", "isDefault": True})
    assert px.shapes.get("square").is_default is True


def renewal_of_credits(serve: Serve) -> None:
    px, _ = serve({"balance": 3, "renewsAt": "2026-03-01T00:00:00Z"})
    assert px.credits().renews_at.year == 2026


def position_of_a_submission(serve: Serve) -> None:
    px, _ = serve({"batchId": "bt_1", "queuePosition": 3})
    assert px.submit("a fox").extra["queuePosition"] == 3


def total_of_a_page(serve: Serve) -> None:
    px, _ = serve({"batches": [], "total": 3})
    assert next(iter(px.batches.list().pages())).extra["total"] == 3


def an_object_in_an_image(serve: Serve) -> None:
    px, _ = serve({**IMAGE, "dimensions": {"width": 512}})
    assert px.images.get("im_1").dimensions.width == 512


def objects_in_a_batch(serve: Serve) -> None:
    px, _ = serve({"batchId": "bt_1", "warnings": [{"code": "slow"}]})
    assert [warning.code for warning in px.batches.get("bt_1").warnings] == ["slow"]


WIDTH = {"dimensions": {"type": "object", "properties": {"width": {"type": "integer"}}}}
CODE = {"type": "array", "items": {"type": "object", "properties": {"code": {"type": "string"}}}}
ANSWERS = [
    Case("member of every image", each_image, seed_of_an_image, ("Image.seed",)),
    Case("number", with_member("Batch", "cost", type="number"), cost_of_a_batch, ("Batch.cost",)),
    Case("member of a list", with_member("BatchSummary", "model"), model_of_a_summary, ("BatchSummary.model",)),
    Case("member of a catalog", with_member("Model", "licence"), licence_of_a_model, ("Model.licence",)),
    Case("inner member", with_member("Pricing", "ultra", type="integer"), price_of_another_quality, ("Pricing.ultra",)),
    Case(
        "list of texts",
        with_member("Style", "colours", type="array", items={"type": "string"}),
        colours_of_a_style,
        ("Style.colours",),
    ),
    Case(
        "required flag",
        with_member("Shape", "isDefault", required=True, type="boolean"),
        icon_of_a_shape,
        ("Shape.is_default",),
    ),
    Case(
        "time",
        with_member("CreditBalance", "renewsAt", type="string", format="date-time"),
        renewal_of_credits,
        ("Credits.renews_at",),
    ),
    Case(
        "member of a submission's answer",
        with_member("GenerationAccepted", "queuePosition", type="integer"),
        position_of_a_submission,
        ('Batch.extra["queuePosition"]',),
    ),
    Case(
        "member of a page", with_member("BatchPage", "total", type="integer"), total_of_a_page, ('Page.extra["total"]',)
    ),
    Case(
        "object",
        with_member("Image", "dimensions", **WIDTH["dimensions"]),
        an_object_in_an_image,
        ("Image.dimensions",),
    ),
    Case("list of objects", with_member("Batch", "warnings", **CODE), objects_in_a_batch, ("Batch.warnings",)),
]
