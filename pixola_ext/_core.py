"""What `Pixola` and `AsyncPixola` have in common: settings, connections, and the flow of each call.

Nothing here sends or awaits: a client's method takes a flow from here and runs it on its own driver.
"""

import copy
import os
import warnings
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Self, TypedDict, TypeVar, Unpack

import httpx
from pixola_client.operation import Operation

from ._api import operations
from ._api.importing import importing
from ._defaults import DEFAULT_TEMPLATE
from ._flows.account import AccountState, state_of_account
from ._flows.effects import Flow
from ._flows.request import request
from ._io.clock import Clock
from ._io.connections import Endpoints
from ._io.drivers import Driver
from ._io.keeping import database_of, journal_of, ledger_of
from ._io.previews import use_for_previews
from ._pictures.pillow import decoder
from ._places import is_remote
from ._state.processes import renew_after_fork
from .errors import ConfigurationError, SubmissionUnknownError
from .models import Batch, Credits, GenerationRequest, Image, Submission
from .settings import OnRequest, OnResponse, OnRetry, OnUpdate, Policy, Settings, hidden

if TYPE_CHECKING:
    import PIL.Image
    from upath import UPath

    from ._budget.limits import Budget
    from ._bulk.ledger import Ledger as BulkLedger
    from ._flows.bulk_source import Source
    from ._flows.pending import PendingSubmission
    from ._io.adrivers import AsyncDriver
    from .sandbox import Sandbox

T = TypeVar("T")
HttpClient = TypeVar("HttpClient", httpx.Client, httpx.AsyncClient)
AnyDriver = TypeVar("AnyDriver", Driver, "AsyncDriver")


class Options(TypedDict, total=False):
    """The options of a client. Durations are seconds."""

    timeout: float
    wait_timeout: float
    max_retries: int
    on_request: OnRequest | None
    on_response: OnResponse | None
    on_retry: OnRetry | None
    app_info: str | None
    budget: bool
    journal: bool
    wait_for_quota: bool
    allow_http: bool | None
    database_url: str | None


class Changes(TypedDict, total=False):
    """The options that a copy of a client may have of its own; None leaves each as it is."""

    timeout: float | None
    wait_timeout: float | None
    max_retries: int | None
    on_request: OnRequest | None
    on_response: OnResponse | None
    on_retry: OnRetry | None
    wait_for_quota: bool | None


class Core(Generic[HttpClient, AnyDriver]):
    """A client without its methods. The type of its `httpx` client and its driver are all that tells two apart."""

    _http_client_type: type[HttpClient]
    _driver_type: type[AnyDriver]
    _driver: AnyDriver

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        *,
        http_client: HttpClient | None = None,
        download_client: HttpClient | None = None,
        clock: Clock | None = None,
        **options: Unpack[Options],
    ) -> None:
        key = hidden(api_key)
        del api_key  # tracebacks show local variables
        settings = Settings.resolve(key, base_url, **options)
        is_shared = http_client is None and clock is None
        account = state_of_account(settings.base_url, settings.api_key) if is_shared else AccountState()
        self._set_up(settings, account, Endpoints(http_client, download_client), clock)

    @classmethod
    def sandbox(
        cls, sandbox: "Sandbox | None" = None, *, clock: Clock | None = None, **options: Unpack[Options]
    ) -> Self:
        """A client on the sandbox inside this process: no account, no socket, no cost, nothing to wait for.

        Give a `Sandbox` of your own to look inside it, to move its clock or to share it between clients. The options
        are those of the class; requests are not counted (`budget=False`) and submissions not kept on disk
        (`journal=False`) unless you say so.
        """
        with importing():
            from .sandbox import Sandbox  # noqa: PLC0415  (a program that talks to the service never loads it)

        box = sandbox or Sandbox()
        options.setdefault("budget", False)
        options.setdefault("journal", False)
        options.setdefault("database_url", "")  # not that of the environment
        settings = Settings.resolve(box.api_key, box.base_url, **options)
        client = cls.__new__(cls)
        client._set_up(settings, AccountState(polls_at_once=True), Endpoints(transport=box.transport), clock)
        return client

    def _set_up(
        self, settings: Settings, account: AccountState, endpoints: Endpoints[HttpClient], clock: Clock | None
    ) -> None:
        self._settings = settings
        self._account = account
        clock = clock or Clock()
        make_driver: Any = self._driver_type
        database = database_of(settings)
        ledger, journal = ledger_of(settings, clock, database), journal_of(settings, account, database)
        self._driver = make_driver(settings, endpoints, clock, ledger, journal, database=database)
        renew_after_fork(account)
        use_for_previews(self._driver, settings, endpoints.transport)

    def with_options(self, **options: Unpack[Changes]) -> Self:
        """A copy with other settings that shares connections and budget; closing either closes both."""
        other = copy.copy(self)
        other._settings = self._settings.changed(**options)
        return other

    def __copy__(self) -> Self:
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        return other

    def __reduce__(self) -> str:
        raise TypeError(
            f"a {type(self).__name__} holds connections and your API key, and is not pickled: make one in each process"
        )

    def __repr__(self) -> str:
        settings: Settings | None = self.__dict__.get("_settings")
        if settings is None:
            return f"<{type(self).__name__} that could not be made>"
        warning = "" if settings.unencrypted_host is None else ", allow_http=True, UNENCRYPTED"
        return f"{type(self).__name__}({settings.base_url!r}{warning})"

    @property
    def budget(self) -> "Budget | None":
        """What is left of the key's requests now and today, as far as this machine knows.

        None if requests are not counted: with `budget=False`, without a key, and on the in-process sandbox.
        """
        return self._driver.budget

    # -- what the parts of a client need -------------------------------------------------------------------------------

    @property
    def _policy(self) -> Policy:
        return self._settings.policy

    @property
    def _slugs(self) -> MutableMapping[str, frozenset[str]]:
        return self._account.slugs

    # -- the flow of each call -----------------------------------------------------------------------------------------

    def _credits(self) -> Flow[Credits]:
        return request(operations.get_credits(), self._policy)

    def _call(self, operation: Operation[T]) -> Flow[T]:
        return self._made(operations.call_of(operation))

    def _request(self, method: str, path: str, params: Mapping[str, Any] | None, json: Any) -> Flow[Any]:
        return self._made(operations.any_call(method, path, params=params, json=json))

    def _made(self, call: operations.Call[T]) -> Flow[T]:
        submission = operations.as_submission(call)
        if submission is None:
            return request(call, self._policy)
        with importing():
            from ._flows.submission import submit_as  # noqa: PLC0415  (as below)

        return submit_as(call, submission, self._policy, self._account)

    def _submit(self, generation: GenerationRequest) -> Flow[Batch]:
        with importing():
            from ._flows.submission import submit  # noqa: PLC0415  (6 ms to import, and reading needs none of it)

        return submit(generation, self._policy, self._account)

    def _pending(self) -> "Flow[list[PendingSubmission]]":
        with importing():
            from ._flows.pending import pending  # noqa: PLC0415  (as above)

        return pending()

    def _reconcile(self, unknown: "SubmissionUnknownError | PendingSubmission") -> Flow[Batch]:
        with importing():
            from ._flows.reconciliation import reconcile  # noqa: PLC0415  (as above)

        return reconcile(unknown, self._policy, self._account)

    def _wait(self, batch_or_id: Batch | str, timeout: float | None, on_update: OnUpdate | None) -> Flow[Batch]:
        with importing():
            from ._flows.waiting import wait  # noqa: PLC0415  (3 ms to import, which a submission need not take)

        settings = self._settings.changed(wait_timeout=timeout)
        return wait(batch_or_id, settings.policy, settings.wait_timeout, on_update, self._account)

    def _generate(
        self, submission: Submission, wait_timeout: float | None, timeout: float | None, on_update: OnUpdate | None
    ) -> Flow[Batch]:
        with importing():
            from ._flows.waiting import generate  # noqa: PLC0415  (as above)

        if timeout is not None:
            warnings.warn("generate(timeout=) is now generate(wait_timeout=)", DeprecationWarning, stacklevel=3)
        settings = self._settings.changed(wait_timeout=timeout if wait_timeout is None else wait_timeout)
        return generate(submission, settings.policy, settings.wait_timeout, on_update, self._account)

    def _save(
        self, source: Batch | Image, dest: "str | os.PathLike[str] | UPath", *, template: str, metadata: bool
    ) -> Flow[list[Path]]:
        with importing():
            from ._flows.saving import save  # noqa: PLC0415  (5 ms to import, and not every program saves)
            from ._io.places import destination  # noqa: PLC0415  (as above)

        return save(source, destination(dest), self._policy, template=template, metadata=metadata)

    def _open(self, image: Image) -> "Flow[PIL.Image.Image]":
        with importing():
            from ._flows.saving import open_image  # noqa: PLC0415  (as above)

            decode = decoder()
        return open_image(image, decode, self._policy)

    def _bulk(
        self,
        requests: Any,
        dest: "str | os.PathLike[str] | UPath | None",
        ledger: "str | os.PathLike[str] | None",
        **options: Any,
    ) -> "Source":
        with importing():
            from ._flows.bulk_making import source_of  # noqa: PLC0415  (20 ms to import, and few programs need it)
            from ._io.places import check_destination, destination  # noqa: PLC0415  (as above)

        folder = None if dest is None else destination(dest)
        if folder is not None and not is_remote(folder):  # which the run checks, in a thread if need be
            check_destination(folder)
        if is_remote(ledger) or (is_remote(folder) and str(ledger).rstrip("/") == str(folder).rstrip("/")):
            raise ConfigurationError(
                "ledger: expected a folder of this machine or the URL of a database, which a store is not",
                setting="ledger",
            )
        place = ledger if ledger is None or (isinstance(ledger, str) and "://" in ledger) else Path(ledger)
        return source_of(
            requests, self._settings, self._account, dest=folder, ledger=place, template=DEFAULT_TEMPLATE, **options
        )

    def _bulk_of(self, ledger: "BulkLedger", dest: Path, **options: Any) -> "Source":
        with importing():
            from ._flows.bulk_making import source_of_ledger  # noqa: PLC0415  (as above)

        return source_of_ledger(ledger, self._settings, self._account, dest=dest, **options)
