"""`pixola styles`."""

import click

from ..options import command as declare
from ..session import session


@declare(
    "styles",
    examples="""
    pixola --sandbox styles --category Painting
    pixola --sandbox styles watercolor
    """,
)
@click.argument("slug", required=False)
@click.option("--search", metavar="TEXT", help="Those with all these words in slug, name, category or prompt.")
@click.option("--category", metavar="NAME", help="Those of this category.")
@click.option("--refresh", is_flag=True, help="Ask the service, even if the list in the state folder is of today.")
def command(slug: str | None, search: str | None, category: str | None, *, refresh: bool) -> int:
    """List the style presets, or show the one named SLUG. Needs no key."""
    from ..listing import has_text, show_catalog
    from ..tables import Column

    columns = [
        Column("SLUG", "slug"),
        Column("CATEGORY", "category"),
        Column("NAME", "name"),
        Column("PROMPT", "prompt"),
    ]
    members = [*columns, Column("ALIAS", "alias"), Column("SAMPLE", "image")]
    return show_catalog(
        session(),
        "style",
        slug,
        columns,
        members,
        refresh=refresh,
        fits=lambda document: (
            has_text(document, search, ("slug", "name", "category", "prompt"))
            and (category is None or str(document.get("category")).casefold() == category.casefold())
        ),
        word=("category", "category", category),
    )
