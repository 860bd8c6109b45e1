"""A driver of flows in virtual time: time passes only when every flow waits, and then at once."""

import heapq
import itertools
import json
import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

import httpx

from pixola_ext._api.answers import Answer
from pixola_ext._budget.ledger import Ledger
from pixola_ext._budget.records import Moment
from pixola_ext._flows.account import AccountState
from pixola_ext._flows.effects import Flow, Notify, Send, Sleep, WallClock
from pixola_ext._io.clock import Clock
from pixola_ext._io.drivers import performed_here
from pixola_ext._io.keeping import KEPT, kept
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


class VirtualDriver:
    """Carries out the flows of one account on a sandbox in virtual time."""

    def __init__(self, time: VirtualTime, box: Sandbox) -> None:
        self._time = time
        self._box = box
        chance = random.Random(7)  # noqa: S311
        self._clock = Clock(
            now=lambda: time.now, today=lambda: datetime.fromtimestamp(time.epoch(), UTC), random=chance.random
        )
        self.account = AccountState()
        self._journal = Journal(None, "simulated", box.base_url, self.account.memory)
        self.budget = Ledger(None, "simulated", box.base_url, clock=lambda: Moment(time.epoch(), time.now))
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
                case _ if isinstance(effect, KEPT):
                    outcome = kept(effect, self.budget, self._journal)
                case _:
                    outcome = performed_here(effect, self._clock)
            step = lambda outcome=outcome: flow.send(outcome)  # type: ignore[misc]  # noqa: E731

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
