"""The catalogs and the balance, in whatever envelope they come."""

import pytest

from pixola_ext import ConfigurationError, NotFoundError, Pricing, UnexpectedResponseError
from tests.support.wire import error, reply

WATERCOLOR = {"slug": "watercolor", "name": "Watercolor"}
ANIME = {"slug": "anime", "name": "Anime"}


@pytest.mark.parametrize(
    "envelope",
    [
        {"models": [{"slug": "flux-2"}, {"slug": "sora"}]},
        [{"slug": "flux-2"}, {"slug": "sora"}],
        {"data": [{"slug": "flux-2"}, {"slug": "sora"}], "total": 2},
        {"data": {"models": [{"slug": "flux-2"}, {"slug": "sora"}]}},
    ],
    ids=["wrapped", "bare", "data", "nested"],
)
def test_a_list_is_read_from_any_envelope(px, service, envelope):
    """The reference leaves the envelope open, so it does not matter."""
    service.plays(reply(envelope))
    assert [model.slug for model in px.models.list()] == ["flux-2", "sora"]


@pytest.mark.parametrize(
    "envelope",
    [
        {"styles": [{"category": "Painting", "styles": [WATERCOLOR]}, {"category": "Comics", "styles": [ANIME]}]},
        {"styles": {"Painting": [WATERCOLOR], "Comics": [ANIME]}},
        {
            "categories": [
                {"slug": "p", "name": "Painting", "styles": [WATERCOLOR]},
                {"name": "Comics", "items": [ANIME]},
            ]
        },
        {"Painting": [WATERCOLOR], "Comics": [ANIME]},
        [{**WATERCOLOR, "category": "Painting"}, {**ANIME, "category": "Comics"}],
    ],
    ids=["groups", "map", "categories", "bare map", "flat"],
)
def test_styles_know_their_category_however_they_are_grouped(px, service, envelope):
    """Grouped as objects, as a map or not at all: a flat list of styles comes out."""
    service.plays(reply(envelope))
    assert [(style.slug, style.category) for style in px.styles.list()] == [
        ("watercolor", "Painting"),
        ("anime", "Comics"),
    ]


@pytest.mark.parametrize("envelope", [[], {"models": []}, {"data": {}}])
def test_an_empty_list_is_empty(px, service, envelope):
    """No entries are no error."""
    service.plays(reply(envelope))
    assert px.models.list() == []


@pytest.mark.parametrize("body", [{}, {"error": {"code": "x", "message": "y"}}, "models", 7, [{"name": "no slug"}]])
def test_an_answer_that_is_no_list_is_refused(connect, service, body):
    """Something else with status 200 is never an empty catalog."""
    service.plays(reply(body))
    with pytest.raises(UnexpectedResponseError):
        connect("pxk_1", service.url, max_retries=0).models.list()


def test_the_lists_need_no_key(connect, service):
    """Without a key the lists work, and nothing else does."""
    service.plays(reply({"shapes": [{"slug": "square", "width": 1024, "height": 1024}]}))
    client = connect(base_url=service.url)
    assert [(shape.slug, shape.width) for shape in client.shapes.list()] == [("square", 1024)]
    assert "authorization" not in service.heard[0].headers
    with pytest.raises(ConfigurationError, match="create one at https://www.pixola.ai/settings"):
        client.credits()
    assert len(service.heard) == 1


def test_a_model_is_read_whole(px, service):
    """Every documented member has its attribute, and an unknown one is kept."""
    body = {
        "slug": "flux-2",
        "name": "FLUX.2",
        "bestFor": "detail",
        "description": "sharp",
        "tags": ["a", "b"],
        "released": "2025-11-25",
        "pricing": {"standard": 12, "hd": 24.0, "unheardOf": 99},
        "researcher": "someone",
        "researcherUrl": "https://example.com",
        "urls": ["https://example.com/1"],
        "samplePrompts": ["a cat"],
        "neverSaid": True,
    }
    service.plays(reply(body))
    model = px.models.get("flux-2")
    assert (model.name, model.best_for, model.tags) == ("FLUX.2", "detail", ("a", "b"))
    assert (model.pricing.standard, model.pricing.hd, dict(model.pricing.extra)) == (12, 24, {"unheardOf": 99})
    assert model.pricing == Pricing(12, 24, extra={"unheardOf": 99})
    assert (model.researcher_url, model.urls, model.sample_prompts) == (
        "https://example.com",
        ("https://example.com/1",),
        ("a cat",),
    )
    assert dict(model.extra) == {"neverSaid": True}
    assert service.heard[0].target == "/api/v1/models/flux-2"


def test_members_of_another_type_are_none_and_kept(px, service):
    """A wrong type spoils one member, not the answer."""
    service.plays(reply({"slug": "flux-2", "name": 7, "tags": "a", "pricing": 5, "urls": [1], "description": None}))
    model = px.models.get("flux-2")
    assert (model.name, model.tags, model.pricing, model.urls, model.description) == (None, (), None, (), None)
    assert dict(model.extra) == {"name": 7, "tags": "a", "pricing": 5, "urls": [1]}


@pytest.mark.parametrize(
    "body",
    [
        {"balance": 988, "plan": "pro"},
        {"credits": 988, "plan": {"name": "pro"}},
        {"credits": {"balance": 988}, "subscription": {"plan": "pro"}},
        {"data": {"remaining": 988, "currentPlan": "pro"}},
    ],
)
def test_the_balance_is_found_in_any_envelope(px, service, body):
    """The reference does not say how credits are written."""
    service.plays(reply(body))
    found = px.credits()
    assert (found.balance, found.plan) == (988, "pro")


def test_a_balance_that_is_not_there_is_not_zero(connect, service):
    """Without a number the answer is refused."""
    service.plays(reply({"plan": "pro"}))
    with pytest.raises(UnexpectedResponseError, match="balance is missing"):
        connect("pxk_1", service.url, max_retries=0).credits()


def test_an_unknown_slug_is_not_found(px, service):
    """The service's 404 is `NotFoundError`."""
    service.plays(error(404, "not_found"))
    with pytest.raises(NotFoundError):
        px.styles.get("nope")


@pytest.mark.parametrize("slug", ["", ".", "..", None, "a/b", "a b", "a?b", "é", "x" * 201, 7, "a\n"])
def test_what_cannot_be_a_slug_never_enters_a_url(px, service, slug):
    """Ids and slugs are matched whole before they are sent."""
    for get in (px.models.get, px.styles.get, px.shapes.get, px.batches.get, px.images.get, px.wait):
        with pytest.raises(ConfigurationError):
            get(slug)
    assert service.heard == []
