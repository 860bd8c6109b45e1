"""What is told of a bulk run: its figures, how it ended, and the command that goes on."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..._bulk.items import IN_FLIGHT, State
from ..._bulk.outcomes import Outcome
from ..._display import printable
from .. import exits
from ..failures import failure_of
from .telling import plural, span

if TYPE_CHECKING:
    from ..._bulk.rows import Totals
    from ..session import Session
    from .progress import Meter


def status_document(here: "Session", folder: Path, totals: "Totals") -> dict[str, Any]:
    """A run in figures."""
    counts = {state.value: totals.counts.get(state, 0) for state in State}
    return {
        "folder": str(folder),
        "is_done": exit_code(totals) == exits.DONE,
        "items": totals.items,
        "counts": counts,
        "pictures": totals.pictures,
        "credits_charged": totals.charged,
        "credits_reserved": totals.reserved,
        "reasons": dict(totals.reasons),
        "next": following(here, folder, totals),
    }


def status_lines(document: Mapping[str, Any]) -> list[str]:
    """The figures of a run for people."""
    counts = [f"{count:,} {state}" for state, count in document["counts"].items() if count]
    reserved = document["credits_reserved"]
    lines = [
        f"{plural(document['items'], 'request')}: {', '.join(counts) or 'none'}",
        f"{plural(document['pictures'], 'picture')} for {plural(document['credits_charged'], 'credit')}"
        + (f", {reserved:,} more reserved for what is open" if reserved else ""),
    ]
    lines += [f"without a picture: {count:,} {printable(code, 100)}" for code, count in document["reasons"].items()]
    open_ones = document["counts"][State.DOUBT] + document["counts"][State.UNDECIDED]
    if open_ones:
        lines.append(f"in doubt: {plural(open_ones, 'request')}, which may have been paid for")
    return lines


def run_document(meter: "Meter") -> dict[str, Any]:
    """What one run has done."""
    return {
        "requests": meter.requests,
        "pictures": meter.pictures,
        "credits": meter.credits,
        "requests_per_picture": round(meter.requests / meter.pictures, 3) if meter.pictures else None,
        "seconds": round(meter.seconds, 1),
    }


def run_line(document: Mapping[str, Any]) -> str:
    """What one run has done, for people."""
    ratio = document["requests_per_picture"]
    each = "" if ratio is None else f", {ratio:g} a picture"
    return f"this run: {plural(document['requests'], 'request')}{each}, {span(document['seconds'])}"


def exit_code(totals: "Totals") -> int:
    """The exit code that the state of a run stands for."""
    counts = totals.counts
    if counts.get(State.UNDECIDED) or counts.get(State.DOUBT):
        return exits.UNKNOWN
    is_open = any(counts.get(state) for state in (State.WAITING, State.REFUSED, State.SETTLED, *IN_FLIGHT))
    return exits.PARTLY if is_open else exits.DONE


def following(here: "Session", folder: Path, totals: "Totals") -> str | None:
    """The command that goes on; None if everything is done."""
    counts = totals.counts
    if any(counts.get(state) for state in (State.WAITING, State.SETTLED, *IN_FLIGHT)):
        return here.next("bulk", "resume", str(folder))
    if counts.get(State.UNDECIDED):
        return here.next("bulk", "resolve", str(folder))
    if counts.get(State.REFUSED):
        return here.next("bulk", "retry", str(folder))
    return None


def outcome_document(here: "Session", outcome: Outcome) -> dict[str, Any]:
    """One outcome as a document."""
    failure = None if outcome.error is None else failure_of(outcome.error, here)
    batch = outcome.batch
    return {
        "number": outcome.number,
        "name": outcome.name,
        "request": outcome.request.to_dict(),
        "carried": dict(outcome.carried),
        "batch_id": None if batch is None else batch.batch_id,
        "image_ids": [] if batch is None else [image.image_id for image in batch.completed],
        "paths": [str(path) for path in outcome.paths],
        "credits": outcome.credits,
        "error": None if failure is None else failure.document(),
    }


def failure_line(here: "Session", outcome: Outcome) -> str | None:
    """One line for an outcome with an error; None for others."""
    failure = None if outcome.error is None else failure_of(outcome.error, here)
    if failure is None:
        return None
    what = printable(outcome.name or outcome.request.prompt, 40)
    return f"pixola: request {outcome.number} ({what}): {failure.message}"
