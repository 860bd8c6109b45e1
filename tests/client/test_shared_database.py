"""The database that machines share: how it is named, made, changed and refused, and what happens when it dies."""

import subprocess
import sys
from contextlib import closing, suppress

import pytest
import sqlalchemy as sa

from pixola_ext import Pixola
from pixola_ext._budget.ledger import Ledger
from pixola_ext._budget.limits import Limits
from pixola_ext._budget.records import Moment
from pixola_ext._budget.shared import SharedStore
from pixola_ext._bulk.shared import schema_of
from pixola_ext._flows import submission
from pixola_ext._flows.ownership import answered, begin, left_open, lose, new_entry
from pixola_ext._journal.entries import MemoryRows
from pixola_ext._journal.journal import Journal
from pixola_ext._journal.shared import SharedJournal
from pixola_ext._state import database as databases
from pixola_ext._state.database import Database
from pixola_ext._state.errors import RefusedError, UnreachableError
from pixola_ext._state.migrations import STEPS, migrate
from pixola_ext.errors import BadRequestError, ConfigurationError, ConnectError
from pixola_ext.models import BatchSummary
from tests.support.command import environment, sandbox
from tests.support.many import collect
from tests.support.postgres import postgres as started
from tests.support.wire import error, reply

KEY, ORIGIN = "pxk_shared_0123456789", "https://pixola.example"
PASSWORD = "s3cret-of-the-database"
NOW = 1_000_000.0
PROCESSES = 8


@pytest.fixture(scope="module")
def _own():
    with started() as server:
        yield server


@pytest.fixture
def own(_own):
    """A server that a test may stop; it is started again."""
    yield _own
    if not _own.is_running():
        _own.start()


@pytest.fixture
def impatient(monkeypatch):
    """A database may be silent for no time at all."""
    monkeypatch.setattr(databases, "OUTAGE_SECONDS", 0.0)
    monkeypatch.setattr(databases, "_AGAIN_SECONDS", 0.0)


def journal_at(url, folder):
    """The journal in a database."""
    return Journal(folder, KEY, ORIGIN, MemoryRows(), shared=SharedJournal(Database.at(url)))


def engine_of(url):
    """The database as SQLAlchemy sees it, without anything of ours."""
    return sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"), poolclass=sa.NullPool)


# -- the setting -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["no url", f"mysql://me:{PASSWORD}@host/name", "sqlite:///a.db", f"//me:{PASSWORD}@x"])
def test_a_url_of_something_else_is_refused_at_once(face, url):
    """One line that names the setting and shows no password."""
    with pytest.raises(ConfigurationError) as caught:
        face.open(KEY, database_url=url)
    assert caught.value.setting == "database_url"
    assert PASSWORD not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_password_is_in_no_repr(database_url):
    """Neither a client nor its settings show the URL."""
    with Pixola(KEY, database_url=database_url) as px:
        assert "postgresql" not in repr(px) + repr(px._settings)


def test_a_database_that_does_not_answer_is_told_before_anything_is_sent(face, service):
    """Nothing listens there: one line with the place, and no request."""
    url = f"postgresql://me:{PASSWORD}@127.0.0.1:9/pixola"
    client = face.open(KEY, service.url, database_url=url)
    for call in (client.credits, lambda: client.submit("a fox")):
        with pytest.raises(ConfigurationError, match=r"database_url: 127\.0\.0\.1/pixola does not answer") as caught:
            call()
        assert PASSWORD not in str(caught.value)
    assert service.heard == []
    face.close(client)


def test_a_role_without_rights_and_a_missing_database_are_named(face, service, postgres, database_url):
    """What the server says is passed on in one line."""
    with suppress(Exception):
        postgres.execute("CREATE ROLE weak LOGIN")
    weak = postgres.url_of(database_url.split("/")[3].partition("?")[0], user="weak")
    for url, reason in ((weak, "permission denied"), (postgres.url_of("nowhere"), 'database "nowhere" does not exist')):
        client = face.open(KEY, service.url, database_url=url)
        with pytest.raises(ConfigurationError, match=reason):
            client.credits()
        face.close(client)
    assert service.heard == []


def test_without_the_setting_nothing_of_it_is_imported(tmp_path):
    """SQLAlchemy and the driver are an extra."""
    program = (
        "import sys\nsys.modules['sqlalchemy'] = sys.modules['psycopg'] = None\n"
        "from pixola_ext import ConfigurationError, Pixola\n"
        "with Pixola('pxk_1') as px: print(px.budget.minute.left)\n"
        "try: Pixola('pxk_1', database_url='postgresql://x/y')\n"
        "except ConfigurationError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    left, error = done.stdout.splitlines()
    assert left == "30"
    assert "pixola-ext[cluster]" in error


def test_the_environment_names_it(face, service, database_url, monkeypatch):
    """`PIXOLA_DATABASE_URL` is read when no argument is given; the sandbox in the process ignores it."""
    monkeypatch.setenv("PIXOLA_DATABASE_URL", database_url)
    service.plays(reply({"balance": 1, "plan": "free"}))
    client = face.open(KEY, service.url, budget=True)
    assert client.credits().balance == 1
    face.close(client)
    with engine_of(database_url).connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM pixola.requests")).scalar() == 1
    monkeypatch.setenv("PIXOLA_DATABASE_URL", "postgresql://127.0.0.1:9/none")
    with Pixola.sandbox() as px:
        assert px.generate("a fox").completed


# -- versions ----------------------------------------------------------------------------------------------------------


def test_a_database_of_the_first_version_is_migrated_with_its_rows(database_url, tmp_path):
    """What was written down before is there after."""
    with engine_of(database_url).begin() as connection:
        migrate(connection, STEPS[:1])
        connection.execute(sa.text("INSERT INTO pixola.salt VALUES (1, :salt)"), {"salt": bytes(16)})
        connection.execute(
            sa.text(
                "INSERT INTO pixola.submissions VALUES ('e1', 'a', NULL, 'd', 1, 2, 3, 'o', NULL, NULL, 'bt_1', true)"
            )
        )
    with closing(journal_at(database_url, tmp_path)) as kept:
        assert kept.run(lambda rows: rows.unsettled()) == []
    with engine_of(database_url).connect() as connection:
        assert connection.execute(sa.text("SELECT number FROM pixola.version")).scalar() == len(STEPS)
        assert connection.execute(sa.text("SELECT batch_id FROM pixola.submissions")).scalar() == "bt_1"
        assert connection.execute(sa.text("SELECT count(*) FROM pixola.runs")).scalar() == 0


def test_a_newer_version_is_refused_by_name_and_stays_as_it_is(database_url, tmp_path):
    """The error names the place and both versions."""
    with engine_of(database_url).begin() as connection:
        migrate(connection)
        connection.execute(sa.text("UPDATE pixola.version SET number = 99"))
    with (
        closing(journal_at(database_url, tmp_path)) as kept,
        pytest.raises(RefusedError, match=f"version 99.*version {len(STEPS)}"),
    ):
        kept.run(lambda rows: rows.unsettled())
    with engine_of(database_url).connect() as connection:
        assert connection.execute(sa.text("SELECT number FROM pixola.version")).scalar() == 99


def test_processes_that_begin_at_once_make_it_once(database_url):
    """Eight of them, on an empty database."""
    program = (
        "import sys; from pixola_ext._state.database import Database\n"
        "sys.stdin.readline()\n"
        "with Database(sys.argv[1]).transaction() as connection:\n"
        "    print(connection.exec_driver_sql('SELECT number FROM pixola.version').scalar())\n"
    )
    command = [sys.executable, "-c", program, database_url]
    begun = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(PROCESSES)
    ]
    said = [process.communicate("go\n")[0] for process in begun]
    assert said == [f"{len(STEPS)}\n"] * PROCESSES


# -- a database that dies ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_without_the_database_nothing_is_paid_for_and_looking_goes_on(face, service, own, impatient, mode):
    """A submission stops with an error that says how to go on; with the database back, it is sent."""
    service.plays(
        reply({"balance": 1}), reply({"balance": 2}), reply({"batches": []}), reply({"batchId": "bt_1"}, status=202)
    )
    client = face.open(KEY, service.url, database_url=own.new_url(), budget=True)
    assert client.credits().balance == 1
    own.stop(mode)
    with pytest.raises(ConfigurationError, match="database_url.*nothing was sent.*goes on"):
        client.submit("a fox")
    assert client.credits().balance == 2
    assert len(service.heard) == 2
    own.start()
    assert client.submit("a fox").batch_id == "bt_1"
    face.close(client)


def test_an_outage_that_is_short_is_waited_for(face, service, own, time):
    """A restart while requests are made is no error."""
    service.plays(reply({"balance": 1}), reply({"balance": 2}))
    client = face.open(KEY, service.url, database_url=own.new_url(), budget=True, clock=time.clock())
    client.credits()
    own.stop()
    time.sleep = lambda seconds: own.start() if seconds == 0.5 else None  # the server is back while the driver waits

    async def async_sleep(seconds):
        time.sleep(seconds)

    client_clock = client._target if hasattr(client, "_target") else client
    driver = client_clock._driver
    driver._clock = driver._clock._replace(sleep=time.sleep, async_sleep=async_sleep)
    driver._rest = time.sleep
    assert client.credits().balance == 2
    face.close(client)


@pytest.mark.parametrize("ending", ["answered", "lost"])
def test_what_became_of_a_submission_waits_for_the_database(own, impatient, tmp_path, ending):
    """It is in a private file until then, and in the journal after; also when another process finds the file."""
    url = own.new_url()
    with closing(journal_at(url, tmp_path)) as kept:
        entry = kept.run(lambda rows: begin(rows, new_entry({"prompt": "a fox"}, NOW, 60.0)))
        own.stop("immediate")
        if ending == "answered":
            kept.run(lambda rows: answered(rows, entry, "bt_1"), is_result=True)
        else:
            kept.run(lambda rows: lose(rows, entry, NOW + 1, 0.0), is_result=True)
        with pytest.raises(UnreachableError):
            kept.run(lambda rows: begin(rows, new_entry({"prompt": "b"}, NOW, 60.0)))
        (waiting,) = tmp_path.glob("waiting-*")
        assert waiting.stat().st_mode & 0o777 == 0o600
        own.start()
        if ending == "answered":
            assert list(kept.run(lambda rows: rows.owners(["bt_1"]))) == ["bt_1"]
            assert kept.run(lambda rows: rows.unsettled()) == []
        else:
            assert [each.entry_id for each in kept.run(lambda rows: left_open(rows, NOW + 100))] == [entry.entry_id]
        assert list(tmp_path.glob("waiting-*")) == []


def test_what_a_killed_process_left_waiting_is_written_down_by_the_next(own, impatient, tmp_path):
    """The file of a process that has ended is taken over; one that is alive keeps its own."""
    url = own.new_url()
    with closing(journal_at(url, tmp_path)) as kept:
        entry = kept.run(lambda rows: begin(rows, new_entry({"prompt": "a fox"}, NOW, 60.0)))
        own.stop()
        kept.run(lambda rows: answered(rows, entry, "bt_1"), is_result=True)
        (waiting,) = tmp_path.glob("waiting-*")
        own.start()
        with closing(journal_at(url, tmp_path)) as living:
            assert living.run(lambda rows: rows.owners(["bt_1"])) == {}
        ended = subprocess.Popen([sys.executable, "-c", ""])
        ended.wait()
        text = waiting.read_text()
        own_id = text.partition('"process": "')[2].partition("@")[0]
        waiting.write_text(text.replace(f'"{own_id}@', f'"{ended.pid}@', 1))
        with closing(journal_at(url, tmp_path)) as next_one:
            assert list(next_one.run(lambda rows: rows.owners(["bt_1"]))) == ["bt_1"]
        assert list(tmp_path.glob("waiting-*")) == []


def test_requests_without_the_database_are_few(own, impatient):
    """What costs nothing is counted in the process meanwhile, three in a minute."""
    with closing(Ledger(None, KEY, ORIGIN, shared=SharedStore(Database.at(own.new_url())))) as ledger:
        assert ledger.reserve(is_paid=False).delay < 1
        own.stop("immediate")
        delays = [ledger.reserve(is_paid=False).delay for _ in range(4)]
        assert max(delays[:3]) < 1
        assert delays[3] > 5
        with pytest.raises(UnreachableError):
            ledger.reserve(is_paid=True)


# -- machines ----------------------------------------------------------------------------------------------------------


def test_two_machines_keep_one_budget(database_url, tmp_path):
    """What one has sent the other counts: thirty in a minute together, and none too many for the service."""
    program = (
        "import sys; from pixola_ext import Pixola, QuotaExhaustedError\n"
        "sent = 0\n"
        "with Pixola(timeout=8, max_retries=0) as px:\n"
        "    try:\n"
        "        while sent < int(sys.argv[1]): px.credits(); sent += 1\n"
        "    except QuotaExhaustedError: pass\n"
        "print(sent)\n"
    )
    with sandbox("--latency", "0") as served:
        sent = []
        for name, most in (("one", "18"), ("other", "40")):
            environ = environment(
                **served.settings, PIXOLA_STATE_DIR=str(tmp_path / name), PIXOLA_DATABASE_URL=database_url
            )
            command = [sys.executable, "-c", program, most]
            done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
            sent.append(int(done.stdout))
    assert sent == [18, 12]


def test_what_the_database_took_is_no_time_to_wait(database_url):
    """A caller that slept from the end of a slow transaction on would come too late for its place, again and again."""
    steady = 100.0

    def slow(_connection):
        nonlocal steady
        steady += 1.0
        return NOW + steady

    store = SharedStore(Database.at(database_url), slow)
    apart = Limits(spacing=3.0)
    with closing(Ledger(None, KEY, ORIGIN, clock=lambda: Moment(NOW, steady), limits=apart, shared=store)) as ledger:
        ledger.reserve(is_paid=False)
        second = ledger.reserve(is_paid=False)
        assert second.booked_at is not None
        assert second.delay == pytest.approx(second.booked_at - steady)
        steady += second.delay
        assert ledger.reserve(is_paid=False, reservation=second).booked_at == second.booked_at


def test_a_sender_that_was_stopped_for_too_long_sends_nothing(face, service, database_url, time):
    """It wakes after the time in which others wait for it: the intent is withdrawn, and no request leaves."""
    service.plays(reply({"batches": []}))
    client = face.open(KEY, service.url, database_url=database_url, clock=time.clock(), max_retries=0)
    with pytest.MonkeyPatch.context() as patch:

        def frozen(rows, entry):
            found = begin(rows, entry)
            time.elapsed += 500.0
            return found

        patch.setattr(submission, "begin", frozen)
        with pytest.raises(ConnectError, match="held up for too long"):
            client.submit("a fox")
    assert client.pending() == []
    assert [heard.method for heard in service.heard] == ["GET"]
    face.close(client)


# -- money -------------------------------------------------------------------------------------------------------------

NEWEST = "SELECT xmin::text FROM pixola.requests ORDER BY number DESC LIMIT 1"
ENTRY = "SELECT xmin::text FROM pixola.submissions"
UNFINISHED = (
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND application_name = 'pixola-ext' AND xact_start IS NOT NULL"
)


def refusing(url, statements, seen):
    """A script of the service that runs statements in the database before it refuses a submission."""

    def script(heard):
        if heard.method == "GET":
            return reply({"batches": []})
        with engine_of(url).connect() as connection:
            seen.extend(connection.execute(sa.text(each)).scalar() for each in statements)
        return error(400, "bad_request")

    return script


def test_the_place_and_the_entry_of_a_submission_are_one_transaction(face, service, database_url):
    """It is over when the request is sent."""
    seen = []
    service.script = refusing(database_url, (NEWEST, ENTRY, UNFINISHED), seen)
    client = face.open(KEY, service.url, database_url=database_url, budget=True)
    with pytest.raises(BadRequestError):
        client.submit("a fox")
    face.close(client)
    place, entry, unfinished = seen
    assert place == entry is not None
    assert unfinished == 0


def test_the_place_the_entry_and_the_intent_of_an_item_are_one_transaction(
    face, service, database_url, tmp_path, monkeypatch
):
    """The row of an item is that of its intent: whoever reads it knows that there is an entry for it."""
    monkeypatch.setenv("PIXOLA_STATE_DIR", str(tmp_path / "state"))
    seen = []
    item = f"SELECT xmin::text FROM {schema_of(str(tmp_path))}.bulk_items"  # noqa: S608  (a name of our own)
    service.script = refusing(database_url, (NEWEST, ENTRY, item), seen)
    client = face.open(KEY, service.url, database_url=database_url, budget=True)
    outcomes = collect(face, client.generate_many(["a fox"], ledger=tmp_path, concurrency=1))
    face.close(client)
    assert [type(outcome.error) for outcome in outcomes] == [BadRequestError]
    assert len(seen) == 3
    assert len(set(seen)) == 1


@pytest.mark.parametrize("is_shared", [True, False])
def test_what_cannot_be_written_down_takes_no_place(face, service, database_url, is_shared, monkeypatch):
    """Nothing is sent, nothing is left in the journal, and the place in the minute is free again."""

    def failing(rows, entry):
        raise RuntimeError("no room")

    service.plays(reply({"batches": []}))
    options = {"database_url": database_url} if is_shared else {}
    client = face.open(KEY, service.url, budget=True, **options)
    monkeypatch.setattr(submission, "begin", failing)
    with pytest.raises(RuntimeError, match="no room"):
        client.submit("a fox")
    assert [heard.method for heard in service.heard] == ["GET"]
    assert client.budget.minute.left == 29
    assert client.pending() == []
    face.close(client)


def test_a_transaction_inside_another_one_is_a_part_of_it(database_url):
    """It has its own schema for the tables without one; what fails undoes both, also when only the outer one does."""
    database, table = Database.at(database_url), sa.Table("notes", sa.MetaData(), sa.Column("text", sa.Text))
    schemas = ("one", "two")
    for schema in schemas:
        with database.transaction(schema=schema) as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
            table.create(connection)

    def write(failure):
        with database.transaction(schema="one") as outer:
            outer.execute(sa.insert(table).values(text="outer"))
            with database.transaction(schema="two") as inner:
                inner.execute(sa.insert(table).values(text="inner"))
            outer.execute(sa.insert(table).values(text="outer again"))
            if failure is not None:
                raise failure

    with pytest.raises(KeyError):
        write(KeyError())
    write(None)
    kept = []
    for schema in schemas:
        with database.transaction(schema=schema) as connection:
            kept.append(list(connection.execute(sa.select(table)).scalars()))
    assert kept == [["outer", "outer again"], ["inner"]]
    database.close()


def test_journals_of_two_machines_never_give_a_batch_twice(database_url, tmp_path):
    """What one owns the other sees, whatever their state folders."""
    one, other = (journal_at(database_url, tmp_path / name) for name in ("one", "other"))
    with closing(one), closing(other):
        entry = one.run(lambda rows: begin(rows, new_entry({"prompt": "a fox"}, NOW, 60.0)))
        one.run(lambda rows: answered(rows, entry, "bt_1"))
        assert list(other.run(lambda rows: rows.owners([BatchSummary("bt_1").batch_id]))) == ["bt_1"]
