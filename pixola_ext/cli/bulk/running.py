"""Carries out a bulk run: from its ledger to the pictures, the results, and the exit code."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..._bulk.items import State
from ..._defaults import DEFAULT_TEMPLATE
from ..._io.run_results import written_results
from ...errors import ConfigurationError, CreditLimitError, DownloadError, PixolaError, UnauthorizedError
from .. import exits
from ..failures import Failure, failure_of
from ..refusal import RefusedError
from .progress import Meter, shown
from .reporting import (
    exit_code,
    failure_line,
    outcome_document,
    run_document,
    run_line,
    status_document,
    status_lines,
)
from .run_options import RunOptions
from .stopping import Leave, first_is_gentle

if TYPE_CHECKING:
    from ..._bulk.ledger import Ledger
    from ..._bulk.outcomes import Outcome
    from ...client import Pixola
    from ..session import Session

_REMEMBERED: Final = "run"  # under which a ledger has the options of its runs


def run_ledger(
    here: "Session", ledger: "Ledger", folder: Path, given: RunOptions, more: Mapping[str, Any] | None = None
) -> int:
    """Make what waits in the ledger, finish what is under way, write the results and tell of it.

    `more` are further members of the document.
    """
    options = _settled(here, ledger, given)
    meter = Meter(ledger.totals())
    failure: Failure | None = None
    if not meter.is_needed and not (options.map and options.cluster):
        here.say("pixola: there is nothing left to do")
        return _told(here, ledger, folder, None, {"run": run_document(meter), **(more or {})})
    try:
        is_drawn = here.draws and not here.jsonl
        with here.activity("beginning") as activity, here.client(activity, on_request=meter.sent) as px:
            meter.of(px)
            if not is_drawn:
                activity.pause()
            with shown(here, meter, activity, is_drawn=is_drawn), first_is_gentle(lambda: _leaving(here)):
                if options.cluster is None:
                    _outcomes(here, px.with_options(wait_timeout=options.timeout), ledger, folder, options, meter)
                else:
                    from .clustered import run_on_cluster

                    run_on_cluster(here, ledger, folder, options, meter, lambda outcome: _tell(here, meter, outcome))
    except PixolaError as error:
        failure = _ended_early(here, ledger, folder, error)
    except Leave:
        failure = _interrupted(here, folder)
    except KeyboardInterrupt as interruption:
        told = _interrupted(here, folder)
        raise RefusedError(told.message, code=told.code, exit_code=told.exit_code, next=told.next) from interruption
    return _told(here, ledger, folder, failure, {"run": run_document(meter), **(more or {})})


def _settled(here: "Session", ledger: "Ledger", given: RunOptions) -> RunOptions:
    """The options that apply, which the ledger remembers; refuses to go on at another service."""
    remembered = ledger.options()
    service = "a sandbox" if here.sandbox else here.service
    if remembered.get("service", service) != service:
        raise RefusedError(
            f"this run was begun at {remembered['service']}, and its batches are not at {service}",
            code="other_service",
            exit_code=exits.USAGE,
        )
    options = given.after(remembered.get(_REMEMBERED) or {})
    ledger.remember(service=service, **{_REMEMBERED: options.kept()})
    return options


def _outcomes(here: "Session", px: "Pixola", ledger: "Ledger", folder: Path, options: RunOptions, meter: Meter) -> None:
    """Run it to its end, and tell of each outcome."""
    outcomes: Any = px._run_ledger(  # noqa: SLF001  (of no use to a program, which has `generate_many`)
        ledger,
        folder,
        template=options.template or DEFAULT_TEMPLATE,
        metadata=options.metadata is not False,
        max_credits=options.max_credits,
        concurrency=options.concurrency,
        frugal=bool(options.frugal),
        quiet_seconds=options.quiet_seconds,
        lease_seconds=options.lease_seconds,
        on_event=meter.happened,
    )
    with closing(outcomes):
        for outcome in outcomes:
            _tell(here, meter, outcome)


def _tell(here: "Session", meter: Meter, outcome: "Outcome") -> None:
    """Tell of one outcome."""
    meter.ended(outcome)
    if here.jsonl:
        here.document(outcome_document(here, outcome))
    elif here.quiet and not here.json:
        here.result(None, [str(path) for path in outcome.paths])
    line = failure_line(here, outcome)
    if line is not None:
        here.output.message(line)


def _leaving(here: "Session") -> None:
    here.output.message("pixola: stopping; requests under way are answered first, another Ctrl-C ends at once")


def _interrupted(here: "Session", folder: Path) -> Failure:
    following = here.next("bulk", "resume", str(folder))
    return Failure("interrupted", "interrupted; nothing is lost", exits.INTERRUPTED, next=following)


def _ended_early(here: "Session", ledger: "Ledger", folder: Path, error: PixolaError) -> Failure:
    """Why a run has ended, and how it goes on."""
    if isinstance(error, ConfigurationError) and error.setting == "ledger":  # which tells nothing any more
        raise RefusedError(f"{error}; nothing more was sent", code="ledger") from error
    failure = failure_of(error, here)
    if failure is None:
        raise error
    words = ["bulk", "resume", str(folder)]
    if isinstance(error, CreditLimitError):
        totals = ledger.totals()
        prices = [item.price or 0 for item in ledger.items({State.WAITING})]
        words += ["--max-credits", str(totals.charged + totals.reserved + sum(prices))]
    if not isinstance(error, UnauthorizedError):
        failure.next = here.next(*words)
    return failure


def _told(here: "Session", ledger: "Ledger", folder: Path, failure: Failure | None, more: Mapping[str, Any]) -> int:
    """The results in the folder, the report on stdout, the command that goes on, and the exit code."""
    files: dict[str, str | None] = {"metadata": None, "results": None}
    try:
        files |= written_results(ledger, folder)
    except DownloadError as error:  # a store does not take them; what was made is in the ledger
        failure = failure or _ended_early(here, ledger, folder, error)
    totals = ledger.totals()
    document = {**status_document(here, folder, totals), **files, **more}
    code = exit_code(totals) if failure is None else failure.exit_code
    if failure is not None:
        document |= {"error": failure.document(), "next": failure.next}
    if here.json:
        here.document(document)
    elif not here.jsonl and not here.quiet:
        here.result(None, [*status_lines(document), run_line(document["run"])])
    if failure is not None and here.jsonl:
        here.document({"error": failure.document()})
    elif failure is not None and not here.json:
        here.output.message(failure.lines())
    elif document["next"]:
        here.say(f"  next: {document['next']}")
    return code
