"""A driver of flows in virtual time: time passes only when every flow waits, and then at once."""

import heapq
import itertools
import json
import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

import httpx

from pixola_ext._api.answers import Answer
from pixola_ext._budget.ledger import Ledger
from pixola_ext._budget.records import Moment
from pixola_ext._flows.account import AccountState
from pixola_ext._flows.effects import Effect, Flow, Notify, Send, Sleep, WallClock
from pixola_ext._io.clock import Clock
from pixola_ext._io.drivers import performed_here
from pixola_ext._io.keeping import KEPT, kept
from pixola_ext._journal.entries import MemoryRows
from pixola_ext._journal.journal import Journal
from pixola_ext.sandbox import Sandbox
from pixola_ext.sandbox.messages import Request

START: Final = 1_790_000_000.0  # epoch seconds at which the simulation begins
_THERE: Final = 0.15  # seconds that a request takes to the service, and its answer back

Continuation = Callable[[], None]


class VirtualTime:
    """The clock, and what is due when."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, int, Continuation]] = []
        self._numbers = itertools.count()

    def epoch(self) -> float:
        """The time of day, in epoch seconds."""
        return START + self.now

    def after(self, seconds: float, action: Continuation) -> None:
        """Call `action` when so many seconds have passed."""
        heapq.heappush(self._due, (self.now + max(seconds, 0.0), next(self._numbers), action))

    def run(self, until: float, is_over: Callable[[], bool]) -> None:
        """Let time pass until nothing is due, or `until`, or it `is_over`."""
        while self._due and not is_over():
            at, _, action = heapq.heappop(self._due)
            if at > until:
                return
            self.now = at
            action()


class VirtualDatabase:
    """What a transaction on a database takes: `seconds`, one after the other for the same key."""

    def __init__(self, time: VirtualTime, seconds: float) -> None:
        self.transactions = 0
        self._time = time
        self._seconds = seconds
        self._free_at = 0.0

    def carry_out(self, action: Continuation) -> None:
        """Call `action` when the transaction is done."""
        self.transactions += 1
        self._free_at = max(self._free_at, self._time.now) + self._seconds
        self._time.after(self._free_at - self._time.now, action)


def budget_of(box: Sandbox, time: VirtualTime) -> Ledger:
    """The budget of a sandbox's key, in memory."""
    return Ledger(None, "simulated", box.base_url, clock=lambda: Moment(time.epoch(), time.now))


class VirtualDriver:
    """Carries out the flows of one account on a sandbox in virtual time.

    With a `database`, what is kept there takes time; drivers with the same `memory` and `budget` share them.
    """

    def __init__(
        self,
        time: VirtualTime,
        box: Sandbox,
        *,
        memory: MemoryRows | None = None,
        budget: Ledger | None = None,
        database: VirtualDatabase | None = None,
    ) -> None:
        self._time = time
        self._box = box
        self._database = database
        chance = random.Random(7)  # noqa: S311
        self._clock = Clock(
            now=lambda: time.now, today=lambda: datetime.fromtimestamp(time.epoch(), UTC), random=chance.random
        )
        self.account = AccountState()
        self.account.memory = memory or self.account.memory
        self._journal = Journal(None, "simulated", box.base_url, self.account.memory)
        self.budget = budget or budget_of(box, time)
        self.requests = 0
        self.refused = 0

    def start(self, flows: Sequence[Flow[Any]], ended: Callable[[Any], None]) -> None:
        """Run flows at the same time; `ended` is called with the value of each."""
        for flow in flows:
            self._time.after(0.0, lambda flow=flow: self._resume(flow, ended, lambda: next(flow)))  # type: ignore[misc]

    def _resume(self, flow: Flow[Any], ended: Callable[[Any], None], step: Callable[[], Any]) -> None:
        while True:
            try:
                effect = step()
            except StopIteration as stop:
                ended(stop.value)
                return
            match effect:
                case Sleep(seconds):
                    self._time.after(seconds, lambda: self._resume(flow, ended, lambda: flow.send(None)))
                    return
                case Send():
                    self._send(effect, lambda answer: self._resume(flow, ended, lambda: flow.send(answer)))
                    return
                case Notify(callback, value):
                    outcome: Any = callback(value)
                case WallClock():
                    outcome = self._clock.today()
                case _ if isinstance(effect, KEPT) and self._database is not None:
                    self._database.carry_out(partial(self._resume, flow, ended, partial(self._sent, flow, effect)))
                    return
                case _ if isinstance(effect, KEPT):
                    step = partial(self._sent, flow, effect)
                    continue
                case _:
                    outcome = performed_here(effect, self._clock)
            step = lambda outcome=outcome: flow.send(outcome)  # type: ignore[misc]  # noqa: E731

    def _sent(self, flow: Flow[Any], effect: Effect[Any]) -> Any:
        try:
            outcome = kept(effect, self.budget, self._journal)
        except Exception as error:  # noqa: BLE001  (the flow decides what it means)
            return flow.throw(error)
        return flow.send(outcome)

    def _send(self, send: Send, answered: Callable[[Answer], None]) -> None:
        call = send.call
        body = b"" if call.body is None else json.dumps(call.body).encode()
        headers = {"authorization": f"Bearer {self._box.api_key}", "content-type": "application/json"}
        query = urlencode({name: value for name, value in call.params.items() if value is not None})
        request = Request(call.method, f"/api/v1{call.path}", query, headers, body)

        def arrive() -> None:
            self.requests += 1
            given = self._box.answer(request)
            self.refused += given.status == httpx.codes.TOO_MANY_REQUESTS
            answer = Answer(
                call.method, call.path, given.status, httpx.Headers(given.headers), given.body, self._clock.today()
            )
            self._time.after(_THERE, lambda: answered(answer))

        self._time.after(_THERE, arrive)
