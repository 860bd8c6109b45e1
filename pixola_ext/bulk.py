"""Bulk runs on a cluster of Dask: any number of machines on one key, one budget and one ledger.

    from distributed import Client
    from pixola_ext import bulk

    with Client("tcp://scheduler:8786") as client:
        report = bulk.run(client, ["a fox", "a heron"], dest="/shared/pictures", ledger="postgresql+psycopg://db/pixola")

Needs `pixola-ext[cluster]`, on the workers and the scheduler, too. `pixola bulk run --cluster` does the same.
"""

import os
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from ._bulk.estimate import Catalog
from ._bulk.items import Copies, State
from ._bulk.outcomes import BulkEvent, GivenRequest, Outcome
from ._cluster.beginning import lanes_for, map_function, prepared
from ._cluster.engine import Engine
from ._cluster.functions import Function
from ._defaults import DEFAULT_TEMPLATE
from ._flows.bulk_run import LEASE_SECONDS
from ._flows.bulk_source import items_of
from ._io.places import destination
from ._io.run_results import written_results
from .client import Pixola
from .errors import ConfigurationError
from .settings import Settings, hidden

if TYPE_CHECKING:
    import distributed

    from ._bulk.ledger import Ledger
    from ._bulk.rows import Totals

__all__ = ["Report", "run"]


@frozen
class Report:
    """What stands in the ledger at the end of a run, and what the run took.

    `counts` are the requests by state (`fetched` are done), `reasons` those without a picture by code. `charged` are
    the credits of all runs on this ledger, `reserved` the price of what is open. `requests` and `seconds` are those of
    this run alone. `lanes_lost` lanes died with their workers and were started again. For `map_errors` pictures the
    function gave no columns.
    """

    counts: Mapping[str, int] = field(hash=False)
    reasons: Mapping[str, int] = field(hash=False)
    pictures: int
    charged: int
    reserved: int
    requests: int
    seconds: float
    lanes_lost: int = 0
    map_errors: int = 0

    @property
    def is_done(self) -> bool:
        """Whether every request has its pictures, and the function its result for each."""
        return not self.map_errors and set(self.counts) <= {State.FETCHED.value, State.CANCELLED.value}


def run(
    client: "distributed.Client",
    requests: Iterable[GivenRequest] = (),
    *,
    dest: str | os.PathLike[str],
    ledger: str | os.PathLike[str] | None = None,
    map: str | Function | None = None,  # noqa: A002  (what it is called everywhere)
    map_timeout: float | None = None,
    lanes: int | None = None,
    max_credits: int | None = None,
    concurrency: int | None = None,
    lease: float | None = None,
    api_key: str | None = None,
    base_url: str | None = None,
    wait_timeout: float | None = None,
    allow_http: bool | None = None,
    database_url: str | None = None,
    on_event: Callable[[BulkEvent | Outcome], Any] | None = None,
) -> Report:
    """Generate pictures with the workers of a Dask cluster, and wait until all are done; call it again to go on.

    `requests` are those of `generate_many`; they are read whole and recorded before anything is sent. `dest` is where
    the pictures go, a folder or the URL of a store that all workers see; at the end it has `metadata.jsonl` and
    `results.csv`. `ledger` is a folder (None: `dest`) or the URL of a database. Workers on several machines need the
    database of `database_url` (None: `PIXOLA_DATABASE_URL`), which has the budget, the journal, and the ledger, by the
    name that `ledger` gives.

    `map` is a function, or its name as `module:function`. It is called on the cluster as `map(picture, row)` with the
    path of each saved picture and a mapping of its request, `name`, `number` and carried columns, and returns a mapping
    of columns for the results, named `map_...` there. It may be called again after a crash. If it raises, crashes or
    takes longer than `map_timeout` seconds (None: 120), `map_error` is its only column; the next run calls it again.

    `lanes` is how many workers submit and fetch at once (None: 2); all share the budget of the key. `lease` is how
    many seconds a lane owns what it claimed without a sign of life (None: 300). `max_credits` and `concurrency` are
    those of `generate_many`, for all lanes together and for each. `on_event` is called with each event and outcome.

    The key travels to the workers only over TLS or on this machine; otherwise each needs it in `PIXOLA_API_KEY`.

    Raises `ConfigurationError` before anything is sent: for a request or setting that cannot be used, a `map` that
    cannot be imported, and a worker with another version of this package, without the key, or without access to
    `dest` or `ledger`. Raises `ClusterError` when the cluster goes away, and, when all that was under way is done,
    what `generate_many` raises at its end.
    """
    key = hidden(api_key)
    del api_key  # tracebacks show local variables
    settings = Settings.resolve(key, base_url, allow_http=allow_http, database_url=database_url)
    settings = settings.changed(wait_timeout=wait_timeout)
    function = map_function(map, map_timeout)
    place, folder = _place(dest), _place(dest if ledger is None else ledger)
    lease_seconds = LEASE_SECONDS if lease is None else _above_zero(lease, "lease")
    options = {
        "template": DEFAULT_TEMPLATE,
        "metadata": True,
        "max_credits": max_credits,
        "concurrency": concurrency,
        "lease_seconds": lease_seconds,
    }
    count = lanes_for(client, lanes)
    order = prepared(client, settings, ledger=folder, dest=place, function=function, options=options)
    begun = time.monotonic()
    with closing(order.open_ledger()) as opened:
        _record(opened, requests, settings, needs_prices=max_credits is not None)
        heard = (lambda _message: None) if on_event is None else on_event
        engine = Engine(client, order, opened, count, lease_seconds, heard)
        try:
            engine.run()
        finally:
            written_results(opened, destination(place))
        return _report(opened.totals(), engine, time.monotonic() - begun)


def _record(ledger: "Ledger", requests: Iterable[GivenRequest], settings: Settings, *, needs_prices: bool) -> None:
    catalog: Catalog | None = None
    if needs_prices:
        key = None if settings.api_key is None else settings.api_key.reveal()
        with Pixola(key, settings.base_url, database_url=settings.database_url) as px:
            catalog = Catalog.of(px.models.list())
    copies = Copies()
    items = [item for given in requests for item in items_of(given, copies, catalog)]
    ledger.add(items)


def _report(totals: "Totals", engine: Engine, seconds: float) -> Report:
    return Report(
        counts={state.value: count for state, count in totals.counts.items() if count},
        reasons=totals.reasons,
        pictures=totals.pictures,
        charged=totals.charged,
        reserved=totals.reserved,
        requests=engine.requests,
        seconds=seconds,
        lanes_lost=engine.lanes_lost,
        map_errors=engine.map_errors,
    )


def _place(given: str | os.PathLike[str]) -> str:
    """A folder as an absolute path, or a URL as it is."""
    text = os.fspath(given)
    return text if "://" in text else str(Path(text).absolute())


def _above_zero(seconds: float, name: str) -> float:
    if not 0 < seconds < float("inf"):
        raise ConfigurationError(f"{name}: must be a finite number of seconds above 0", setting=name)
    return seconds
