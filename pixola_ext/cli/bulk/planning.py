"""What a bulk run will take: checked against the catalog, priced, shown, and asked about."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ..._bulk.estimate import Catalog, Estimate, Estimating, Room
from ..._bulk.items import Item, State
from ...catalog import Pricing
from ...errors import PixolaError
from .. import exits
from ..catalogs import KINDS
from ..refusal import RefusedError
from .folder import existing_ledger, free_bytes
from .inputs import Input
from .telling import plural, span

if TYPE_CHECKING:
    from ...client import Pixola
    from ..session import Session


@frozen
class Plan:
    """What is to be done: `new` submissions of the input, beside `known` ones, of which `waiting` were not sent.

    `estimate` is for new and waiting ones together, `price` the most that they may cost in credits; None if the catalog
    does not say. `free` is what the disk has left, in bytes; None if there is no disk.
    """

    estimate: Estimate
    price: int | None
    new: int
    known: int
    waiting: int
    free: int | None
    is_limited: bool


def catalog_for(here: "Session", given: Input, px: "Pixola") -> Catalog:
    """The catalog for what the input names, from the state folder if it is new enough.

    A kind that the service does not tell is left out: then it judges by itself.
    """
    catalogs = here.catalogs()
    slugs: dict[str, frozenset[str]] = {}
    prices: dict[str, Pricing] = {}
    for kind in KINDS:
        named = [slug for each, slug in given.slugs if each == kind]
        if not named and kind != "model":
            continue
        try:
            if named:
                catalogs.unknown(kind, named, px)  # which renews a list that lacks one of them
            entries = catalogs.entries(kind, px)
        except PixolaError:
            continue
        aliases = {each["alias"] for each in entries if each.get("alias")}
        slugs[kind] = frozenset(each["slug"] for each in entries) | aliases
        if kind == "model":
            prices = {each["slug"]: Pricing.from_dict(each.get("pricing") or {}) for each in entries}
    return Catalog(slugs, prices)


def planned(here: "Session", given: Input, catalog: Catalog, folder: Path, px: "Pixola") -> Plan:
    """The plan for an input. Raises `RefusedError` for slugs that the service does not have."""
    with existing_ledger(here, folder) as ledger:
        estimating, prices = Estimating(catalog), _Prices()
        total = new = waiting = 0

        def counted(items: Iterable[Item]) -> Iterable[Item]:
            nonlocal total
            for item in items:
                total += 1
                yield item

        items = counted(given.items(catalog))
        for item in items if ledger is None else ledger.missing(items):
            new += 1
            estimating.add(item.request)
            prices.add(item)
        for item in () if ledger is None else ledger.items({State.WAITING}):
            waiting += 1
            estimating.add(item.request)
            prices.add(item)
    room = room_of(px)
    return Plan(
        estimating.estimate(room), prices.total, new, total - new, waiting, free_bytes(folder), room is not None
    )


class _Prices:
    """The sum of the prices of items; None if one of them has none."""

    def __init__(self) -> None:
        self.total: int | None = 0

    def add(self, item: Item) -> None:
        self.total = None if self.total is None or item.price is None else self.total + item.price


def room_of(px: "Pixola") -> Room | None:
    """What the key has left; None if requests are not counted."""
    budget = px.budget
    if budget is None:
        return None
    frees_at = budget.day.frees_at
    left = (frees_at - datetime.now(UTC)).total_seconds() if frees_at is not None else Room().day_frees_in
    return Room(budget.minute.left, budget.day.left, max(left, 0.0))


def check_slugs(here: "Session", given: Input, estimate: Estimate, *, skips_invalid: bool) -> bool:
    """Refuse slugs that the service does not have, or leave their rows out; whether rows were left out."""
    unknown = {(each.kind, each.slug): str(each) for each in estimate.unknown}
    if not unknown:
        return False
    if skips_invalid:
        given.leave_out(unknown)
        return True
    (kind, slug), reason = next(iter(unknown.items()))
    line = given.slugs.get((kind, slug))
    where = f"{given.source}, line {line}" if line else "the ledger"
    more = f"; {plural(len(unknown) - 1, 'more slug')} unknown" if len(unknown) > 1 else ""
    raise RefusedError(
        f"{where}: {reason}{more}; nothing was paid",
        code="unknown_slug",
        exit_code=exits.USAGE,
        next=here.next(f"{kind}s") or f"pixola --sandbox {kind}s",
    )


def estimate_document(plan: Plan, given: Input) -> dict[str, Any]:
    """The plan as a document."""
    estimate = plan.estimate
    return {
        "pictures": estimate.pictures,
        "new": plan.new,
        "known": plan.known,
        "waiting": plan.waiting,
        "repeated": given.repeated,
        "skipped": skipped_documents(given),
        "credits": estimate.credits,
        "unpriced": estimate.unpriced,
        "most_credits": plan.price,
        "requests": estimate.requests,
        "seconds": round(estimate.seconds) if plan.is_limited else None,
        "bytes": estimate.size,
        "free_bytes": plan.free,
    }


def skipped_documents(given: Input) -> list[dict[str, Any]]:
    """What was left out, as documents."""
    return [{"line": each.line, "column": each.column, "reason": each.reason} for each in given.skipped]


def estimate_lines(plan: Plan, given: Input) -> list[str]:
    """The plan for people."""
    estimate = plan.estimate
    lines = [plural(estimate.pictures, "picture")]
    if estimate.unpriced:
        known = "" if not estimate.credits else f": {plural(estimate.credits, 'credit')}, and {estimate.unpriced:,}"
        most = "" if plan.price is None else f", {plural(plan.price, 'credit')} at most"
        lines[0] += f"{known} of a model that the service chooses{most}"
    else:
        lines[0] += f" for {plural(estimate.credits, 'credit')}"
    time = f", {span(estimate.seconds)}" if plan.is_limited else ""
    lines.append(f"about {plural(estimate.requests, 'request')}{time}, {estimate.size / 1e6:,.0f} MB")
    if plan.known or plan.waiting:
        lines.append(f"new: {plan.new:,}; in the ledger of the folder already: {plan.known:,}")
    if given.repeated:
        lines.append(f"rows that repeat an earlier one: {given.repeated:,}; each is made as well")
    if given.skipped:
        lines.append(f"rows that cannot be used, and are left out: {len(given.skipped):,}")
    if plan.free is not None and plan.free < estimate.size:
        lines.append(f"the disk may get full: {plan.free / 1e6:,.0f} MB are free")
    return lines
