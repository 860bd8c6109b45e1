"""Batches and images, page by page."""

import asyncio
import gc
from contextlib import aclosing
from datetime import UTC, date, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixola_ext import AsyncPixola, ConfigurationError, Page, ServerError, UnexpectedResponseError
from pixola_ext._flows.paging import Listing, Wanted
from tests.support.wire import error, reply


def batches(first: int, count: int, **page):
    return reply(
        {
            "batches": [{"batchId": f"bt_{first - i}"} for i in range(count)],
            "nextCursor": None,
            "hasMore": False,
            **page,
        }
    )


def queries(service):
    return [
        {name: values[0] for name, values in parse_qs(urlsplit(heard.target).query).items()} for heard in service.heard
    ]


def test_items_come_from_all_pages_in_order(px, service):
    """One request per page, none at the end."""
    service.plays(batches(9, 3, nextCursor=6, hasMore=True), batches(6, 2))
    assert [batch.batch_id for batch in px.batches.list(page_size=3)] == ["bt_9", "bt_8", "bt_7", "bt_6", "bt_5"]
    assert queries(service) == [{"limit": "3"}, {"limit": "3", "cursor": "6"}]


def test_limit_is_the_total_and_asks_for_no_more(px, service):
    """The last page asks only for what is missing, and no page follows."""
    service.plays(batches(9, 3, nextCursor=6, hasMore=True), batches(6, 1, nextCursor=5, hasMore=True))
    assert len(list(px.batches.list(limit=4, page_size=3))) == 4
    assert queries(service) == [{"limit": "3"}, {"limit": "1", "cursor": "6"}]


def test_a_limit_of_zero_asks_for_nothing(px, service):
    """Nothing wanted, nothing sent."""
    assert list(px.batches.list(limit=0)) == []
    assert service.heard == []


def test_pages_carry_the_cursor_to_resume_from(px, service):
    """`pages()` gives items, cursor and whether there is more; a listing can start from a cursor."""
    service.plays(batches(9, 1, nextCursor=8, hasMore=True), batches(8, 1))
    first, second = px.batches.list(page_size=1, cursor=10).pages()
    assert (first.items[0].batch_id, first.next_cursor, first.has_more) == ("bt_9", 8, True)
    assert (second.next_cursor, second.has_more) == (None, False)
    assert queries(service)[0] == {"limit": "1", "cursor": "10"}


def test_every_iteration_starts_anew(px, service):
    """A listing is a description; iterating it twice asks twice."""
    service.plays(batches(9, 1))
    listing = px.batches.list()
    assert list(listing) == list(listing)
    assert len(service.heard) == 2


def test_images_can_be_those_of_one_batch(px, service):
    """The filter goes with every page; images carry what the list knows."""
    image = {
        "imageId": "im_1",
        "batchId": "bt_1",
        "url": "https://cdn.example/1.png",
        "title": "A cat",
        "model": "flux-2",
        "status": "complete",
        "createdAt": 1771391974019,
        "creditsCharged": 12,
        "isFavorite": True,
    }
    service.plays(
        reply({"images": [image], "nextCursor": 5, "hasMore": True}),
        reply({"images": [], "nextCursor": None, "hasMore": False}),
    )
    (found,) = px.images.list(batch_id="bt_1")
    assert (found.title, found.is_favorite, found.credits_charged) == ("A cat", True, 12)
    assert found.created_at.isoformat() == "2026-02-18T05:19:34.019000+00:00"
    assert [query["batchId"] for query in queries(service)] == ["bt_1", "bt_1"]


@pytest.mark.parametrize(
    "page",
    [{"nextCursor": 7, "hasMore": True}, {"nextCursor": None, "hasMore": True}],
    ids=["repeated cursor", "no cursor"],
)
def test_cursors_that_lead_nowhere_end_in_an_error(px, service, page):
    """A broken service never makes an endless loop, nor a history that looks complete and is not."""
    service.plays(batches(9, 1, **page))
    with pytest.raises(UnexpectedResponseError, match="cannot page on"):
        list(px.batches.list(cursor=7))


@pytest.mark.parametrize(
    "arguments",
    [{"page_size": 0}, {"page_size": 101}, {"limit": -1}, {"cursor": -1}, {"page_size": "9"}, {"limit": True}],
)
def test_bounds_are_checked_before_anything_is_sent(px, service, arguments):
    """The bounds of the reference hold here too."""
    with pytest.raises(ConfigurationError):
        px.batches.list(**arguments)
    with pytest.raises(ConfigurationError):
        px.images.list(**arguments)
    assert service.heard == []


class Service:
    """Newest first, as the API does; cursors are positions; new items may arrive between two pages."""

    def __init__(self, items: list[int]) -> None:
        self.items = items
        self.asked: list[int] = []

    def page(self, size: int, cursor: int | None) -> Page[int]:
        older = [item for item in self.items if cursor is None or item < cursor]
        shown = older[:size]
        more = len(older) > size
        return Page(tuple(shown), shown[-1] if more else None, more)


@given(
    count=st.integers(0, 40),
    size=st.integers(1, 7),
    limit=st.none() | st.integers(0, 50),
    arrivals=st.lists(st.integers(0, 3), max_size=10),
)
def test_a_walk_is_the_newest_items_without_loss_or_repeat(count, size, limit, arrivals):
    """Whatever arrives meanwhile, a walk gives the items that were there, once each, and asks no more than it must."""
    service = Service(list(range(count, 0, -1)))
    calls = []

    def page_call(size: int, cursor: int | None):
        calls.append((size, cursor))
        return calls[-1]

    wanted = Wanted.checked(limit=limit, page_size=size, cursor=None, since=None, until=None)
    walk = Listing(page_call, str, lambda _item: None, wanted).walk()
    found = []
    while walk.call is not None:
        size_asked, cursor = walk.call
        found += walk.take(service.page(size_asked, cursor)).items
        service.items = [
            *range(
                max(service.items, default=0) + (arrivals.pop() if arrivals else 0), max(service.items, default=0), -1
            ),
            *service.items,
        ]
    expected = list(range(count, 0, -1))[:limit]
    assert found == expected
    assert len(calls) <= max(1, -(-len(expected) // size)) if limit != 0 else calls == []


def test_an_item_twice_across_pages_comes_once(px, service):
    """What moved from one page to the next meanwhile is not told twice."""
    service.plays(batches(9, 3, nextCursor=6, hasMore=True), batches(7, 3))
    assert [batch.batch_id for batch in px.batches.list()] == ["bt_9", "bt_8", "bt_7", "bt_6", "bt_5"]


def dated(*minutes: int, **page):
    """A page of batches made so many minutes after noon."""
    made = [{"batchId": f"bt_{each}", "createdAt": f"2026-03-01T12:{each:02d}:00Z"} for each in minutes]
    return reply({"batches": made, "nextCursor": None, "hasMore": False, **page})


@pytest.mark.parametrize(
    ("since", "until", "expected", "requests"),
    [
        ("2026-03-01T12:35:00Z", None, [50, 40], 1),
        (datetime(2026, 3, 1, 12, 30, tzinfo=UTC), None, [50, 40, 30], 2),
        (datetime(2026, 3, 1, 12, 40), None, [50, 40], 1),  # noqa: DTZ001  (without a zone, that is the point)
        ("1 March 2026 14:25 +0200", "2026-03-01T12:40:00Z", [40, 30], 2),
        (date(2026, 3, 1), "2026-03-01 12:20", [20, 10], 2),
        (None, "2026-02-28", [], 2),
        ("2026-03-02", None, [], 1),
    ],
)
def test_a_history_can_be_cut_by_date(px, service, since, until, expected, requests):
    """Both ends are included; without a zone it is UTC; what is older than `since` is not asked for."""
    service.plays(dated(50, 40, 30, nextCursor=5, hasMore=True), dated(20, 10))
    found = px.batches.list(since=since, until=until)
    assert [batch.batch_id for batch in found] == [f"bt_{each}" for each in expected]
    assert len(service.heard) == requests


def test_items_without_a_date_may_be_wanted(px, service):
    """What is not known is not left out."""
    service.plays(batches(9, 2))
    assert len(list(px.batches.list(since="2026-03-01", until="2026-03-02"))) == 2


@pytest.mark.parametrize("instant", ["soon", "", 7, "99999-01-01", "2026-13-45"])
def test_what_is_no_date_is_refused(px, service, instant):
    """Before anything is sent."""
    for name in ("since", "until"):
        with pytest.raises(ConfigurationError, match=f"^{name}: "):
            px.images.list(**{name: instant})
    assert service.heard == []


def test_a_walk_can_be_abandoned(face, px, service):
    """Nothing stays open when a walk stops in the middle; what is left can still be asked for."""
    service.plays(batches(9, 2, nextCursor=7, hasMore=True), batches(7, 2))
    walk = iter(px.batches.list(page_size=2))
    assert next(walk).batch_id == "bt_9"
    del walk
    gc.collect()
    assert len(service.heard) == 1


def test_an_asynchronous_walk_can_be_closed(service):
    """As a generator could: `aclosing` works, and nothing follows."""
    service.plays(batches(9, 2, nextCursor=7, hasMore=True))

    async def walk():
        async with AsyncPixola("pxk_1", service.url) as px:
            async with aclosing(aiter(px.batches.list())) as items:
                assert (await anext(items)).batch_id == "bt_9"
            return [item async for item in items]

    assert asyncio.run(walk()) == []


def test_a_walk_goes_on_after_an_error(connect, service):
    """The page that failed is asked for again by the next step."""
    service.plays(batches(9, 1, nextCursor=8, hasMore=True), error(500, "internal_error"), batches(8, 1))
    pages = connect("pxk_1", service.url, max_retries=0).batches.list(page_size=1).pages()
    assert next(pages).items[0].batch_id == "bt_9"
    with pytest.raises(ServerError):
        next(pages)
    assert next(pages).items[0].batch_id == "bt_8"
