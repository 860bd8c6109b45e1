"""Walking a history page by page: what to ask next, and when it is enough. Pure; the clients run the loop."""

from collections.abc import Callable
from datetime import datetime
from operator import attrgetter
from typing import Final, Generic, NamedTuple, TypeVar

from attrs import evolve

from .._api.arguments import LARGEST_PAGE, checked_count
from .._api.instants import Instant, checked_instant
from .._api.operations import Call, list_batches, list_images
from ..errors import UnexpectedResponseError
from ..models import BatchSummary, Image, Page

T = TypeVar("T")

_MOST_REPEATED_PAGES: Final = 5  # in a row without anything new; a service that sends more has no more to give


class Listing(NamedTuple, Generic[T]):
    """A history to be walked: how to ask for a page, how to tell items apart, and how much of it is wanted."""

    page_call: Callable[[int, int | None], Call[Page[T]]]  # of page size and cursor
    identity: Callable[[T], str]
    made_at: Callable[[T], datetime | None]
    wanted: "Wanted"

    @property
    def cursor(self) -> int | None:
        """Where the walk begins."""
        return self.wanted.cursor

    def walk(self) -> "Walk[T]":
        """One walk through it, from its beginning."""
        return Walk(self)


class Wanted(NamedTuple):
    """What part of a history is wanted, checked: `limit` items in all, `page_size` a request, after `cursor`, made
    from `since` to `until` (both included).
    """

    limit: int | None
    page_size: int
    cursor: int | None
    since: datetime | None
    until: datetime | None

    @classmethod
    def checked(
        cls, *, limit: int | None, page_size: int, cursor: int | None, since: Instant | None, until: Instant | None
    ) -> "Wanted":
        """Raises `ConfigurationError` for what is out of bounds or no date."""
        return cls(
            None if limit is None else checked_count(limit, "limit", least=0),
            checked_count(page_size, "page_size", least=1, most=LARGEST_PAGE),
            None if cursor is None else checked_count(cursor, "cursor", least=0),
            checked_instant(since, "since"),
            checked_instant(until, "until"),
        )

    def is_past(self, made: datetime | None) -> bool:
        """Whether an item is older than all that is wanted."""
        return self.since is not None and made is not None and made < self.since

    def has(self, made: datetime | None) -> bool:
        """Whether an item is wanted by its date; one without a date may be."""
        return made is None or not (self.is_past(made) or (self.until is not None and made > self.until))


def batch_listing(wanted: Wanted) -> Listing[BatchSummary]:
    """All batches, newest first."""

    def page_call(size: int, after: int | None) -> Call[Page[BatchSummary]]:
        return list_batches(limit=size, cursor=after)

    return Listing(page_call, attrgetter("batch_id"), attrgetter("created_at"), wanted)


def image_listing(wanted: Wanted, batch_id: str | None) -> Listing[Image]:
    """All images, or those of one batch, newest first."""

    def page_call(size: int, after: int | None) -> Call[Page[Image]]:
        return list_images(limit=size, cursor=after, batch_id=batch_id)

    return Listing(page_call, attrgetter("image_id"), attrgetter("created_at"), wanted)


class Walk(Generic[T]):
    """One walk through a listing: `call` is the next request, None at the end; `take` is given its page."""

    def __init__(self, listing: Listing[T]) -> None:
        self._listing = listing
        self._left = listing.wanted.limit
        self._cursors: set[int | None] = {listing.cursor}
        self._ids: set[str] = set()
        self._repeated_pages = 0
        self.call: Call[Page[T]] | None = None
        if self._left != 0:
            self._ask(listing.cursor)

    def _ask(self, cursor: int | None) -> None:
        size = self._listing.wanted.page_size
        self.call = self._listing.page_call(size if self._left is None else min(size, self._left), cursor)

    def take(self, page: Page[T]) -> Page[T]:
        """The page with the items that are new and wanted; decides what comes next."""
        listing = self._listing
        new = [item for item in page.items if listing.identity(item) not in self._ids]
        new = list({listing.identity(item): item for item in new}.values())
        self._ids.update(map(listing.identity, new))
        self._repeated_pages = 0 if new else self._repeated_pages + 1
        fitting = [item for item in new if listing.wanted.has(listing.made_at(item))][: self._left]
        if self._left is not None:
            self._left -= len(fitting)
        dates = [made for item in page.items if (made := listing.made_at(item)) is not None]
        self._go_on(page, is_past=bool(dates) and listing.wanted.is_past(dates[-1]))
        return evolve(page, items=tuple(fitting))

    def _go_on(self, page: Page[T], *, is_past: bool) -> None:
        answered, self.call = self.call, None
        if self._left == 0 or is_past or not page.has_more:
            return
        if page.next_cursor is None:
            raise _broken(answered, "it says that there is more, but not where")
        if page.next_cursor in self._cursors or self._repeated_pages >= _MOST_REPEATED_PAGES:
            raise _broken(answered, "its cursors lead nowhere")
        self._cursors.add(page.next_cursor)
        self._ask(page.next_cursor)

    def end(self) -> None:
        """No more is wanted."""
        self.call = None


def _broken(call: Call[Page[T]] | None, reason: str) -> UnexpectedResponseError:
    method, path = (call.method, call.path) if call else ("GET", "")
    return UnexpectedResponseError(f"cannot page on through {path}: {reason}", status=200, method=method, url=path)
