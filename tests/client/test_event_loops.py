"""The asynchronous client on asyncio, uvloop and trio, on one loop after the other, and cancelled on each."""

import asyncio
import itertools
import sys
import threading
from contextlib import aclosing
from time import monotonic

import anyio
import httpx
import pytest

from pixola_ext import AsyncPixola, ConfigurationError, Image, RequestTimeoutError
from pixola_ext._flows.effects import Gather, Sleep
from pixola_ext._io.adrivers import AsyncDriver
from pixola_ext._io.clock import Clock
from pixola_ext._io.connections import Endpoints
from pixola_ext._io.tasks import in_thread
from pixola_ext.settings import Settings
from tests.support.pictures import PNG
from tests.support.wire import reply

KEY = "pxk_test_0123456789"

LOOPS = [
    pytest.param(("asyncio", {}), id="asyncio"),
    pytest.param(("trio", {}), id="trio"),
    pytest.param(
        ("asyncio", {"use_uvloop": True}),
        id="uvloop",
        marks=pytest.mark.skipif(
            sys.platform == "win32" or sys.implementation.name != "cpython", reason="there is no uvloop"
        ),
    ),
]


@pytest.fixture(params=LOOPS)
def run(request):
    """Runs an asynchronous function on a new loop of one kind."""
    backend, options = request.param
    return lambda function: anyio.run(function, backend=backend, backend_options=options)


async def first_page(px):
    """A walk that is left early."""
    async with aclosing(px.batches.list(page_size=1).pages()) as pages:
        return await anext(pages)


async def waited(px):
    return await px.wait(await px.submit("a cat"))


async def got(px):
    return await px.batches.get((await px.submit("a cat")).batch_id)


async def image(px):
    return await px.images.get((await px.generate("a cat")).images[0].image_id)


async def listed(history):
    return [item async for item in history.list(limit=3)]


async def saved(px, folder):
    batch = await px.generate("a cat")
    return await px.save(batch, folder)


async def opened(px):
    return (await px.open((await px.generate("a cat")).images[0])).size


CALLS = {
    "models.list": lambda px, _folder: px.models.list(),
    "models.get": lambda px, _folder: px.models.get("flux-2"),
    "styles.list": lambda px, _folder: px.styles.list(),
    "shapes.list": lambda px, _folder: px.shapes.list(),
    "credits": lambda px, _folder: px.credits(),
    "submit": lambda px, _folder: px.submit("a cat"),
    "generate": lambda px, _folder: px.generate("a cat"),
    "wait": lambda px, _folder: waited(px),
    "batches.get": lambda px, _folder: got(px),
    "images.get": lambda px, _folder: image(px),
    "batches.list": lambda px, _folder: listed(px.batches),
    "images.list": lambda px, _folder: listed(px.images),
    "pages": lambda px, _folder: first_page(px),
    "save": saved,
    "open": lambda px, _folder: opened(px),
}


@pytest.mark.parametrize("name", CALLS)
def test_every_call_works_on_every_loop(run, tmp_path, name):
    """And on the next one, with the same client."""
    px = AsyncPixola.sandbox()
    for _ in range(2):
        assert run(lambda: CALLS[name](px, tmp_path)) is not None
    run(px.aclose)


@pytest.mark.parametrize("method", ["credits", "save"])
def test_connections_of_a_loop_are_not_used_on_the_next(run, service, tmp_path, method):
    """Over a socket: every loop comes by a connection of its own, and none is left open."""
    service.script = lambda heard: reply(PNG) if "picture" in heard.target else reply({"balance": 1})
    px = AsyncPixola(KEY, service.url, budget=False)
    call = {
        "credits": px.credits,
        "save": lambda: px.save(Image("im_1", url=f"{service.origin}/picture.png", status="complete"), tmp_path),
    }[method]
    for _ in range(3):
        assert run(call)
    assert len({heard.port for heard in service.heard}) == 3


def test_a_client_of_the_callers_own_is_bound_to_its_loop(run, service):
    """Its connections cannot be made anew here, and the second loop is told so; one without them is free."""
    service.plays(reply({"balance": 1}, connection="close"))
    px = AsyncPixola(KEY, service.url, budget=False, http_client=httpx.AsyncClient())
    assert run(px.credits).balance == 1
    with pytest.raises(ConfigurationError, match="another event loop"):
        run(px.credits)
    mocked = httpx.AsyncClient(transport=httpx.MockTransport(lambda _request: httpx.Response(200, json={"balance": 2})))
    free = AsyncPixola(KEY, budget=False, http_client=mocked)
    assert [run(free.credits).balance for _ in range(2)] == [2, 2]


def test_a_deadline_holds_on_every_loop(run, service):
    """A silent service ends the call when its time is over, by our own error."""
    service.script = lambda _heard: lambda connection: connection.recv(1)
    px = AsyncPixola(KEY, service.url, budget=False, timeout=0.3, max_retries=0)

    async def call():
        try:
            await px.credits()
        finally:
            await px.aclose()

    started = monotonic()
    with pytest.raises(RequestTimeoutError):
        run(call)
    assert monotonic() - started < 10


def test_cancellation_stays_what_it_is(run, service):
    """The scope that cancels sees its own cancellation, and the client goes on."""
    service.script = lambda heard: reply({"balance": 1}) if "styles" in heard.target else lambda peer: peer.recv(1)
    px = AsyncPixola(KEY, service.url, budget=False)
    seen = []

    async def call():
        with anyio.move_on_after(0.2) as scope:
            try:
                await px.credits()
            except BaseException as error:
                seen.append(type(error))
                raise
        assert scope.cancelled_caught
        service.script = lambda _heard: reply({"balance": 1})
        assert (await px.credits()).balance == 1
        await px.aclose()
        return anyio.get_cancelled_exc_class()

    assert [run(call)] == seen


class Flows:
    """Flows that end in different ways."""

    def value(self):
        yield from Sleep(0)
        return 7

    def error(self):
        yield from Sleep(0)
        raise ValueError("seven")

    def interrupt(self):
        yield from Sleep(0)
        raise KeyboardInterrupt

    def all(self, *names):
        return (yield from Gather([getattr(self, name)() for name in names], 2))


def test_errors_of_gathered_flows_come_in_order_and_never_in_a_group(run):
    """Values and errors side by side; what is no error, such as Ctrl-C, as itself."""
    settings = Settings.resolve(KEY, "http://127.0.0.1:9")

    async def gather(*names):
        driver = AsyncDriver(settings, Endpoints(), Clock())
        try:
            return await driver.run(Flows().all(*names), settings)
        finally:
            await driver.close()

    first, second, third = run(lambda: gather("value", "error", "value"))
    assert (first, str(second), third) == (7, "seven", 7)
    with pytest.raises(KeyboardInterrupt):
        run(lambda: gather("value", "interrupt", "value"))


def test_work_in_a_thread_ends_before_a_cancelled_task_does():
    """`Task.cancel()`, which heeds no shield: nothing goes on behind the caller's back."""
    steps = itertools.count()
    order = []

    async def main():
        begun, may_end = threading.Event(), threading.Event()

        def work():
            begun.set()
            may_end.wait(10)
            order.append(("work", next(steps)))

        task = asyncio.ensure_future(in_thread(work))
        await asyncio.to_thread(begun.wait, 10)
        task.cancel()
        await asyncio.sleep(0)
        may_end.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        order.append(("task", next(steps)))

    asyncio.run(main())
    assert order == [("work", 0), ("task", 1)]


def test_work_that_was_cancelled_before_it_began_is_not_waited_for(run):
    """A call in a scope that is cancelled already ends at once, and nothing is done."""
    done = []

    async def main():
        with anyio.CancelScope() as scope:
            scope.cancel()
            await in_thread(lambda: done.append(1))
        return scope.cancelled_caught

    assert run(main)
    assert done == []
