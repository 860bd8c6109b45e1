"""`AsyncPixola`: each method names a flow and runs it on the event loop. `Pixola` is the same without `await`."""

import os
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import httpx
from pixola_client.operation import Operation

from ._api import operations
from ._api.importing import importing
from ._aresources import AsyncBatches, AsyncCatalog, AsyncImages
from ._core import Core
from ._defaults import DEFAULT_TEMPLATE
from ._flows.effects import Flow
from ._io.adrivers import AsyncDriver
from .errors import SubmissionUnknownError
from .models import Batch, Credits, GenerationRequest, Image
from .settings import OnUpdate

if TYPE_CHECKING:
    import PIL.Image
    from upath import UPath

    from ._bulk.outcomes import BulkEvent, GivenRequest, Outcome
    from ._flows.pending import PendingSubmission
    from .catalog import Model, Shape, Style

T = TypeVar("T")


class AsyncPixola(Core[httpx.AsyncClient, AsyncDriver]):
    """A client of the Pixola API. Runs on asyncio and trio, on one event loop after the other.

    Use it as a context manager or `aclose()` it.

    `api_key` and `base_url` come from `PIXOLA_API_KEY` and `PIXOLA_BASE_URL` when they are not given. Durations are
    seconds: `timeout` bounds one call with its retries, `wait_timeout` a wait. `app_info` names your program in the
    User-Agent (`my-app/1.2`). `http_client` is an `httpx.AsyncClient` of your own to send with, `download_client` one
    to fetch pictures with; neither is closed here. `allow_http` permits a base URL over http to another machine, where
    the key can be read on its way.

    `on_request` is called with a `RequestEvent` before each attempt, `on_response` with a `ResponseEvent` after it, and
    `on_retry` with a `RetryEvent` when it failed and will be repeated. What `on_response` raises is logged and does not
    change the outcome of the call. The logger `pixola_ext` has each attempt at level DEBUG, without key and prompt.

    `http_client` is used as it is and never changed: its headers, cookies, proxies, transports and request hooks apply,
    its response hooks see a copy of each answer and cannot change what becomes of it, its `auth` and redirects take no
    part. Pictures go over `download_client` instead, without the key. Without either, `HTTPS_PROXY`, `NO_PROXY`,
    `SSL_CERT_FILE` and their like are heeded, unless the service is on this machine. A process that is forked makes
    connections of its own.

    `allow_http=True` (or `PIXOLA_ALLOW_HTTP=1`) lets an http URL lead to another machine: KEY AND PICTURES TRAVEL
    UNENCRYPTED, for everyone in between to read. Use it only in a network that you trust, such as one of containers.

    Every request waits for its turn in the budget of the key (30 a minute, 1,000 a day), which all clients on this
    machine share; `budget=False` counts nothing. When the day is used up, calls raise `QuotaExhaustedError`, or wait
    for hours with `wait_for_quota`. `clock` replaces time and chance in tests.

    Every submission is written down before it is sent, in a journal that all clients on this machine share: what is
    lost, interrupted or killed can be found again (`pending`, `reconcile`). The text of a request is kept only while
    its fate is open; `journal=False` keeps nothing on disk.

    With `database_url` (or `PIXOLA_DATABASE_URL`), a PostgreSQL database has budget and journal, and machines that give
    the same one share them; needs `pixola-ext[cluster]`. It is opened before the first request, and nothing that costs
    credits is sent without it: `ConfigurationError`.

    Raises `ConfigurationError` for settings that cannot work, `TypeError` for an `http_client` of another kind.
    """

    _http_client_type = httpx.AsyncClient
    _driver_type = AsyncDriver

    async def aclose(self) -> None:
        """Close the connections; a client passed in as `http_client` stays open."""
        await self._driver.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _run(self, flow: Flow[T]) -> T:
        return await self._driver.run(flow, self._settings)

    @property
    def models(self) -> "AsyncCatalog[Model]":
        """The image models: `list()` and `get(slug)`."""
        return AsyncCatalog(self, "model", operations.list_models, operations.get_model)

    @property
    def styles(self) -> "AsyncCatalog[Style]":
        """The style presets: `list()` and `get(slug)`."""
        return AsyncCatalog(self, "style", operations.list_styles, operations.get_style)

    @property
    def shapes(self) -> "AsyncCatalog[Shape]":
        """The aspect ratios: `list()` and `get(slug)`."""
        return AsyncCatalog(self, "shape", operations.list_shapes, operations.get_shape)

    @property
    def batches(self) -> AsyncBatches:
        """The batches of the account: `list()` and `get(batch_id)`."""
        return AsyncBatches(self)

    @property
    def images(self) -> AsyncImages:
        """The images of the account: `list()` and `get(image_id)`."""
        return AsyncImages(self)

    async def credits(self) -> Credits:
        """The credits left and the subscription plan."""
        return await self._run(self._credits())

    async def call(self, operation: Operation[T]) -> T:
        """Make any call of the generated package, new ones too, and return its value.

        `operation` is what the `operation(...)` of a module of `pixola_client.api` returns. Key, budget, deadline,
        hooks and errors are those of every call. A call that is not safe to repeat (POST, PUT, PATCH, DELETE) is
        repeated only when the service cannot have seen it; other errors of such a call say that it may have been
        carried out. One that submits a generation is sent, and found again, as `submit` does it.
        """
        return await self._run(self._call(operation))

    async def request(
        self, method: str, path: str, *, params: Mapping[str, Any] | None = None, json: Any = None
    ) -> Any:
        """Make a call that no document describes, and return the JSON of its answer (None for an empty one).

        `path` is below the base URL, such as `/models`. The rules are those of `call`. Raises `ConfigurationError` for
        a path that leads elsewhere, and for a body that JSON cannot hold.
        """
        return await self._run(self._request(method, path, params, json))

    async def submit(
        self,
        prompt: str | GenerationRequest,
        *,
        model: str | None = None,
        style: str | None = None,
        shape: str | None = None,
        quality: str | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> Batch:
        """Submit a prompt and return its batch at once. This costs credits when it completes.

        `model`, `style` and `shape` are slugs of the catalog, `quality` is `standard` or `hd`; what is None is left
        to the service. A `GenerationRequest` in place of the prompt has all members that the document describes; what
        is given beside it replaces its members. `extra` has members that no document describes, by the API's names.

        Never submitted twice: when the answer is lost, `SubmissionUnknownError` says so.

        Raises `BadRequestError` (with `suggestions` for a slug once the catalog was listed), `ContentFlaggedError`,
        `InsufficientCreditsError`, `SubmissionUnknownError`, and `ConfigurationError` for an empty prompt.
        """
        generation = operations.generation_request(
            prompt, model=model, style=style, shape=shape, quality=quality, extra=extra
        )
        return await self._run(self._submit(generation))

    async def pending(self) -> "list[PendingSubmission]":
        """The submissions of this key on this machine whose fate is open, oldest first; nothing is sent.

        A submission is listed when its answer was lost and its batch not found, or when it was interrupted or its
        process killed; one that a process is still at work on is not. `reconcile` takes each of them.
        """
        return await self._run(self._pending())

    async def reconcile(self, error_or_pending: "SubmissionUnknownError | PendingSubmission") -> Batch:
        """Look again for a submission whose fate is unknown: an error, also of another process, or one of `pending()`.

        Raises `SubmissionUnknownError` if it is still unknown. Nothing is ever sent again.
        """
        return await self._run(self._reconcile(error_or_pending))

    async def wait(
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
        return await self._run(self._wait(batch_or_id, timeout, on_update))

    async def generate(
        self,
        prompt: str | GenerationRequest,
        *,
        model: str | None = None,
        style: str | None = None,
        shape: str | None = None,
        quality: str | None = None,
        extra: Mapping[str, Any] | None = None,
        wait_timeout: float | None = None,
        on_update: OnUpdate | None = None,
        timeout: float | None = None,
    ) -> Batch:
        """Submit a prompt and wait for its pictures: `submit` and `wait` in one, with the errors of both.

        `wait_timeout` bounds the wait, in seconds (None: the client's `wait_timeout`). `timeout` is its old name, which
        goes with the next release.
        """
        generation = operations.generation_request(
            prompt, model=model, style=style, shape=shape, quality=quality, extra=extra
        )
        return await self._run(self._generate(generation, wait_timeout, timeout, on_update))

    def generate_many(
        self,
        requests: "Iterable[GivenRequest] | AsyncIterable[GivenRequest]",
        *,
        max_credits: int | None = None,
        concurrency: int | None = None,
        dest: "str | os.PathLike[str] | UPath | None" = None,
        ledger: str | os.PathLike[str] | None = None,
        on_event: "Callable[[BulkEvent], Any] | None" = None,
    ) -> "AsyncGenerator[Outcome, None]":
        """Generate many pictures for the fewest requests, and iterate over the outcomes as they come.

        `requests` is any iterable of prompts, `GenerationRequest`s, or mappings with their members and `n` (how many
        times), `name` (of the file) and whatever is to be carried through; it is read as far as it can be sent soon.
        One list of images tells about a hundred pictures, so a picture takes little more than one request.

        No request ends the run: what was refused, failed or could not be saved is an outcome with `error`. What
        concerns all of them (`UnauthorizedError`, `InsufficientCreditsError`, `CreditLimitError`, ...) is raised at the
        end, when all that was under way has had its outcome. Answers that are lost are looked for, and sent again only
        when it is certain that the submission was not accepted. When the day is used up, the run waits for the next.

        `max_credits` is never exceeded by what is charged, under way and in doubt together. `concurrency` bounds the
        submissions under way. `dest` is a folder to save the pictures in, or its URL, as for `save`. `ledger` is a
        folder of this machine (or the URL of a database) in which the run is recorded, so that the same call goes on
        after a crash; needs `pixola-ext[bulk]`.
        `on_event` is called with a `BulkEvent` for each thing that happens; if it fails, that is logged. An error of
        `requests` itself is raised at the end, too.

        Leaving the iteration early ends what is under way: nothing is sent any more, batches go on at the service.
        """
        with importing():
            from ._io.astreams import stream  # noqa: PLC0415  (few programs need it)

        source = self._bulk(requests, dest, ledger, max_credits=max_credits, concurrency=concurrency, on_event=on_event)
        return stream(self._driver, source, requests, self._settings)

    async def save(
        self,
        batch_or_image: Batch | Image,
        dest: "str | os.PathLike[str] | UPath",
        *,
        template: str = DEFAULT_TEMPLATE,
        metadata: bool = True,
    ) -> list[Path]:
        """Download the pictures of a batch, or one image, and return the files, in order.

        `dest` is a folder, made if need be, or a file name that ends like a picture (`out.png`); or the URL of such in
        a store (`s3://bucket/folder`, needs `pixola-ext[remote]`), and the files are `UPath`s then. In a folder,
        `template` makes the names of `{date} {time} {model} {style} {shape} {quality} {slug} {image_id} {batch_id}
        {index}`, as far as they are known. Nothing is ever overwritten: a taken name gets `-2`, `-3`, ...

        With `metadata`, PNG, JPEG and WebP files tell how they came about (prompt, model, ids, ...), their pixels
        untouched. A picture that is signed (C2PA) or described already stays as it came, and gets a `NAME.json`.

        One picture that fails does not stop the others: `DownloadError` comes at the end, with `saved` and `failures`.
        Raises `ConfigurationError` for a batch without pictures and for a template with unknown fields.
        """
        return await self._run(self._save(batch_or_image, dest, template=template, metadata=metadata))

    async def open(self, image: Image) -> "PIL.Image.Image":
        """Download one image as a Pillow image with all its pixels; needs `pixola-ext[pillow]`.

        Raises `DownloadError`, and `ConfigurationError` when Pillow is not installed.
        """
        return await self._run(self._open(image))
