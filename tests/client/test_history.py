"""Batches and images, page by page."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixola_ext import ConfigurationError, Page, UnexpectedResponseError
from pixola_ext.flows.paging import Listing, Walk
from tests.wire import reply


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

    walk = Walk(Listing(page_call, str, limit, size, None))
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
