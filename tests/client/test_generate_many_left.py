"""Leaving the iteration of `generate_many` early: no thread and no task stays, and nothing that was sent is untold."""

import asyncio
import gc
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import aclosing, closing
from queue import SimpleQueue

import anyio
import pytest

from pixola_ext import AsyncPixola, ConfigurationError, Pixola, PixolaError, ServerError
from pixola_ext._flows import submission
from pixola_ext._flows.ownership import begin
from pixola_ext._io.threads import OpenSockets
from pixola_ext.sandbox import Sandbox
from tests.support.many import collect, posts


@pytest.fixture
def box():
    """A sandbox that takes its time, as the service does."""
    return Sandbox(credits=10**6, latency=1.0)


def ours():
    """The threads that a client has started."""
    return [thread for thread in threading.enumerate() if thread.name.startswith("pixola")]


def prompts(count=6):
    """Some."""
    return [f"p {number}" for number in range(count)]


class Told:
    """The events of a run; `submitted` is set when there are some accepted ones."""

    def __init__(self, enough=3):
        self.events = []
        self.enough = enough

    def __call__(self, event):
        self.events.append(event)

    def batches(self, kind):
        """The ids of the batches of one kind of event."""
        return {event.batch_id for event in self.events if event.kind == kind}

    def is_enough(self):
        """Whether enough was accepted."""
        return len(self.batches("submitted")) >= self.enough

    def check(self, box):
        """Every submission that the service accepted was told, and is told to be left behind."""
        account = next(iter(box.world.accounts.values()))
        accepted = {batch.batch_id for batch in account.batches}
        assert self.batches("abandoned") == self.batches("submitted") == accepted
        assert len(accepted) >= self.enough


@pytest.mark.parametrize("ends", ["close", "del", "error"])
def test_a_blocking_iteration_that_is_left_leaves_no_thread(box, ends):
    """By `close`, by an error in the loop, or because the iterator is forgotten."""
    fast = Sandbox(credits=10**6)
    told = Told()
    with Pixola.sandbox(fast) as px:
        outcomes = px.generate_many(prompts(200), on_event=told)
        next(outcomes)
        if ends == "close":
            outcomes.close()
        elif ends == "del":
            del outcomes
        else:
            with pytest.raises(LookupError), closing(outcomes):
                raise LookupError
        gc.collect()
        assert ours() == []
        sent = posts(fast)
        assert told.batches("submitted") == told.batches("finished") | told.batches("abandoned")
        assert len(list(px.generate_many(["one more"]))) == 1
        assert posts(fast) == sent + 1


@pytest.mark.parametrize(("way", "stride"), [("gentle", 1), ("at-once", 1), ("recording", 29), ("saving", 41)])
def test_ctrl_c_ends_threads_whichever_line_it_comes_at(way, stride):
    """No lock stays held that a thread needs in order to end."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    words = [sys.executable, "-W", "error", "-m", "tests.support.interrupting", way, str(stride)]
    ran = subprocess.run(words, env=kept, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) > 50


@pytest.mark.skipif(sys.platform == "win32", reason="signals of this kind are POSIX")
def test_a_connection_that_is_being_made_when_ctrl_c_comes_is_not_used(service, time, monkeypatch):
    """It was not there to be shut down with the others: whatever is paid for, nothing is sent on it."""
    connect, shutdown, was_shut = socket.create_connection, OpenSockets.shutdown, threading.Event()

    def slowly(*args, **kwargs):
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        assert was_shut.wait(20)
        return connect(*args, **kwargs)

    def shut(sockets):
        shutdown(sockets)
        was_shut.set()

    monkeypatch.setattr(socket, "create_connection", slowly)
    monkeypatch.setattr(OpenSockets, "shutdown", shut)
    with Pixola("pxk_1", service.url, clock=time.clock()) as px, pytest.raises(KeyboardInterrupt):
        list(px.generate_many(["a fox"]))
    assert ours() == []
    assert service.heard == []


def test_an_iterator_in_a_cycle_is_collected_from_any_thread():
    """Also from one of its own, which cannot wait for itself."""
    fast = Sandbox(credits=10**6)
    with Pixola.sandbox(fast) as px:
        holder = {}
        holder["outcomes"] = px.generate_many(
            (f"{len(holder)} {n}" for n in range(100)), on_event=lambda _e: gc.collect()
        )
        next(holder["outcomes"])
        del holder
        gc.collect()
        for thread in ours():
            thread.join(10.0)
        assert ours() == []


def test_an_iterator_that_was_never_begun_costs_nothing(face, box):
    """No thread, no request, no warning."""
    client = face.sandbox(box)
    outcomes = client.generate_many(prompts())
    assert posts(box) == 0
    del outcomes
    assert ours() == []
    face.close(client)


def test_outcomes_may_be_taken_in_another_thread():
    """The iterator belongs to no thread."""
    fast = Sandbox(credits=10**6)
    found = SimpleQueue()
    with Pixola.sandbox(fast) as px:
        outcomes = px.generate_many(prompts(20))
        first = next(outcomes)
        thread = threading.Thread(target=lambda: found.put(list(outcomes)))
        thread.start()
        thread.join(60.0)
    assert len({first.number, *(outcome.number for outcome in found.get())}) == 20


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
@pytest.mark.parametrize("ends", ["aclose", "cancel", "timeout"])
def test_an_asynchronous_iteration_that_is_left_leaves_no_task(box, loop, ends):
    """By `aclose`, by cancellation, or by a time-out: what was accepted is told."""
    told = Told()

    async def run():
        async with AsyncPixola.sandbox(box) as px:
            with anyio.CancelScope() as scope:

                def note(event):
                    told(event)
                    if ends != "aclose" and told.is_enough():
                        scope.deadline = -1.0 if ends == "timeout" else scope.deadline
                        if ends == "cancel":
                            scope.cancel()

                async with aclosing(px.generate_many(prompts(3), on_event=note)) as outcomes:
                    if ends == "aclose":
                        with anyio.move_on_after(0.5):
                            await anext(outcomes)
                    else:
                        async for _ in outcomes:
                            pass
            if loop == "asyncio":
                await asyncio.sleep(0)
                assert len(asyncio.all_tasks()) == 1

    anyio.run(run, backend=loop)
    told.check(box)


def test_asyncio_timeout_ends_an_iteration(box):
    """With its own `TimeoutError`."""
    told = Told()

    async def run():
        async with AsyncPixola.sandbox(box) as px:
            async with asyncio.timeout(0.4):
                async for _ in px.generate_many(prompts(3), on_event=told):
                    pass

    with pytest.raises(TimeoutError):
        asyncio.run(run())
    told.check(box)


def test_a_loop_that_ends_does_not_hang_on_an_iterator_that_was_left(box):
    """A bare `break`, and the program is over: tasks are cancelled by asyncio, and the iterator is closed."""
    fast = Sandbox(credits=10**6)

    async def run():
        px = AsyncPixola.sandbox(fast)
        async for _ in px.generate_many(prompts(50)):
            break
        await px.aclose()

    asyncio.run(run())
    assert len(next(iter(fast.world.accounts.values())).batches) == posts(fast)


def test_without_a_ledger_batches_that_are_left_are_logged(box, caplog):
    """So that their ids are somewhere."""

    async def run():
        async with AsyncPixola.sandbox(box) as px, aclosing(px.generate_many(prompts(3))) as outcomes:
            with anyio.move_on_after(0.5):
                await anext(outcomes)

    asyncio.run(run())
    account = next(iter(box.world.accounts.values()))
    assert account.batches
    assert all(batch.batch_id in caplog.text for batch in account.batches)


def test_a_client_that_is_closed_ends_the_run_with_an_error(face):
    """And tells which batches were under way."""
    fast = Sandbox(credits=10**6)
    client = face.sandbox(fast)
    told = Told()
    outcomes = client.generate_many((f"p {number}" for number in range(400)), on_event=told)
    collect(face, outcomes, lambda _outcome: False, close=False)
    face.close(client)
    with pytest.raises(ConfigurationError, match="closed"):
        collect(face, outcomes)
    assert ours() == []
    assert told.batches("submitted") == told.batches("finished") | told.batches("abandoned")


def test_a_machine_that_stands_still_before_it_sends_begins_again(face, time, monkeypatch):
    """However often: it is no trouble of the service, which would end the run. Nothing is sent late, and all once."""
    still, box = iter([500.0] * 12), Sandbox(credits=10**6)

    def frozen(rows, entry):
        time.elapsed += next(still, 0.0)
        return begin(rows, entry)

    monkeypatch.setattr(submission, "begin", frozen)
    client = face.sandbox(box, clock=time.clock(), max_retries=0, wait_timeout=10**6)
    outcomes = collect(face, client.generate_many(prompts(3)))
    face.close(client)
    assert next(still, None) is None
    assert sum(outcome.is_ok for outcome in outcomes) == posts(box) == 3


# -- services that answer badly ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["internal-error", "html-502", "reset", "invalid-json", "rate-limited"])
def test_looks_that_fail_now_and_then_are_made_again(face, time, fault):
    """Every picture is known in the end."""
    shaky = Sandbox(credits=10**6)
    shaky.faults.add(fault, method="GET", path="*/images", probability=0.5)
    client = face.sandbox(shaky, clock=time.clock(), wait_timeout=10**6)
    outcomes = collect(face, client.generate_many(prompts(20)))
    face.close(client)
    assert sum(outcome.is_ok for outcome in outcomes) == posts(shaky) == 20


def test_a_list_that_never_answers_is_waited_for_no_longer_than_asked(face, time):
    """Then the outcome is a `WaitTimeoutError` with the batch: it is paid for."""
    shaky = Sandbox(credits=10**6)
    for path in ("*/images", "*/batches/*"):
        shaky.faults.add("internal-error", method="GET", path=path)
    client = face.sandbox(shaky, clock=time.clock(), wait_timeout=100.0)
    outcomes = collect(face, client.generate_many(prompts(3)))
    face.close(client)
    assert [type(outcome.error).__name__ for outcome in outcomes] == ["WaitTimeoutError"] * 3
    assert all(outcome.error.batch_id for outcome in outcomes)


def test_a_storm_of_429_is_waited_for(face, time):
    """Half of all requests are refused, and nothing is lost or sent twice."""
    stormy = Sandbox(credits=10**6)
    stormy.faults.add("rate-limited", probability=0.4)
    client = face.sandbox(stormy, clock=time.clock(), max_retries=8, timeout=10**5, wait_timeout=10**6)
    outcomes = collect(face, client.generate_many(prompts(20)))
    face.close(client)
    account = next(iter(stormy.world.accounts.values()))
    assert sum(outcome.is_ok for outcome in outcomes) == len(account.batches) == 20


def test_a_service_that_cannot_be_reached_ends_the_run(face, time):
    """After some attempts, with the error; there is no outcome of what was not sent."""
    client = face.open("pxk_test_0123456789", "http://127.0.0.1:9/api/v1", clock=time.clock(), budget=False)
    found = []
    with pytest.raises(PixolaError):
        collect(face, client.generate_many(prompts(50)), found.append)
    face.close(client)
    assert found == []


def test_a_service_that_answers_every_submission_with_an_error_ends_the_run(face, time):
    """Each may have been accepted: it stops after some, and does not go on for ever."""
    broken = Sandbox(credits=10**6)
    broken.faults.add("internal-error", method="POST")
    client = face.sandbox(broken, clock=time.clock(), wait_timeout=10**6)
    with pytest.raises(ServerError):
        collect(face, client.generate_many(prompts(300)))
    face.close(client)
    assert posts(broken) < 30
