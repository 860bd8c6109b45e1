"""The file of a ledger: private, shared by threads and processes, and opened only if it is one of ours."""

import multiprocessing
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections import Counter
from contextlib import closing

import pytest

from pixola_ext._bulk.items import State, new_owner
from pixola_ext._bulk.ledger import FILE_NAME
from pixola_ext._bulk.opening import open_ledger
from pixola_ext._state.errors import StoreError
from pixola_ext.errors import ConfigurationError
from tests.bulk.runs import LEASE, NOW, made, sent

ITEMS = 200


def raw(folder):
    """The file as SQLite sees it."""
    return closing(sqlite3.connect(folder / FILE_NAME, isolation_level=None))


def opened(folder):
    """The ledger in a folder, closed at the end."""
    return closing(open_ledger(folder))


# -- the file ----------------------------------------------------------------------------------------------------------


def test_the_file_is_private(tmp_path):
    """Only its user can read the file and its companions; the folder is made."""
    folder = tmp_path / "new" / "pictures"
    with opened(folder) as ledger:
        ledger.add(made(1))
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert FILE_NAME in modes
    assert set(modes.values()) == {0o600}


def test_the_file_is_of_this_version(tmp_path):
    """Its header says what it is, and what is in it is there after it was closed."""
    with opened(tmp_path) as ledger:
        ledger.add(made(2))
    with raw(tmp_path) as database:
        stamp = [database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
    assert stamp == [0x50784C62, 2]
    with opened(tmp_path) as ledger:
        assert ledger.totals().counts == {State.WAITING: 2}


def test_a_ledger_of_version_1_is_brought_up(tmp_path):
    """Its items are there, can be changed, and the file says its new version; opening it again changes nothing."""
    with opened(tmp_path) as ledger:
        ledger.add(made(2))
    with raw(tmp_path) as database:
        database.execute("ALTER TABLE bulk_items DROP COLUMN mapped")
        database.execute("UPDATE bulk_options SET value = '1' WHERE name = 'version'")
        database.execute("PRAGMA user_version=1")
    for _ in range(2):
        with opened(tmp_path) as ledger:
            assert [(item.number, item.mapped) for item in ledger.items()] == [(1, {}), (2, {})]
    with raw(tmp_path) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (2,)


def test_a_newer_version_is_refused(tmp_path):
    """The error names the file and both versions, and the file stays as it is."""
    with opened(tmp_path):
        pass
    with raw(tmp_path) as database:
        database.execute("UPDATE bulk_options SET value = '7' WHERE name = 'version'")
    with pytest.raises(ConfigurationError) as raised:
        open_ledger(tmp_path)
    for expected in (str(tmp_path / FILE_NAME), "version 7", "version 2"):
        assert expected in str(raised.value)
    with raw(tmp_path) as database:
        assert database.execute("SELECT value FROM bulk_options WHERE name = 'version'").fetchone() == ("7",)


@pytest.mark.parametrize("content", [b"a file of mine\n" * 999, "CREATE TABLE mine (id)", "PRAGMA application_id=7"])
def test_a_file_of_another_program_is_refused(tmp_path, content):
    """Text, or the database of another program, is named and left as it is."""
    path = tmp_path / FILE_NAME
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        with raw(tmp_path) as database:
            database.execute(content)
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match=FILE_NAME):
        open_ledger(tmp_path)
    assert path.read_bytes() == before


def test_a_file_that_was_never_filled_is_made(tmp_path):
    """A process that was killed while it made the file leaves an empty one, which is filled."""
    (tmp_path / FILE_NAME).touch()
    with opened(tmp_path) as ledger:
        assert ledger.add(made(1)).new == 1


def test_a_folder_that_cannot_be_used_is_named(tmp_path):
    """A file where the folder should be is an error of configuration."""
    (tmp_path / "taken").write_text("")
    with pytest.raises(ConfigurationError, match="taken"):
        open_ledger(tmp_path / "taken")


@pytest.mark.parametrize("url", ["no url", "nodatabase://here/it", "sqlite+nodriver://"])
def test_a_url_that_cannot_be_used_is_refused(url):
    """A URL without a driver for it is an error of configuration."""
    with pytest.raises(ConfigurationError, match="ledger"):
        open_ledger(url)


def test_a_url_decides_the_database(tmp_path):
    """A URL of SQLite is the file that it names."""
    with closing(open_ledger(f"sqlite:///{tmp_path}/other.db")) as ledger:
        ledger.add(made(1))
    assert (tmp_path / "other.db").exists()


def test_a_missing_library_is_named(tmp_path):
    """Without SQLAlchemy the error says what to install; nothing else of a run needs it."""
    program = (
        "import sys; sys.modules['sqlalchemy'] = None\n"
        "import pathlib, pixola_ext._bulk.memory, pixola_ext._bulk.opening as opening\n"
        "try: opening.open_ledger(pathlib.Path(sys.argv[1]))\n"
        "except opening.ConfigurationError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=True)
    assert "pixola-ext[bulk]" in done.stdout


def test_nothing_is_sent_without_a_ledger(tmp_path):
    """When the file was deleted, or the disk is full, the intent is an error that says so."""
    with opened(tmp_path) as ledger:
        ledger.add(made(2))
        first, second = ledger.claim(new_owner(), NOW, LEASE, 2)
        with ledger.transaction() as rows:
            (pages,) = rows._connection.exec_driver_sql("PRAGMA page_count").one()
            rows._connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        with pytest.raises(StoreError, match="full"):
            ledger.intend(first, NOW, entry_id="e" * 100_000)
        assert ledger.get(1) == first
        (tmp_path / FILE_NAME).unlink()
        with pytest.raises(StoreError, match="deleted"):
            ledger.intend(second, NOW)


def test_an_error_holds_no_prompt(tmp_path):
    """What is raised for a failed statement names the file and the reason, not the values."""
    with opened(tmp_path) as ledger:
        ledger.add(made(1))
        with raw(tmp_path) as database:
            database.execute("DROP TABLE bulk_items")
        with pytest.raises(StoreError) as raised:
            ledger.add(made(1))
    assert FILE_NAME in str(raised.value)
    assert "picture 0" not in str(raised.value)


@pytest.mark.parametrize("damage", ["request = '{'", "state = 'odd'", "baseline = '[1]'"])
def test_a_damaged_item_is_an_error(tmp_path, damage):
    """What nothing here has written is not taken for an item."""
    with opened(tmp_path) as ledger:
        ledger.add(made(1))
        with raw(tmp_path) as database:
            database.execute(f"UPDATE bulk_items SET {damage}")  # noqa: S608  (the words above)
        with pytest.raises(StoreError, match="damaged"):
            list(ledger.items())


# -- threads and processes ---------------------------------------------------------------------------------------------


def claim_all(ledger, owner):
    """The numbers of all items that this run gets, a few at a time."""
    numbers = []
    while claimed := ledger.claim(owner, NOW, LEASE, 3):
        for item in claimed:
            numbers.append(item.number)
            assert ledger.submitted(ledger.intend(item, NOW), f"b{item.number}")
    return numbers


def claim_in_a_process(folder, results):
    with opened(folder) as ledger:
        results.put(claim_all(ledger, new_owner()))


def assert_each_once(results):
    assert sorted(number for numbers in results for number in numbers) == list(range(1, ITEMS + 1))


def test_processes_share_the_items(tmp_path):
    """Four processes claim from one file, and none gets what another one has."""
    with opened(tmp_path) as ledger:
        ledger.add(made(ITEMS))
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    processes = [context.Process(target=claim_in_a_process, args=(tmp_path, results)) for _ in range(4)]
    for process in processes:
        process.start()
    found = [results.get(timeout=120) for _ in processes]
    for process in processes:
        process.join()
    assert_each_once(found)
    with opened(tmp_path) as ledger:
        assert ledger.totals().counts == {State.SUBMITTED: ITEMS}


def test_threads_share_the_items(ledger):
    """Eight threads claim from one ledger, and none gets what another one has."""
    ledger.add(made(ITEMS))
    found = []
    threads = [threading.Thread(target=lambda: found.append(claim_all(ledger, new_owner()))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert_each_once(found)


def test_processes_share_the_ceiling(tmp_path):
    """Four processes that claim at once do not exceed the credits together."""
    with opened(tmp_path) as ledger:
        ledger.add(made(ITEMS, price=3))
    program = (
        "import pathlib, sys; from pixola_ext._bulk.items import new_owner\n"
        "from pixola_ext._bulk.opening import open_ledger\n"
        "ledger, owner = open_ledger(pathlib.Path(sys.argv[1])), new_owner()\n"
        "while items := ledger.claim(owner, 0.0, 600.0, 1, max_credits=100):\n"
        "    assert ledger.intend(items[0], 0.0, max_credits=100)\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", program, tmp_path]) for _ in range(4)]
    assert [process.wait() for process in processes] == [0] * 4
    with opened(tmp_path) as ledger:
        assert ledger.totals().reserved == 99


def test_an_intent_survives_a_kill(tmp_path):
    """After SIGKILL right behind an intent, the next run finds it, and takes it over at once."""
    with opened(tmp_path) as ledger:
        ledger.add(made(3))
    program = (
        "import os, pathlib, sys; from tests.bulk.runs import sent; from pixola_ext._bulk.items import new_owner\n"
        "from pixola_ext._bulk.opening import open_ledger\n"
        "sent(open_ledger(pathlib.Path(sys.argv[1])), new_owner(), 2); os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, tmp_path], check=False)
    assert done.returncode == -signal.SIGKILL
    with opened(tmp_path) as ledger:
        taken = ledger.take_over(new_owner(), NOW, LEASE)
        assert [(item.number, item.state, item.entry_id) for item in taken] == [
            (1, State.SENDING, "e1"),
            (2, State.SENDING, "e2"),
        ]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_child_has_connections_of_its_own(ledger):
    """A child goes on with the ledger of its parent without using the parent's connection."""
    ledger.add(made(2))
    child = os.fork()
    if not child:
        try:
            os._exit(len(sent(ledger, new_owner())))
        finally:
            os._exit(99)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
    claimed = Counter(item.state for item in ledger.items())
    assert claimed[State.WAITING] == len(ledger.claim(new_owner(), NOW, LEASE, 5))
