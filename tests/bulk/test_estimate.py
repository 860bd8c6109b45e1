"""What a run will take is known before anything is sent."""

import pytest

from pixola_ext._bulk.estimate import HD_BYTES, STANDARD_BYTES, Catalog, Estimating, Room
from pixola_ext.catalog import Model, Shape, Style

MODELS = [
    Model.from_dict({"slug": "flux-2", "pricing": {"standard": 4, "hd": 8}}),
    Model.from_dict({"slug": "gpt-image-1.5", "pricing": {"standard": 10}}),
    Model.from_dict({"slug": "free", "pricing": {"standard": 0, "hd": 0}}),
    Model.from_dict({"slug": "unpriced"}),
]
STYLES = [Style.from_dict({"slug": slug}) for slug in ("watercolor", "anime")]
SHAPES = [Shape.from_dict({"slug": slug}) for slug in ("square", "landscape-wide")]
CATALOG = Catalog.of(MODELS, STYLES, SHAPES)
DAY = 86_400


def estimate(*requests, room=None, catalog=CATALOG):
    """The estimate of these requests, given as members and how many of them."""
    estimating = Estimating(catalog)
    for members, n in requests:
        estimating.add({"prompt": "a fox", **members}, n)
    return estimating.estimate(room)


def test_prices_and_sizes_are_summed():
    """Standard and HD have prices and sizes of their own."""
    found = estimate(({"model": "flux-2"}, 10), ({"model": "flux-2", "quality": "hd"}, 2), ({"model": "free"}, 1))
    assert (found.pictures, found.credits, found.unpriced) == (13, 56, 0)
    assert found.size == 11 * STANDARD_BYTES + 2 * HD_BYTES


@pytest.mark.parametrize(
    "members",
    [{}, {"model": "unpriced"}, {"model": "gpt-image-1.5", "quality": "hd"}, {"model": "flux-2", "quality": "ultra"}],
)
def test_what_has_no_price_is_counted(members):
    """Without a model, or with a quality of which no price is known, it may cost anything."""
    found = estimate((members, 3), ({"model": "flux-2"}, 1))
    assert (found.credits, found.unpriced) == (4, 3)
    assert CATALOG.price({"prompt": "a", **members}) is None


def test_nothing_is_estimated_as_nothing():
    """A run without a request costs nothing."""
    assert (estimate().pictures, estimate().credits, estimate().size) == (0, 0, 0)


@pytest.mark.parametrize(("pictures", "requests"), [(1, 2), (100, 101), (101, 103), (900, 909), (985, 995)])
def test_a_list_answers_for_a_hundred(pictures, requests):
    """Each picture takes a request, each hundred a list, and a run a few."""
    few = estimate(({}, pictures)).requests - requests
    assert 1 <= few <= 5


@pytest.mark.parametrize(
    ("pictures", "room", "minutes"),
    [
        (20, Room(), 0),
        (900, Room(), 30),
        (900, Room(minute=0), 31),
        (900, Room(day=0, day_frees_in=3600.0), 60 + 30),
        (985, Room(), 33),
        (1500, Room(), DAY / 60 + 17),
        (2500, Room(), 2 * DAY / 60 + 18),
        (3000, Room(day=500, day_frees_in=600.0), 10 + 2 * DAY / 60 + 18),
    ],
)
def test_the_limits_decide_how_long_it_takes(pictures, room, minutes):
    """What is left of the minute goes at once, the rest at its pace, and what the day has not on later days."""
    assert estimate(({}, pictures), room=room).seconds / 60 == pytest.approx(minutes, abs=2)


def test_unknown_slugs_are_named():
    """A slug that no list has is named once, with those near to it, and how many requests have it."""
    found = estimate(({"model": "flux2", "style": "watercolour"}, 2), ({"model": "flux2"}, 1), ({"shape": "zzz"}, 1))
    shown = [(each.kind, each.slug, each.requests, each.suggestions) for each in found.unknown]
    assert shown == [
        ("model", "flux2", 3, ("flux-2",)),
        ("style", "watercolour", 2, ("watercolor",)),
        ("shape", "zzz", 1, ()),
    ]
    assert str(found.unknown[0]) == "model: there is no 'flux2' (did you mean flux-2?)"
    assert str(found.unknown[2]) == "shape: there is no 'zzz'"


def test_what_is_not_listed_is_not_judged():
    """Slugs of a kind whose list could not be had pass, as all members that have no list."""
    assert estimate(({"model": "x", "style": "y", "quality": "z"}, 1), catalog=Catalog.of()).unknown == ()
