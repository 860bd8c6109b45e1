"""`pixola batches`."""

import click

from .. import exits
from ..history import HISTORY_OPTIONS, show_history
from ..options import command as declare
from ..session import Session, session


@declare(
    "batches",
    examples="""
    pixola --sandbox batches --limit 5
    pixola --sandbox -q batches --status complete
    """,
)
@click.argument("id", metavar="[BATCH]", required=False)
@HISTORY_OPTIONS
@click.option("--quality", metavar="WORD", help="Those of this quality: standard or hd.")
def command(
    id: str | None,  # noqa: A002  (what it is)
    since: str | None,
    until: str | None,
    status: str | None,
    quality: str | None,
    limit: int,
) -> int:
    """List the batches of the account, newest first, or show one with its images."""
    from ..tables import Column

    here = session()
    here.require_key()
    if id is not None:
        return _show(here, id)
    columns = [
        Column("BATCH", "batch_id"),
        Column("STATUS", "status"),
        Column("CREATED", "created_at"),
        Column("IMAGES", "image_count"),
        Column("QUALITY", "quality"),
        Column("PROMPT", "prompt"),
    ]
    with here.asking() as px:
        return show_history(
            here,
            px.batches.list(since=since, until=until),
            lambda each: status in (None, each.status) and quality in (None, each.quality),
            limit,
            columns,
            "batch_id",
        )


def _show(here: Session, batch_id: str) -> int:
    from ..tables import Column
    from ..values import document

    with here.asking() as px:
        found = document(px.batches.get(batch_id))
    if here.json or here.jsonl:
        here.document(found)
        return exits.DONE
    here.say(f"{found['batch_id']}: {found['status']}")
    columns = [
        Column("IMAGE", "image_id"),
        Column("STATUS", "status"),
        Column("MODEL", "model"),
        Column("CREDITS", "credits_charged"),
        Column("URL", "url"),
    ]
    here.listing(found["images"], columns, ids=[each["image_id"] for each in found["images"]])
    return exits.DONE
