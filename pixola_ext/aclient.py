"""`AsyncPixola`: each method names a flow and runs it on the event loop. `Pixola` is the same without `await`."""

import os
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

import httpx

from ._api import operations
from ._aresources import AsyncBatches, AsyncCatalog, AsyncImages
from ._core import Core
from ._flows.effects import Flow
from ._flows.waiting import OnUpdate
from ._io.adrivers import AsyncDriver
from .errors import SubmissionUnknownError
from .models import Batch, Credits, Image, Model, Shape, Style, Submission
from .settings import DEFAULT_TEMPLATE

if TYPE_CHECKING:
    import PIL.Image

T = TypeVar("T")


class AsyncPixola(Core[httpx.AsyncClient, AsyncDriver]):
    """A client of the Pixola API. Belongs to one event loop; use it as a context manager or `aclose()` it.

    `api_key` and `base_url` come from `PIXOLA_API_KEY` and `PIXOLA_BASE_URL` when they are not given. Durations are
    seconds: `timeout` bounds one call with its retries, `wait_timeout` a wait. `http_client` is an `httpx.AsyncClient`
    of your own to send with; it is not closed here. `on_request` hears of every attempt before it is sent, `on_retry`
    of every one that failed and will be repeated. `app_info` names your program in the User-Agent (`my-app/1.2`).

    Every request waits for its turn in the budget of the key (30 a minute, 1,000 a day), which all clients on this
    machine share; `budget=False` counts nothing. When the day is used up, calls raise `QuotaExhaustedError`, or wait
    for hours with `wait_for_quota`. `clock` replaces time and chance in tests.

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
    def models(self) -> AsyncCatalog[Model]:
        """The image models: `list()` and `get(slug)`."""
        return AsyncCatalog(self, "model", operations.list_models, operations.get_model)

    @property
    def styles(self) -> AsyncCatalog[Style]:
        """The style presets: `list()` and `get(slug)`."""
        return AsyncCatalog(self, "style", operations.list_styles, operations.get_style)

    @property
    def shapes(self) -> AsyncCatalog[Shape]:
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

    async def submit(
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
        return await self._run(self._submit(Submission(prompt, model, style, shape, quality)))

    async def reconcile(self, error: SubmissionUnknownError) -> Batch:
        """Look again for a submission whose fate was unknown; `error` may come from another process.

        Raises `SubmissionUnknownError` if it is still unknown. Nothing is ever sent again.
        """
        return await self._run(self._reconcile(error))

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
        submission = Submission(prompt, model, style, shape, quality)
        return await self._run(self._generate(submission, timeout, on_update))

    async def save(
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
        return await self._run(self._save(batch_or_image, Path(dest), template=template, metadata=metadata))

    async def open(self, image: Image) -> "PIL.Image.Image":
        """Download one image as a Pillow image with all its pixels; needs `pixola-ext[pillow]`.

        Raises `DownloadError`, and `ConfigurationError` when Pillow is not installed.
        """
        return await self._run(self._open(image))
