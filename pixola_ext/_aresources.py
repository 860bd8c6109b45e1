"""The parts of `AsyncPixola`: catalogs and histories. `_resources.py` is the same without `await`."""

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

    async def _run(self, flow: Flow[T]) -> T: ...


class AsyncCatalog(Generic[Entry]):
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

    async def list(self) -> Entries[Entry]:
        """Every entry, in the service's order. Needs no API key."""
        client = self._client
        return await client._run(entries(self._listing(), client._policy, client._slugs, self._member))

    async def get(self, slug: str) -> Entry:
        """One entry by its slug; raises `NotFoundError`."""
        return await self._client._run(request(self._single(slug), self._client._policy))


class AsyncHistory(Generic[T]):
    """Items from newest to oldest, fetched page by page while they are iterated; every iteration starts anew."""

    def __init__(self, client: Client, listing: "Listing[T]") -> None:
        self._client = client
        self._listing = listing

    def __aiter__(self) -> "AsyncItems[T]":
        return AsyncItems(self.pages())

    def pages(self) -> "AsyncPages[T]":
        """The pages of the history; the `next_cursor` of one, given as `cursor`, resumes after it."""
        return AsyncPages(self._client, self._listing)


class AsyncPages(Generic[T]):
    """One walk through a history. It can be left at any time, and goes on after an error."""

    def __init__(self, client: Client, listing: "Listing[T]") -> None:
        self._client = client
        self._walk = listing.walk()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Page[T]:
        if self._walk.call is None:
            raise StopAsyncIteration
        return self._walk.take(await self._client._run(request(self._walk.call, self._client._policy)))

    async def aclose(self) -> None:
        """End the iteration; nothing more is requested."""
        self._walk.end()


class AsyncItems(Generic[T]):
    """The items of a walk, one by one; a walk as `AsyncPages` is one."""

    def __init__(self, pages: AsyncPages[T]) -> None:
        self._pages = pages
        self._items: Iterator[T] = iter(())

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        while True:
            for item in self._items:
                return item
            self._items = iter((await anext(self._pages)).items)

    async def aclose(self) -> None:
        """End the iteration; nothing more is requested."""
        self._items = iter(())
        await self._pages.aclose()


class AsyncBatches:
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
    ) -> AsyncHistory[BatchSummary]:
        """Batches, newest first: `limit` in all (None: every one), `page_size` (1 to 100) a request, after `cursor`.

        `since` and `until` are datetimes, dates or text (UTC unless they say otherwise); `since` ends the walk early.
        """
        with importing():
            from ._flows.paging import Wanted, batch_listing  # noqa: PLC0415  (3 ms to import, and few programs list)

        wanted = Wanted.checked(limit=limit, page_size=page_size, cursor=cursor, since=since, until=until)
        return AsyncHistory(self._client, batch_listing(wanted))

    async def get(self, batch_id: str) -> Batch:
        """One batch with its images, as it is now; raises `NotFoundError`."""
        return await self._client._run(request(operations.get_batch(batch_id), self._client._policy))


class AsyncImages:
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
    ) -> AsyncHistory[Image]:
        """Images, newest first, of one batch or of all; the other parameters are those of `batches.list`."""
        with importing():
            from ._flows.paging import Wanted, image_listing  # noqa: PLC0415  (as above)

        wanted = Wanted.checked(limit=limit, page_size=page_size, cursor=cursor, since=since, until=until)
        return AsyncHistory(self._client, image_listing(wanted, batch_id))

    async def get(self, image_id: str) -> Image:
        """One image with its prompt and a fresh URL; raises `NotFoundError`."""
        return await self._client._run(request(operations.get_image(image_id), self._client._policy))
