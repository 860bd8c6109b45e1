"""A hundred thousand items in a ledger: a run starts at once, and holds no more than a page of them in memory."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from pixola_ext._bulk.ledger import FILE_NAME
from pixola_ext._bulk.opening import open_ledger
from tests.bulk.runs import made
from tests.support.measuring import unmeasured

ITEMS = 100_000
PROGRAM = """
import json, pathlib, re, sys, time
from pixola_ext._bulk.items import new_owner
from pixola_ext._bulk.ledger import FILE_NAME
from pixola_ext._bulk.opening import open_ledger

started = time.process_time()
owner = new_owner()
ledger = open_ledger(pathlib.Path(sys.argv[1]))
opened = time.process_time()
totals = ledger.totals()
counted = time.process_time()
ledger.take_over(owner, 0.0, 60.0)
claimed = ledger.claim(owner, 0.0, 60.0, 30, max_credits=10**9)
ready = time.process_time()
listed = sum(1 for _ in ledger.items())
# Not `ru_maxrss`, which a process inherits from the one that started it.
peak = int(re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1]) * 1024
print(json.dumps([totals.items, len(claimed), listed, ready - started, counted - opened, peak]))
"""


@pytest.fixture
def full(tmp_path):
    """The folder of a ledger with so many items, none of which was sent."""
    with closing(open_ledger(tmp_path)) as ledger:
        ledger.add(made(1, sku="7" * 100))
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as database, database:
        names = [row[1] for row in database.execute("PRAGMA table_info(bulk_items)")]
        values = [{"number": "n", "digest": "printf('%032x', n)"}.get(name, name) for name in names]
        database.execute(  # as adding them would, in a tenth of the time
            f"WITH RECURSIVE numbers (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM numbers WHERE n < {ITEMS})"  # noqa: S608
            f" INSERT INTO bulk_items SELECT {', '.join(values)} FROM bulk_items, numbers WHERE number = 1"
        )
    return tmp_path


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_a_large_run_starts_at_once(full):
    """A process opens the ledger, counts and claims in 2 s of CPU, counts in 1 s, and stays below 200 MB."""
    with unmeasured():  # coverage is not to be timed
        done = subprocess.run([sys.executable, "-c", PROGRAM, full], capture_output=True, text=True, check=True)
    items, claimed, listed, start, count, peak = json.loads(done.stdout)
    assert (items, claimed, listed) == (ITEMS, 30, ITEMS)
    assert start < 2.0
    assert count < 1.0
    assert peak < 200 * 1024 * 1024
