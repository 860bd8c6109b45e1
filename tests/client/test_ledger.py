"""The ledger of the request budget, under clocks that are moved by hand."""

from bisect import bisect_left
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop, heappush

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixola_ext._budget.ledger import DEFAULT_PAUSE, Ledger
from pixola_ext._budget.limits import Limit, Limits
from pixola_ext._budget.records import Moment
from pixola_ext._budget.shared import SharedStore
from pixola_ext._state.database import Database

KEY, ORIGIN = "pxk_budgeted", "https://pixola.example"
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE, DAY = 60.05, 86_400.05  # seconds, with the margin
HOUR = 3600.0
BOOTED = 5_000.0  # seconds since the machine was started
SHORT_DAY = Limit(100, 86_400.0)  # used up in four minutes


class Clocks:
    """Both clocks, moved by hand."""

    def __init__(self) -> None:
        self.wall, self.steady = START.timestamp(), BOOTED

    def __call__(self) -> Moment:
        return Moment(self.wall, self.steady)

    def wait(self, seconds: float) -> None:
        """Time passes on both."""
        self.wall += seconds
        self.steady += seconds


@pytest.fixture
def clocks() -> Clocks:
    """The clocks of all ledgers of a test."""
    return Clocks()


@pytest.fixture(params=["file", "postgres"])
def shared(request, clocks) -> SharedStore | None:
    """The store of the ledgers of a test: none of their own, and a database whose clock is the steady one."""
    if request.param == "file":
        return None
    database = Database.at(request.getfixturevalue("database_url"))
    return SharedStore(database, lambda _connection: START.timestamp() + clocks.steady - BOOTED)


@pytest.fixture
def ledger(tmp_path, clocks, shared) -> Iterator[Ledger]:
    """A ledger on disk, and in a database."""
    with closing(Ledger(tmp_path, KEY, ORIGIN, clock=clocks, shared=shared)) as opened:
        yield opened


@pytest.fixture
def few(tmp_path, clocks, shared) -> Iterator[Ledger]:
    """A ledger with few requests a day."""
    with closing(Ledger(tmp_path, KEY, ORIGIN, clock=clocks, limits=Limits(day=SHORT_DAY), shared=shared)) as opened:
        yield opened


def send(ledger, clocks, count=1, *, is_paid=False):
    """Send as soon as it is allowed; gives the seconds waited for the last."""
    for _ in range(count):
        start, reservation = clocks.steady, ledger.reserve(is_paid=is_paid)
        while reservation.delay > 0:
            clocks.wait(reservation.delay)
            reservation = ledger.reserve(is_paid=is_paid, reservation=reservation)
    return clocks.steady - start


def spend_the_day(ledger, clocks, count=SHORT_DAY.count):
    """Use up so many of the day's requests, as fast as the minute allows."""
    send(ledger, clocks, count)
    clocks.wait(MINUTE)


# Two clocks, or so many requests that one store has to do.
on_disk_alone = pytest.mark.parametrize("shared", ["file"], indirect=True)


# -- limits ------------------------------------------------------------------------------------------------------------


def test_thirty_go_and_the_next_one_waits_for_the_first_to_leave_the_minute(ledger, clocks):
    """A burst is only paced; then the wait is what is left of the minute and its margin."""
    burst = sum(send(ledger, clocks) for _ in range(30))
    assert burst == pytest.approx(29 * 0.02)
    assert send(ledger, clocks) == pytest.approx(MINUTE - burst)


def test_submissions_leave_a_share_for_polling(ledger, clocks):
    """After 27 submissions the next one waits, but three polls do not."""
    send(ledger, clocks, 27, is_paid=True)
    assert ledger.reserve(is_paid=True).delay > 10
    assert all(send(ledger, clocks) < 0.1 for _ in range(3))
    assert ledger.reserve(is_paid=False).delay > 10


def test_a_day_that_is_used_up_says_when_it_frees_and_keeps_no_place(few, clocks):
    """The answer names the instant; a caller that does not want to wait so long delays no other."""
    spend_the_day(few, clocks)
    frees = START + timedelta(seconds=DAY)
    for _ in range(3):
        reservation = few.reserve(is_paid=False)
        assert abs(reservation.frees_at - frees) < timedelta(milliseconds=1)
        assert clocks.wall + reservation.delay == pytest.approx(frees.timestamp())
    clocks.wait(reservation.delay)
    assert few.reserve(is_paid=False).delay == 0


def test_the_last_of_the_day_belong_to_those_who_wait_for_them(few, clocks):
    """Who comes behind them is told at once that the day is used up."""
    spend_the_day(few, clocks, 65)
    send(few, clocks, 30)
    reservations = [few.reserve(is_paid=False) for _ in range(8)]
    assert [reservation.frees_at is None for reservation in reservations] == [True] * 5 + [False] * 3


def test_a_day_that_frees_soon_is_waited_for_like_a_minute(few, clocks):
    """Two minutes are no reason to give up."""
    spend_the_day(few, clocks)
    clocks.wait(START.timestamp() + DAY - 300 - clocks.wall)
    assert few.reserve(is_paid=False).frees_at is not None
    clocks.wait(200)
    assert few.reserve(is_paid=False).frees_at is None
    assert send(few, clocks) < 120


def test_who_waits_for_the_day_gets_the_first_request_of_the_next(few, clocks):
    """With `wait_for_quota`, a place is kept for a caller that comes back for it."""
    spend_the_day(few, clocks)
    clocks.wait(23 * HOUR)
    reservation = few.reserve(is_paid=False, wait_for_quota=True)
    while reservation.delay > 0:
        assert reservation.delay <= 15
        clocks.wait(reservation.delay)
        reservation = few.reserve(is_paid=False, wait_for_quota=True, reservation=reservation)
    assert clocks.wall == pytest.approx(START.timestamp() + DAY, abs=0.01)


def test_the_budget_says_what_is_left(ledger, clocks):
    """And when the next request is free, if none is."""
    budget = ledger.budget()
    assert (budget.minute.left, budget.day.left, budget.held_until) == (30, 1000, None)
    send(ledger, clocks, 30)
    budget = ledger.budget()
    assert (budget.minute.used, budget.minute.left, budget.day.used, budget.day.left) == (30, 0, 30, 970)
    assert abs(budget.minute.frees_at - START) - timedelta(seconds=MINUTE) < timedelta(milliseconds=1)
    assert budget.day.frees_at is None
    clocks.wait(MINUTE)
    assert ledger.budget().minute.left == 30
    assert ledger.budget().day.left == 970


# -- order -------------------------------------------------------------------------------------------------------------


def sender(ledger, clocks, sent, *, is_paid=False, pause=0.0, most=10**6):
    """One who sends again and again, as a generator of the seconds it sleeps."""
    for _ in range(most):
        reservation = ledger.reserve(is_paid=is_paid)
        while reservation.delay > 0:
            yield reservation.delay
            reservation = ledger.reserve(is_paid=is_paid, reservation=reservation)
        sent.append(clocks.steady)
        yield pause


def run(clocks, senders, until):
    """Let them all sleep side by side until `until` seconds from now."""
    end = clocks.steady + until
    sleeping = [(clocks.steady + offset, number, each) for number, (offset, each) in enumerate(senders)]
    heapify(sleeping)
    while sleeping and sleeping[0][0] < end:
        wake, number, each = heappop(sleeping)
        clocks.wait(wake - clocks.steady)
        delay = next(each, None)
        if delay is not None:
            heappush(sleeping, (wake + delay, number, each))


def fullest(times, seconds):
    """The most of `times`, ascending, in any window of `seconds`."""
    return max((bisect_left(times, first + seconds) - n for n, first in enumerate(times)), default=0)


def emptiest(times, seconds):
    """The fewest of `times`, ascending, in any window of `seconds` that is over before the last of them."""
    over = [(n, first) for n, first in enumerate(times) if first + seconds < times[-1]]
    return min((bisect_left(times, first + seconds) - n for n, first in over), default=30)


PAUSES = st.one_of(st.just(0.0), st.floats(0, 40))


@settings(max_examples=settings.default.max_examples * 2 // 5)  # each is a simulation of five minutes
@given(st.lists(st.tuples(st.floats(0, 90), st.booleans(), PAUSES), min_size=1, max_size=12))
def test_no_window_is_ever_overfull_and_none_is_wasted(arrivals):
    """For any arrivals and pauses: 30 in a minute, 27 of them paid, and no slot unused while a caller waits."""
    clocks = Clocks()
    with closing(Ledger(None, KEY, ORIGIN, clock=clocks)) as ledger:
        sent = [(is_paid, []) for _, is_paid, _ in arrivals]
        senders = [
            (offset, sender(ledger, clocks, times, is_paid=is_paid, pause=pause))
            for (offset, is_paid, pause), (_, times) in zip(arrivals, sent, strict=True)
        ]
        run(clocks, senders, 300)
    all_sent = sorted(at for _, times in sent for at in times)
    assert fullest(all_sent, 60.0) <= 30
    assert fullest(sorted(at for is_paid, times in sent for at in times if is_paid), 60.0) <= 27
    for offset in (offset for offset, is_paid, pause in arrivals if pause == 0 and not is_paid):
        assert emptiest([at for at in all_sent if at >= 5_000 + offset], MINUTE + 1) >= 30


@on_disk_alone
@pytest.mark.parametrize("count", [2, 16, 100])
def test_all_who_wait_get_the_same_and_the_limit_is_used(ledger, clocks, count):
    """In a quarter of an hour each caller gets at least three quarters of a fair share; 97 % of the limit is used."""
    sent = [[] for _ in range(count)]
    run(clocks, [(0.001 * n, sender(ledger, clocks, times)) for n, times in enumerate(sent)], 900)
    total = sum(map(len, sent))
    all_sent = sorted(at for times in sent for at in times)
    assert fullest(all_sent, 60.0) == 30
    assert total >= 0.97 * 15 * 30
    assert min(map(len, sent)) >= 0.75 * total / count


@on_disk_alone
def test_submissions_and_polls_do_not_starve_each_other(ledger, clocks):
    """With ten that submit and ten that poll, all without a pause, both kinds get their part."""
    paid, polls = [[] for _ in range(10)], [[] for _ in range(10)]
    all_sent = [sender(ledger, clocks, times, is_paid=True) for times in paid]
    all_sent += [sender(ledger, clocks, times) for times in polls]
    run(clocks, [(0.001 * n, each) for n, each in enumerate(all_sent)], 900)
    assert min(map(len, paid + polls)) >= 0.5 * 15 * 30 / 20


def test_who_came_first_goes_first(ledger, clocks):
    """Forty who wait are served in the order in which they came."""
    send(ledger, clocks, 30)
    order = []

    def one(number):
        yield from sender(ledger, clocks, [], most=1)
        order.append(number)

    run(clocks, [(0.1 * n, one(n)) for n in range(40)], 300)
    assert order == list(range(40))


def test_who_does_not_come_back_holds_nobody_up_for_long(ledger, clocks):
    """A hundred who were killed while they waited cost the others twenty seconds, not a hundred places."""
    send(ledger, clocks, 30)
    for _ in range(100):
        assert ledger.reserve(is_paid=False).delay > 0
    assert send(ledger, clocks) <= MINUTE + 20


def test_who_is_killed_with_a_time_booked_wastes_no_more_than_that(ledger, clocks):
    """The time counts as used, and then it is gone."""
    send(ledger, clocks, 29)
    assert ledger.reserve(is_paid=False).booked_at is not None
    assert ledger.budget().minute.left == 0
    clocks.wait(MINUTE + 1)
    assert ledger.budget().minute.left == 30


def test_a_released_reservation_is_the_next_ones(ledger, clocks):
    """Booked or queued, a released reservation is as if it had never been made, and may be released again."""
    send(ledger, clocks, 29)
    clocks.wait(1)
    booked = ledger.reserve(is_paid=False)
    waiting = ledger.reserve(is_paid=False)
    assert (booked.delay, waiting.booked_at) == (0, None)
    for reservation in (booked, waiting, booked):
        ledger.release(reservation)
    assert send(ledger, clocks) == 0


# -- arriving late -----------------------------------------------------------------------------------------------------


def test_a_request_that_may_have_arrived_late_counts_from_then_on(ledger, clocks):
    """Its minute begins when its answer came, not when it was booked."""
    reservation = ledger.reserve(is_paid=False)
    clocks.wait(7)
    ledger.confirm(reservation)
    send(ledger, clocks, 29)
    clocks.wait(MINUTE - 7)
    assert send(ledger, clocks) == pytest.approx(7 - 29 * 0.02, abs=0.05)


def test_a_request_that_arrived_within_the_margin_is_not_written_again(ledger, clocks):
    """Confirming it changes nothing."""
    reservation = ledger.reserve(is_paid=False)
    clocks.wait(0.04)
    ledger.confirm(reservation)
    send(ledger, clocks, 29)
    send(ledger, clocks)
    assert clocks.steady == pytest.approx(5_000 + MINUTE)


def test_confirming_what_was_released_or_forgotten_does_nothing(ledger, clocks):
    """It does not come back."""
    reservation = ledger.reserve(is_paid=False)
    ledger.release(reservation)
    clocks.wait(1)
    ledger.confirm(reservation)
    assert ledger.budget().minute.used == 0


DELAYS = st.floats(0, 8)


@settings(max_examples=40)
@given(st.lists(st.tuples(DELAYS, DELAYS, st.integers(1, 12)), min_size=1, max_size=30))
def test_no_minute_of_the_service_is_overfull_however_late_requests_leave(delays):
    """Each arrives some seconds after its booking, and its answer some seconds later; many are under way at once."""
    clocks, arrived = Clocks(), []

    def one(ledger, number):
        for round_number in range(60):
            to_arrive, to_answer, _ = delays[(7 * number + round_number) % len(delays)]
            reservation = ledger.reserve(is_paid=False)
            while reservation.delay > 0:
                yield reservation.delay
                reservation = ledger.reserve(is_paid=False, reservation=reservation)
            yield to_arrive
            arrived.append(clocks.steady)
            yield to_answer
            ledger.confirm(reservation)

    with closing(Ledger(None, KEY, ORIGIN, clock=clocks)) as ledger:
        run(clocks, [(0.001 * n, one(ledger, n)) for n in range(delays[0][2])], 400)
    assert fullest(sorted(arrived), 60.0) <= 30


# -- sleeping too long or too short ------------------------------------------------------------------------------------


def test_who_wakes_early_is_told_how_long_is_left(ledger, clocks):
    """As an event loop may do by its clock's resolution."""
    send(ledger, clocks, 30)
    clocks.wait(MINUTE - 1 - 29 * 0.02)
    reservation = ledger.reserve(is_paid=False)
    clocks.wait(0.25)
    again = ledger.reserve(is_paid=False, reservation=reservation)
    assert again.delay == pytest.approx(reservation.delay - 0.25)
    assert again.booked_at == reservation.booked_at


def test_who_wakes_a_little_late_sends_and_who_wakes_later_gets_another_turn(ledger, clocks):
    """Within the margin the booking holds; beyond it another time is booked, so that no window is overfull."""
    for lateness, is_kept in [(0.04, True), (0.06, False)]:
        send(ledger, clocks)
        reservation = ledger.reserve(is_paid=False)
        assert 0 < reservation.delay < 0.03
        clocks.wait(reservation.delay + lateness)
        again = ledger.reserve(is_paid=False, reservation=reservation)
        assert again.delay == 0
        assert again.number == reservation.number
        assert (again.booked_at == reservation.booked_at) is is_kept
        clocks.wait(1)
    assert ledger.budget().minute.used == 4


def test_who_waited_and_comes_too_late_starts_anew(ledger, clocks):
    """Its place was given up; a new one is taken."""
    send(ledger, clocks, 30)
    reservation = ledger.reserve(is_paid=False)
    clocks.wait(HOUR)
    assert ledger.reserve(is_paid=False, reservation=reservation).delay == 0
    assert ledger.budget().minute.used == 1


# -- 429 ---------------------------------------------------------------------------------------------------------------


def test_a_429_pauses_all_requests_of_the_key_booked_or_not(ledger, tmp_path, clocks, shared):
    """Other processes too; other keys not."""
    with closing(Ledger(tmp_path, KEY, ORIGIN, clock=clocks, shared=shared)) as other:
        send(other, clocks)
        booked = other.reserve(is_paid=False)
        ledger.pause(3)
        clocks.wait(booked.delay)
        held = other.reserve(is_paid=False, reservation=booked)
        assert held.delay == pytest.approx(3 - booked.delay)
        assert send(ledger, clocks) > held.delay
        assert other.reserve(is_paid=False, reservation=held).delay == 0
    with closing(Ledger(tmp_path, "pxk_other", ORIGIN, clock=clocks, shared=shared)) as stranger:
        assert stranger.reserve(is_paid=False).delay == 0


def test_a_429_without_a_time_holds_for_a_while_and_never_shortens_a_hold(ledger, clocks):
    """The longest that was asked for counts."""
    ledger.pause()
    assert send(ledger, clocks) == pytest.approx(DEFAULT_PAUSE)
    ledger.pause(20)
    ledger.pause(0.5)
    assert send(ledger, clocks) == pytest.approx(20)
    assert ledger.budget().held_until is None


def test_a_long_hold_is_like_a_day_used_up_and_never_longer_than_a_day(ledger, clocks):
    """`Retry-After: 999999999` is not the end of the world."""
    ledger.pause(10.0**9)
    assert ledger.reserve(is_paid=False).frees_at == START + timedelta(days=1)
    clocks.wait(86_400)
    assert send(ledger, clocks) == 0


def test_who_gives_up_because_of_a_long_hold_keeps_no_place(ledger, clocks):
    """A time that was booked before is free for others afterwards."""
    send(ledger, clocks)
    booked = ledger.reserve(is_paid=False)
    ledger.pause(HOUR)
    clocks.wait(booked.delay)
    held = ledger.reserve(is_paid=False, reservation=booked)
    assert held.frees_at == START + timedelta(seconds=HOUR)
    assert held.number is None
    clocks.wait(HOUR)
    assert sum(send(ledger, clocks) for _ in range(30)) < 1


def test_a_429_within_our_own_limit_tells_of_requests_from_elsewhere(ledger, clocks):
    """Ten of ours were accepted, so twenty are of others: these are left to them, ever fewer for two minutes."""
    send(ledger, clocks, 10)
    refused = ledger.reserve(is_paid=False)
    clocks.wait(refused.delay)
    ledger.pause(1, refused)
    assert ledger.budget().minute.left == 0
    clocks.wait(MINUTE)
    assert ledger.budget().minute.left == 20
    clocks.wait(MINUTE)
    assert ledger.budget().minute.left == 30


def test_a_429_that_asks_for_longer_than_a_minute_tells_nothing_of_the_minute(ledger, clocks):
    """It is another limit's."""
    ledger.pause(90, ledger.reserve(is_paid=False))
    clocks.wait(90)
    assert ledger.budget().minute.left == 30


# -- clocks that jump --------------------------------------------------------------------------------------------------


@on_disk_alone
@pytest.mark.parametrize("jump", [-3 * HOUR, -30.0, 30.0, 3 * HOUR, 400 * 24 * HOUR], ids="{:+.0f} s".format)
def test_a_jump_of_the_wall_clock_neither_opens_nor_closes_the_minute(ledger, clocks, jump):
    """It is measured by a clock that no user can set."""
    burst = sum(send(ledger, clocks) for _ in range(30))
    clocks.wall += jump
    assert send(ledger, clocks) == pytest.approx(MINUTE - burst)


def test_a_wall_clock_set_back_forgets_nothing_of_the_day(ledger, clocks):
    """What lies in the future is counted as if it had just been sent, and is free again a day later."""
    clocks.wall += 400 * 24 * HOUR
    send(ledger, clocks, 25)
    clocks.wall = START.timestamp()
    clocks.wait(MINUTE)
    assert ledger.budget().day.used == 25
    clocks.wait(DAY)
    assert ledger.budget().day.used == 0


@on_disk_alone
def test_a_day_used_up_before_the_clock_was_set_back_frees_within_a_day(few, clocks):
    """No jump makes a request wait for longer."""
    spend_the_day(few, clocks)
    clocks.wall -= 1000 * HOUR
    frees_in = DAY - 3 * MINUTE - 30 * 0.02  # when the first has left, the last of them sent just now
    assert few.reserve(is_paid=False).delay == pytest.approx(frees_in, abs=1)


@on_disk_alone
def test_a_hold_ends_with_the_clock_that_says_so_first(ledger, clocks):
    """Neither a wall clock set back nor a monotonic clock that starts anew prolongs it."""
    ledger.pause(60)
    clocks.wall -= 5 * HOUR
    assert send(ledger, clocks) == pytest.approx(60)
    ledger.pause(60)
    clocks.steady = 3.0
    assert send(ledger, clocks) == pytest.approx(60)


@on_disk_alone
@pytest.mark.parametrize("uptime", [3.0, 4_960.0])
def test_a_reboot_keeps_the_day_and_blocks_nobody(ledger, clocks, uptime):
    """The monotonic clock starts anew: reservations of before count no longer, and delay no request."""
    send(ledger, clocks, 30)
    for _ in range(10):
        ledger.reserve(is_paid=False)
    clocks.steady = uptime
    clocks.wall += 40
    assert send(ledger, clocks) == 0
    assert ledger.budget().day.used == 31


def test_a_suspended_machine_waits_for_a_minute_at_most(ledger, clocks):
    """The monotonic clock may stand still meanwhile."""
    send(ledger, clocks, 30)
    clocks.wall += 8 * HOUR
    assert send(ledger, clocks) <= MINUTE


def test_other_limits_can_be_given(clocks):
    """As a sandbox may have them."""
    limits = Limits(Limit(2, 10.0), Limit(5, 100.0), margin=0.0, look_ahead=1.0, spacing=0.0, patience=10.0)
    with closing(Ledger(None, KEY, ORIGIN, clock=clocks, limits=limits)) as ledger:
        assert [round(send(ledger, clocks)) for _ in range(5)] == [0, 0, 10, 0, 10]
        assert ledger.reserve(is_paid=False).frees_at == START + timedelta(seconds=100)
