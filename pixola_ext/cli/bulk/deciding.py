"""What users decide about a bulk run: what is made again, called off, or was accepted."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..._bulk.items import Item, State
from ..._bulk.results import metadata_of
from ..._io.run_results import written_results
from .. import exits
from ..refusal import RefusedError
from ..requests import Spending
from ..session import command_line
from ..tables import Column
from .telling import plural

if TYPE_CHECKING:
    from ..._bulk.ledger import Ledger
    from ...client import Pixola
    from ...models import BatchSummary
    from ..session import Session

_EARLIER: Final = timedelta(hours=1)  # that the service's clock may be behind ours
_MOST_LISTED: Final = 2000  # batches that are looked through for candidates


def retry_refused(here: "Session", ledger: "Ledger", codes: Collection[str], *, yes: bool) -> None:
    """Let what was refused wait again, if the user agrees to pay for it."""
    wanted = set(codes) or None
    count, price = 0, 0
    for item in ledger.items({State.REFUSED}):
        if wanted is None or item.code in wanted:
            count, price = count + 1, price + (item.price or 0)
    if not count:
        here.say("pixola: nothing was refused" + (f" with {' or '.join(sorted(wanted))}" if wanted else ""))
        return
    Spending(None, yes=yes).check(here, count, price)
    ledger.retry(wanted)
    here.say(f"pixola: {plural(count, 'request')} will be made again")


def cancel_waiting(here: "Session", ledger: "Ledger", folder: Path, *, yes: bool) -> int:
    """Call off what waits, if the user agrees."""
    count = ledger.totals().counts.get(State.WAITING, 0)
    if count and not yes and not here.confirm(f"Call off {plural(count, 'request')}?"):
        raise RefusedError(
            f"this would call off {plural(count, 'request')}; nothing was done",
            code="not_confirmed",
            exit_code=exits.USAGE,
            next=command_line([*here.words, "--yes"]),
        )
    cancelled = ledger.cancel()
    here.result({"folder": str(folder), "cancelled": cancelled}, [f"{plural(cancelled, 'request')} called off"])
    return exits.DONE


def export_results(here: "Session", ledger: "Ledger", folder: Path) -> int:
    """Write the results, or print them."""
    if here.jsonl:
        for line in metadata_of(ledger.items(), folder):
            here.document(line)
    elif here.json:
        here.document(list(metadata_of(ledger.items(), folder)))
    else:
        here.result(None, written_results(ledger, folder).values())
    return exits.DONE


# -- what is undecided -------------------------------------------------------------------------------------------------


def list_undecided(here: "Session", ledger: "Ledger", folder: Path) -> int:
    """List the undecided items with the batches that may be theirs."""
    undecided = list(ledger.items({State.UNDECIDED}))
    documents = []
    if undecided:
        with here.asking("looking for batches") as px:
            batches = _free_batches(px, ledger, min(_sent_at(item) for item in undecided))
        documents = [_undecided_document(item, batches) for item in undecided]
    columns = [
        Column("NUMBER", "number"),
        Column("SENT", "sent_at"),
        Column("PROMPT", "request.prompt"),
        Column("CANDIDATES", "candidate_texts"),
    ]
    here.listing(documents, columns, ids=[str(each["number"]) for each in documents], nothing="nothing is undecided")
    if documents:
        here.say(f"  next: {here.next('bulk', 'resolve', str(folder), str(documents[0]['number']))} BATCH")
    return exits.DONE


def _sent_at(item: Item) -> datetime:
    return datetime.fromtimestamp(item.sent_at or 0.0, UTC)


def _free_batches(px: "Pixola", ledger: "Ledger", since: datetime) -> "list[BatchSummary]":
    """The batches since an instant that no item of the run has, newest first."""
    held = {item.batch_id for item in ledger.items() if item.batch_id is not None}
    found = []
    for batch in px.batches.list(limit=_MOST_LISTED):
        if batch.created_at is not None and batch.created_at < since - _EARLIER:
            break
        if batch.batch_id not in held:
            found.append(batch)
    return found


def _undecided_document(item: Item, batches: "list[BatchSummary]") -> dict[str, Any]:
    candidates = [
        {
            "batch_id": each.batch_id,
            "created_at": None if each.created_at is None else each.created_at.isoformat(),
            "status": each.status,
        }
        for each in batches
        if each.prompt is None or each.prompt == item.request.get("prompt")
    ]
    return {
        "number": item.number,
        "name": item.name,
        "request": dict(item.request),
        "sent_at": _sent_at(item).isoformat(),
        "candidates": candidates,
        "candidate_texts": [f"{each['batch_id']} ({each['created_at'] or 'no date'})" for each in candidates],
    }


def decide(here: "Session", ledger: "Ledger", folder: Path, number: int, batch_id: str | None) -> int:
    """Decide about one item: it became this batch, or was not accepted."""
    item = ledger.get(number)
    if item is None or item.state is not State.UNDECIDED:
        raise RefusedError(
            f"request {number} is not undecided",
            code="not_found",
            exit_code=exits.USAGE,
            next=here.next("bulk", "resolve", str(folder)),
        )
    if batch_id is not None:
        with here.asking() as px:
            px.batches.get(batch_id)  # which refuses a batch that is not there
    decided = ledger.resolve(number, batch_id)
    if decided is None:
        raise RefusedError(f"batch {batch_id} is of another request of this run", code="taken", exit_code=exits.USAGE)
    document = {"number": number, "state": decided.state.value, "batch_id": decided.batch_id}
    here.result(document, [f"request {number} is {decided.state.value}"])
    here.say(f"  next: {here.next('bulk', 'resume', str(folder))}")
    return exits.DONE
