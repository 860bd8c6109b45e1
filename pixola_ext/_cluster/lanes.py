"""A lane: a task of a cluster that does what waits in the ledger of a run, as `generate_many` does in one process.

It may be killed at any instant, and be run again elsewhere while it is not even dead: items have an owner and a lease.
"""

import pickle
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Final

import distributed

from .._bulk.outcomes import BulkEvent, Outcome
from .._flows.bulk import ledger_error
from .._io.places import destination
from .._state.errors import StoreError
from ..client import Pixola
from ..errors import PixolaError
from .orders import LaneReport, Message, Order

if TYPE_CHECKING:
    from .._flows.bulk_source import Source

_NAME_BYTES: Final = 4  # of chance: a lane that is run again is another one
_WATCH_SECONDS: Final = 0.5  # between two looks whether the task is still wanted
_WANTED: Final = frozenset({"executing", "long-running"})  # states of a task in Dask's worker


def lane(order: Order) -> LaneReport:
    """Work on the ledger until nothing is left to do, telling each event and outcome under the topic of the order.

    What ends a run early is in the report: Dask repeats a task that raises, and the service would refuse it again.
    """
    order.check()
    worker: Any = distributed.get_worker()
    task = worker.get_current_task()
    distributed.secede()  # type: ignore[no-untyped-call]  # the lane waits most of the time: the thread is for other tasks
    name = secrets.token_hex(_NAME_BYTES)
    sent = _Counter()

    def tell(content: BulkEvent | Outcome) -> None:
        worker.log_event(order.topic, pickle.dumps(Message(name, sent.count, content)))

    failure: PixolaError | None = None
    try:
        _work(order, tell, sent, lambda: _is_wanted(worker, task))
    except PixolaError as error:
        failure = error
    except StoreError as error:
        failure = ledger_error(error)
    return LaneReport(name, sent.count, failure)


class _Counter:
    """Counts the requests of a client."""

    def __init__(self) -> None:
        self.count = 0

    def sent(self, _event: Any) -> None:
        self.count += 1


def _work(order: Order, tell: Callable[[Any], None], sent: _Counter, is_wanted: Callable[[], bool]) -> None:
    key = None if order.key is None else order.key.reveal()
    database_url = None if order.database_url is None else order.database_url.reveal()
    with (
        closing(order.open_ledger()) as ledger,
        Pixola(key, order.base_url, allow_http=order.allow_http, database_url=database_url, on_request=sent.sent) as px,
    ):
        client = px.with_options(wait_timeout=order.wait_timeout)
        source = client._bulk_of(ledger, destination(order.dest), on_event=tell, **order.options)  # noqa: SLF001
        with _left_when(source, lambda: not is_wanted()), closing(client._outcomes(source, ())) as outcomes:  # noqa: SLF001
            for outcome in outcomes:
                tell(outcome)


def _is_wanted(worker: Any, task: Any) -> bool:
    """Whether the run still waits for the task: not after Ctrl-C, or when the process that sent it has ended."""
    known = worker.state.tasks.get(task)
    return known is not None and known.state in _WANTED


@contextmanager
def _left_when(source: "Source", is_over: Callable[[], bool]) -> Iterator[None]:
    """Begin nothing more once `is_over()`: what is under way is answered first."""
    has_ended = threading.Event()

    def watch() -> None:
        while not has_ended.wait(_WATCH_SECONDS):
            if is_over():
                source.abandon()
                return

    watcher = threading.Thread(target=watch, name="pixola-lane", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        has_ended.set()
        watcher.join()
