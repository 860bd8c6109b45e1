"""The parts of `Pixola`: catalogs and histories. `_aresources.py` is the same with `await`."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Generic, Protocol, Self, TypeVar

from ._api import operations
from ._api.arguments import LARGEST_PAGE
from ._api.importing import importing
from ._api.operations import Call
from ._flows.catalog import Entry, KnownSlugs, Listed, entries
from ._flows.effects import Flow
from ._flows.request import request
from .models import Batch, BatchSummary, Entries, Image, Page
from .settings import Policy

if TYPE_CHECKING:
    from ._api.instants import Instant
    from ._flows.paging import Listing

T = TypeVar("T")


class Client(Protocol):
    """What the parts need of the client that they belong to."""

    @property
    def _policy(self) -> Policy: ...

    @property
    def _slugs(self) -> KnownSlugs: ...

    def _run(self, flow: Flow[T]) -> T: ...


class Catalog(Generic[Entry]):
    """One of the three catalogs."""

    def __init__(
        self,
        client: Client,
        member: str,
        listing: Callable[[], Call[Listed[Entry]]],
        single: Callable[[str], Call[Entry]],
    ) -> None:
        self._client = client
        self._member = member
        self._listing = listing
        self._single = single

    def list(self) -> Entries[Entry]:
        """Every entry, in the service's order. Needs no API key."""
        client = self._client
        return client._run(entries(self._listing(), client._policy, client._slugs, self._member))

    def get(self, slug: str) -> Entry:
        """One entry by its slug; raises `NotFoundError`."""
        return self._client._run(request(self._single(slug), self._client._policy))


class History(Generic[T]):
    """Items from newest to oldest, fetched page by page while they are iterated; every iteration starts anew."""

    def __init__(self, client: Client, listing: "Listing[T]") -> None:
        self._client = client
        self._listing = listing

    def __iter__(self) -> "Items[T]":
        return Items(self.pages())

    def pages(self) -> "Pages[T]":
        """The pages of the history; the `next_cursor` of one, given as `cursor`, resumes after it."""
        return Pages(self._client, self._listing)


class Pages(Generic[T]):
    """One walk through a history. It can be left at any time, and goes on after an error."""

    def __init__(self, client: Client, listing: "Listing[T]") -> None:
        self._client = client
        self._walk = listing.walk()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Page[T]:
        if self._walk.call is None:
            raise StopIteration
        return self._walk.take(self._client._run(request(self._walk.call, self._client._policy)))

    def close(self) -> None:
        """End the iteration; nothing more is requested."""
        self._walk.end()


class Items(Generic[T]):
    """The items of a walk, one by one; a walk as `Pages` is one."""

    def __init__(self, pages: Pages[T]) -> None:
        self._pages = pages
        self._items: Iterator[T] = iter(())

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        while True:
            for item in self._items:
                return item
            self._items = iter(next(self._pages).items)

    def close(self) -> None:
        """End the iteration; nothing more is requested."""
        self._items = iter(())
        self._pages.close()


class Batches:
    """The batches of the account."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def list(
        self,
        *,
        limit: int | None = None,
        page_size: int = LARGEST_PAGE,
        cursor: int | None = None,
        since: "Instant | None" = None,
        until: "Instant | None" = None,
    ) -> History[BatchSummary]:
        """Batches, newest first: `limit` in all (None: every one), `page_size` (1 to 100) a request, after `cursor`.

        `since` and `until` are datetimes, dates or text (UTC unless they say otherwise); `since` ends the walk early.
        """
        with importing():
            from ._flows.paging import Wanted, batch_listing  # noqa: PLC0415  (3 ms to import, and few programs list)

        wanted = Wanted.checked(limit=limit, page_size=page_size, cursor=cursor, since=since, until=until)
        return History(self._client, batch_listing(wanted))

    def get(self, batch_id: str) -> Batch:
        """One batch with its images, as it is now; raises `NotFoundError`."""
        return self._client._run(request(operations.get_batch(batch_id), self._client._policy))


class Images:
    """The images of the account."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def list(
        self,
        *,
        batch_id: str | None = None,
        limit: int | None = None,
        page_size: int = LARGEST_PAGE,
        cursor: int | None = None,
        since: "Instant | None" = None,
        until: "Instant | None" = None,
    ) -> History[Image]:
        """Images, newest first, of one batch or of all; the other parameters are those of `batches.list`."""
        with importing():
            from ._flows.paging import Wanted, image_listing  # noqa: PLC0415  (as above)

        wanted = Wanted.checked(limit=limit, page_size=page_size, cursor=cursor, since=since, until=until)
        return History(self._client, image_listing(wanted, batch_id))

    def get(self, image_id: str) -> Image:
        """One image with its prompt and a fresh URL; raises `NotFoundError`."""
        return self._client._run(request(operations.get_image(image_id), self._client._policy))
