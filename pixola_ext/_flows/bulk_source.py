"""The requests of a bulk run, read from the caller's iterable as they are needed, and checked one by one."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from attrs import define, field

from .._api.operations import generation_request, list_models
from .._bulk.columns import InvalidValueError, json_value, row_of
from .._bulk.estimate import Catalog
from .._bulk.items import Copies, Item
from .._bulk.memory import MemoryLedger
from .._bulk.outcomes import ABANDONED, Outcome
from .._state.errors import StoreError
from ..errors import ConfigurationError, PixolaError
from ..models import GenerationRequest, Submission
from .bulk import ledger_error, whole
from .bulk_run import BulkRun
from .effects import Flow
from .request import request

AHEAD: Final = 60  # requests that are read before they can be sent: two minutes of them

_log = logging.getLogger("pixola_ext")


@define(eq=False)
class Source:
    """What the caller wants to have made, as a stream of outcomes (`_io.streams.Background`)."""

    run: BulkRun
    _catalog: Catalog | None = None
    _copies: Copies = field(factory=Copies)
    _taken: int = 0
    _places: dict[str, int] = field(factory=dict)  # of requests among all, by the digest of their items

    def deliver_to(self, deliver: Callable[[Outcome], Any]) -> None:
        """What takes the outcomes."""
        self.run.deliver = deliver

    def prepare(self) -> Flow[None]:
        """Learn the prices, if credits are limited."""
        self.run.place = lambda item: self._places.get(item.digest, item.number)
        if self.run.max_credits is not None and not self.run.is_fed:
            self._catalog = Catalog.of((yield from request(list_models(), self.run.policy)))

    def flow(self) -> Flow[None]:
        """The run."""
        return whole(self.run)

    def wants(self) -> int:
        """How many requests should be read now."""
        if self.run.is_fed:
            return 0
        with self.run.lock:
            dispatcher = self.run.dispatcher
            return 0 if dispatcher.is_stopped else max(AHEAD - len(dispatcher.ready) - self.run.unclaimed, 0)

    def add(self, given: Iterable[Any], *, is_last: bool) -> list[Outcome]:
        """Requests were read; `is_last` if there are no more. Gives the outcomes of those that cannot be sent."""
        items: list[Item] = []
        refused: list[Outcome] = []
        for each in given:
            self._taken += 1
            try:
                made = list(items_of(each, self._copies, self._catalog))
                self._places.update((item.digest, self._taken) for item in made)
                items += made
            except PixolaError as error:
                refused.append(Outcome(self._taken, _shown(each), error=error))
        if items:
            self._keep(items)
        self.run.is_fed = self.run.is_fed or is_last
        return refused

    def _keep(self, items: Sequence[Item]) -> None:
        with self.run.lock:
            self.run.unclaimed += len(items)  # before lanes can claim them
        try:
            known = self.run.ledger.add(items).known
        except StoreError as error:
            raise ledger_error(error) from error
        with self.run.lock:
            self.run.unclaimed = max(self.run.unclaimed - known, 0)

    def failed(self, error: Exception) -> None:
        """The caller's iterable has raised: there are no more requests, and the error ends the iteration."""
        self.run.failure = self.run.failure or error

    def taken(self) -> None:
        """The caller has taken an outcome."""
        self.run.taken()

    def is_paying(self) -> bool:
        """Whether the answer to a paid request is awaited."""
        return self.run.posting > 0

    def abandon(self) -> None:
        """The iteration ends early, or is at its end: nothing more is begun."""
        with self.run.lock:
            self.run.dispatcher.abandon()

    def ended(self) -> None:
        """Raises why the run ended early, if it did."""
        if self.run.failure is not None:
            raise self.run.failure

    def left_behind(self) -> Flow[None]:
        """Tell which batches were under way when the iteration was abandoned, and close the ledger."""
        left, self.run.in_flight = dict(self.run.in_flight), {}
        self.run.ledger.close()
        for batch_id, item in left.items():
            yield from self.run.tell(ABANDONED, item, batch_id)
        if left and isinstance(self.run.ledger, MemoryLedger):
            _log.warning("generate_many was left while these batches were under way: %s", ", ".join(left))


def items_of(given: Any, copies: Copies, catalog: Catalog | None) -> Iterable[Item]:
    """The items of one request of a caller; with a `catalog`, each has the most that it may cost.

    Raises `ConfigurationError` for a request that cannot be sent, and for one without a price in the catalog.
    """
    if isinstance(given, Mapping):
        try:
            row = row_of(0, given, json_value)
        except InvalidValueError as error:
            raise ConfigurationError(str(error), setting="requests") from error
        request = generation_request(GenerationRequest.from_dict(row.request)).to_dict()
        price = _price(request, catalog)
        return copies.items(request, name=row.name, carried=row.carried, price=price, number=row.n)
    if not isinstance(given, str | GenerationRequest):
        raise ConfigurationError(
            f"requests: expected prompts, mappings or `GenerationRequest`s, not {type(given).__name__}",
            setting="requests",
        )
    request = generation_request(given).to_dict()
    return copies.items(request, price=_price(request, catalog))


def _price(wanted: Mapping[str, Any], catalog: Catalog | None) -> int | None:
    if catalog is None:
        return None
    price = catalog.ceiling(wanted)
    if price is None:
        raise ConfigurationError(
            f"model: the catalog has no price for {wanted.get('model')!r}, and `max_credits` needs one",
            setting="model",
        )
    return price


def _shown(given: Any) -> Submission:
    """What can be shown of a request that cannot be sent."""
    if isinstance(given, GenerationRequest):
        return given
    prompt = given.get("prompt") if isinstance(given, Mapping) else given
    return Submission(prompt if isinstance(prompt, str) else "")
