"""`pixola shapes`."""

import click

from ..options import command as declare
from ..session import session


@declare(
    "shapes",
    examples="""
    pixola --sandbox shapes
    pixola --sandbox shapes landscape-wide
    """,
)
@click.argument("slug", required=False)
@click.option("--search", metavar="TEXT", help="Those with all these words in slug, name or aspect ratio.")
@click.option("--refresh", is_flag=True, help="Ask the service, even if the list in the state folder is of today.")
def command(slug: str | None, search: str | None, *, refresh: bool) -> int:
    """List the aspect ratios, or show the one named SLUG. Needs no key."""
    from ..listing import has_text, show_catalog
    from ..tables import Column

    columns = [
        Column("SLUG", "slug"),
        Column("RATIO", "aspect_ratio"),
        Column("WIDTH", "width"),
        Column("HEIGHT", "height"),
        Column("NAME", "name"),
    ]
    return show_catalog(
        session(),
        "shape",
        slug,
        columns,
        columns,
        refresh=refresh,
        fits=lambda document: has_text(document, search, ("slug", "name", "aspect_ratio")),
    )
