"""Kills a bulk run again and again, and counts what was paid for and what came out.

    python scripts/storm.py [--kills 200] [--items 120]

`pixola bulk run` works on a sandbox of its own that loses a fifth of the answers to submissions: half of those were
accepted and half were not. The run is killed (SIGKILL) at random instants and started again, the last time to its end.
Then every item must have its picture once, and the credits charged must be those of the pictures delivered. Exit code 1
if not.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx

_PIXOLA: Final = str(Path(sys.executable).with_name("pixola"))
_LOST: Final = 0.1  # of the answers to accepted submissions, and as many of those that were not accepted
_QUIET: Final = "6"  # seconds, on a service that lists a batch at once and ends a request of a killed client at once
_LIVES: Final = (0.6, 3.0)  # seconds from the start of a run to its death
_PATIENCE: Final = 600.0  # seconds for the last run


@contextmanager
def service(folder: Path, *, lost: float = _LOST, limits: bool = False) -> Iterator[dict[str, str]]:
    """A sandbox that loses answers; the settings for its clients. `lost` is the share of each of the two kinds."""
    command = [_PIXOLA, "--json", "sandbox", "--port", "0", "--latency", "0.05"]
    command.append("--rate-limits" if limits else "--no-rate-limits")
    words = ["--credits", "1000000000", "--data", str(folder / "service")]
    with subprocess.Popen([*command, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:  # noqa: S603
        assert process.stdout is not None  # noqa: S101  (a pipe, as asked for)
        ready = json.loads(process.stdout.readline())
        origin = ready["url"].removesuffix("/api/v1")
        for fault in ("html-502", "html-502-after") if lost else ():
            rule = {"fault": fault, "match": {"method": "POST", "path": "*/generate"}, "times": None}
            httpx.post(f"{origin}/_sandbox/faults", json={**rule, "probability": lost}).raise_for_status()
        try:
            yield {
                "PIXOLA_BASE_URL": ready["url"],
                "PIXOLA_API_KEY": ready["api_key"],
                "PIXOLA_STATE_DIR": str(folder / "state"),
                "PIXOLA_ASK_ABOVE": "1000000000",
            }
        finally:
            process.terminate()


def started(prompts: Path, out: Path, settings: dict[str, str]) -> "subprocess.Popen[str]":
    """A run."""
    command = [_PIXOLA, "--json", "bulk", "run", str(prompts), "-o", str(out), "--quiet-period", _QUIET, "--yes"]
    return subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **settings}
    )


def storm(kills: int, items: int, folder: Path) -> tuple[int, dict[str, Any]]:
    """How often a run was killed while it worked, and what is true at the end."""
    prompts, out = folder / "prompts.txt", folder / "out"
    # Many are equal: what was paid for twice cannot be told apart by its prompt alone.
    prompts.write_text("".join(f"picture {number % (items * 3 // 5)}\n" for number in range(items)))
    chance = random.Random(20261)  # noqa: S311
    killed = 0
    with service(folder) as settings:
        for _ in range(kills):
            process = started(prompts, out, settings)
            try:
                process.wait(chance.uniform(*_LIVES))
            except subprocess.TimeoutExpired:
                process.kill()
                killed += 1
            process.communicate()
        begun = time.monotonic()
        last = started(prompts, out, settings)
        told, complaints = last.communicate(timeout=_PATIENCE)
        seconds = time.monotonic() - begun
        found = found_at(out, settings)
    found |= {"exit": last.returncode, "last run": f"{seconds:.0f} s"}
    if last.returncode:
        found["told"] = told[-500:] + complaints[-500:]
    return killed, found


def found_at(out: Path, settings: dict[str, str]) -> dict[str, Any]:
    """What the service has charged and what was delivered, in figures."""
    headers = {"Authorization": f"Bearer {settings['PIXOLA_API_KEY']}"}
    charged: dict[str, int] = {}
    cursor: int | None = None
    with httpx.Client(base_url=settings["PIXOLA_BASE_URL"], headers=headers) as client:
        while True:
            page = client.get("images", params={"limit": 100} | ({} if cursor is None else {"cursor": cursor})).json()
            charged |= {image["imageId"]: image["creditsCharged"] for image in page["images"]}
            cursor = page["nextCursor"]
            if cursor is None:
                break
    lines = [json.loads(line) for line in (out / "metadata.jsonl").read_text("utf-8").splitlines()]
    delivered = Counter(line["image_id"] for line in lines)
    return {
        "pictures at the service": len(charged),
        "delivered": len(delivered),
        "twice": sum(count - 1 for count in delivered.values()),
        "files": len([path for path in out.iterdir() if path.suffix == ".png"]),
        "charged": sum(charged.values()),
        "charged for the delivered": sum(charged.get(image_id, 0) for image_id in delivered),
    }


def is_right(found: dict[str, Any], items: int) -> bool:
    """Whether every item has its picture once, and what was charged was delivered."""
    once = found["pictures at the service"] == found["delivered"] == found["files"] == items
    return once and not found["twice"] and found["charged"] == found["charged for the delivered"]


def main() -> int:
    """Run the storm and tell what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--items", type=int, default=120)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        killed, found = storm(options.kills, options.items, Path(folder))
    print(json.dumps({"killed": killed, **found}, indent=2))
    return 0 if is_right(found, options.items) and not found["exit"] else 1


if __name__ == "__main__":
    sys.exit(main())
