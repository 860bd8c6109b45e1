"""`Pixola`, the blocking client: each method names a flow and runs it. `AsyncPixola` is the same with `await`."""

import copy
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Generic, Self, TypeVar

import httpx

from . import _operations as operations
from ._arguments import LARGEST_PAGE
from ._connections import connect
from ._drivers import Clock, Driver
from ._names import DEFAULT_TEMPLATE
from ._operations import Call
from ._pillow import decoder
from ._previews import offer
from .flows import Flow
from .flows.catalog import Entry, KnownSlugs, Listed, entries
from .flows.paging import Listing, Walk, batch_listing, image_listing
from .flows.request import request
from .flows.saving import load, save
from .flows.submission import submit
from .flows.submitted import submitted
from .flows.waiting import OnUpdate, generate, wait
from .models import Batch, BatchSummary, Credits, Entries, Image, Model, Page, Shape, Style, Submission
from .settings import DEFAULT_MAX_RETRIES, DEFAULT_TIMEOUT, DEFAULT_WAIT_TIMEOUT, Settings

if TYPE_CHECKING:
    import PIL.Image

    from .sandbox import Sandbox

T = TypeVar("T")


class Pixola:
    """A client of the Pixola API. Safe to share between threads; use it as a context manager or `close()` it.

    `api_key` and `base_url` come from `PIXOLA_API_KEY` and `PIXOLA_BASE_URL` when they are not given. Durations are
    seconds: `timeout` bounds one call with its retries, `wait_timeout` a wait. `http_client` is an `httpx.Client` of
    your own to send with; it is not closed here. `clock` replaces time and chance in tests.

    Raises `ConfigurationError` for settings that cannot work, `TypeError` for an `http_client` of another kind.
    """

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        wait_timeout: float = DEFAULT_WAIT_TIMEOUT,
        max_retries: int = DEFAULT_MAX_RETRIES,
        http_client: httpx.Client | None = None,
        clock: Clock | None = None,
    ) -> None:
        settings = Settings.resolve(
            api_key, base_url, timeout=timeout, wait_timeout=wait_timeout, max_retries=max_retries
        )
        self._set_up(settings, http_client, None, clock)

    @classmethod
    def sandbox(
        cls,
        sandbox: "Sandbox | None" = None,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        wait_timeout: float = DEFAULT_WAIT_TIMEOUT,
        max_retries: int = DEFAULT_MAX_RETRIES,
        clock: Clock | None = None,
    ) -> Self:
        """A client on the sandbox inside this process: no account, no socket, no cost, nothing to wait for.

        Give a `Sandbox` of your own to look inside it, to move its clock or to share it between clients.
        """
        from .sandbox import Sandbox  # noqa: PLC0415  (a program that talks to the service never loads it)

        box = sandbox or Sandbox()
        settings = Settings.resolve(
            box.api_key, box.base_url, timeout=timeout, wait_timeout=wait_timeout, max_retries=max_retries
        )
        client = cls.__new__(cls)
        client._set_up(settings, None, box.transport, clock)
        return client

    def _set_up(
        self,
        settings: Settings,
        http_client: httpx.Client | None,
        transport: httpx.BaseTransport | None,
        clock: Clock | None,
    ) -> None:
        self._settings = settings
        self._driver = Driver(connect(httpx.Client, settings, http_client, transport), clock or Clock())
        self._known: KnownSlugs = {}
        offer(self._driver, settings, transport)

    def with_options(
        self,
        *,
        timeout: float | None = None,
        wait_timeout: float | None = None,
        max_retries: int | None = None,
    ) -> Self:
        """A copy with other settings that shares the connections; closing either closes both."""
        other = copy.copy(self)
        other._settings = self._settings.changed(timeout=timeout, wait_timeout=wait_timeout, max_retries=max_retries)
        return other

    def close(self) -> None:
        """Close the connections; a client passed in as `http_client` stays open."""
        self._driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._settings.base_url!r})"

    def _run(self, flow: Flow[T]) -> T:
        return self._driver.run(flow, self._settings)

    @property
    def models(self) -> "Catalog[Model]":
        """The image models: `list()` and `get(slug)`."""
        return Catalog(self, "model", operations.list_models, operations.get_model)

    @property
    def styles(self) -> "Catalog[Style]":
        """The style presets: `list()` and `get(slug)`."""
        return Catalog(self, "style", operations.list_styles, operations.get_style)

    @property
    def shapes(self) -> "Catalog[Shape]":
        """The aspect ratios: `list()` and `get(slug)`."""
        return Catalog(self, "shape", operations.list_shapes, operations.get_shape)

    @property
    def batches(self) -> "Batches":
        """The batches of the account: `list()` and `get(batch_id)`."""
        return Batches(self)

    @property
    def images(self) -> "Images":
        """The images of the account: `list()` and `get(image_id)`."""
        return Images(self)

    def credits(self) -> Credits:
        """The credits left and the subscription plan."""
        return self._run(request(operations.get_credits(), self._settings.policy))

    def submit(
        self,
        prompt: str,
        *,
        model: str | None = None,
        style: str | None = None,
        shape: str | None = None,
        quality: str | None = None,
    ) -> Batch:
        """Submit a prompt and return its batch at once. This costs credits when it completes.

        `model`, `style` and `shape` are slugs of the catalog, `quality` is `standard` or `hd`; what is None is left
        to the service. Never submitted twice: when the answer is lost, `SubmissionUnknownError` says so.

        Raises `BadRequestError` (with `suggestions` for a slug once the catalog was listed), `ContentFlaggedError`,
        `InsufficientCreditsError`, `SubmissionUnknownError`, and `ConfigurationError` for an empty prompt.
        """
        call = operations.create_generation(prompt, model=model, style=style, shape=shape, quality=quality)
        flow = submit(call, self._settings.policy, self._known)
        return self._run(submitted(flow, Submission(prompt, model, style, shape, quality)))

    def wait(
        self,
        batch_or_id: Batch | str,
        *,
        timeout: float | None = None,
        on_update: OnUpdate | None = None,
    ) -> Batch:
        """Wait until a batch is finished, for at most `timeout` seconds (None: the client's `wait_timeout`).

        `on_update` is called with the batch whenever it has changed. Raises `WaitTimeoutError`, and
        `GenerationFailedError` or `GenerationRejectedError` for a batch without a single picture. Every error, Ctrl-C
        included, carries `batch_id`; wait for it again to go on.
        """
        flow = self._waiting(operations.batch_id_of(batch_or_id), timeout, on_update)
        return self._run(submitted(flow, batch_or_id.submission if isinstance(batch_or_id, Batch) else None))

    def generate(
        self,
        prompt: str,
        *,
        model: str | None = None,
        style: str | None = None,
        shape: str | None = None,
        quality: str | None = None,
        timeout: float | None = None,
        on_update: OnUpdate | None = None,
    ) -> Batch:
        """Submit a prompt and wait for its pictures: `submit` and `wait` in one, with the errors of both."""
        call = operations.create_generation(prompt, model=model, style=style, shape=shape, quality=quality)
        submission = submit(call, self._settings.policy, self._known)
        flow = generate(submission, lambda batch_id: self._waiting(batch_id, timeout, on_update))
        return self._run(submitted(flow, Submission(prompt, model, style, shape, quality)))

    def _waiting(self, batch_id: str, timeout: float | None, on_update: OnUpdate | None) -> Flow[Batch]:
        settings = self._settings.changed(wait_timeout=timeout)
        return wait(batch_id, settings.policy, settings.wait_timeout, on_update)

    def save(
        self,
        batch_or_image: Batch | Image,
        dest: str | os.PathLike[str],
        *,
        template: str = DEFAULT_TEMPLATE,
        metadata: bool = True,
    ) -> list[Path]:
        """Download the pictures of a batch, or one image, and return the files, in order.

        `dest` is a folder, made if need be, or a file name that ends like a picture (`out.png`). In a folder,
        `template` makes the names of `{date} {time} {model} {style} {shape} {quality} {slug} {image_id} {batch_id}
        {index}`, as far as they are known. Nothing is ever overwritten: a taken name gets `-2`, `-3`, ...

        With `metadata`, PNG, JPEG and WebP files tell how they came about (prompt, model, ids, ...), their pixels
        untouched. A picture that is signed (C2PA) or described already stays as it came, and gets a `NAME.json`.

        One picture that fails does not stop the others: `DownloadError` comes at the end, with `saved` and `failures`.
        Raises `ConfigurationError` for a batch without pictures and for a template with unknown fields.
        """
        settings = self._settings
        flow = save(
            batch_or_image,
            Path(dest),
            settings.policy,
            loopback=settings.is_loopback,
            template=template,
            metadata=metadata,
        )
        return self._run(flow)

    def open(self, image: Image) -> "PIL.Image.Image":
        """Download one image as a Pillow image with all its pixels; needs `pixola-ext[pillow]`.

        Raises `DownloadError`, and `ConfigurationError` when Pillow is not installed.
        """
        settings = self._settings
        return self._run(load(image, decoder(), settings.policy, loopback=settings.is_loopback))


class Catalog(Generic[Entry]):
    """One of the three catalogs."""

    def __init__(
        self,
        client: Pixola,
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
        return client._run(entries(self._listing(), client._settings.policy, client._known, self._member))

    def get(self, slug: str) -> Entry:
        """One entry by its slug; raises `NotFoundError`."""
        return self._client._run(request(self._single(slug), self._client._settings.policy))


class History(Generic[T]):
    """Items from newest to oldest, fetched page by page while they are iterated; every iteration starts anew."""

    def __init__(self, client: Pixola, listing: Listing[T]) -> None:
        self._client = client
        self._listing = listing

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page.items

    def pages(self) -> Iterator[Page[T]]:
        """The same, page by page; `next_cursor` of a page resumes after it."""
        walk = Walk(self._listing)
        while walk.call is not None:
            yield walk.take(self._client._run(request(walk.call, self._client._settings.policy)))


class Batches:
    """The batches of the account."""

    def __init__(self, client: Pixola) -> None:
        self._client = client

    def list(
        self, *, limit: int | None = None, page_size: int = LARGEST_PAGE, cursor: int | None = None
    ) -> History[BatchSummary]:
        """Batches, newest first: `limit` in all (None: every one), `page_size` (1 to 100) a request, after `cursor`."""
        return History(self._client, batch_listing(limit=limit, page_size=page_size, cursor=cursor))

    def get(self, batch_id: str) -> Batch:
        """One batch with its images, as it is now; raises `NotFoundError`."""
        return self._client._run(request(operations.get_batch(batch_id), self._client._settings.policy))


class Images:
    """The images of the account."""

    def __init__(self, client: Pixola) -> None:
        self._client = client

    def list(
        self,
        *,
        batch_id: str | None = None,
        limit: int | None = None,
        page_size: int = LARGEST_PAGE,
        cursor: int | None = None,
    ) -> History[Image]:
        """Images, newest first, of one batch or of all: `limit` in all, `page_size` (1 to 100) a request."""
        listing = image_listing(batch_id=batch_id, limit=limit, page_size=page_size, cursor=cursor)
        return History(self._client, listing)

    def get(self, image_id: str) -> Image:
        """One image with its prompt and a fresh URL; raises `NotFoundError`."""
        return self._client._run(request(operations.get_image(image_id), self._client._settings.policy))
