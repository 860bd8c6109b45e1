"""Walking a history page by page: what to ask next, and when it is enough. Pure; the clients run the loop."""

from collections.abc import Callable
from operator import attrgetter
from typing import Final, Generic, TypeVar

from attrs import evolve, frozen

from .._arguments import LARGEST_PAGE, checked_count
from .._operations import Call, list_batches, list_images
from ..errors import UnexpectedResponseError
from ..models import BatchSummary, Image, Page

T = TypeVar("T")

_MOST_EMPTY_PAGES: Final = 5  # in a row; a service that sends more of them has no more to give


@frozen
class Listing(Generic[T]):
    """A history to be walked: how to ask for a page, how to tell items apart, and how much is wanted."""

    page_call: Callable[[int, int | None], Call[Page[T]]]  # of page size and cursor
    identity: Callable[[T], str]
    limit: int | None
    page_size: int
    cursor: int | None

    def __attrs_post_init__(self) -> None:
        checked_count(self.page_size, "page_size", least=1, most=LARGEST_PAGE)
        if self.limit is not None:
            checked_count(self.limit, "limit", least=0)
        if self.cursor is not None:
            checked_count(self.cursor, "cursor", least=0)


def batch_listing(*, limit: int | None, page_size: int, cursor: int | None) -> Listing[BatchSummary]:
    """All batches, newest first."""

    def page_call(size: int, after: int | None) -> Call[Page[BatchSummary]]:
        return list_batches(limit=size, cursor=after)

    return Listing(page_call, attrgetter("batch_id"), limit, page_size, cursor)


def image_listing(*, batch_id: str | None, limit: int | None, page_size: int, cursor: int | None) -> Listing[Image]:
    """All images, or those of one batch, newest first."""

    def page_call(size: int, after: int | None) -> Call[Page[Image]]:
        return list_images(limit=size, cursor=after, batch_id=batch_id)

    return Listing(page_call, attrgetter("image_id"), limit, page_size, cursor)


class Walk(Generic[T]):
    """One walk through a listing: `call` is the next request, None at the end; `take` is given its page."""

    def __init__(self, listing: Listing[T]) -> None:
        self._listing = listing
        self._left = listing.limit
        self._cursors: set[int | None] = {listing.cursor}
        self._ids: set[str] = set()
        self._empty_pages = 0
        self.call: Call[Page[T]] | None = None
        if self._left != 0:
            self._ask(listing.cursor)

    def _ask(self, cursor: int | None) -> None:
        size = self._listing.page_size if self._left is None else min(self._listing.page_size, self._left)
        self.call = self._listing.page_call(size, cursor)

    def take(self, page: Page[T]) -> Page[T]:
        """The page with the items that are new and still wanted; decides what comes next."""
        fresh: list[T] = []
        for item in page.items:
            identity = self._listing.identity(item)
            if identity not in self._ids and (self._left is None or len(fresh) < self._left):
                self._ids.add(identity)
                fresh.append(item)
        if self._left is not None:
            self._left -= len(fresh)
        self._empty_pages = 0 if fresh else self._empty_pages + 1
        self._go_on(page)
        return evolve(page, items=tuple(fresh))

    def _go_on(self, page: Page[T]) -> None:
        answered, self.call = self.call, None
        if self._left == 0 or not page.has_more:
            return
        if page.next_cursor is None:
            raise _broken(answered, "it says that there is more, but not where")
        if page.next_cursor in self._cursors or self._empty_pages >= _MOST_EMPTY_PAGES:
            raise _broken(answered, "its cursors lead nowhere")
        self._cursors.add(page.next_cursor)
        self._ask(page.next_cursor)


def _broken(call: Call[Page[T]] | None, reason: str) -> UnexpectedResponseError:
    method, path = (call.method, call.path) if call else ("GET", "")
    return UnexpectedResponseError(f"cannot page on through {path}: {reason}", status=200, method=method, url=path)
