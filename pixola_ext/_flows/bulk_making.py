"""Makes a bulk run of what the caller of `generate_many` gives."""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from .._bulk.items import Item, State, new_owner
from .._bulk.ledger import Ledger
from .._bulk.memory import MemoryLedger
from .._bulk.opening import open_ledger
from .._bulk.outcomes import BulkEvent
from ..errors import ConfigurationError
from ..models import Batch, GenerationRequest, submission_of
from ..settings import Settings
from .account import AccountState
from .bulk_run import LEASE_SECONDS, BulkRun, Saving
from .bulk_source import Source
from .dispatching import Dispatcher
from .effects import Flow
from .file_effects import FindPictures
from .flights import Flights
from .saving import destination_folder, save

_MOST_IN_FLIGHT: Final = 1000  # submissions; ten pages of a list
_CLOCKS_APART: Final = 60.0  # seconds that the clock of a file server may be behind ours


def bulk_run(
    settings: Settings,
    account: AccountState,
    ledger: Ledger,
    *,
    left: int | None = None,
    max_credits: int | None = None,
    concurrency: int | None = None,
    saving: Saving | None = None,
    on_event: Callable[[BulkEvent], Any] | None = None,
    frugal: bool = False,
    quiet_seconds: float | None = None,
    lease_seconds: float | None = None,
) -> BulkRun:
    """A run on the items of `ledger`; `left` is how many there will be, None if that is not known."""
    policy = settings.policy._replace(wait_for_quota=True, leaves_share=False)
    dispatcher: Dispatcher[Item] = Dispatcher(
        left=left,
        most_in_flight=_MOST_IN_FLIGHT if concurrency is None else _at_least_one(concurrency, "concurrency"),
        frugal=frugal,
        looks_at_once=account.polls_at_once,
        flights=Flights(account.kinds),
    )
    return BulkRun(
        ledger=ledger,
        owner=new_owner(),
        dispatcher=dispatcher,
        policy=policy,
        account=account,
        wait_timeout=settings.wait_timeout,
        deliver=lambda _outcome: None,
        on_event=on_event,
        max_credits=None if max_credits is None else _at_least_one(max_credits, "max_credits"),
        quiet_seconds=quiet_seconds,
        lease_seconds=LEASE_SECONDS if lease_seconds is None else lease_seconds,
        saving=saving,
    )


def source_of(
    requests: Iterable[Any] | Any,
    settings: Settings,
    account: AccountState,
    *,
    dest: Path | None,
    ledger: str | Path | None,
    template: str,
    **options: Any,
) -> Source:
    """The requests of a caller, as the stream of their outcomes."""
    if isinstance(requests, str | bytes | Mapping | GenerationRequest):
        raise ConfigurationError("requests: expected an iterable of requests, not a single one", setting="requests")
    if not hasattr(requests, "__iter__") and not hasattr(requests, "__aiter__"):
        raise ConfigurationError(
            f"requests: expected an iterable of prompts, not {type(requests).__name__}", setting="requests"
        )
    count = operator.length_hint(requests, -1)
    opened = MemoryLedger() if ledger is None else open_ledger(ledger, settings.database_url)
    saving = None if dest is None else saving_to(dest, settings, template=template, metadata=True)
    return Source(bulk_run(settings, account, opened, left=None if count < 0 else count, saving=saving, **options))


def source_of_ledger(
    ledger: Ledger,
    settings: Settings,
    account: AccountState,
    *,
    dest: Path,
    template: str,
    metadata: bool,
    **options: Any,
) -> Source:
    """What a ledger has and no other run works on, as the stream of its outcomes."""
    left = ledger.totals().counts.get(State.WAITING, 0)
    saving = saving_to(dest, settings, template=template, metadata=metadata)
    run = bulk_run(settings, account, ledger, left=left, saving=saving, **options)
    run.is_fed = True
    return Source(run)


def saving_to(dest: Path, settings: Settings, *, template: str, metadata: bool) -> Saving:
    """Save pictures into the folder `dest`: under the name of their item if it has one, else as `template` says."""
    escaped = str.maketrans({"{": "{{", "}": "}}"})

    def named(item: Item) -> str:
        return template if item.name is None else item.name.translate(escaped)

    def saved(item: Item, batch: Batch) -> Flow[list[Path]]:
        return save(
            batch.submitted_as(submission_of(item.request)),
            dest,
            settings.policy,
            template=named(item),
            metadata=metadata,
        )

    def found(items: Sequence[Item]) -> Flow[Mapping[str, Path]]:
        by_name, by_metadata = set[str](), set[str]()
        for item in items:
            ids = by_name if "{image_id}" in named(item) else by_metadata
            ids.update(image.image_id for image in item.completed)
        since = min((item.settled_at or 0.0 for item in items), default=0.0) - _CLOCKS_APART
        return (yield from FindPictures(destination_folder(dest), frozenset(by_name), frozenset(by_metadata), since))

    return Saving(dest, saved, found)


def _at_least_one(value: Any, name: str) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        number = 0
    if isinstance(value, bool) or number < 1:
        raise ConfigurationError(f"{name}: expected a whole number of at least 1, not {value!r}", setting=name)
    return number
