"""The begin of a run on a cluster: everything is checked there and here, before anything is spent."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from .._io.places import check_destination, destination
from .._io.temporary import create_temporary, delete_temporary
from ..errors import ClusterError, ConfigurationError
from ..settings import Settings
from .checks import check_scheduler, check_workers, facts, is_private
from .functions import Function, found
from .orders import MapFunction, Order, Sealed

DEFAULT_MAP_TIMEOUT: Final = 120.0  # seconds for one picture; the first may have to load a model
DEFAULT_LANES: Final = 2  # one goes on while the other's worker is started again; a key feeds no more
_WORKER_SECONDS: Final = 60.0  # until the first worker has to be there
_TOPIC_BYTES: Final = 8


def prepared(
    client: Any,
    settings: Settings,
    *,
    ledger: str,
    dest: str,
    function: MapFunction | None,
    options: Mapping[str, Any],
) -> Order:
    """The order for a cluster that can carry it out; `ledger` and `dest` are folders or URLs.

    Raises `ConfigurationError` for what cannot work, with the address of the worker concerned, and `ClusterError` for a
    cluster that does not answer.
    """
    if settings.api_key is None:
        raise ConfigurationError("no API key", setting="api_key")
    try:
        client.wait_for_workers(1, timeout=_WORKER_SECONDS)
        scheduler = client.scheduler_info(n_workers=-1)
        is_sent = is_private([scheduler["address"], *scheduler["workers"]])
        _check(client, settings, ledger, dest, is_sent=is_sent)
    except (OSError, TimeoutError) as error:
        raise ClusterError(f"the cluster does not answer: {error}") from error
    return Order(
        topic=f"pixola-{secrets.token_hex(_TOPIC_BYTES)}",
        ledger=ledger,
        dest=dest,
        base_url=settings.base_url,
        wait_timeout=settings.wait_timeout,
        allow_http=settings.allow_http,
        key=Sealed(settings.api_key.reveal()) if is_sent else None,
        database_url=Sealed(settings.database_url) if is_sent and settings.database_url is not None else None,
        options=options,
        function=function,
    )


def _check(client: Any, settings: Settings, ledger: str, dest: str, *, is_sent: bool) -> None:
    here = facts(None)
    try:
        told: Any = client.run_on_scheduler(facts, None)
    except (ImportError, AttributeError) as error:  # of a process without this package, or with an older one
        told = error
    check_scheduler(told, here)
    with _probe(dest) as probe:
        workers = client.run(facts, probe, on_error="return")
    needs_key = None if is_sent or settings.api_key is None else settings.api_key.fingerprint
    is_database = settings.database_url is not None or is_server(ledger)
    check_workers(workers, here, needs_key=needs_key, is_database=is_database)


def is_server(ledger: str) -> bool:
    """Whether a ledger is in a database that other machines reach, too."""
    return "://" in ledger and not ledger.startswith("sqlite")


@contextmanager
def _probe(dest: str) -> Iterator[str | None]:
    """A file in the destination, for as long as workers look for it; none where it is a URL."""
    check_destination(destination(dest))
    if "://" in dest:
        yield None
        return
    Path(dest).mkdir(parents=True, exist_ok=True)
    probe = create_temporary(Path(dest))
    try:
        yield str(probe)
    finally:
        delete_temporary(probe)


def map_function(given: "str | Function | None", timeout: float | None = None) -> MapFunction | None:
    """What is told to workers of a function, or of its name; raises `ConfigurationError` if it cannot be called."""
    if given is None:
        return None
    seconds = DEFAULT_MAP_TIMEOUT if timeout is None else timeout
    if not 0 < seconds < float("inf"):
        raise ConfigurationError("map_timeout: must be a finite number of seconds above 0", setting="map_timeout")
    if isinstance(given, str):
        found(given)
        return MapFunction(given, seconds)
    if not callable(given):
        raise ConfigurationError("map: expected a function, or module:function", setting="map")
    return MapFunction(getattr(given, "__qualname__", repr(given)), seconds, _pickled(given))


def _pickled(function: Callable[..., Any]) -> bytes:
    import cloudpickle  # noqa: PLC0415  (comes with distributed)

    try:
        pickled: bytes = cloudpickle.dumps(function)
    except Exception as error:  # whatever the function holds
        raise ConfigurationError(f"map: the function cannot be sent to workers: {error}", setting="map") from error
    return pickled


def lanes_for(client: Any, lanes: int | None) -> int:
    """How many lanes to run: as many as are asked for, else two where there are two workers."""
    if lanes is None:
        return min(DEFAULT_LANES, max(len(client.scheduler_info(n_workers=-1)["workers"]), 1))
    if isinstance(lanes, bool) or not isinstance(lanes, int) or lanes < 1:
        raise ConfigurationError(f"lanes: expected a whole number of at least 1, not {lanes!r}", setting="lanes")
    return lanes
