"""Several waits at once: what they cost together, how soon they notice, and what they leave behind."""

import asyncio
import gc
import itertools
import json
import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Any

import httpx
import pytest

from pixola_ext import AsyncPixola, Batch, NotFoundError, Pixola, WaitTimeoutError
from pixola_ext._flows.account import state_of_account
from pixola_ext._flows.poll_schedule import POLLS_PER_MINUTE
from pixola_ext._io.clock import Clock
from tests.support.simulation import Simulation


class Service(httpx.AsyncBaseTransport):
    """Batches that end after so many seconds each, and a count of what was asked."""

    def __init__(self, now: Callable[[], float], ends: dict[str, float], images: int = 1) -> None:
        self._now = now
        self._ends = ends
        self._images = images
        self.asked: list[tuple[float, str]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v1")
        self.asked.append((self._now(), path))
        query = request.url.params
        start, limit = int(query.get("cursor", 0)), int(query.get("limit", 20))
        if path == "/batches":
            return self._page("batches", [self._summary(each) for each in reversed(self._ends)], start, limit)
        if path == "/images":
            images = [image for each in reversed(self._ends) for image in reversed(self._made(each))]
            return self._page("images", images, start, limit)
        batch_id = path.rpartition("/")[2]
        if batch_id not in self._ends:
            return httpx.Response(404, json={"error": {"code": "not_found", "message": "no such batch"}})
        summary = self._summary(batch_id)
        return httpx.Response(
            200, json={"batchId": batch_id, "status": summary["status"], "images": self._made(batch_id)}
        )

    def _page(self, name: str, items: list[Any], start: int, limit: int) -> httpx.Response:
        more = start + limit < len(items)
        page = {name: items[start : start + limit], "nextCursor": start + limit if more else None, "hasMore": more}
        return httpx.Response(200, content=json.dumps(page))

    def _summary(self, batch_id: str) -> dict[str, Any]:
        status = "complete" if self._ends[batch_id] <= self._now() else "processing"
        return {"batchId": batch_id, "status": status, "prompt": "a cat", "imageCount": self._images}

    def _made(self, batch_id: str) -> list[dict[str, Any]]:
        if self._ends[batch_id] > self._now():
            return []
        made = {"batchId": batch_id, "model": "flux-2", "status": "complete", "creditsCharged": 12}
        return [{**made, "imageId": f"{batch_id}_{n}", "url": "https://cdn.example/x.png"} for n in range(self._images)]


def simulate(ends: dict[str, float], *, images: int = 1, waits: list[str] | None = None):
    """Wait for all of them at once; results, simulated seconds, and the service."""
    simulation = Simulation()
    service = Service(lambda: simulation.now, ends, images)

    async def main():
        http = httpx.AsyncClient(transport=service)
        async with http, AsyncPixola("pxk_1", http_client=http, clock=simulation.clock(), budget=False) as px:
            return await simulation.run(*[px.wait(batch_id) for batch_id in waits or ends])

    return asyncio.run(main()), simulation.now, service


def most_a_minute(instants: list[float]) -> int:
    """The most of them in any minute."""
    return max(sum(start <= other < start + 60 for other in instants) for start in instants)


@pytest.mark.parametrize("end", [0.0, 3.0, 20.0, 70.0, 400.0])
def test_one_wait_notices_the_end_soon_and_asks_no_more_often_than_promised(end):
    """Within 3 s or 20 % of the time that the job took, with so many requests in any minute."""
    (batch,), noticed, service = simulate({"bt_1": end})
    assert batch.is_terminal
    assert most_a_minute([at for at, _ in service.asked]) <= POLLS_PER_MINUTE
    assert noticed - end <= max(3, 0.2 * end) + 1e-6


def test_a_hundred_waits_cost_hardly_more_than_one():
    """One list tells the state of a hundred, and another one the addresses of their pictures."""
    chance = random.Random(1)  # noqa: S311
    ends = {f"bt_{n:03d}": chance.lognormvariate(2.5, 0.3) for n in range(100)}
    batches, seconds, service = simulate(ends, images=2)
    assert [batch.batch_id for batch in batches] == list(ends)
    assert all(
        [image.image_id for image in batch.images] == [f"{batch.batch_id}_{n}" for n in (0, 1)] for batch in batches
    )
    assert len(service.asked) <= 2.5 * seconds + 3
    assert len(service.asked) < 100


def test_hundreds_of_waits_cost_less_than_three_requests_a_second():
    """In all, pictures' addresses included; and every one of them ends soon after its batch."""
    chance = random.Random(2)  # noqa: S311
    ends = {f"bt_{n:04d}": chance.lognormvariate(3, 0.5) for n in range(300)}
    batches, seconds, service = simulate(ends)
    assert all(isinstance(batch, Batch) and batch.completed for batch in batches)
    assert len(service.asked) <= 3 * seconds
    instants = [at for at, _ in service.asked]
    assert max(sum(start <= at < start + 1 for at in instants) for start in instants) <= 4  # one before it was shared
    assert seconds <= max(ends.values()) + 30


def test_two_waits_see_each_others_pages():
    """What one asks for, the other need not."""
    _, _, alone = simulate({"bt_1": 30.0})
    batches, _, shared = simulate({"bt_1": 30.0, "bt_2": 30.0})
    assert [batch.status for batch in batches] == ["complete", "complete"]
    assert len(shared.asked) < 2 * len(alone.asked)


def test_several_waits_for_one_batch_and_others_all_end():
    """Two for the same batch while a third waits for another, many of each, started at once."""
    waits = ["bt_1", "bt_1", "bt_2"] + ["bt_3"] * 5 + ["bt_1", "bt_4"]
    batches, _, service = simulate({"bt_1": 9.0, "bt_2": 4.0, "bt_3": 9.0, "bt_4": 30.0}, waits=waits)
    assert [batch.batch_id for batch in batches] == waits
    assert all(batch.completed for batch in batches)
    assert len(service.asked) < 40


def test_two_waits_for_one_batch_share_their_requests():
    """They cost half as much again as one, not twice as much."""
    _, _, alone = simulate({"bt_1": 30.0})
    batches, _, shared = simulate({"bt_1": 30.0}, waits=["bt_1", "bt_1"])
    assert [batch.completed[0].batch_id for batch in batches] == ["bt_1", "bt_1"]
    assert len(shared.asked) <= 1.5 * len(alone.asked)


def test_a_batch_that_is_on_no_page_is_asked_for_by_itself():
    """Lists may be cut off; a wait is not lost by that."""

    class Forgetful(Service):
        def _page(self, name, items, start, limit):
            return super()._page(name, [item for item in items if item["batchId"] != "bt_1"], start, limit)

    simulation = Simulation()
    service = Forgetful(lambda: simulation.now, {"bt_1": 5.0, "bt_2": 5.0})

    async def main():
        http = httpx.AsyncClient(transport=service)
        async with http, AsyncPixola("pxk_1", http_client=http, clock=simulation.clock(), budget=False) as px:
            return await simulation.run(px.wait("bt_1"), px.wait("bt_2"), px.wait("bt_3"))

    first, second, third = asyncio.run(main())
    assert (first.status, second.status) == ("complete", "complete")
    assert isinstance(third, NotFoundError)
    assert third.batch_id == "bt_3"


def test_waits_end_by_their_own_timeouts():
    """However many share the requests."""
    simulation = Simulation()
    service = Service(lambda: simulation.now, dict.fromkeys(["bt_1", "bt_2", "bt_3"], 1e9))

    async def main():
        http = httpx.AsyncClient(transport=service)
        async with http, AsyncPixola("pxk_1", http_client=http, clock=simulation.clock(), budget=False) as px:
            return await simulation.run(*[px.wait(f"bt_{n}", timeout=n * 20.0) for n in (1, 2, 3)])

    ended = asyncio.run(main())
    assert [type(each) for each in ended] == [WaitTimeoutError] * 3
    assert simulation.now == pytest.approx(60)


def test_trouble_slows_all_of_them_down():
    """A service that is down is asked ever less often, not more often for every wait."""

    class Down(Service):
        async def handle_async_request(self, request):
            self.asked.append((self._now(), request.url.path))
            return (
                httpx.Response(503 if self._now() < 100 else 200, json={})
                if self._now() < 100
                else await super().handle_async_request(request)
            )

    simulation = Simulation()
    service = Down(lambda: simulation.now, {f"bt_{n}": 5.0 for n in range(50)})

    async def main():
        http = httpx.AsyncClient(transport=service)
        async with http, AsyncPixola("pxk_1", http_client=http, clock=simulation.clock(), budget=False) as px:
            return await simulation.run(*[px.wait(f"bt_{n}") for n in range(50)])

    assert all(isinstance(each, Batch) for each in asyncio.run(main()))
    assert len([at for at, _ in service.asked if at < 100]) <= 20


def test_cancelled_waits_leave_nothing_behind():
    """No task, and no shared request that is never released; the others go on."""
    simulation = Simulation()
    service = Service(lambda: simulation.now, {"bt_1": 50.0, "bt_2": 50.0})

    async def main():
        http = httpx.AsyncClient(transport=service)
        async with http, AsyncPixola("pxk_1", http_client=http, clock=simulation.clock(), budget=False) as px:

            async def doom():
                try:
                    return await px.wait("bt_2")
                except asyncio.CancelledError as cancelled:
                    return cancelled.batch_id

            doomed = [asyncio.ensure_future(doom()) for _ in range(20)]

            async def cancel():
                await simulation.sleep(7.0)
                for task in doomed:
                    task.cancel()

            (batch, _, *cancelled) = await simulation.run(px.wait("bt_1"), cancel(), *doomed)
            assert cancelled == ["bt_2"] * 20
            assert asyncio.all_tasks() == {asyncio.current_task()}
            return batch

    assert asyncio.run(main()).status == "complete"


def test_threads_share_too():
    """Blocking waits in one process, each in a thread of its own, two for each batch."""
    asked: Counter[str] = Counter()
    polls = itertools.count()

    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v1")
        asked[path] += 1
        done = next(polls) > 6
        names = [f"bt_{n}" for n in range(8)]
        status = "complete" if done else "processing"
        if path == "/batches":
            page = [{"batchId": name, "status": status, "imageCount": 1} for name in names]
            return httpx.Response(200, json={"batches": page, "nextCursor": None, "hasMore": False})
        images = [{"imageId": f"im_{name}", "batchId": name, "status": "complete"} for name in names]
        if path == "/images":
            return httpx.Response(200, json={"images": images, "nextCursor": None, "hasMore": False})
        name = path.rpartition("/")[2]
        return httpx.Response(200, json={"batchId": name, "status": status, "images": images[:1] if done else []})

    nap = threading.Event()  # never set: a hundred times as fast as real time
    clock = Clock(now=lambda: monotonic() * 100, sleep=lambda seconds: nap.wait(seconds / 100) and None)
    http = httpx.Client(transport=httpx.MockTransport(answer))
    with http, Pixola("pxk_1", http_client=http, clock=clock, budget=False) as px, ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda n: px.wait(f"bt_{n // 2}"), range(8)))
    assert [batch.batch_id for batch in found] == [f"bt_{n // 2}" for n in range(8)]
    assert asked["/batches"] >= 1
    assert threading.active_count() < 50


def test_clients_of_one_account_share_and_are_forgotten():
    """By base URL and key; with the last of them goes what they knew."""
    first, second, other = Pixola("pxk_shared"), AsyncPixola("pxk_shared"), Pixola("pxk_other")
    assert first._account is second._account is not other._account
    first.close()
    other.close()
    asyncio.run(second.aclose())
    del first, second
    gc.collect()
    assert state_of_account("https://www.pixola.ai/api/v1", "pxk_shared").job("bt_1") is None


def test_a_list_that_is_stale_is_not_trusted_for_ever():
    """Now and then a wait asks for its own batch, whatever the lists say."""

    class Stale(Service):
        def _summary(self, batch_id):
            return {**super()._summary(batch_id), "status": "processing"}

        async def handle_async_request(self, request):
            answer = await super().handle_async_request(request)
            if request.url.path.endswith("/batches"):
                return answer
            document = answer.json()
            finished = self._ends[document["batchId"]] <= self._now()
            return httpx.Response(200, json={**document, "status": "complete" if finished else "processing"})

    simulation = Simulation()
    service = Stale(lambda: simulation.now, {"bt_1": 5.0, "bt_2": 5.0})

    async def main():
        http = httpx.AsyncClient(transport=service)
        async with http, AsyncPixola("pxk_1", http_client=http, clock=simulation.clock(), budget=False) as px:
            return await simulation.run(px.wait("bt_1"), px.wait("bt_2"))

    assert [batch.status for batch in asyncio.run(main())] == ["complete", "complete"]
    assert simulation.now < 60
