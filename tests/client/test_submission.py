"""Submitting: once, whatever happens on the wire; and whose batch it became."""

import asyncio
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from pixola_ext import (
    AsyncPixola,
    BadRequestError,
    Batch,
    BatchSummary,
    ConfigurationError,
    ConnectError,
    ContentFlaggedError,
    InsufficientCreditsError,
    Pixola,
    RateLimitedError,
    SubmissionUnknownError,
    UnauthorizedError,
)
from pixola_ext._flows import ownership
from pixola_ext._flows.matching import Candidate, Listing
from pixola_ext._io.clock import Clock
from pixola_ext._journal.entries import MemoryRows
from pixola_ext.sandbox import Sandbox
from tests.support.account import Account, accept, lose, refuse
from tests.support.faces import START
from tests.support.wire import error, reply

CAT = {"prompt": "a cat"}


@pytest.fixture
def account(service):
    """An account that accepts everything; tests change what it answers."""
    account = Account([accept])
    service.script = account.script
    return account


LOST = pytest.mark.parametrize(
    "answer",
    [
        None,
        b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{",
        reply({"nothing": 1}),
        reply({"batchId": None}),
        reply(b"<html>hello</html>"),
        reply(b"", 204),
        reply(b"", 502),
        reply(b"<html>", 520),
        error(500, "internal_error"),
        error(408, "timeout"),
        reply(b"", 302, location="https://elsewhere.example/"),
    ],
    ids=["reset", "truncated", "no id", "null id", "html", "204", "502", "520", "500", "408", "redirect"],
)


def test_an_accepted_submission_is_a_batch_in_the_making(px, service, account):
    """The batch comes back at once with its id, and only what was given went out."""
    batch = px.submit("a cat", model="flux-2", quality="hd")
    assert (batch.batch_id, batch.status, batch.images, batch.is_terminal) == ("bt_0", "processing", (), False)
    assert account.posts == [{"prompt": "a cat", "model": "flux-2", "quality": "hd"}]
    post = service.heard[-1]
    assert (post.method, post.target) == ("POST", "/api/v1/generate")
    assert post.headers["authorization"] == "Bearer pxk_test_0123456789"


def test_one_look_before_the_first_submission_is_enough(px, service, account):
    """Which batches there are is asked once; after that our own answers tell where the new ones begin."""
    for _ in range(3):
        px.submit("a cat")
    assert [heard.method for heard in service.heard] == ["GET", "POST", "POST", "POST"]


# -- the rows of the truth table ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (error(409, "content_flagged"), ContentFlaggedError),
        (error(409, "insufficient_credits"), InsufficientCreditsError),
        (error(400, "bad_request"), BadRequestError),
        (error(401, "unauthorized"), UnauthorizedError),
        (reply(b"<html>", 403), UnauthorizedError),
    ],
)
def test_a_refusal_is_raised_after_one_attempt(px, account, answer, expected):
    """What the service refused is never sent again."""
    account.answers = [refuse(answer)]
    with pytest.raises(expected):
        px.submit("a cat")
    assert len(account.posts) == 1


def test_a_rate_limited_submission_waits_as_told_and_goes_out_again(px, account, time):
    """429 means that it was not accepted, so it is repeated when the service says."""
    account.answers = [refuse(error(429, "rate_limited", retry_after="7")), accept]
    assert px.submit("a cat").batch_id == "bt_0"
    assert time.slept == [7.0]
    assert (len(account.posts), len(account.made)) == (2, 1)


def test_a_submission_that_is_always_rate_limited_was_not_accepted(connect, service, account):
    """After the retries it is a 429, and nothing is unconfirmed."""
    account.answers = [refuse(error(429, "rate_limited", retry_after="1"))]
    with pytest.raises(RateLimitedError):
        connect("pxk_1", service.url, max_retries=2).submit("a cat")
    assert len(account.posts) == 3


def test_a_submission_that_was_never_delivered_is_repeated(connect, service, time):
    """Where no server listens it is tried again, and then raised as what it is."""
    service.close()
    with pytest.raises(ConnectError):
        connect("pxk_1", service.url, max_retries=2).submit("a cat")
    assert len(time.slept) == 2


@LOST
def test_a_lost_answer_to_an_accepted_submission_is_found(px, account, answer):
    """The batch is looked for and found; nothing is sent twice, nothing is paid twice."""
    older = account.make(CAT, seconds_ago=3600)
    account.answers = [lose(answer)]
    batch = px.submit("a cat")
    assert batch.batch_id == account.made[0].batch_id != older.batch_id
    assert (len(account.posts), len(account.made)) == (1, 2)


@LOST
def test_a_lost_answer_to_what_was_not_accepted_stays_unconfirmed(px, account, time, answer):
    """ "Not there" is no proof: it is looked for a while, never sent again, and the error says what is unconfirmed."""
    account.make(CAT, seconds_ago=1)
    account.answers = [refuse(answer)]
    with pytest.raises(SubmissionUnknownError) as caught:
        px.submit("a cat", style="anime")
    assert account.posts == [{"prompt": "a cat", "style": "anime"}]
    assert caught.value.request == {"prompt": "a cat", "style": "anime"}
    assert (caught.value.submitted_at, caught.value.candidates) == (START, ())
    assert sum(time.slept) == 30.0


@pytest.mark.parametrize("accepted", [True, False])
def test_a_read_timeout_leaves_a_submission_unconfirmed(connect, service, account, accepted):
    """Before or after acceptance: the client cannot know, and looks."""
    hang = threading.Event()

    def silent(account, heard):
        if accepted:
            account.make(heard.json())
        hang.wait(5)

    account.answers = [silent]
    client = connect("pxk_1", service.url, timeout=0.6)
    try:
        if accepted:
            assert client.submit("a cat").batch_id == "bt_0"
        else:
            with pytest.raises(SubmissionUnknownError):
                client.submit("a cat")
    finally:
        hang.set()
    assert len(account.posts) == 1


def test_a_batch_that_is_listed_late_is_found(px, account, time):
    """Lists may lag behind."""
    account.answers, account.late = [lose(None)], 3
    assert px.submit("a cat").batch_id == "bt_0"
    assert time.slept == [0.0, 1.0, 2.0, 4.0]


def test_the_same_prompt_with_another_model_or_quality_is_not_ours(px, account):
    """The images of a candidate tell its model."""
    account.answers = [lose(None)]
    px.submit("something else")  # looks before
    account.make({**CAT, "model": "sdxl"})
    account.make({**CAT, "quality": "hd"})
    account.answers = [refuse(None)]
    with pytest.raises(SubmissionUnknownError) as caught:
        px.submit("a cat", model="flux-2", quality="standard")
    assert [batch.batch_id for batch in caught.value.candidates] == ["bt_1"]
    account.answers = [lose(None)]
    found = px.submit("a cat", model="flux-2", quality="standard")
    assert (found.batch_id, found.images[0].model) == ("bt_3", "flux-2")


@pytest.mark.parametrize("minutes", [-600, -7, 7, 60])
def test_the_clock_of_the_service_does_not_matter(px, account, minutes):
    """What is new is told by what was listed before, not by comparing clocks."""
    account.skew = timedelta(minutes=minutes)
    for seconds in (7200, 60, 0):
        account.make(CAT, seconds_ago=seconds)
    account.answers = [lose(None)]
    assert px.submit("a cat").batch_id == "bt_3"


def test_a_page_boundary_in_between_does_not_matter(px, account):
    """The scan goes down to where the new batches begin, however many are above ours."""
    account.page = 3
    account.make(CAT, seconds_ago=3600)

    def crowded(account, heard):
        account.make(heard.json())
        for number in range(7):
            account.make({"prompt": f"another client's {number}"})

    account.answers = [crowded]
    assert px.submit("a cat").batch_id == "bt_1"


def test_an_identical_batch_of_another_program_makes_it_unclear(px, account):
    """Two fit and one is ours: nothing is guessed, both are told."""

    def twice(account, heard):
        account.make(heard.json())
        account.make(heard.json())

    account.answers = [twice]
    with pytest.raises(SubmissionUnknownError, match="2 batches may be it") as caught:
        px.submit("a cat")
    assert {batch.batch_id for batch in caught.value.candidates} == {"bt_0", "bt_1"}


def test_an_account_that_could_not_be_looked_at_before_is_not_guessed_about(px, account):
    """Without a look before, no batch can be told to be new."""
    account.list_fails = lambda number: error(500, "internal_error") if number == 1 else b""
    account.answers = [lose(None)]
    with pytest.raises(SubmissionUnknownError) as caught:
        px.submit("a cat")
    assert [batch.batch_id for batch in caught.value.candidates] == ["bt_0"]


def test_a_list_that_lost_what_we_know_is_not_guessed_about(px, account):
    """The newest batch that we knew is gone: what is new and what is old cannot be told."""
    px.submit("something else")

    def forget(account, heard):
        account.made.clear()
        account.make(heard.json())

    account.answers = [forget]
    with pytest.raises(SubmissionUnknownError) as caught:
        px.submit("a cat")
    assert [batch.batch_id for batch in caught.value.candidates] == ["bt_1"]


def test_a_look_before_that_is_limited_for_long_says_so(px, account):
    """The submission would be told the same, and is not sent."""
    account.list_fails = lambda _number: error(429, "rate_limited", retry_after="4000")
    with pytest.raises(RateLimitedError) as caught:
        px.submit("a cat")
    assert caught.value.retry_after == 4000
    assert account.posts == []


def test_a_batch_that_reconciliation_gave_away_is_not_given_out_again():
    """When its own answer comes after all, an identical submission looks for the other one; any other one keeps it."""
    rows = MemoryRows()
    ownership.saw(rows, [], 0.0)
    lost, answered, other = (
        ownership.begin(rows, ownership.new_entry({"prompt": prompt}, 0.0, 9.0))
        for prompt in ("a cat", "a cat", "a dog")
    )
    listing = Listing([BatchSummary("bt_1", prompt="a cat")])
    candidates = [Candidate(summary) for summary in listing.batches]
    assert ownership.claim(rows, lost, candidates, listing) == "bt_1"
    assert ownership.claim(rows, answered, candidates, listing) is None
    assert ownership.answered(rows, answered, "bt_1") is not None
    assert ownership.answered(rows, other, "bt_2") is None


def test_reconciliation_survives_its_own_failures(px, account):
    """A look that fails is made again later."""
    account.list_fails = lambda number: error(503, "down") if number in (2, 3) else b""
    account.answers = [lose(None)]
    assert px.submit("a cat").batch_id == "bt_0"


def test_reconciliation_that_always_fails_leaves_it_unconfirmed(px, account):
    """The error tells why nothing is known, and what the cause was."""
    account.list_fails = lambda number: None if number > 1 else b""
    account.answers = [lose(None)]
    with pytest.raises(SubmissionUnknownError, match="broke off") as caught:
        px.submit("a cat")
    assert caught.value.__cause__ is not None
    assert len(account.posts) == 1


def test_an_unconfirmed_submission_can_be_reconciled_in_another_process(px, connect, service, account):
    """The error survives pickling and carries all that another client needs."""
    account.make(CAT, seconds_ago=5)
    account.answers, account.late = [lose(None)], 99
    with pytest.raises(SubmissionUnknownError) as caught:
        px.submit("a cat")
    error_ = pickle.loads(pickle.dumps(caught.value))
    other = connect("pxk_1", service.url)
    with pytest.raises(SubmissionUnknownError):
        other.reconcile(error_)
    account.late = account.lists = 200
    assert other.reconcile(error_).batch_id == "bt_1"
    assert len(account.posts) == 1


# -- several at once ------------------------------------------------------------------------------------------------


def at_once(face, url, calls):
    """What submissions with these options come to, an id or an error, when they are made at the same time."""
    nap = threading.Event()  # never set: real time passes, but little of it

    async def async_nap(seconds):
        await asyncio.sleep(min(seconds, 0.01))

    clock = Clock(sleep=lambda seconds: nap.wait(min(seconds, 0.01)) and None, async_sleep=async_nap)
    now = partial(datetime.now, UTC)
    if face.name == "sync":
        with (
            Pixola("pxk_1", url, clock=clock, budget=False, journal=False) as px,
            ThreadPoolExecutor(len(calls)) as threads,
        ):
            ownership.saw(px._account.memory, [], now().timestamp())
            return list(threads.map(lambda options: outcome(lambda: px.submit("a cat", **options)), calls))

    async def gathered():
        async with AsyncPixola("pxk_1", url, clock=clock, budget=False, journal=False) as px:
            ownership.saw(px._account.memory, [], now().timestamp())
            done = await asyncio.gather(*[px.submit("a cat", **each) for each in calls], return_exceptions=True)
            return [each.batch_id if isinstance(each, Batch) else each for each in done]

    return face.runner.run(gathered())


def outcome(submit):
    """The id, or the error."""
    try:
        return submit().batch_id
    except SubmissionUnknownError as caught:
        return caught


def together(count, answers):
    """These answers, given only when `count` submissions have arrived."""
    barrier = threading.Barrier(count)

    def wrapped(answer):
        def answered(account, heard):
            given = answer(account, heard)
            barrier.wait(5)
            return given

        return answered

    return [wrapped(answer) for answer in answers]


@pytest.mark.parametrize("fates", ["ll", "la", "al", "lll", "lal"])
def test_identical_prompts_in_flight_get_a_batch_each(face, service, account, fates):
    """At the same time, whichever answers are lost: no batch is given out twice, none is paid twice."""
    answers = {"l": lose(None), "a": accept}
    account.answers = together(len(fates), [answers[fate] for fate in fates])
    batches = at_once(face, service.url, [{"shape": "square"}] * len(fates))
    assert sorted(map(str, batches)) == sorted(made.batch_id for made in account.made)
    assert len(account.posts) == len(fates)


def test_of_identical_prompts_only_what_was_accepted_is_given_out(face, service, account):
    """One of three was not accepted: two batches are found, one submission stays unconfirmed."""
    account.answers = together(3, [lose(None), refuse(None), lose(None)])
    batches = at_once(face, service.url, [{}] * 3)
    found = [each for each in batches if isinstance(each, str)]
    assert sorted(found) == sorted(made.batch_id for made in account.made)
    assert len([each for each in batches if isinstance(each, SubmissionUnknownError)]) == 1
    assert len(account.posts) == 3


def test_batches_that_only_look_identical_are_not_guessed_about(face, service, account):
    """Two lost submissions that differ in style look alike in a list: neither takes the other's."""
    account.answers = together(2, [lose(None), lose(None)])
    styles = ("anime", "watercolor")
    found = at_once(face, service.url, [{"style": style} for style in styles])
    assert any(isinstance(each, SubmissionUnknownError) for each in found)
    made = {made.batch_id: made.request["style"] for made in account.made}
    assert all(made[each] == style for each, style in zip(found, styles, strict=True) if isinstance(each, str))
    assert len(account.posts) == 2


# -- before anything is sent ----------------------------------------------------------------------------------------


def test_every_submission_takes_a_fresh_connection(px, service, account):
    """A reused connection can lose the race with the server's close, and then it is not known whether it is paid."""
    for _ in range(3):
        px.submit("a cat")
    assert service.connections == 1 + 3  # one for the look before


@pytest.mark.parametrize("prompt", ["", "  \n", None, 7, "half \ud83d"])
def test_an_unusable_prompt_is_refused_before_any_request(px, service, prompt):
    """Nothing is sent for what cannot be a prompt."""
    with pytest.raises(ConfigurationError, match="^prompt: "):
        px.submit(prompt)
    assert service.heard == []


def test_a_misspelt_slug_is_answered_with_its_neighbours_once_the_catalog_is_known(px, service):
    """The service's 400 stays what it is, and names slugs close by."""
    unknown = error(400, "bad_request", "model: unknown model 'flux2'")
    nothing = reply({"batches": [], "nextCursor": None, "hasMore": False})
    service.plays(nothing, unknown)
    with pytest.raises(BadRequestError) as before:
        px.submit("a cat", model="flux2")
    assert before.value.suggestions == ()
    service.plays(reply({"models": [{"slug": "flux-2"}, {"slug": "flux-2-pro"}, {"slug": "sora"}]}), unknown)
    px.models.list()
    with pytest.raises(BadRequestError, match=r"unknown model 'flux2' \(did you mean flux-2, flux-2-pro\?\)"):
        px.submit("a cat", model="flux2")


# -- a long run on a bad day ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_on_a_bad_day_nothing_is_paid_twice_and_nothing_given_out_twice(face, time, seed):
    """Every third answer is lost before or after acceptance, lists fail too: the account agrees with what we know."""
    box = Sandbox(seed=seed, credits=10_000)
    for fault in ("reset-after", "html-502-after", "empty-object", "invalid-json", "reset", "html-503", "hang-after"):
        box.faults.add(fault, method="POST", path="*/generate", probability=0.05)
    for fault in ("reset", "html-502", "invalid-json"):
        box.faults.add(fault, method="GET", path="*/batches", probability=0.1)
    px = face.sandbox(box, clock=time.clock())
    prompts = [f"{animal}, {number % 3}" for number in range(20) for animal in ("a cat", "a dog")]
    found, unconfirmed = {}, []
    for prompt in prompts:
        try:
            found[px.submit(prompt).batch_id] = prompt
        except SubmissionUnknownError as caught:
            unconfirmed.append(caught)
    face.close(px)
    made = {batch.batch_id: batch.submission.prompt for batch in box.world.accounts[box.api_key].batches}
    assert found.items() <= made.items()
    assert len(found) + len(unconfirmed) == len(prompts)
    assert len(made) - len(found) <= len(unconfirmed)
    posts = [entry for entry in box.journal.entries if entry.method == "POST"]
    assert len(posts) == len(prompts)
