"""Downloads side by side: their bound, and what an interruption or a cancellation leaves."""

import asyncio
import itertools
import signal
import sys
import threading
from importlib import import_module

import pytest

from pixola_ext import Pixola
from pixola_ext._flows.saving import MOST_DOWNLOADS
from pixola_ext._io.clock import Clock
from pixola_ext._io.threads import OpenSockets
from tests.support.pictures import PNG, pixels
from tests.support.saving import batch_of, picture
from tests.support.wire import reply


def test_pictures_are_fetched_side_by_side_but_not_all_at_once(px, service, tmp_path):
    """As many as the bound allows at the same time, and never more; the files come back in order."""
    lock, present, most = threading.Lock(), 0, 0
    together = threading.Barrier(MOST_DOWNLOADS)

    def script(heard):
        nonlocal present, most
        with lock:
            present += 1
            most = max(most, present)
        together.wait(10)  # broken, and the test with it, unless so many come at once
        with lock:
            present -= 1
        return picture()

    service.script = script
    paths = px.save(batch_of(service, 3 * MOST_DOWNLOADS), tmp_path, template="{image_id}")
    assert [path.stem for path in paths] == [f"im_{number}" for number in range(1, 3 * MOST_DOWNLOADS + 1)]
    assert (most, service.connections) == (MOST_DOWNLOADS, MOST_DOWNLOADS)


@pytest.fixture
def silent(service):
    """A service that says nothing; set when it may go. `gave_up` tells that nobody hung up before."""
    released = threading.Event()
    released.gave_up = []

    def script(heard):
        if not released.wait(15):
            released.gave_up.append(heard)

    service.script = script
    yield released
    released.set()


def ctrl_c_after(count, script):
    """A script that interrupts the main thread when it is called for the `count`th time."""
    calls = itertools.count(1)

    def interrupting(heard):
        if next(calls) == count:
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        return script(heard)

    return interrupting


@pytest.mark.skipif(sys.platform == "win32", reason="signals of this kind are POSIX")
@pytest.mark.parametrize("face", ["sync"], indirect=True)
@pytest.mark.parametrize("is_impatient", [False, True], ids=["once", "twice"])
def test_ctrl_c_leaves_no_thread_and_no_file(px, service, silent, tmp_path, monkeypatch, is_impatient):
    """It does not wait for servers that are silent, also when it is pressed again."""
    service.script = ctrl_c_after(3, service.script)
    if is_impatient:
        shutdown, pressed = OpenSockets.shutdown, []

        def pressed_again(sockets):
            if not pressed:
                pressed.append(True)
                signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
            shutdown(sockets)

        monkeypatch.setattr(OpenSockets, "shutdown", pressed_again)
    with pytest.raises(KeyboardInterrupt):
        px.save(batch_of(service, 3), tmp_path)
    silent.set()
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("pixola")] == []
    assert silent.gave_up == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals of this kind are POSIX")
def test_ctrl_c_wakes_what_waits_to_try_again(service, tmp_path):
    """Nobody sleeps on, with a real clock."""
    service.script = ctrl_c_after(2, lambda _heard: reply(b"", 503))
    clock = Clock(random=lambda: 1e9)  # a backoff of years
    with Pixola("pxk_1", service.url, timeout=1e12, clock=clock) as client, pytest.raises(KeyboardInterrupt):
        client.save(batch_of(service, 2), tmp_path)
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("pixola")] == []


@pytest.mark.parametrize("face", ["async"], indirect=True)
def test_cancelling_leaves_no_task_and_no_file(face, px, service, silent, tmp_path):
    """Everything that was begun is ended and removed."""

    async def cancelled():
        loop, all_are_there, plain = asyncio.get_running_loop(), asyncio.Event(), service.script

        def script(heard):
            if len(service.heard) == MOST_DOWNLOADS:
                loop.call_soon_threadsafe(all_are_there.set)
            return plain(heard)

        service.script = script
        task = asyncio.create_task(px._target.save(batch_of(service, 2 * MOST_DOWNLOADS), tmp_path))
        await all_are_there.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert face.runner.run(cancelled()) == set()
    assert list(tmp_path.iterdir()) == []
    silent.set()
    assert silent.gave_up == []


@pytest.mark.parametrize("where", ["pixola_ext._io.downloads.suffix_of", "pixola_ext._io.files.spliced"])
@pytest.mark.parametrize("face", ["async"], indirect=True)
def test_cancelling_work_on_a_file_waits_for_it_and_cleans_up(face, px, service, image, tmp_path, monkeypatch, where):
    """While it is verified nothing is left; while it is named, either nothing or all of it."""
    service.plays(picture())
    module, name = where.rsplit(".", 1)
    work = getattr(import_module(module), name)

    async def cancelled():
        loop, gone = asyncio.get_running_loop(), threading.Event()
        task = asyncio.create_task(px._target.save(image, tmp_path))

        def cancel():
            task.cancel()
            loop.call_soon(gone.set)

        def cancelled_meanwhile(*args):
            loop.call_soon_threadsafe(cancel)
            assert gone.wait(10)
            return work(*args)

        monkeypatch.setattr(where, cancelled_meanwhile)
        with pytest.raises(asyncio.CancelledError):
            await task

    face.runner.run(cancelled())
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []
    assert all(pixels(path.read_bytes()) == pixels(PNG) for path in tmp_path.iterdir())
