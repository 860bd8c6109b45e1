"""Forks, other ways to start processes, and first calls from several threads: every process sends by itself."""

import copy
import os
import pickle
import subprocess
import sys
import textwrap

import pytest

from pixola_ext import AsyncPixola, Pixola
from tests.support.wire import reply

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")

KEY = "pxk_test_0123456789"

# Programs in a process of their own, without other threads. Each prints a line for every answer it got.
PROGRAMS = {
    "fork": """
        px = Pixola(KEY, URL, budget=False)
        show(px.batches.get("bt_parent").batch_id)
        for name in ("bt_a", "bt_b"):
            in_child(lambda: show(px.batches.get(name).batch_id))
        show(px.batches.get("bt_again").batch_id)
        px.close()
    """,
    "fork of a copy": """
        px = Pixola(KEY, URL, budget=False)
        show(px.batches.get("bt_parent").batch_id)
        quick = px.with_options(timeout=9)
        for name in ("bt_a", "bt_b"):
            in_child(lambda: show(quick.batches.get(name).batch_id))
        show(px.batches.get("bt_again").batch_id)
        px.close()
    """,
    "fork, asynchronous": """
        import asyncio
        px = AsyncPixola(KEY, URL, budget=False)
        async def get(name):
            show((await px.batches.get(name)).batch_id)
        asyncio.run(get("bt_parent"))
        for name in ("bt_a", "bt_b"):
            in_child(lambda: asyncio.run(get(name)))
        asyncio.run(get("bt_again"))
    """,
    "fork, the same loop": """
        import asyncio
        loop = asyncio.new_event_loop()
        px = AsyncPixola(KEY, URL, budget=False)
        async def get(name):
            show((await px.batches.get(name)).batch_id)
        loop.run_until_complete(get("bt_parent"))
        def child(name):
            asyncio.run(get(name))
        for name in ("bt_a", "bt_b"):
            in_child(lambda: child(name))
        loop.run_until_complete(get("bt_again"))
        loop.run_until_complete(px.aclose())
        loop.close()
    """,
    "fork amid calls": """
        import threading
        px = Pixola(KEY, URL, budget=False)
        show(px.batches.get("bt_parent").batch_id)
        held = [px._driver._connections._lock, px._driver._connections.sockets._lock]
        with importing(), held[0], held[1]:
            # As another thread of the parent may hold them; in the child nobody would ever let go.
            for name in ("bt_a", "bt_b"):
                in_child(lambda: show(px.wait(name, timeout=9).batch_id))
        show(px.batches.get("bt_again").batch_id)
        px.close()
    """,
    "a pool of prefork workers": """
        import multiprocessing
        px = Pixola(KEY, URL, budget=False)
        def get(name):
            return px.batches.get(name).batch_id
        show(get("bt_parent"))
        with multiprocessing.get_context("fork").Pool(2) as pool:
            for found in pool.map(get, ["bt_a", "bt_b"], chunksize=1):
                show(found)
        show(get("bt_again"))
        px.close()
    """,
}

START = """
    import os, sys, traceback
    from pixola_ext import AsyncPixola, Pixola
    from pixola_ext._api.importing import importing
    KEY, URL = sys.argv[1:]
    def show(text):
        print(text, flush=True)
    def in_child(action):
        child = os.fork()
        if not child:
            try:
                action()
            except BaseException:
                traceback.print_exc()
            os._exit(0)
        os.waitpid(child, 0)
"""


def run(program, *arguments):
    """What it prints on both streams."""
    code = textwrap.dedent(START) + textwrap.dedent(program)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return (done.stdout + done.stderr).split()


def own_batch(heard):
    """Every batch is complete and names itself."""
    return reply({"batchId": heard.target.rsplit("/", 1)[1], "status": "complete", "images": []})


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_forked_child_comes_by_connections_of_its_own(service, program):
    """The service sees it come from a new port; its answers are its own, and the parent's connection stays whole."""
    service.script = own_batch
    printed = run(PROGRAMS[program], KEY, service.url)
    assert sorted(printed) == ["bt_a", "bt_again", "bt_b", "bt_parent"]
    ports = {heard.target.rsplit("/", 1)[1]: heard.port for heard in service.heard}
    children = {ports["bt_a"], ports["bt_b"]}
    assert ports["bt_parent"] not in children
    if "pool" not in program:
        assert len(children) == 2
    if "asynchronous" not in program:
        assert ports["bt_again"] == ports["bt_parent"]


def test_a_client_of_the_callers_own_is_not_shared_over_a_fork(service):
    """We cannot make another one, and two processes on one connection read each other's answers."""
    service.script = own_batch
    program = """
        import httpx
        mine = httpx.Client()
        px = Pixola(KEY, URL, budget=False, http_client=mine)
        def refused():
            try:
                px.batches.get("bt_a")
            except ValueError as error:
                show(type(error).__name__)
        in_child(lambda: show(px.batches.get("bt_before").batch_id))
        show(px.batches.get("bt_parent").batch_id)
        in_child(refused)
        show(px.batches.get("bt_again").batch_id)
        mine.close()
    """
    assert run(program, KEY, service.url) == ["bt_before", "bt_parent", "ConfigurationError", "bt_again"]


@pytest.mark.parametrize("kind", [Pixola, AsyncPixola])
def test_a_client_is_not_pickled_and_says_what_to_do(kind):
    """As `spawn` and `forkserver` would for an argument; nor is it copied deeply."""
    client = kind(KEY, budget=False)
    for copied in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="make one in each process"):
            copied(client)
    assert repr(copy.copy(client)) == repr(client)


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_a_process_that_starts_anew_makes_its_own_client(service, tmp_path, method):
    """What it returns is pickled: values are."""
    service.script = own_batch
    (tmp_path / "job.py").write_text(
        "import sys\n"
        "from pixola_ext import Pixola\n"
        "def get(url, key, name):\n"
        "    with Pixola(key, url, budget=False) as px:\n"
        "        return px.batches.get(name)\n"
    )
    program = f"""
        import multiprocessing
        sys.path.insert(0, {str(tmp_path)!r})
        import job
        if __name__ == "__main__":
            with multiprocessing.get_context({method!r}).Pool(1) as pool:
                show(pool.apply(job.get, (URL, KEY, "bt_a")).batch_id)
    """
    assert run(program, KEY, service.url) == ["bt_a"]


FIRST_USE = """
    import tempfile, threading
    sys.setswitchinterval(1e-5)
    {made}
    folder = tempfile.TemporaryDirectory()
    start = threading.Barrier(4)
    def call(action):
        start.wait()
        try:
            action()
        except BaseException as error:
            show(repr(error))
    calls = {calls}
    threads = [threading.Thread(target=call, args=(each,)) for each in calls]
    for each in threads: each.start()
    for each in threads: each.join()
    folder.cleanup()
"""
BLOCKING = (
    "[lambda: px.models.list(), lambda: px.credits(),"
    " lambda: list(px.batches.list(limit=3)), lambda: next(iter(px.images.list()), None)]",
    "[lambda: px.save(px.generate('a cat'), folder.name), lambda: px.save(px.generate('a dog'), folder.name),"
    " lambda: px.styles.get('anime'), lambda: list(px.images.list(limit=3))]",
)
ASYNCHRONOUS = (
    "[lambda: asyncio.run(px.models.list()), lambda: asyncio.run(px.credits()),"
    " lambda: asyncio.run(px.shapes.list()), lambda: asyncio.run(px.submit('a cat'))]"
)


@pytest.mark.parametrize(
    ("made", "calls"),
    [
        *(("px = Pixola.sandbox()", calls) for calls in BLOCKING),
        ("import asyncio; px = AsyncPixola.sandbox()", ASYNCHRONOUS),
    ],
    ids=["reading", "saving", "asynchronous"],
)
def test_the_first_calls_of_a_process_may_come_from_several_threads(made, calls):
    """What is imported with the first call is imported by one of them."""
    program = textwrap.dedent(FIRST_USE).replace("{made}", made).replace("{calls}", calls)
    for _ in range(3):
        assert run(program, KEY, "") == []


def test_a_closed_loops_connections_are_dropped_in_silence(service):
    """A client over ten loops leaves no warning and no descriptor behind."""
    service.script = own_batch
    program = """
        import asyncio, gc
        px = AsyncPixola(KEY, URL, budget=False)
        async def get():
            await px.batches.get("bt_a")
        for _ in range(10):
            asyncio.run(get())
        gc.collect()
        show(sum(os.path.realpath(f"/proc/self/fd/{each}").startswith("/proc") for each in os.listdir("/proc/self/fd")))
    """
    if sys.platform == "linux":
        printed = run(program, KEY, service.url)
        assert len(printed) == 1, printed
        assert int(printed[0]) < 5
