"""`pixola images`."""

import click

from ..history import HISTORY_OPTIONS, show_history, show_one
from ..options import command as declare
from ..session import session


@declare(
    "images",
    examples="""
    pixola --sandbox images --limit 5 --model flux-2
    pixola --sandbox --jsonl images --favorites --since yesterday
    """,
)
@click.argument("id", metavar="[IMAGE]", required=False)
@HISTORY_OPTIONS
@click.option("--batch", metavar="BATCH", help="Those of this batch.")
@click.option("--model", metavar="SLUG", help="Those of this model.")
@click.option("--favorites", is_flag=True, help="Favourites only.")
def command(
    id: str | None,  # noqa: A002  (what it is)
    since: str | None,
    until: str | None,
    status: str | None,
    limit: int,
    batch: str | None,
    model: str | None,
    *,
    favorites: bool,
) -> int:
    """List the images of the account, newest first, or show one with its prompt and a fresh URL."""
    from ..tables import Column

    here = session()
    here.require_key()
    columns = [
        Column("IMAGE", "image_id"),
        Column("MODEL", "model"),
        Column("STATUS", "status"),
        Column("CREATED", "created_at"),
        Column("CREDITS", "credits_charged"),
        Column("TITLE", "title"),
        Column("BATCH", "batch_id"),
    ]
    with here.asking() as px:
        if id is not None:
            members = [*columns, Column("PROMPT", "prompt"), Column("URL", "url")]
            return show_one(here, px.images.get(id), members, id)
        return show_history(
            here,
            px.images.list(batch_id=batch, since=since, until=until),
            lambda each: (
                status in (None, each.status)
                and model in (None, each.model)
                and (not favorites or bool(each.is_favorite))
            ),
            limit,
            columns,
            "image_id",
        )
