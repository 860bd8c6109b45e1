"""The request budget in the clients: every request waits for its time, from whichever client it comes."""

import asyncio
import itertools
from datetime import UTC, datetime, timedelta
from functools import partial

import httpx
import pytest

from pixola_ext import AsyncPixola, ConnectError, QuotaExhaustedError, RateLimitedError, WaitTimeoutError
from pixola_ext._budget.ledger import Ledger
from pixola_ext._budget.limits import Limit, Limits
from pixola_ext.sandbox import Sandbox
from tests.support.faces import START
from tests.support.simulation import Simulation
from tests.support.wire import error, reply

CREDITS = reply({"balance": 7, "plan": "free"})
NOTHING = reply({"batches": [], "nextCursor": None, "hasMore": False})
_keys = itertools.count()


@pytest.fixture
def key():
    """A key that no other test has used."""
    return f"pxk_quota_{next(_keys)}"


@pytest.fixture
def sent(service, time):
    """The instants at which requests arrived, in seconds of the moved clock."""
    instants = []

    def answer(heard):
        instants.append((time.elapsed, heard.method))
        if heard.method == "POST":
            return reply({"batchId": f"bt_{len(instants)}"})
        return NOTHING if "/batches" in heard.target else CREDITS

    service.script = answer
    return instants


def fullest(instants, seconds=60.0):
    """The most requests in any window."""
    times = [at for at, _ in instants]
    return max(sum(start <= at < start + seconds for at in times) for start in times)


def test_no_minute_holds_more_than_thirty_requests(connect, service, sent, time, key):
    """Reading waits for its time, and wastes none."""
    px = connect(key, service.url, budget=True)
    for _ in range(90):
        px.credits()
    assert fullest(sent) == 30
    assert time.elapsed == pytest.approx(120, abs=3)


def test_clients_of_one_key_share_and_others_do_not(connect, service, sent, time, key):
    """On one machine, whichever client, copy or process; another key has a budget of its own."""
    one, two, other = (connect(name, service.url, budget=True) for name in (key, key, f"{key}_other"))
    for _ in range(15):
        one.with_options(max_retries=1).credits()
        two.credits()
    assert time.elapsed < 2
    assert (one.budget.minute.left, other.budget.minute.left) == (0, 30)
    one.credits()
    assert time.elapsed == pytest.approx(60, abs=2)


def test_submissions_leave_a_share_for_polling(connect, service, sent, time, key):
    """After a burst of them three requests of the minute are left for what was paid for."""
    px = connect(key, service.url, budget=True, timeout=300.0)
    for _ in range(27):
        px.submit("a cat")
    before = time.elapsed
    px.credits()
    assert time.elapsed - before < 1
    px.submit("a cat")
    assert time.elapsed > 59
    assert fullest(sent) <= 30


def test_what_is_left_is_told(connect, service, sent, key):
    """Used, left, and when the next one frees."""
    px = connect(key, service.url, budget=True)
    px.credits()
    assert (px.budget.minute.used, px.budget.minute.left, px.budget.minute.frees_at) == (1, 29, None)
    assert (px.budget.day.used, px.budget.day.limit) == (1, 1000)
    assert connect(key, service.url, budget=False).budget is None
    assert connect(None, service.url, budget=True).budget is None


def test_a_429_pauses_all_requests_of_the_key(connect, service, time, key):
    """Not only those of the client that got it."""
    one, two = (connect(key, service.url, budget=True, max_retries=0) for _ in range(2))
    service.plays(error(429, "rate_limited", retry_after="20"), CREDITS)
    with pytest.raises(RateLimitedError):
        one.credits()
    two.credits()
    assert time.elapsed == pytest.approx(20, abs=1)


def test_a_429_that_says_ten_years_does_not_lock_the_key_for_ten_years(connect, service, time, key):
    """For a quarter of an hour every call fails at once and says until when; then the service is asked again."""
    px = connect(key, service.url, budget=True)
    service.plays(error(429, "rate_limited", retry_after="315360000"), CREDITS)
    with pytest.raises(RateLimitedError):
        px.credits()
    with pytest.raises(QuotaExhaustedError) as caught:
        px.credits()
    assert caught.value.available_at - START == pytest.approx(timedelta(seconds=900), abs=timedelta(seconds=1))
    assert (len(service.heard), time.slept) == (1, [])
    time.elapsed = 901.0
    assert px.credits().balance == 7


@pytest.fixture
def short_day(monkeypatch):
    """How many requests the day of the clients has: few, so that they are used up quickly."""
    limits = Limits(day=Limit(100, 86_400.0))
    monkeypatch.setattr("pixola_ext._budget.ledger.Ledger", partial(Ledger, limits=limits))
    return limits.day.count


def spent(connect, service, time, key, count):
    """A client whose day of `count` requests is used up, half an hour ago."""
    px = connect(key, service.url, budget=True)
    ledger = px._driver.ledger
    for _ in range(count):
        reservation = ledger.reserve(is_paid=False)
        while reservation.delay > 0:
            time.elapsed += reservation.delay
            reservation = ledger.reserve(is_paid=False, reservation=reservation)
    time.elapsed += 1800
    return px


def test_a_day_that_is_used_up_is_an_error_that_says_until_when(connect, service, sent, time, key, short_day):
    """Nothing is sent, and no call sleeps."""
    px = spent(connect, service, time, key, short_day)
    slept = len(time.slept)
    with pytest.raises(QuotaExhaustedError, match="used up until 2026-03-02 12:00:0. UTC; nothing was sent") as caught:
        px.credits()
    assert caught.value.is_daily
    assert caught.value.available_at - START == pytest.approx(timedelta(days=1), abs=timedelta(seconds=2))
    assert (len(sent), len(time.slept)) == (0, slept)
    assert px.budget.day.left == 0
    assert px.budget.day.frees_at == pytest.approx(caught.value.available_at, abs=timedelta(seconds=1))


def test_a_client_may_wait_for_the_next_day(connect, service, sent, time, key, short_day):
    """However long that is, and whatever the timeout of the call."""
    spent(connect, service, time, key, short_day)
    time.elapsed = 22 * 3600.0
    patient = connect(key, service.url, budget=True, wait_for_quota=True, timeout=30.0)
    assert patient.credits().balance == 7
    assert datetime(2026, 3, 2, 12, tzinfo=UTC) - START == pytest.approx(
        timedelta(seconds=time.elapsed), abs=timedelta(seconds=20)
    )
    assert len(sent) == 1


def test_a_time_after_the_deadline_is_not_waited_for(connect, service, sent, time, key):
    """The minute is full and the call has ten seconds: it ends at once, unsent, and its reservation is released."""
    px = connect(key, service.url, budget=True)
    for _ in range(30):
        px.credits()
    before = time.elapsed
    with pytest.raises(QuotaExhaustedError) as caught:
        px.with_options(timeout=10.0).submit("a cat")
    assert not caught.value.is_daily
    assert time.elapsed == before
    assert px.budget.minute.used == 30


def test_a_wait_in_a_full_minute_ends_as_a_wait(connect, service, sent, key):
    """By its own timeout."""
    px = connect(key, service.url, budget=True)
    for _ in range(30):
        px.credits()
    with pytest.raises(WaitTimeoutError):
        px.wait("bt_1", timeout=10)


def test_what_was_never_delivered_does_not_count(connect, service, key):
    """No connection, no request."""
    service.close()
    px = connect(key, service.url, budget=True, max_retries=2)
    with pytest.raises(ConnectError):
        px.credits()
    assert px.budget.day.used == 0


def test_interrupted_waiting_releases_the_reservation(connect, service, sent, time, key):
    """Ctrl-C while the time has not come: no request behind has to wait for it."""
    sleep = time.sleep

    def interrupt(seconds):
        if seconds > 1:
            raise KeyboardInterrupt
        sleep(seconds)

    time.sleep = interrupt
    px = connect(key, service.url, budget=True)
    for _ in range(30):
        px.credits()
    with pytest.raises(KeyboardInterrupt):
        px.credits()
    assert px.budget.minute.used == 30


def test_the_sandbox_in_the_process_counts_only_when_asked(face, key):
    """No service has to be spared."""
    free, counted = (face.sandbox(Sandbox(api_key=key), **options) for options in ({}, {"budget": True}))
    assert free.budget is None
    counted.credits()
    assert counted.budget.minute.used == 1
    face.close(free)
    face.close(counted)


class Slow(httpx.AsyncBaseTransport):
    """A service some way off: every request is on its way for a while, and so is every answer."""

    def __init__(self, inner, sleep, seconds):
        self.inner, self.sleep, self.seconds = inner, sleep, seconds

    async def handle_async_request(self, request):
        await self.sleep(self.seconds)
        answer = await self.inner.handle_async_request(request)
        await self.sleep(self.seconds)
        return answer


def test_two_machines_on_one_key_learn_to_share_it(tmp_path, monkeypatch, key):
    """They cannot know of each other, but 429 teaches: no caller sees an error, the limit is used, and both get on."""
    simulation, minutes, done, refused = Simulation(), 15, {"a": [], "b": []}, []
    box = Sandbox(api_key=key, rate_limits=True, clock=lambda: START.timestamp() + simulation.now)

    async def calls(px, name):
        while simulation.now < minutes * 60:
            await px.credits()
            done[name].append(simulation.now)

    async def main():
        async with httpx.AsyncClient(transport=Slow(box.transport, simulation.sleep, 0.3)) as http:
            callers = []
            for name in done:
                monkeypatch.setenv("PIXOLA_STATE_DIR", str(tmp_path / name))
                options = {"budget": True, "timeout": 300.0, "on_retry": refused.append, "clock": simulation.clock()}
                px = AsyncPixola(key, box.base_url, http_client=http, **options)
                callers += [calls(px, name) for _ in range(10)]
            return await simulation.run(*callers)

    assert asyncio.run(main()) == [None] * 20
    shares = [len(each) for each in done.values()]
    assert len(refused) <= 100  # without learning 270
    assert sum(shares) >= 0.8 * minutes * 30
    assert min(shares) >= 0.3 * sum(shares)
