"""`pixola credits`."""

import sys
from typing import TYPE_CHECKING, Any

import click

from .. import exits
from ..options import command as declare
from ..session import session

if TYPE_CHECKING:
    from ...client import Pixola


@declare(
    "credits",
    examples="""
    pixola --sandbox credits
    pixola --sandbox --json credits --no-spent
    """,
)
@click.option(
    "--no-spent", is_flag=True, help="Do not list the images of today, which costs a request for each hundred."
)
def command(*, no_spent: bool) -> int:
    """Show the credits left, the plan, the requests left in this minute and day, and what was spent today.

    Requests are those of all programs on this machine that use the key. Credits spent are those charged for images of
    today (UTC): "from here" counts the batches that were submitted from this machine with this key, by the journal in
    the state folder, "in all" those of the whole account.
    """
    from ..streams import draws
    from ..tables import Column, details

    here = session()
    here.require_key()
    with here.asking() as px:
        balance = px.credits()
        spent_here, spent = (None, None) if no_spent else _spent_today(px)
        found = {
            "balance": balance.balance,
            "plan": balance.plan,
            "requests": _requests(px),
            "spent_today": spent,
            "spent_today_here": spent_here,
        }
    columns = [
        Column("credits", "balance"),
        Column("plan", "plan"),
        Column("spent today from here", "spent_today_here"),
        Column("spent today in all", "spent_today"),
        Column("requests left this minute", "requests.minute_left"),
        Column("requests left today", "requests.day_left"),
        Column("paused until", "requests.paused_until"),
    ]
    text = details(found, columns, drawn=draws(sys.stdout))
    here.result(found, [str(balance.balance)], text=text)
    return exits.DONE


def _requests(px: "Pixola") -> dict[str, Any] | None:
    budget = px.budget
    if budget is None:
        return None
    return {
        "minute_left": budget.minute.left,
        "minute_limit": budget.minute.limit,
        "day_left": budget.day.left,
        "day_limit": budget.day.limit,
        "paused_until": None if budget.held_until is None else budget.held_until.isoformat(),
    }


def _spent_today(px: "Pixola") -> tuple[int, int]:
    """The credits charged for images of today: of batches that were submitted from this machine, and of all."""
    from datetime import UTC, datetime

    from ..._flows.pending import submitted_here

    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    charged = [(each.batch_id, each.credits_charged or 0) for each in px.images.list(since=midnight)]
    ours = px._run(submitted_here({batch_id for batch_id, _ in charged if batch_id}))  # noqa: SLF001  (no public way)
    return sum(price for batch_id, price in charged if batch_id in ours), sum(price for _, price in charged)
