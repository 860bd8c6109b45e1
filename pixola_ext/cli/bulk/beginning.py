"""`pixola bulk run`: everything that comes before the first submission."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from ..._bulk.estimate import Catalog
from .. import exits
from ..requests import Spending
from .folder import check_folder, check_room, opened_ledger
from .inputs import Input
from .planning import (
    Plan,
    catalog_for,
    check_slugs,
    estimate_document,
    estimate_lines,
    planned,
    skipped_documents,
)
from .run_options import RunOptions
from .running import run_ledger

if TYPE_CHECKING:
    from ..session import Session


def begin(
    here: "Session",
    file: str,
    folder: Path,
    options: RunOptions,
    *,
    defaults: Mapping[str, str],
    skips_invalid: bool,
    is_dry: bool,
    yes: bool,
) -> int:
    """Check, estimate, ask, record, run."""
    check_folder(folder)
    with closing(Input(file, defaults, skips_invalid=skips_invalid)) as given:
        catalog, plan = _plan(here, given, folder, skips_invalid=skips_invalid)
        check_room(folder, plan.estimate.pictures)
        if is_dry:
            here.result(estimate_document(plan, given), estimate_lines(plan, given))
            _tell_skipped(here, given)
            return exits.DONE
        for line in estimate_lines(plan, given):
            here.say(f"pixola: {line}")
        _tell_skipped(here, given)
        price = plan.price if options.max_credits is None else min(plan.price or 0, options.max_credits)
        Spending(None, yes=yes).check(here, plan.estimate.pictures, price)
        with opened_ledger(here, folder) as ledger:
            added = ledger.add(given.items(catalog))
            more = {
                "added": added.new,
                "known": added.known,
                "repeated": given.repeated,
                "skipped": skipped_documents(given),
            }
            return run_ledger(here, ledger, folder, options, more)


def _plan(here: "Session", given: Input, folder: Path, *, skips_invalid: bool) -> tuple[Catalog, Plan]:
    with here.asking("checking") as px:
        catalog = catalog_for(here, given, px)
        plan = planned(here, given, catalog, folder, px)
        if check_slugs(here, given, plan.estimate, skips_invalid=skips_invalid):
            plan = planned(here, given, catalog, folder, px)
    return catalog, plan


def _tell_skipped(here: "Session", given: Input) -> None:
    for each in given.skipped:
        here.output.message(f"pixola: left out: {each}")
