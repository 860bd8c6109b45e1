"""Waits that start, poll, end and are abandoned in any order: none breaks another, and each ends as itself."""

import json
from collections.abc import Generator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import httpx
from attrs import define
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from pixola_ext import Batch, RequestTimeoutError, WaitTimeoutError
from pixola_ext._api.answers import Answer
from pixola_ext._api.operations import Call
from pixola_ext._flows.account import AccountState
from pixola_ext._flows.effects import Now, Random, Send, Sleep
from pixola_ext._flows.waiting import wait
from pixola_ext.settings import Policy

IDS = [f"bt_{number}" for number in range(5)]
WAIT_TIMEOUT = 600.0  # seconds
POLICY = Policy(timeout=60.0, max_retries=0)
PAGE = 2  # items on a page, so that a scan takes several


@define(eq=False)
class Wait:
    """One wait, whose driver is the test: it sleeps until `due_at`, or has sent `call` and waits for the answer."""

    batch_id: str
    flow: Generator[Any, Any, Batch]
    started_at: float
    due_at: float = 0.0
    call: Call[Any] | None = None


class Waits(RuleBasedStateMachine):
    """Waits for equal and different batches of one account."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.account = AccountState()
        self.waits: list[Wait] = []
        self.finished: set[str] = set()
        self.unlisted: set[str] = set()

    # -- what happens --------------------------------------------------------------------------------------------------

    @rule(batch_id=st.sampled_from(IDS), is_ours=st.booleans())
    def start(self, batch_id: str, is_ours: bool) -> None:
        """A wait begins, for a batch that others may be waiting for, too."""
        if is_ours:
            self.account.submitted(batch_id, self.now, {})
        flow = wait(batch_id, POLICY, WAIT_TIMEOUT, None, self.account)
        self.waits.append(Wait(batch_id, flow, self.now))
        self._go_on(self.waits[-1], None)

    @precondition(lambda self: any(each.call for each in self.waits))
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        """The answer to one of the requests under way arrives, as things stand then."""
        asking = data.draw(st.sampled_from([each for each in self.waits if each.call]))
        self._go_on(asking, self._answered(asking.call))

    @precondition(lambda self: any(each.call for each in self.waits))
    @rule(data=st.data())
    def fail(self, data: st.DataObject) -> None:
        """One of the requests under way gets no answer."""
        asking = data.draw(st.sampled_from([each for each in self.waits if each.call]))
        asking.call = None
        self._go_on(asking, RequestTimeoutError("no answer", method="GET", url="/"), is_error=True)

    @precondition(lambda self: any(not each.call for each in self.waits))
    @rule()
    def pass_time(self) -> None:
        """The wait whose sleep ends first wakes up."""
        sleeping = min((each for each in self.waits if not each.call), key=lambda each: each.due_at)
        self.now = max(self.now, sleeping.due_at)
        self._go_on(sleeping, None)

    @precondition(lambda self: self.waits)
    @rule(data=st.data(), error=st.sampled_from([KeyboardInterrupt, GeneratorExit]))
    def abandon(self, data: st.DataObject, error: type[BaseException]) -> None:
        """A wait is interrupted, or its flow is dropped, wherever it is."""
        abandoned = data.draw(st.sampled_from(self.waits))
        self.waits.remove(abandoned)
        if error is GeneratorExit:
            abandoned.flow.close()
            return
        try:
            abandoned.flow.throw(error())
        except KeyboardInterrupt as interrupt:
            assert interrupt.batch_id == abandoned.batch_id  # type: ignore[attr-defined]

    @rule(batch_id=st.sampled_from(IDS))
    def finish(self, batch_id: str) -> None:
        """A batch ends."""
        self.finished.add(batch_id)

    @rule(batch_id=st.sampled_from(IDS))
    def hide_or_show(self, batch_id: str) -> None:
        """The lists lose a batch, or have it again."""
        self.unlisted ^= {batch_id}

    def teardown(self) -> None:
        """When all batches have ended and answers arrive, every wait that is left ends with its batch."""
        self.finished.update(IDS)
        for _ in range(2000):
            if not self.waits:
                break
            asking = next((each for each in self.waits if each.call), None)
            if asking is None:
                self.pass_time()
            else:
                self._go_on(asking, self._answered(asking.call))
        assert self.waits == []
        assert not self.account.polling.is_shared

    # -- playing the driver --------------------------------------------------------------------------------------------

    def _go_on(self, playing: Wait, outcome: Any, *, is_error: bool = False) -> None:
        """Give a wait its outcome, and carry out its effects until it sleeps, sends or ends."""
        playing.call = None
        try:
            effect = playing.flow.throw(outcome) if is_error else playing.flow.send(outcome)
            while isinstance(effect, Now | Random):
                effect = playing.flow.send(self.now if isinstance(effect, Now) else 0.5)
        except StopIteration as stop:
            self.waits.remove(playing)
            assert (stop.value.batch_id, stop.value.status) == (playing.batch_id, "complete")
            assert [image.image_id for image in stop.value.images] == [f"im_{playing.batch_id}"]
        except WaitTimeoutError:
            self.waits.remove(playing)
            assert self.now >= playing.started_at + WAIT_TIMEOUT
        else:
            assert isinstance(effect, Sleep | Send)
            if isinstance(effect, Send):
                playing.call = effect.call
            else:
                playing.due_at = self.now + effect.seconds

    # -- the service ---------------------------------------------------------------------------------------------------

    def _answered(self, call: Call[Any] | None) -> Answer:
        assert call is not None
        content = json.dumps(self._document(call)).encode()
        return Answer(call.method, call.path, 200, httpx.Headers(), content, datetime.now(UTC))

    def _document(self, call: Call[Any]) -> dict[str, Any]:
        listed = [batch_id for batch_id in reversed(IDS) if batch_id not in self.unlisted]
        if call.path == "/batches":
            return self._page("batches", [{**self._batch(each), "imageCount": 1} for each in listed], call)
        if call.path == "/images":
            images = [image for each in listed for image in self._batch(each)["images"]]
            return self._page("images", images, call)
        return self._batch(unquote(call.path.rpartition("/")[2]))

    def _batch(self, batch_id: str) -> dict[str, Any]:
        is_finished = batch_id in self.finished
        image = {"imageId": f"im_{batch_id}", "batchId": batch_id, "status": "complete"}
        status = "complete" if is_finished else "processing"
        return {"batchId": batch_id, "status": status, "images": [image] if is_finished else []}

    def _page(self, name: str, items: list[Any], call: Call[Any]) -> dict[str, Any]:
        start = int(call.params.get("cursor") or 0)
        more = start + PAGE < len(items)
        return {name: items[start : start + PAGE], "nextCursor": start + PAGE if more else None, "hasMore": more}


Waits.TestCase.settings = settings(max_examples=60, stateful_step_count=60)
TestWaits = Waits.TestCase
