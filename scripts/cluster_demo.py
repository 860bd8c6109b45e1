"""Shows a bulk run on a cluster of this machine: 60 prompts, 4 workers, the real limits, and a worker that is killed.

    python scripts/cluster_demo.py [--items 60] [--workers 4]

The sandbox runs as a server with the real limits (30 requests a minute), so that 60 pictures take about three minutes.
Exit code 1 unless each prompt has its picture, and the credits charged are those of the pictures delivered.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

import distributed
from cluster_processes import shared_database
from storm import found_at, is_right, service

from pixola_ext import BulkEvent, bulk


def size(picture: str, _row: Any) -> dict[str, int]:
    """The function on pictures of the demonstration."""
    return {"bytes": Path(picture).stat().st_size}


def demo(folder: Path, items: int, workers: int) -> dict[str, Any]:
    """What is true at the end."""
    out = folder / "out"
    saved = 0
    with service(folder, lost=0.0, limits=True) as settings, shared_database() as database:
        os.environ |= settings | ({} if database is None else {"PIXOLA_DATABASE_URL": database.url})
        with (
            distributed.LocalCluster(  # type: ignore[no-untyped-call]
                n_workers=workers, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=50
            ) as cluster,
            distributed.Client(cluster) as client,  # type: ignore[no-untyped-call]
        ):

            def told(event: Any) -> None:
                nonlocal saved
                if not isinstance(event, BulkEvent) or event.kind != "saved":
                    return
                saved += 1
                print(f"{saved} of {items} pictures saved", file=sys.stderr)
                if saved == items // 3:
                    processes: Any = client.run(os.getpid)
                    victim = next(iter(processes.values()))
                    os.kill(victim, signal.SIGKILL)
                    print(f"killed a worker (process {victim})", file=sys.stderr)

            prompts = [f"a lighthouse, number {number}" for number in range(items)]
            report = bulk.run(client, prompts, dest=out, map=size, on_event=told)
        found = found_at(out, settings) | {"database": "SQLite" if database is None else "PostgreSQL"}
    rows = [json.loads(line) for line in (out / "metadata.jsonl").read_text("utf-8").splitlines()]
    mapped = sum("map_bytes" in row for row in rows)
    return {**found, "mapped": mapped, "requests": report.requests, "seconds": round(report.seconds)}


def main() -> int:
    """Run the demonstration and tell what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=60)
    parser.add_argument("--workers", type=int, default=4)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = demo(Path(folder), options.items, options.workers)
    print(json.dumps(found, indent=2))
    return 0 if is_right(found, options.items) and found["mapped"] == options.items else 1


if __name__ == "__main__":
    sys.exit(main())
