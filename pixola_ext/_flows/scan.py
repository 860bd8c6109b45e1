"""Listing the newest batches for all unconfirmed submissions: one scan serves every thread and task of a process."""

from typing import Final

from .._api.arguments import LARGEST_PAGE
from .._api.operations import list_batches
from ..settings import Policy
from .effects import Flow, Now, Sleep
from .matching import Listing
from .ownership import Depth
from .request import request
from .scans import Scan, Scans

_MOST_PAGES: Final = 10  # of one scan
_POLL_SECONDS: Final = 0.1  # between two questions whether another thread's scan is done


def listed(depth: Depth, policy: Policy, scans: Scans) -> Flow[Listing]:
    """The newest batches as they were listed after this was asked; empty if that took too long."""
    since = yield from Now()
    while not scans.may_scan():
        yield from Sleep(_POLL_SECONDS)
        last = scans.last
        if last is not None and last.started_at >= since and last.reaches(depth.of_entry):
            return Listing(last.batches)
        if (yield from Now()) - since > policy.timeout:
            return Listing(())
    try:
        scan = yield from scan_to(depth.of_all, policy)
    except BaseException:
        scans.done(None)
        raise
    scans.done(scan)
    return Listing(scan.batches)


def scan_to(batch_ids: frozenset[str | None], policy: Policy) -> Flow[Scan]:
    """The newest batches, down to and beyond all of these; None stands for the end of the list."""
    scan = Scan((yield from Now()), (), is_whole=False)
    cursor: int | None = None
    for _ in range(_MOST_PAGES):
        page = yield from request(list_batches(limit=LARGEST_PAGE, cursor=cursor), policy)
        is_last = not page.has_more or page.next_cursor is None or page.next_cursor == cursor
        scan = scan._replace(batches=scan.batches + page.items, is_whole=is_last)
        if scan.reaches(batch_ids):
            break
        cursor = page.next_cursor
    return scan
