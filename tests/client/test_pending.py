"""Interrupted while paying: what was sent stays known, is listed, and can be reconciled; nothing is sent again."""

import asyncio
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import traceback
from functools import partial
from pathlib import Path

import httpx
import pytest

from pixola_ext import (
    AsyncPixola,
    PendingSubmission,
    Pixola,
    Submission,
    SubmissionUnknownError,
)
from pixola_ext._budget.ledger import Ledger as Budget
from pixola_ext._flows.effects import Intention
from pixola_ext._flows.ownership import begin, new_entry, withdraw
from pixola_ext._io import keeping
from pixola_ext._io.intending import NotRecordedError, intended
from pixola_ext._journal.entries import MemoryRows
from pixola_ext._journal.journal import Journal
from pixola_ext._state.errors import StoreError
from tests.support.account import Account, accept, lose, refuse
from tests.support.measuring import unmeasured
from tests.support.wire import error, reply

KEY = "pxk_pending"


@pytest.fixture
def account(service):
    """An account that accepts everything; tests change what it answers."""
    account = Account([accept])
    service.script = account.script
    return account


@pytest.fixture
def px(face, service, time):
    """A client that keeps a journal on disk, as it does for users."""
    client = face.open(KEY, service.url, clock=time.clock(), budget=False)
    yield client
    face.close(client)


def hanging(account, heard, *, accepted=True):
    """The submission is accepted, or not, and no answer comes before the client has gone."""
    if accepted:
        account.make(heard.json())
    return lambda connection: connection.recv(1)


def wait_for(condition):
    """Until it is so; real processes take real time."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def kept():
    """The names of the files in the state folder."""
    return [path.name for path in Path(os.environ["PIXOLA_STATE_DIR"]).iterdir()]


# -- what is listed ----------------------------------------------------------------------------------------------------


def test_nothing_is_pending_when_every_fate_is_known(px, account):
    """Neither what was accepted, nor what was refused, nor what was found."""
    account.answers = [accept, refuse(error(409, "content_flagged")), lose(None)]
    px.submit("accepted")
    with pytest.raises(Exception, match="409"):
        px.submit("refused")
    px.submit("found")
    assert px.pending() == []


def test_an_unconfirmed_submission_is_pending_until_it_is_reconciled(px, face, service, account):
    """It is a value: it says what was sent and when, pickles, and goes into reconcile as the error does."""
    older = account.make({"prompt": "older"}, seconds_ago=60)
    account.answers, account.late = [lose(None)], 99
    with pytest.raises(SubmissionUnknownError) as caught:
        px.submit("a cat", style="anime")
    (pending,) = px.pending()
    assert isinstance(pending, PendingSubmission)
    assert pending == pickle.loads(pickle.dumps(pending))
    assert hash(pending) == hash(pickle.loads(pickle.dumps(pending)))
    assert pending.request == caught.value.request == {"prompt": "a cat", "style": "anime"}
    assert pending.submission == Submission("a cat", style="anime")
    assert (pending.submitted_at, pending.submission_id) == (caught.value.submitted_at, caught.value.submission_id)
    assert (pending.baseline, pending.has_baseline) == (older.batch_id, True)
    with pytest.raises(SubmissionUnknownError):
        px.reconcile(pending)
    assert px.pending() == [pending]
    account.late, account.lists = 0, 200
    assert px.reconcile(pending).batch_id == "bt_1"
    assert px.pending() == []
    assert px.reconcile(caught.value).batch_id == "bt_1"
    assert len(account.posts) == 1


def test_without_a_journal_on_disk_pending_is_of_this_process(face, service, account, time):
    """`journal=False` leaves nothing in the state folder, and what is unconfirmed is known in memory."""
    account.answers = [refuse(None)]
    px = face.open(KEY, service.url, clock=time.clock(), budget=False, journal=False)
    with pytest.raises(SubmissionUnknownError):
        px.submit("a cat")
    assert [each.request for each in px.pending()] == [{"prompt": "a cat"}]
    face.close(px)
    assert kept() == []


def test_the_sandbox_keeps_no_journal_unless_asked(face):
    """What happens inside the process costs nothing, so there is nothing to keep."""
    px = face.sandbox()
    px.submit("a cat")
    face.close(px)
    assert kept() == []
    px = face.sandbox(journal=True)
    px.submit("a cat")
    face.close(px)
    assert kept() == ["submissions.sqlite3"]


def test_an_id_that_cannot_be_asked_for_is_told_at_once(px, service, account, time):
    """It was paid: the error has the id as it came and whatever else was said, and nothing is looked for."""
    account.answers = [lambda account, heard: reply({"batchId": "bt/../1", "unheardOf": 7})]
    with pytest.raises(SubmissionUnknownError, match=r"'bt/../1' is no id") as caught:
        px.submit("a cat")
    assert caught.value.batch_id == "bt/../1"
    assert [(each.batch_id, each.extra["unheardOf"]) for each in caught.value.candidates] == [("bt/../1", 7)]
    assert time.slept == []
    assert px.pending() == []
    with pytest.raises(SubmissionUnknownError, match="is no id"):
        px.reconcile(caught.value)
    assert [heard.method for heard in service.heard] == ["GET", "POST"]


# -- interrupted in this process ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, asyncio.CancelledError, SystemExit])
def test_what_interrupts_a_submission_stays_what_it_is_and_says_how_to_go_on(face, service, account, interruption):
    """It carries the submission and a note."""

    def handler(request):
        if request.method == "GET":
            return httpx.Response(200, json={"batches": [], "hasMore": False})
        raise interruption

    kind = httpx.Client if face.kind is Pixola else httpx.AsyncClient
    client = kind(transport=httpx.MockTransport(handler))
    px = face.open(KEY, service.url, http_client=client, budget=False)
    with pytest.raises(interruption) as caught:
        px.submit("a cat")
    assert caught.value.submission in px.pending()
    assert caught.value.submission.request == {"prompt": "a cat"}
    assert "px.pending()" in "".join(traceback.format_exception(caught.value))
    face.close(px)
    face.runner.run(client.aclose()) if face.kind is AsyncPixola else client.close()


@pytest.mark.parametrize("ending", [ValueError("a bug"), KeyboardInterrupt()], ids=["a bug", "ctrl-c"])
def test_a_hook_that_ends_a_submission_before_it_is_sent_leaves_nothing(face, service, account, time, ending):
    """It is told of the request, so that the entry is in the journal by then: it is taken back."""

    def told(event):
        if event.method == "POST":
            raise ending

    client = face.open(KEY, service.url, clock=time.clock(), budget=False, on_request=told)
    with pytest.raises(type(ending)):
        client.submit("a fox")
    time.elapsed += 1000.0  # nobody can be at work on it any more
    assert client.pending() == []
    assert [heard.method for heard in service.heard] == ["GET"]
    face.close(client)


def test_an_item_that_cannot_be_recorded_leaves_no_entry_and_no_place():
    """The ledger fails after the journal has the entry and the budget the place: both are given back."""

    def failing(entry):
        raise StoreError("the disk is full")

    budget, journal = Budget(None, KEY, "x"), Journal(None, KEY, "x", MemoryRows())
    entry = new_entry({"prompt": "a fox"}, 0.0, 60.0)
    intention = Intention(partial(begin, entry=entry), failing, withdraw)
    with pytest.raises(NotRecordedError) as caught:
        intended(partial(budget.reserve, is_paid=True), intention, budget, journal)
    assert str(caught.value.reason) == "the disk is full"
    assert budget.budget().minute.left == 30
    assert list(journal.run(lambda rows: rows.unsettled())) == []


def test_an_interruption_while_the_intent_is_written_leaves_nothing(face, service, account, time, monkeypatch):
    """It came when the entry was in the journal already, and nothing was sent."""

    def interrupted(*args):
        intended(*args)
        raise KeyboardInterrupt

    monkeypatch.setattr(keeping, "intended", interrupted)
    client = face.open(KEY, service.url, clock=time.clock(), budget=False)
    with pytest.raises(KeyboardInterrupt):
        client.submit("a fox")
    time.elapsed += 1000.0  # nobody can be at work on it any more
    assert client.pending() == []
    assert [heard.method for heard in service.heard] == ["GET"]
    face.close(client)


def test_an_interruption_while_the_batch_is_looked_for_says_so_too(connect, service, account, time):
    """The sleep between two looks is where most of that time goes."""
    account.answers = [refuse(None)]

    def interrupted(seconds):
        raise KeyboardInterrupt

    async def async_interrupted(seconds):
        raise KeyboardInterrupt

    clock = time.clock()._replace(sleep=interrupted, async_sleep=async_interrupted)
    px = connect(KEY, service.url, clock=clock)
    with pytest.raises(KeyboardInterrupt) as caught:
        px.submit("a cat")
    assert px.pending() == [caught.value.submission]


@pytest.mark.parametrize("how", ["cancel", "timeout"])
def test_a_cancelled_task_leaves_its_submission_pending(service, account, how):
    """By `task.cancel()` and by `asyncio.timeout`; it is found afterwards."""
    account.answers = [hanging]

    async def cancelled(px):
        task = asyncio.ensure_future(px.submit("a cat"))
        await asyncio.to_thread(wait_for, lambda: account.posts)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        return caught.value

    async def timed_out(px):
        with pytest.raises(TimeoutError) as caught:
            async with asyncio.timeout(0.3):
                await px.submit("a cat")
        return caught.value.__cause__

    async def main():
        async with AsyncPixola(KEY, service.url, budget=False) as px:
            interruption = await {"cancel": cancelled, "timeout": timed_out}[how](px)
            pending = await px.pending()
            assert pending == [interruption.submission]
            return (await px.reconcile(pending[0])).batch_id, await px.pending()

    assert asyncio.run(main()) == ("bt_0", [])
    assert len(account.posts) == 1


# -- interrupted as a process ------------------------------------------------------------------------------------------

PROGRAM = """
import asyncio, sys
from pixola_ext import AsyncPixola, Pixola

async def main():
    async with AsyncPixola(sys.argv[2], sys.argv[3], budget=False) as px:
        await px.submit("a cat")

if sys.argv[1] == "sync":
    with Pixola(sys.argv[2], sys.argv[3], budget=False) as px:
        px.submit("a cat")
else:
    asyncio.run(main())
"""


def program(face, service):
    """A process that submits and waits for the answer."""
    words = [sys.executable, "-c", PROGRAM, face.name, KEY, service.url]
    with unmeasured():
        return subprocess.Popen(words, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("accepted", [True, False])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_process_killed_while_paying_leaves_its_submission_pending(face, service, account, connect, accepted, number):
    """As long as it lives nothing is listed; then any other process can find the batch, or is told that it cannot."""
    account.answers = [partial(hanging, accepted=accepted)]
    other = connect(KEY, service.url)
    with program(face, service) as running:
        wait_for(lambda: account.posts)
        assert other.pending() == []
        running.send_signal(number)
        running.wait()
        running.stderr.close()
    (pending,) = other.pending()
    assert pending.request == {"prompt": "a cat"}
    if accepted:
        assert other.reconcile(pending).batch_id == "bt_0"
        assert other.pending() == []
    else:
        with pytest.raises(SubmissionUnknownError):
            other.reconcile(pending)
        assert other.pending() == [pending]
    assert len(account.posts) == 1


def test_ctrl_c_while_paying_says_on_the_terminal_how_to_go_on(face, service, account, connect):
    """The traceback ends with the note."""
    account.answers = [hanging]
    with program(face, service) as running:
        wait_for(lambda: account.posts)
        running.send_signal(signal.SIGINT)
        text = running.stderr.read()
        running.wait()
    assert "KeyboardInterrupt" in text
    assert "px.pending()" in text
    other = connect(KEY, service.url)
    assert other.reconcile(other.pending()[0]).batch_id == "bt_0"


def test_a_killed_process_and_a_live_one_with_the_same_request_get_a_batch_each(face, service, account, connect):
    """The live one is not given the batch of the dead one: both are found, whichever is asked first."""
    account.answers = [hanging, lose(None)]
    with program(face, service) as running:
        wait_for(lambda: account.posts)
        running.kill()
        running.wait()
        running.stderr.close()
    other = connect(KEY, service.url)
    found = other.submit("a cat").batch_id
    again = other.reconcile(other.pending()[0]).batch_id
    assert {found, again} == {"bt_0", "bt_1"}


def test_threads_that_submit_at_once_are_not_each_others_pending(service, account):
    """What a thread of this process is at work on is in good hands."""
    release = threading.Event()

    def slow(account, heard):
        release.wait(10)
        return accept(account, heard)

    account.answers = [slow]
    with Pixola(KEY, service.url, budget=False) as px:
        thread = threading.Thread(target=px.submit, args=("a cat",))
        thread.start()
        wait_for(lambda: account.posts)
        assert px.pending() == []
        release.set()
        thread.join()
