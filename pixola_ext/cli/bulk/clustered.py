"""Carries out a bulk run on a cluster of Dask: one that is there, or one that begins and ends with the command."""

import importlib.util
import logging
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from ..._bulk.outcomes import Outcome
from ..._defaults import DEFAULT_TEMPLATE
from ..._flows.bulk_run import LEASE_SECONDS
from ..._places import is_remote
from ...errors import ClusterError, ConfigurationError
from ...settings import DEFAULT_WAIT_TIMEOUT, Settings
from .folder import ledger_folder

if TYPE_CHECKING:
    from ..._bulk.ledger import Ledger
    from ..session import Session
    from .progress import Meter
    from .run_options import RunOptions

LOCAL: Final = "local"
INSTALL: Final = "pip install 'pixola-ext[cluster]'"

_SCHEMES: Final = ("tcp://", "tls://", "ws://", "wss://", "ucx://")
_CONNECT_SECONDS: Final = 10.0  # until the scheduler has to answer


def check_cluster(cluster: str, function: str | None) -> None:
    """Refuse what cannot work, before anything is read or asked: the address, and the function."""
    if cluster != LOCAL and not cluster.startswith(_SCHEMES):
        raise click.UsageError(f"--cluster must be {LOCAL} or an address such as tcp://host:8786, not {cluster}.")
    if importlib.util.find_spec("distributed") is None:
        raise ConfigurationError(f"cluster: Dask is missing; install it with: {INSTALL}", setting="cluster")
    if function is not None:
        from ..._cluster.functions import found

        sys.path.insert(0, str(Path.cwd()))  # as `python -m` has it; the command itself is elsewhere
        found(function)


def run_on_cluster(
    here: "Session",
    ledger: "Ledger",
    folder: Path,
    options: "RunOptions",
    meter: "Meter",
    tell: Callable[[Outcome], None],
) -> None:
    """Run it to its end with lanes on a cluster; `tell` is called with each outcome."""
    from ..._cluster.beginning import lanes_for, map_function, prepared
    from ..._cluster.engine import Engine

    if here.sandbox:
        raise ConfigurationError(
            "cluster: workers do not reach the sandbox in this process; run `pixola sandbox` and give its --base-url",
            setting="cluster",
        )
    settings = Settings.resolve(
        here.key(),
        here.base_url,
        database_url=here.database,
        wait_timeout=options.timeout or DEFAULT_WAIT_TIMEOUT,
    )
    lease_seconds = options.lease_seconds or LEASE_SECONDS
    with _connected(options.cluster or LOCAL, options.lanes) as client:
        order = prepared(
            client,
            settings,
            ledger=str(ledger_folder(folder).absolute()),
            dest=str(folder if is_remote(folder) else folder.absolute()),
            function=map_function(options.map, options.map_timeout),
            options=_of_lanes(options, lease_seconds),
        )

        def heard(content: Any) -> None:
            if isinstance(content, Outcome):
                tell(content)
            else:
                meter.happened(content)

        engine = Engine(client, order, ledger, lanes_for(client, options.lanes), lease_seconds, heard)
        engine.followed = lambda totals: meter.follow(totals, engine.requests)
        try:
            engine.run()
        finally:
            meter.follow(ledger.totals(), engine.requests)
            if engine.map_errors:
                here.output.message(
                    f"pixola: the function failed for {engine.map_errors} of the pictures; "
                    "map_error in results.csv says why, and bulk resume calls it again"
                )


def _of_lanes(options: "RunOptions", lease_seconds: float) -> dict[str, Any]:
    return {
        "template": options.template or DEFAULT_TEMPLATE,
        "metadata": options.metadata is not False,
        "max_credits": options.max_credits,
        "concurrency": options.concurrency,
        "frugal": bool(options.frugal),
        "quiet_seconds": options.quiet_seconds,
        "lease_seconds": lease_seconds,
    }


@contextmanager
def _connected(cluster: str, lanes: int | None) -> Iterator[Any]:
    """A client of the cluster; `local` makes one that ends with the block."""
    import distributed

    if cluster == LOCAL:
        with _local_cluster(lanes) as scheduler, distributed.Client(scheduler) as client:  # type: ignore[no-untyped-call]
            client.register_plugin(_uninterrupted())
            yield client
        return
    try:
        client = distributed.Client(cluster, timeout=_CONNECT_SECONDS)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError) as error:
        raise ClusterError(f"no scheduler answers at {cluster}; nothing was sent") from error
    with client:
        yield client


@contextmanager
def _local_cluster(lanes: int | None) -> Iterator[Any]:
    import distributed

    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # its workers are none of the user's business
    workers: dict[str, Any] = {} if lanes is None else {"n_workers": lanes}
    with distributed.LocalCluster(  # type: ignore[no-untyped-call]
        processes=True, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL, **workers
    ) as cluster:
        yield cluster


def _uninterrupted() -> Any:
    """A plugin for workers of this terminal: its Ctrl-C is for the command, which lets them finish."""
    from distributed import WorkerPlugin

    class Uninterrupted(WorkerPlugin):
        name = "pixola-uninterrupted"

        def setup(self, worker: Any) -> None:  # noqa: ARG002  (Dask's signature)
            signal.signal(signal.SIGINT, signal.SIG_IGN)

    return Uninterrupted()
