"""`Pixola`, the blocking client: each method names a flow and runs it. `AsyncPixola` is the same with `await`."""

import copy
import os
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

import httpx

from ._api import operations
from ._flows.account import Memory, of_account
from ._flows.effects import Flow
from ._flows.reconciliation import look_again
from ._flows.request import request
from ._flows.submission import submit
from ._flows.submitted import submission_in, submitted
from ._flows.waiting import OnUpdate, generate, wait
from ._io.connections import connect
from ._io.drivers import Clock, Driver, ledger_of
from ._io.previews import offer
from ._pictures.pillow import decoder
from ._resources import Batches, Catalog, Images
from .errors import SubmissionUnknownError
from .models import Batch, Credits, Image, Model, Shape, Style, Submission
from .settings import (
    DEFAULT_MAX_RETRIES,
    DEFAULT_TEMPLATE,
    DEFAULT_TIMEOUT,
    DEFAULT_WAIT_TIMEOUT,
    OnRequest,
    OnRetry,
    Settings,
)

if TYPE_CHECKING:
    import PIL.Image

    from ._budget.limits import Budget
    from .sandbox import Sandbox

T = TypeVar("T")


class Pixola:
    """A client of the Pixola API. Safe to share between threads; use it as a context manager or `close()` it.

    `api_key` and `base_url` come from `PIXOLA_API_KEY` and `PIXOLA_BASE_URL` when they are not given. Durations are
    seconds: `timeout` bounds one call with its retries, `wait_timeout` a wait. `http_client` is an `httpx.Client` of
    your own to send with; it is not closed here. `on_request` hears of every attempt before it is sent, `on_retry`
    of every one that failed and will be repeated. `app_info` names your program in the User-Agent (`my-app/1.2`).

    Every request waits for its turn in the budget of the key (30 a minute, 1,000 a day), which all clients on this
    machine share; `budget=False` counts nothing. When the day is used up, calls raise `QuotaExhaustedError`, or wait
    for hours with `wait_for_quota`. `clock` replaces time and chance in tests.

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
        on_request: OnRequest | None = None,
        on_retry: OnRetry | None = None,
        app_info: str | None = None,
        budget: bool = True,
        wait_for_quota: bool = False,
        clock: Clock | None = None,
    ) -> None:
        settings = Settings.resolve(
            api_key,
            base_url,
            timeout=timeout,
            wait_timeout=wait_timeout,
            max_retries=max_retries,
            on_request=on_request,
            on_retry=on_retry,
            app_info=app_info,
            budget=budget,
            wait_for_quota=wait_for_quota,
        )
        is_shared = http_client is None and clock is None
        memory = of_account(settings.base_url, settings.api_key) if is_shared else Memory()
        self._set_up(settings, http_client, None, clock, memory)

    @classmethod
    def sandbox(
        cls,
        sandbox: "Sandbox | None" = None,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        wait_timeout: float = DEFAULT_WAIT_TIMEOUT,
        max_retries: int = DEFAULT_MAX_RETRIES,
        on_request: OnRequest | None = None,
        on_retry: OnRetry | None = None,
        app_info: str | None = None,
        budget: bool = False,
        wait_for_quota: bool = False,
        clock: Clock | None = None,
    ) -> Self:
        """A client on the sandbox inside this process: no account, no socket, no cost, nothing to wait for.

        Give a `Sandbox` of your own to look inside it, to move its clock or to share it between clients.
        """
        from .sandbox import Sandbox  # noqa: PLC0415  (a program that talks to the service never loads it)

        box = sandbox or Sandbox()
        settings = Settings.resolve(
            box.api_key,
            box.base_url,
            timeout=timeout,
            wait_timeout=wait_timeout,
            max_retries=max_retries,
            on_request=on_request,
            on_retry=on_retry,
            app_info=app_info,
            budget=budget,
            wait_for_quota=wait_for_quota,
        )
        client = cls.__new__(cls)
        client._set_up(settings, None, box.transport, clock, Memory(at_once=True))
        return client

    def _set_up(
        self,
        settings: Settings,
        http_client: httpx.Client | None,
        transport: httpx.BaseTransport | None,
        clock: Clock | None,
        memory: Memory,
    ) -> None:
        self._settings = settings
        self._memory = memory
        clock = clock or Clock()
        connections = connect(httpx.Client, settings, http_client, transport)
        self._driver = Driver(connections, clock, ledger_of(settings, clock))
        offer(self._driver, settings, transport)

    def with_options(
        self,
        *,
        timeout: float | None = None,
        wait_timeout: float | None = None,
        max_retries: int | None = None,
        on_request: OnRequest | None = None,
        on_retry: OnRetry | None = None,
        wait_for_quota: bool | None = None,
    ) -> Self:
        """A copy with other settings that shares connections and budget; closing either closes both."""
        other = copy.copy(self)
        other._settings = self._settings.changed(
            timeout=timeout,
            wait_timeout=wait_timeout,
            max_retries=max_retries,
            on_request=on_request,
            on_retry=on_retry,
            wait_for_quota=wait_for_quota,
        )
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
    def models(self) -> Catalog[Model]:
        """The image models: `list()` and `get(slug)`."""
        return Catalog(self, "model", operations.list_models, operations.get_model)

    @property
    def styles(self) -> Catalog[Style]:
        """The style presets: `list()` and `get(slug)`."""
        return Catalog(self, "style", operations.list_styles, operations.get_style)

    @property
    def shapes(self) -> Catalog[Shape]:
        """The aspect ratios: `list()` and `get(slug)`."""
        return Catalog(self, "shape", operations.list_shapes, operations.get_shape)

    @property
    def batches(self) -> Batches:
        """The batches of the account: `list()` and `get(batch_id)`."""
        return Batches(self)

    @property
    def images(self) -> Images:
        """The images of the account: `list()` and `get(image_id)`."""
        return Images(self)

    @property
    def budget(self) -> "Budget | None":
        """What is left of the key's requests now and today, as far as this machine knows; None if not counted."""
        return None if self._driver.ledger is None else self._driver.ledger.budget()

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
        flow = submit(call, self._settings.policy, self._memory)
        return self._run(submitted(flow, Submission(prompt, model, style, shape, quality)))

    def reconcile(self, error: SubmissionUnknownError) -> Batch:
        """Look again for a submission whose fate was unknown; `error` may come from another process.

        Raises `SubmissionUnknownError` if it is still unknown. Nothing is ever sent again.
        """
        flow = look_again(error, self._settings.policy, self._memory.submissions)
        return self._run(submitted(flow, submission_in(error.request)))

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
        submission = submit(call, self._settings.policy, self._memory)
        flow = generate(submission, lambda batch_id: self._waiting(batch_id, timeout, on_update))
        return self._run(submitted(flow, Submission(prompt, model, style, shape, quality)))

    def _waiting(self, batch_id: str, timeout: float | None, on_update: OnUpdate | None) -> Flow[Batch]:
        settings = self._settings.changed(wait_timeout=timeout)
        return wait(batch_id, settings.policy, settings.wait_timeout, on_update, self._memory)

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
        from ._flows.saving import save  # noqa: PLC0415  (5 ms to import, and not every program saves)

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
        from ._flows.saving import load  # noqa: PLC0415  (as above)

        settings = self._settings
        return self._run(load(image, decoder(), settings.policy, loopback=settings.is_loopback))
