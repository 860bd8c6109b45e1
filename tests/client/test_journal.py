"""The journal of submissions: the same in memory and on disk, private, shared by processes, never a reason to fail."""

import errno
import logging
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing

import pytest

from pixola_ext._flows.matching import Candidate, Listing
from pixola_ext._flows.ownership import answered, begin, claim, left_open, lose, new_entry, saw, withdraw
from pixola_ext._journal.entries import Baseline, MemoryRows, forget_old
from pixola_ext._journal.journal import Journal
from pixola_ext._journal.shared import SharedJournal
from pixola_ext._state import state_file
from pixola_ext._state.database import Database
from pixola_ext._state.processes import has_ended, this_process
from pixola_ext.models import BatchSummary
from tests.support.measuring import unmeasured

KEY, ORIGIN = "pxk_journaled", "https://pixola.example"
SECRET = "a lighthouse that must stay secret"
FILE = "submissions.sqlite3"
NOW = 1_000_000.0


def journal_in(folder, key=KEY, origin=ORIGIN):
    """A journal kept in `folder`, or in memory."""
    return closing(Journal(folder, key, origin, MemoryRows()))


def begun(kept, prompt=SECRET, now=NOW, **members):
    """An entry for a submission that is on its way."""
    entry = new_entry({"prompt": prompt, **members}, now, 60.0)
    return kept.run(lambda rows: begin(rows, entry))


def is_open(kept, now=NOW + 100):
    """The prompts of the submissions whose fate is open."""
    return [entry.request["prompt"] for entry in kept.run(lambda rows: left_open(rows, now))]


@pytest.fixture(params=["file", "memory", "postgres"])
def kept(request, tmp_path):
    """A journal, on disk, in memory and in PostgreSQL."""
    if request.param == "postgres":
        database = Database.at(request.getfixturevalue("database_url"))
        with closing(Journal(tmp_path, KEY, ORIGIN, MemoryRows(), shared=SharedJournal(database))) as made:
            yield made
        return
    with journal_in(tmp_path if request.param == "file" else None) as made:
        yield made


# -- what is kept ------------------------------------------------------------------------------------------------------


def test_an_entry_is_open_until_its_fate_is_known(kept):
    """Refused it is gone, answered it has its batch and no text any more, lost it stays."""
    refused, accepted, lost = (begun(kept, prompt) for prompt in ("refused", "accepted", "lost"))
    kept.run(lambda rows: withdraw(rows, refused))
    assert kept.run(lambda rows: answered(rows, accepted, "bt_1")) is None
    kept.run(lambda rows: lose(rows, lost, NOW + 1, 0.0))
    assert is_open(kept) == ["lost"]
    assert kept.run(lambda rows: rows.entry(refused.entry_id)) is None
    settled = kept.run(lambda rows: rows.entry(accepted.entry_id))
    assert (settled.batch_id, settled.request, settled.is_answered) == ("bt_1", None, True)
    assert kept.run(lambda rows: rows.owners(["bt_1", "bt_2"])) == {"bt_1": settled}


def test_an_entry_comes_back_as_it_was_written(kept):
    """A request of any members, the baseline and every instant."""
    kept.run(lambda rows: saw(rows, [BatchSummary("bt_0")], NOW))
    entry = begun(kept, extra={"unheardOf": 7, "neverSaid": ["a", None, 1.5, True]}, style="ünïcode")
    assert kept.run(lambda rows: rows.entry(entry.entry_id)) == entry
    assert entry.baseline == Baseline("bt_0", NOW)
    lost = kept.run(lambda rows: lose(rows, entry, NOW + 2, 30.0))
    assert (lost.unconfirmed_at, lost.deadline_at) == (NOW + 2, NOW + 32)
    assert kept.run(lambda rows: rows.unsettled()) == [lost]


def test_what_happens_in_an_action_that_fails_has_not_happened(tmp_path):
    """On disk, nothing of it is kept."""

    def failing(rows):
        begin(rows, new_entry({"prompt": "half"}, NOW, 60.0))
        raise RuntimeError

    with journal_in(tmp_path) as kept:
        with pytest.raises(RuntimeError):
            kept.run(failing)
        assert is_open(kept) == []


def test_old_entries_are_forgotten_unconfirmed_ones_last(kept):
    """A batch is known as taken for a week, and an open fate for a month."""
    settled, lost = begun(kept), begun(kept, "lost")
    kept.run(lambda rows: answered(rows, settled, "bt_1"))
    day = 86_400.0
    for days, (owned, left) in {6: (1, 1), 8: (0, 1), 29: (0, 1), 31: (0, 0)}.items():
        kept.run(lambda rows, now=NOW + days * day: forget_old(rows, now))
        assert len(kept.run(lambda rows: rows.owners(["bt_1"]))) == owned
        assert len(is_open(kept)) == left
    assert lost.batch_id is None


def test_the_newest_baseline_is_of_the_submission_that_was_sent_last(kept):
    """Answers may come in another order than submissions went out."""
    first, second = begun(kept, "first", NOW), begun(kept, "second", NOW + 1)
    kept.run(lambda rows: answered(rows, second, "bt_2"))
    kept.run(lambda rows: answered(rows, first, "bt_1"))
    assert kept.run(lambda rows: rows.baseline()) == Baseline("bt_2", NOW + 1)


# -- on disk -----------------------------------------------------------------------------------------------------------


def test_only_its_user_can_read_it_and_neither_key_nor_settled_text_is_in_it(tmp_path):
    """Folder 0700, files 0600; the key is never written, the text of a request goes when its fate is known."""
    folder = tmp_path / "pixola"
    with journal_in(folder) as kept:
        entry = begun(kept)
        files = list(folder.iterdir())
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
        assert any(SECRET.encode() in file.read_bytes() for file in files)
        kept.run(lambda rows: answered(rows, entry, "bt_1"))
    content = b"".join(file.read_bytes() for file in folder.iterdir())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert b"bt_1" in content
    assert SECRET.encode() not in content
    assert KEY.encode() not in content


def test_keys_and_origins_are_kept_apart(tmp_path):
    """A submission of one account is nothing to another."""
    with (
        journal_in(tmp_path) as one,
        journal_in(tmp_path, key="pxk_2") as two,
        journal_in(tmp_path, origin="x") as three,
    ):
        begun(one)
        assert ([is_open(each) for each in (one, two, three)]) == [[SECRET], [], []]


def test_another_process_of_the_machine_sees_what_is_open(tmp_path):
    """The journal is shared as soon as the action is done."""
    code = (
        "import sys; from pathlib import Path; from pixola_ext._journal.journal import Journal\n"
        "from pixola_ext._journal.entries import MemoryRows\n"
        f"kept = Journal(Path(sys.argv[1]), {KEY!r}, {ORIGIN!r}, MemoryRows())\n"
        "print(*[entry.request['prompt'] for entry in kept.run(lambda rows: rows.unsettled())]); kept.close()"
    )
    with journal_in(tmp_path) as kept:
        begun(kept)
        done = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True)
    assert done.stdout == f"{SECRET}\n"


def test_a_closed_journal_opens_again(tmp_path):
    """As connections do."""
    with journal_in(tmp_path) as kept:
        begun(kept)
        kept.close()
        assert is_open(kept) == [SECRET]


FORKING = """
import os, sys
from pathlib import Path
from pixola_ext._journal.entries import MemoryRows
from pixola_ext._journal.journal import Journal
from pixola_ext._flows.ownership import begin, new_entry
memory = MemoryRows()
for kept in (Journal(Path(sys.argv[1]), "pxk_forked", "x", memory), Journal(None, "pxk_forked", "x", memory)):
    kept.run(lambda rows: begin(rows, new_entry({"prompt": "a"}, 1.0, 1.0)))
    memory.lock.acquire()  # as another thread may hold it in the instant of the fork
    child = os.fork()
    if child:
        memory.lock.release()
        assert os.waitpid(child, 0)[1] == 0
        continue
    kept.run(lambda rows: begin(rows, new_entry({"prompt": "b"}, 2.0, 1.0)))
    assert len(kept.run(lambda rows: rows.unsettled())) == 2
    os._exit(0)
kept = Journal(Path(sys.argv[1]), "pxk_forked", "x", memory)
assert len(kept.run(lambda rows: rows.unsettled())) == 2
kept.close()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this platform")
def test_a_forked_child_has_a_connection_and_a_lock_of_its_own(tmp_path):
    """Parent and child write into one file, and a lock held in the parent does not stop the child."""
    with unmeasured():
        done = subprocess.run([sys.executable, "-c", FORKING, tmp_path], timeout=30, check=False)
    assert done.returncode == 0


# -- a file that cannot be used ----------------------------------------------------------------------------------------


def corrupt(folder, monkeypatch):
    """Something else than a database."""
    (folder / FILE).write_bytes(b"not a database, and longer than a header " * 100)


def damaged_inside(folder, monkeypatch):
    """A database whose pages have been overwritten."""
    _used(folder)
    path = folder / FILE
    path.write_bytes(path.read_bytes()[:100] + b"\xff" * (path.stat().st_size - 100))


def of_another_program(folder, monkeypatch):
    """A table of the same name with other columns."""
    _execute(folder, "CREATE TABLE submissions (account, sent_at, name)")


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
    _used(folder)
    monkeypatch.setattr(state_file, "_LOCK_TIMEOUT", 0.05)
    holder = sqlite3.connect(folder / FILE, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    return holder


def without_salt(folder, monkeypatch):
    """A salt of another type than was written."""
    _used(folder)
    _execute(folder, "UPDATE salt SET value = 7")


def of_a_newer_version(folder, monkeypatch):
    """A schema that this version cannot know."""
    _used(folder)
    _execute(folder, "PRAGMA user_version = 99")


def without_sqlite(folder, monkeypatch):
    """A Python that was built without SQLite."""
    monkeypatch.setitem(sys.modules, "sqlite3", None)
    for name in ("_journal.journal_file", "_budget.database", "_state.state_file", "_state.salt"):
        monkeypatch.delitem(sys.modules, f"pixola_ext.{name}", raising=False)


def _used(folder):
    with journal_in(folder) as kept:
        begun(kept)


def _execute(folder, statement):
    with closing(sqlite3.connect(folder / FILE)) as file, file:
        file.execute(statement)


@pytest.mark.parametrize(
    "broken",
    [
        corrupt,
        damaged_inside,
        of_another_program,
        a_file,
        read_only,
        locked,
        without_salt,
        of_a_newer_version,
        without_sqlite,
    ],
    ids=lambda each: each.__name__,
)
def test_a_file_that_cannot_be_used_is_replaced_by_memory_with_one_warning(tmp_path, monkeypatch, caplog, broken):
    """Submissions go on, clients of one account still know of each other's, and the key is not in the log."""
    folder, memory = tmp_path / "state", MemoryRows()
    folder.mkdir()
    holder = broken(folder, monkeypatch)
    caplog.set_level(logging.WARNING, "pixola_ext")
    with (
        closing(Journal(folder, KEY, ORIGIN, memory)) as one,
        closing(Journal(folder, KEY, ORIGIN, memory)) as other,
    ):
        entry = begun(one)
        assert is_open(other) == [SECRET]
        one.run(lambda rows: answered(rows, entry, "bt_1"))
        assert is_open(other) == []
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert str(folder) in caplog.text
    assert KEY not in caplog.text
    if holder is not None:
        holder.close()


def test_a_file_of_a_newer_version_is_left_as_it_is(tmp_path, monkeypatch):
    """Not a byte of what another version needs is touched."""
    of_a_newer_version(tmp_path, monkeypatch)
    before = (tmp_path / FILE).read_bytes()
    with journal_in(tmp_path) as kept:
        begun(kept)
    assert (tmp_path / FILE).read_bytes() == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE submissions SET request = 'half a docu'",
        "UPDATE submissions SET request = '[1]'",
        "UPDATE submissions SET request = '{\"prompt\": 7}'",
        "UPDATE submissions SET request = NULL",
        "UPDATE submissions SET baseline = '{}'",
        "UPDATE submissions SET baseline = '[1, 2, 3]'",
        "UPDATE submissions SET sent_at = 'yesterday'",
        "UPDATE submissions SET owner = x'00'",
        "DROP TABLE submissions",
    ],
)
def test_content_that_sqlite_takes_and_we_do_not_is_a_damaged_file(tmp_path, caplog, statement):
    """It is noticed when it is read, in the middle of things, and what is under way goes on in memory."""
    with journal_in(tmp_path) as kept:
        entry = begun(kept)
        _execute(tmp_path, statement)
        lost = kept.run(lambda rows: lose(rows, entry, NOW, 0.0))
        assert lost.request == {"prompt": SECRET}
        assert is_open(kept) == [SECRET]
    assert len(caplog.records) == 1


def test_threads_that_share_a_journal_take_different_batches(kept):
    """Twelve equal submissions in doubt and twelve batches: each gets one."""
    kept.run(lambda rows: saw(rows, [], NOW))
    lost = [begun(kept) for _ in range(12)]
    listing = Listing([BatchSummary(f"bt_{number}", prompt=SECRET) for number in range(12)])
    candidates = [Candidate(summary) for summary in listing.batches]
    taken, ready = [], threading.Barrier(12)

    def take(entry):
        ready.wait()
        taken.append(kept.run(lambda rows: claim(rows, entry, candidates, listing)))

    threads = [threading.Thread(target=take, args=(entry,)) for entry in lost]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(f"bt_{number}" for number in range(12))


# -- processes ---------------------------------------------------------------------------------------------------------


def test_a_process_has_ended_only_if_that_is_certain():
    """This one has not, one that was waited for has; of another machine and of nonsense nothing can be said."""
    program = subprocess.Popen([sys.executable, "-c", ""])
    program.wait()
    number, _, namespace = this_process().partition("@")
    assert not has_ended(this_process())
    assert has_ended(f"{program.pid}@{namespace}")
    assert not has_ended(f"{number}@elsewhere")
    assert not has_ended(f"{program.pid}@elsewhere")
    assert not any(map(has_ended, ("", "@", f"x@{namespace}", f"{10**30}@{namespace}")))


def test_an_entry_is_left_open_when_its_process_has_ended_or_its_time_is_over(kept):
    """One that a live process is at work on is not listed by anyone."""
    entry = begun(kept)
    assert is_open(kept, NOW + 59) == []
    assert is_open(kept, NOW + 60) == [SECRET]
    assert entry.owner == this_process()
    program = subprocess.Popen([sys.executable, "-c", ""])
    program.wait()
    _, _, namespace = this_process().partition("@")
    kept.run(lambda rows: rows.put(entry._replace(owner=f"{program.pid}@{namespace}")))
    assert is_open(kept, NOW + 1) == [SECRET]
