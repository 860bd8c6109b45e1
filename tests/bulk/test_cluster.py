"""Bulk runs on a cluster of Dask: nothing is lost or paid twice, and what cannot work is refused before it costs."""

import logging
import os
import shutil
import threading
import time
from collections import Counter
from contextlib import contextmanager

import distributed
import pytest
from attrs import evolve
from cluster_processes import cluster as cluster_of_processes
from storm import is_right
from storm_cluster import storm

from pixola_ext import BulkEvent, ConfigurationError, Outcome, UnauthorizedError, bulk
from pixola_ext._cluster.checks import Facts, check_workers, is_private
from pixola_ext._cluster.lanes import lane
from pixola_ext._cluster.orders import Order, Sealed
from pixola_ext._version import __version__
from tests.bulk import functions_on_pictures
from tests.support import ROOT
from tests.support.command import environment

MODULE = functions_on_pictures.__name__
SECRET = "pxk_never_shown_0123456789"


@pytest.fixture(scope="module")
def dask():
    """A client of a cluster inside this process."""
    options = {"processes": False, "protocol": "tcp://", "host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=2, silence_logs=logging.CRITICAL, **options
        ) as started,
        distributed.Client(started) as client,
    ):
        yield client


@pytest.fixture
def here(served, monkeypatch):
    """The settings of the sandbox's server in this process."""
    for name, value in served.settings.items():
        monkeypatch.setenv(name, value)
    return served


def test_a_storm_of_kills(tmp_path):
    """A fifth of the answers is lost, three workers and the scheduler are killed: each item has its picture once."""
    found = storm(tmp_path, workers=2, items=12, kills=3, stops=0, schedulers=1, cuts=0, pause=1.5, limits=False)
    assert found["exit"] == 0, found
    assert is_right(found, 12), found
    assert found["workers killed"] >= 1


def test_outcomes_and_figures_of_all_lanes(dask, here, tmp_path):
    """The caller hears of each event and outcome; a second call finds nothing left to do."""
    heard = []
    requests = [{"prompt": f"a fox, {number}", "page": str(number)} for number in range(6)]
    report = bulk.run(dask, requests, dest=tmp_path, map=f"{MODULE}:measured", lanes=2, on_event=heard.append)
    assert (report.counts, report.pictures, report.map_errors) == ({"fetched": 6}, 6, 0)
    assert report.is_done
    outcomes = [each for each in heard if isinstance(each, Outcome)]
    assert sorted(each.number for each in outcomes) == [1, 2, 3, 4, 5, 6]
    assert report.charged == sum(each.credits for each in outcomes)
    kinds = Counter(each.kind for each in heard if isinstance(each, BulkEvent))
    assert (kinds["submitted"], kinds["saved"]) == (6, 6)
    assert report.requests >= 6
    assert (tmp_path / "metadata.jsonl").read_text().count('"map_bytes"') == 6
    again = bulk.run(dask, requests, dest=tmp_path)
    assert (again.pictures, again.charged, again.requests) == (6, report.charged, 0)


def test_a_lane_begins_on_workers_that_come_later(here, tmp_path):
    """Those that were there when the run began may be gone by then."""
    options = {"processes": False, "protocol": "tcp://", "host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
    with (
        distributed.LocalCluster(n_workers=1, silence_logs=logging.CRITICAL, **options) as started,
        distributed.Client(started) as client,
    ):
        submit, reports = client.submit, []

        def submit_while_nobody_works(*arguments, **settings):
            started.scale(0)
            while client.scheduler_info()["workers"]:
                time.sleep(0.02)
            future = submit(*arguments, **settings)
            started.scale(1)
            return future

        client.submit = submit_while_nobody_works
        run = threading.Thread(target=lambda: reports.append(bulk.run(client, ["a fox"], dest=tmp_path)), daemon=True)
        run.start()
        run.join(60)
    assert [report.pictures for report in reports] == [1]


def test_a_function_that_fails_costs_nothing(dask, here, tmp_path):
    """Its pictures are there, the report counts what failed, and the next run calls it again."""
    report = bulk.run(dask, ["a fox", "a hen"], dest=tmp_path, map=functions_on_pictures.raises)
    assert (report.pictures, report.map_errors, report.is_done) == (2, 2, False)
    assert (tmp_path / "results.csv").read_text().count("ValueError: no") == 2
    again = bulk.run(dask, dest=tmp_path, map=functions_on_pictures.measured)
    assert (again.charged, again.map_errors, again.requests) == (report.charged, 0, 0)


def test_what_concerns_all_requests_is_raised(dask, here, tmp_path):
    """A key that the service does not know ends the run; all requests wait."""
    with pytest.raises(UnauthorizedError):
        bulk.run(dask, ["a fox"], dest=tmp_path, api_key="pxk_unknown_0123456789")


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"map": "no_such_module_here:x"}, id="map"),
        pytest.param({"lanes": 0}, id="lanes"),
        pytest.param({"lease": -1}, id="lease"),
        pytest.param({"requests": [{"prompt": ""}]}, id="requests"),
        pytest.param({"ledger": "nonsense://nowhere"}, id="ledger"),
    ],
)
def test_what_cannot_work_is_refused(dask, here, tmp_path, options):
    """Before a request is sent."""
    with pytest.raises(ConfigurationError) as caught:
        bulk.run(dask, **{"requests": ["a fox"], "dest": tmp_path / "out", **options})
    assert caught.value.setting in {"prompt", "requests", *options}


# -- the key -----------------------------------------------------------------------------------------------------------


def test_no_key_is_in_what_the_scheduler_shows(dask, tmp_path, caplog):
    """Neither in tasks, events and logs that it keeps, nor in what a worker says of a task that failed."""
    order = Order("topic", str(tmp_path), str(tmp_path), "http://127.0.0.1:1", 9.0, key=Sealed(SECRET), version="0")
    future = dask.submit(lane, order, pure=False)
    with caplog.at_level(logging.DEBUG), pytest.raises(ConfigurationError, match="a worker has pixola-ext"):
        future.result()

    def shown(dask_scheduler):
        tasks = dask_scheduler.tasks.values()
        parts = [(task.key, task.run_spec, task.exception_text, task.traceback_text) for task in tasks]
        return repr([parts, dask_scheduler.get_events(), dask_scheduler.get_logs(), dask_scheduler.identity()])

    for text in (dask.run_on_scheduler(shown), str(dask.get_worker_logs()), repr(order), caplog.text):
        assert SECRET not in text
    assert "lane" in dask.run_on_scheduler(shown)


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [
        (["tls://10.0.0.1:1", "tls://10.0.0.2:2"], True),
        (["tcp://127.0.0.1:1", "tcp://[::1]:2"], True),
        (["inproc://10.0.0.1/1/1"], True),
        (["tcp://127.0.0.1:1", "tcp://10.0.0.2:2"], False),
        (["ws://example.org:1"], False),
    ],
)
def test_a_key_travels_where_it_cannot_be_read(addresses, expected):
    """Encrypted, or inside this machine."""
    assert is_private(addresses) is expected


# -- workers that cannot take part -------------------------------------------------------------------------------------

FACTS = Facts(__version__, 2, "this machine", "/state", "fingerprint", has_database=False, sees_dest=True)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (evolve(FACTS, version="9.9"), f"has pixola-ext 9.9, and this is {__version__}"),
        (evolve(FACTS, ledger_version=1), "knows ledgers of version 1"),
        (ModuleNotFoundError("No module named 'pixola_ext'"), f"cannot run pixola-ext {__version__}"),
        (evolve(FACTS, key=None), "has no PIXOLA_API_KEY"),
        (evolve(FACTS, key="another"), "has another PIXOLA_API_KEY"),
        (evolve(FACTS, sees_dest=False), "does not see the destination"),
        (evolve(FACTS, place="another machine"), "is another machine or container"),
        (evolve(FACTS, has_database=True), "has PIXOLA_DATABASE_URL, and this process has none"),
        (evolve(FACTS, state="/other"), "keeps its state in /other"),
    ],
)
def test_a_worker_that_cannot_take_part_is_named(told, reason):
    """With its address and the reason, and that nothing was sent."""
    with pytest.raises(ConfigurationError, match="the worker tcp://1 ") as caught:
        check_workers({"tcp://0": FACTS, "tcp://1": told}, FACTS, needs_key="fingerprint", is_database=False)
    assert reason in str(caught.value)
    assert str(caught.value).endswith("; nothing was sent")


def test_machines_with_a_database_share_no_files():
    """Other machines and state folders are no hindrance then; nor are other keys where the key is sent."""
    elsewhere = evolve(FACTS, place="another machine", state="/other", key=None)
    check_workers({"tcp://1": elsewhere}, FACTS, needs_key=None, is_database=True)


@contextmanager
def cluster_with(package, tmp_path):
    """A client of a cluster of processes in which `package` is the folder of `pixola_ext`."""
    settings = environment(PYTHONPATH=os.pathsep.join([str(package.parent), str(ROOT / "generated")]))
    with cluster_of_processes(1, settings, tmp_path) as processes, distributed.Client(processes.address) as client:
        yield client


def test_another_version_of_this_package_is_refused(here, tmp_path):
    """By name, before anything is sent; so is a cluster without the package."""
    other = shutil.copytree(ROOT / "pixola_ext", tmp_path / "other" / "pixola_ext")
    (other / "_version.py").write_text('__version__ = "0.0.1"\n')
    with (
        cluster_with(other, tmp_path) as client,
        pytest.raises(ConfigurationError, match=f"has pixola-ext 0.0.1, and this is {__version__}"),
    ):
        bulk.run(client, ["a fox"], dest=tmp_path / "out")
    none = tmp_path / "none" / "pixola_ext"
    none.mkdir(parents=True)
    (none / "__init__.py").touch()
    with (
        cluster_with(none, tmp_path) as client,
        pytest.raises(ConfigurationError, match=f"cannot run pixola-ext {__version__}"),
    ):
        bulk.run(client, ["a fox"], dest=tmp_path / "out")
