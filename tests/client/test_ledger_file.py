"""The ledger's file: private, shared by real threads and processes, and never a reason to fail."""

import errno
import logging
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from measuring.contention import contend

from pixola_ext._budget.ledger import Ledger
from pixola_ext._budget.limits import Limit, Limits
from pixola_ext._budget.records import Moment
from pixola_ext._state import state_file
from pixola_ext._state.folder import state_folder
from tests.support.measuring import unmeasured

KEY, ORIGIN = "pxk_budgeted", "https://pixola.example"
SCALED = Limits(Limit(30, 1.5), margin=0.02, look_ahead=0.15, spacing=0.005)  # a minute in a second and a half


def used(folder, key=KEY, origin=ORIGIN):
    """How many requests a ledger that is opened now finds."""
    with closing(Ledger(folder, key, origin)) as ledger:
        return ledger.budget().day.used


def run(code, folder):
    """The exit status of a program with its own process, and what it wrote to stderr."""
    words = [sys.executable, "-c", code, folder]
    with unmeasured():  # coverage writes files, too
        done = subprocess.run(words, stderr=subprocess.PIPE, text=True, timeout=30, check=False)
    return done.returncode, done.stderr


def test_what_was_sent_survives_the_program(tmp_path):
    """Another ledger on the same folder counts it; a closed one opens again."""
    with closing(Ledger(tmp_path, KEY, ORIGIN)) as ledger:
        ledger.reserve(is_paid=True)
        ledger.close()
        ledger.reserve(is_paid=True)
    assert used(tmp_path) == 2


def test_keys_and_origins_are_counted_apart(tmp_path):
    """Each key at each service has its own limits."""
    with closing(Ledger(tmp_path, KEY, ORIGIN)) as ledger:
        ledger.reserve(is_paid=False)
    assert (used(tmp_path, "pxk_other"), used(tmp_path, KEY, "http://127.0.0.1:8321"), used(tmp_path)) == (0, 0, 1)


def test_nobody_else_can_read_the_file_and_the_key_is_not_in_it(tmp_path):
    """Folder 0700, files 0600; the same key looks different in each file."""
    accounts = []
    for name in ("a", "b"):
        folder = tmp_path / name / "pixola"
        with closing(Ledger(folder, KEY, ORIGIN)) as ledger:
            ledger.reserve(is_paid=False)
            files = list(folder.iterdir())
            assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
            assert all(word not in file.read_bytes() for file in files for word in (KEY.encode(), b"budgeted"))
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        with closing(sqlite3.connect(folder / "budget.sqlite3")) as database:
            accounts += database.execute("SELECT account FROM requests").fetchall()
    assert accounts[0] != accounts[1]


def test_what_is_older_than_a_day_is_forgotten(tmp_path):
    """Of all keys, also of one that is no longer used: the file does not grow."""
    now = Moment(10.0**9, 1000.0)
    with closing(Ledger(tmp_path, "pxk_old", ORIGIN, clock=lambda: now)) as ledger:
        ledger.reserve(is_paid=False)
    with closing(Ledger(tmp_path, KEY, ORIGIN)) as ledger:
        ledger.reserve(is_paid=False)
    with closing(sqlite3.connect(tmp_path / "budget.sqlite3")) as rows:
        assert rows.execute("SELECT count(*) FROM requests").fetchone() == (1,)


def test_threads_that_share_a_ledger_never_book_the_same_time(tmp_path):
    """Forty threads at once: thirty are told a time, each its own; ten are told to come back."""
    reservations, ready = [], threading.Barrier(40)
    with closing(Ledger(tmp_path, KEY, ORIGIN)) as ledger:

        def take():
            ready.wait()
            reservations.append(ledger.reserve(is_paid=False))

        threads = [threading.Thread(target=take) for _ in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    booked = sorted(reservation.booked_at for reservation in reservations if reservation.booked_at is not None)
    assert (len(reservations), len(booked)) == (40, 30)
    assert all(later - earlier >= 0.0199 for earlier, later in pairwise(booked))


def test_the_clock_is_read_when_the_file_is_free(tmp_path):
    """What a request waited for others is not taken for its own lateness."""
    used(tmp_path)
    is_free, when_read = threading.Event(), []

    def clock():
        when_read.append(is_free.is_set())
        return Moment(time.time(), time.monotonic())

    with (
        closing(sqlite3.connect(tmp_path / "budget.sqlite3", isolation_level=None)) as other,
        closing(Ledger(tmp_path, KEY, ORIGIN, clock=clock)) as ledger,
    ):
        ledger.reserve(is_paid=False)
        other.execute("BEGIN IMMEDIATE")
        waiter = threading.Thread(target=ledger.reserve, kwargs={"is_paid": False})
        waiter.start()
        time.sleep(0.05)
        is_free.set()
        other.execute("COMMIT")
        waiter.join()
    assert when_read == [False, True]


def test_four_processes_of_four_threads_stay_within_the_limit_and_all_get_on(tmp_path):
    """In real time, in no window more than allowed, and no caller is left out."""
    outcome = contend(tmp_path, SCALED, processes=4, threads=4, seconds=2.2)
    assert outcome.fullest_window() == 30
    assert outcome.fairness() > 0


def test_a_process_that_is_killed_leaves_nothing_behind_that_holds_up_others(tmp_path):
    """`kill -9` of two of four, wherever they are: the others go on to the end, within the limit."""

    def kill_two(processes):
        time.sleep(2.0)
        for process in processes[:2]:
            process.send_signal(signal.SIGKILL)

    outcome = contend(tmp_path, SCALED, processes=4, threads=2, seconds=2.2, meanwhile=kill_two)
    assert outcome.fullest_window() <= 30
    first = outcome.instants[0]
    killed, others = (
        [at - first for waiter in part for at in waiter] for part in (outcome.waiters[:4], outcome.waiters[4:])
    )
    assert max(others) >= SCALED.minute.seconds > max(killed, default=0.0)
    with closing(Ledger(tmp_path, "pxk_contended", "https://pixola.example", limits=SCALED)) as ledger:
        assert ledger.reserve(is_paid=False).delay <= 1.6


FORKING = """
import os, sys, threading
from pathlib import Path
from pixola_ext._budget.ledger import Ledger
ledger = Ledger(Path(sys.argv[1]), "pxk_forked", "https://pixola.example")
reservation = ledger.reserve(is_paid=False)
ledger._store.file.lock.acquire()  # as another thread may hold it in the instant of the fork
child = os.fork()
if child:
    ledger._store.file.lock.release()
    assert os.waitpid(child, 0)[1] == 0
ledger.reserve(is_paid=False)
assert ledger.budget().day.used == (3 if child else 2), ledger.budget()
if child:
    ledger.close()
else:
    os._exit(0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this platform")
def test_a_forked_child_has_a_connection_of_its_own(tmp_path):
    """Parent and child count in one file, and a lock held in the parent does not stop the child."""
    assert run(FORKING, tmp_path) == (0, "")


# -- a file that cannot be used ----------------------------------------------------------------------------------------


def corrupt(folder, monkeypatch):
    """Something else than a database."""
    (folder / "budget.sqlite3").write_bytes(b"not a database, and longer than a header " * 100)


def damaged_inside(folder, monkeypatch):
    """A database whose pages have been overwritten."""
    used(folder)
    path = folder / "budget.sqlite3"
    path.write_bytes(path.read_bytes()[:100] + b"\xff" * (path.stat().st_size - 100))


def of_another_program(folder, monkeypatch):
    """A table of the same name with other columns."""
    with closing(sqlite3.connect(folder / "budget.sqlite3")) as database:
        database.execute("CREATE TABLE requests (account, steady, is_paid, wall)")


def a_file(folder, monkeypatch):
    """There is a file where the folder should be."""
    folder.rmdir()
    folder.write_text("")


def read_only(folder, monkeypatch):
    """A file system that cannot be written to."""

    def refuse(*args):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(os, "open", refuse)


def locked(folder, monkeypatch):
    """Another process holds the file and does not let go."""
    used(folder)
    monkeypatch.setattr(state_file, "_LOCK_TIMEOUT", 0.05)
    holder = sqlite3.connect(folder / "budget.sqlite3", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    return holder


@pytest.mark.parametrize(
    "broken", [corrupt, damaged_inside, of_another_program, a_file, read_only, locked], ids=lambda each: each.__name__
)
def test_a_file_that_cannot_be_used_is_replaced_by_memory_with_one_warning(tmp_path, monkeypatch, caplog, broken):
    """The program goes on, its clients still share one budget, and the key is not in the log."""
    folder = tmp_path / "state"
    folder.mkdir()
    holder = broken(folder, monkeypatch)
    key = f"pxk_{broken.__name__}"
    caplog.set_level(logging.WARNING, "pixola_ext")
    with closing(Ledger(folder, key, ORIGIN)) as one, closing(Ledger(folder, key, ORIGIN)) as other:
        assert one.reserve(is_paid=False).delay == 0
        other.reserve(is_paid=False)
        assert one.budget().day.used == other.budget().day.used == 2
        one.pause(3)
        assert other.budget().held_until is not None
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert str(folder) in caplog.text
    assert key not in caplog.text
    if holder is not None:
        holder.close()


WRONG = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.text(max_size=5),
    st.binary(max_size=20),
    st.sampled_from([-1.0, 0.0, 1e9, 1e11, 1e18, float("inf"), time.time() + 3.0e7, time.monotonic() + 3.0e7]),
)
COLUMNS = [("requests", name) for name in ("account", "is_paid", "is_refused", "steady", "wall", "expires", "number")]
COLUMNS += [("pauses", name) for name in ("account", "steady", "wall")]
COLUMNS += [("foreigners", name) for name in ("account", "count", "steady")]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(COLUMNS), WRONG), min_size=1, max_size=4), st.booleans())
def test_rows_of_any_content_neither_fail_nor_block_a_call(tmp_path_factory, damage, is_queued):
    """Texts, blobs, NaN, infinities, numbers out of any range, times in the future: calls go on, and at once."""
    clock = Moment(time.time(), time.monotonic())
    folder = tmp_path_factory.mktemp("damaged")
    with closing(Ledger(folder, KEY, ORIGIN, clock=lambda: clock)) as ledger:
        mine = [ledger.reserve(is_paid=True) for _ in range(2)]
        ledger.pause(0.1, mine[0])
        if is_queued:
            ledger.reserve(is_paid=False)
        with closing(sqlite3.connect(folder / "budget.sqlite3")) as rows, rows:
            for (table, column), value in damage:
                with suppress(sqlite3.IntegrityError):  # SQLite itself refuses NULL and numbers that are not whole
                    rows.execute(f"UPDATE OR IGNORE {table} SET {column} = ?", (value,))  # noqa: S608  (names of ours)
        clock = Moment(clock.wall + 0.2, clock.steady + 0.2)
        for reservation in mine:
            ledger.confirm(reservation)
        assert ledger.budget().day.used <= 4
        delay = ledger.reserve(is_paid=False, reservation=mine[1]).delay
        ledger.pause(0.1, mine[1])
        ledger.release(mine[1])
        assert delay <= 90  # as after a jump of a clock, at most what is left of a minute or of a pause
        clock = Moment(clock.wall + 90_000, clock.steady + 90_000)
        assert ledger.reserve(is_paid=False).delay <= 0.1


@pytest.mark.parametrize("salt", [b"", b"short", b"x" * 17, "a text of sixteen", 7, 1.5, None])
def test_a_damaged_salt_is_replaced_by_memory_with_one_warning(tmp_path, caplog, salt):
    """Before the file is opened and while it is in use."""
    with closing(Ledger(tmp_path, KEY, ORIGIN)) as in_use:
        in_use.reserve(is_paid=False)
        with closing(sqlite3.connect(tmp_path / "budget.sqlite3")) as rows, rows:
            rows.execute("DELETE FROM salt")
            if salt is not None:
                rows.execute("INSERT INTO salt VALUES (1, ?)", (salt,))
        assert in_use.reserve(is_paid=False).delay < 1
        with closing(Ledger(tmp_path, KEY, ORIGIN)) as later:
            assert later.reserve(is_paid=False).delay < 1
    assert len(caplog.records) == 1


def foreign(folder):
    """Another application's database, with a table named as ours."""
    with closing(sqlite3.connect(folder / "budget.sqlite3")) as other, other:
        other.execute("PRAGMA application_id = 1234")
        other.execute("CREATE TABLE requests (anything)")


def foreign_in_wal_mode(folder):
    """The same, with a journal that was left behind."""
    with closing(sqlite3.connect(folder / "budget.sqlite3")) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("CREATE TABLE savings (euros)")
        other.execute("INSERT INTO savings VALUES (1000)")
        other.commit()
        kept = {each.name: each.read_bytes() for each in folder.iterdir()}
    for name, content in kept.items():
        (folder / name).write_bytes(content)


def of_a_later_version(folder):
    """A budget of a version that is not ours."""
    used(folder)
    with closing(sqlite3.connect(folder / "budget.sqlite3")) as rows, rows:
        rows.execute("PRAGMA user_version = 999")


def empty(folder):
    """A file without content."""
    (folder / "budget.sqlite3").touch()


@pytest.mark.parametrize(
    "made", [foreign, foreign_in_wal_mode, of_a_later_version, empty], ids=lambda each: each.__name__
)
def test_a_file_that_is_not_ours_is_not_written_to(tmp_path, caplog, made):
    """Its bytes and those beside it stay, no file is added; one warning, and calls go on in memory."""
    made(tmp_path)
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    with closing(Ledger(tmp_path, f"pxk_{made.__name__}", ORIGIN)) as ledger:
        ledger.reserve(is_paid=False)
        assert ledger.budget().day.used == 1
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == before
    assert len(caplog.records) == 1


def test_a_file_that_is_deleted_while_in_use_is_made_anew(tmp_path, caplog):
    """One warning; all who use the folder still share one budget, and what is made is ours."""
    now = Moment(time.time(), time.monotonic())
    one, other = (Ledger(tmp_path, KEY, ORIGIN, clock=lambda: now) for _ in range(2))
    with closing(one), closing(other):
        booked = one.reserve(is_paid=False)
        other.reserve(is_paid=False)
        for file in tmp_path.iterdir():
            file.unlink()
        assert one.reserve(is_paid=False, reservation=booked).booked_at == booked.booked_at
        one.release(booked)
        assert one.reserve(is_paid=False).delay == 0
        other.reserve(is_paid=False)
        assert one.budget().day.used == other.budget().day.used == used(tmp_path) == 2
    assert len(caplog.records) == 1


def test_a_file_that_is_replaced_by_another_programs_is_left_alone(tmp_path, caplog):
    """While in use: two warnings at most, and the other program's file stays as it is."""
    with closing(Ledger(tmp_path, "pxk_replaced", ORIGIN)) as ledger:
        ledger.reserve(is_paid=False)
        for file in tmp_path.iterdir():
            file.unlink()
        foreign(tmp_path)
        before = (tmp_path / "budget.sqlite3").read_bytes()
        assert ledger.reserve(is_paid=False).delay == 0
        assert (tmp_path / "budget.sqlite3").read_bytes() == before
    assert 1 <= len(caplog.records) <= 2


def test_processes_that_make_the_file_at_once_share_one(tmp_path):
    """None finds it half made, and none is left out."""
    ready, ledgers = threading.Barrier(12), [Ledger(tmp_path, KEY, ORIGIN) for _ in range(12)]

    def first_use(ledger):
        ready.wait()
        ledger.reserve(is_paid=False)

    threads = [threading.Thread(target=first_use, args=(ledger,)) for ledger in ledgers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for ledger in ledgers:
        ledger.close()
    assert used(tmp_path) == 12
    assert [each.name for each in tmp_path.iterdir() if each.name.endswith(".part")] == []


WITHOUT_SQLITE = """
import sys, logging
sys.modules["sqlite3"] = sys.modules["_sqlite3"] = None  # as in a Python that was built without it
logging.basicConfig(format="%(levelname)s %(message)s")
from pixola_ext import Pixola
with Pixola("pxk_without") as one, Pixola("pxk_without") as other:
    one._driver.ledger.reserve(is_paid=False)
    assert one.budget.day.used == other.budget.day.used == 1
"""


def test_without_sqlite_the_budget_is_kept_in_memory(tmp_path, monkeypatch):
    """Some builds of Python come without it: the clients of a process share one budget, with one warning."""
    monkeypatch.setenv("PIXOLA_STATE_DIR", str(tmp_path))
    status, output = run(WITHOUT_SQLITE, tmp_path)
    assert (status, output.count("the request budget cannot be kept")) == (0, 1), output
    assert "counts in memory" in output


def test_a_file_that_breaks_in_use_is_replaced_too(tmp_path, caplog):
    """What was booked there keeps its time."""
    with closing(Ledger(tmp_path, "pxk_breaks", ORIGIN)) as ledger:
        ledger.reserve(is_paid=False)
        booked = ledger.reserve(is_paid=False)
        with closing(sqlite3.connect(tmp_path / "budget.sqlite3")) as database:
            database.executescript("DROP TABLE requests; DROP TABLE pauses")
        assert ledger.reserve(is_paid=False, reservation=booked).booked_at == booked.booked_at
        ledger.release(booked)
        assert ledger.reserve(is_paid=False).delay == 0
    assert len(caplog.records) == 1


def test_threads_do_not_find_out_one_by_one_that_a_file_is_locked(tmp_path, monkeypatch, caplog):
    """All who wait for it go on in memory as soon as the first has waited in vain."""
    monkeypatch.setattr(state_file, "_LOCK_TIMEOUT", 0.5)
    used(tmp_path)
    with closing(sqlite3.connect(tmp_path / "budget.sqlite3", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with closing(Ledger(tmp_path, "pxk_patient", ORIGIN)) as ledger:
            threads = [threading.Thread(target=ledger.reserve, kwargs={"is_paid": False}) for _ in range(10)]
            for thread in threads:
                thread.start()
            latest = time.monotonic() + 3  # one by one they would take five
            for thread in threads:
                thread.join(timeout=max(latest - time.monotonic(), 0))
            assert not any(thread.is_alive() for thread in threads)
            assert ledger.budget().day.used == 10
    assert len(caplog.records) == 1


FULL = """
import resource, sys, logging
from pathlib import Path
from pixola_ext._budget.ledger import Ledger
logging.basicConfig(format="%(levelname)s")
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))  # what a full disk does, to this process alone
ledger = Ledger(Path(sys.argv[1]), "pxk_full", "https://pixola.example")
for used in range(1, 21):
    ledger.release(ledger.reserve(is_paid=False))
    ledger.reserve(is_paid=False)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of a file's size on this platform")
def test_a_full_disk_stops_no_call(tmp_path):
    """The write that fails is done in memory."""
    assert run(FULL, tmp_path) == (0, "WARNING\n")


# -- where it is -------------------------------------------------------------------------------------------------------

HOME = Path("/home/user")


@pytest.mark.parametrize(
    ("platform", "environ", "folder"),
    [
        ("linux", {}, HOME / ".local/state/pixola"),
        ("linux", {"XDG_STATE_HOME": "/var/state"}, Path("/var/state/pixola")),
        ("linux", {"XDG_STATE_HOME": "relative"}, HOME / ".local/state/pixola"),
        ("linux", {"XDG_STATE_HOME": ""}, HOME / ".local/state/pixola"),
        ("freebsd14", {}, HOME / ".local/state/pixola"),
        ("darwin", {"XDG_STATE_HOME": "/var/state"}, HOME / "Library/Application Support/pixola"),
        ("win32", {"LOCALAPPDATA": "/c/Local"}, Path("/c/Local/pixola")),
        ("win32", {}, HOME / "AppData/Local/pixola"),
        ("linux", {"PIXOLA_STATE_DIR": "/srv/pixola", "XDG_STATE_HOME": "/var/state"}, Path("/srv/pixola")),
        ("darwin", {"PIXOLA_STATE_DIR": "/srv/pixola"}, Path("/srv/pixola")),
    ],
)
def test_the_state_is_where_the_platform_keeps_it_or_where_the_user_says(platform, environ, folder):
    """`PIXOLA_STATE_DIR` first, then the platform's variable if it is absolute, then its usual place."""
    assert state_folder(environ, platform=platform, home=lambda: HOME) == folder


def test_a_user_without_a_home_has_no_folder():
    """And the budget is kept in memory."""

    def homeless():
        raise RuntimeError

    assert state_folder({}, platform="linux", home=homeless) is None
    with closing(Ledger(None, "pxk_homeless", ORIGIN)) as ledger:
        assert ledger.reserve(is_paid=False).delay == 0
