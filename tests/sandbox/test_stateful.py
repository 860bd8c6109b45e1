"""Any order of calls, against a model of ten lines: submit, look, list, advance, restart."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import httpx
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pixola_ext.sandbox import Sandbox
from pixola_ext.sandbox.store import Store

PRICES = {"flux-2": 12, "sana-1.6b": 2, "gpt-image-1.5": 24}
ENDS = {"": "complete", " sandbox:fails": "failed", " sandbox:is-rejected": "rejected"}


class Model:
    """What a sandbox should tell: every batch with its price and end, newest last."""

    def __init__(self, credit: int) -> None:
        self.credit = credit
        self.batches: list[list[Any]] = []  # id, price, end, status

    def left(self) -> int:
        """Credits not spent and not in flight."""
        return self.credit - sum(price for _, price, _, status in self.batches if status in ("processing", "complete"))

    def finish(self) -> None:
        """Time has passed."""
        for batch in self.batches:
            batch[3] = batch[2]


class Story(RuleBasedStateMachine):
    """One sandbox on disk, driven through the API."""

    @initialize(credit=st.integers(0, 100))
    def begin(self, credit: int) -> None:
        """A new sandbox in an empty folder, whose models take their time."""
        self.now = 1_772_366_400.0
        self.folder = Path(tempfile.mkdtemp())
        self.credit = credit
        self.model = Model(credit)
        self.open()

    def open(self) -> None:
        """Start it, again or for the first time."""
        self.store = Store(self.folder)
        self.box = Sandbox(store=self.store, credits=self.credit, latency=1.0, clock=lambda: self.now)
        headers = {"authorization": f"Bearer {self.box.api_key}"}
        self.http = httpx.Client(transport=self.box.transport, base_url=self.box.base_url, headers=headers)

    @rule(slug=st.sampled_from(sorted(PRICES)), word=st.sampled_from(sorted(ENDS)))
    def submit(self, slug: str, word: str) -> None:
        """Accepted if it can be paid with what is not in flight."""
        answer = self.http.post("/generate", json={"prompt": f"a cat{word}", "model": slug})
        if PRICES[slug] > self.model.left():
            assert answer.json()["error"]["code"] == "insufficient_credits"
        else:
            self.model.batches.append([answer.json()["batchId"], PRICES[slug], ENDS[word], "processing"])

    @rule()
    def advance(self) -> None:
        """Everything finishes."""
        self.now += 3600
        self.model.finish()

    @rule()
    def restart(self) -> None:
        """Nothing changes."""
        self.close()
        self.open()

    @precondition(lambda self: self.model.batches)
    @rule(data=st.data())
    def look(self, data: st.DataObject) -> None:
        """One batch."""
        batch_id, price, _, status = data.draw(st.sampled_from(self.model.batches))
        batch = self.http.get(f"/batches/{batch_id}").json()
        assert batch["status"] == status
        assert [image["creditsCharged"] for image in batch["images"]] == [price if status == "complete" else 0]

    @rule(limit=st.integers(1, 5))
    def walk(self, limit: int) -> None:
        """The whole list, page by page."""
        seen, cursor = [], {}
        while True:
            page = self.http.get("/batches", params={"limit": limit, **cursor}).json()
            seen += [[batch["batchId"], batch["status"]] for batch in page["batches"]]
            if not page["hasMore"]:
                break
            cursor = {"cursor": page["nextCursor"]}
        assert seen == [[batch[0], batch[3]] for batch in reversed(self.model.batches)]

    @invariant()
    def balance(self) -> None:
        """Only pictures are paid for, once."""
        if hasattr(self, "http"):
            spent = sum(price for _, price, _, status in self.model.batches if status == "complete")
            assert self.http.get("/credits").json()["balance"] == self.model.credit - spent

    def close(self) -> None:
        """End it."""
        self.http.close()
        self.store.close()

    def teardown(self) -> None:
        """Leave nothing behind."""
        if hasattr(self, "http"):
            self.close()
            shutil.rmtree(self.folder)


TestStory = Story.TestCase
TestStory.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
