"""The histories as commands: newest first, by filters that the service does not have."""

import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final

import click

from . import exits
from .options import Decorator, all_of
from .session import Session

DEFAULT_LIMIT: Final = 20


def _date(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """A date or instant as the library reads it; `today` and `yesterday` are days in UTC, as bare dates are."""
    days = {"today": 0, "yesterday": 1}.get((value or "").casefold())
    return value if days is None else (datetime.now(UTC) - timedelta(days=days)).date().isoformat()


def period_options(condition: str = "") -> Decorator:
    """Between which instants; `condition` is what help says before it."""
    none = f"{condition}none" if condition else "None"
    return all_of(
        click.option(
            "--since",
            metavar="DATE",
            callback=_date,
            help=f"{none} that are older: today, yesterday, 2026-03-01 (in UTC), 2026-03-01T12:00Z.",
        ),
        click.option("--until", metavar="DATE", callback=_date, help=f"{none} that are newer than this instant."),
    )


HISTORY_OPTIONS: Final = all_of(
    period_options(),
    click.option("--status", metavar="WORD", help="Those with this status, such as complete or failed."),
    click.option(
        "--limit",
        type=click.IntRange(1),
        default=DEFAULT_LIMIT,
        show_default=True,
        metavar="N",
        help="At most so many.",
    ),
)


def show_history(
    here: Session, items: Iterable[Any], fits: Callable[[Any], bool], limit: int, columns: Sequence[Any], member: str
) -> int:
    """Print the first items that fit, at most `limit` of them."""
    from .values import document

    found = [document(each) for each in islice(filter(fits, items), limit)]
    here.listing(found, columns, ids=[each[member] for each in found])
    return exits.DONE


def show_one(here: Session, value: Any, members: Sequence[Any], id: str) -> int:  # noqa: A002  (of the value)
    """Print one value."""
    from .streams import draws
    from .tables import details
    from .values import document

    known = document(value)
    here.result(known, [id], text=details(known, members, drawn=draws(sys.stdout)))
    return exits.DONE
