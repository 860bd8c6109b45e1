"""`pixola models`."""

from typing import Any

import click

from ..options import command as declare
from ..session import session


@declare(
    "models",
    examples="""
    pixola --sandbox models
    pixola --sandbox models flux-2
    pixola --sandbox models --search photo --sort price
    pixola --sandbox -q models --tag fast
    """,
)
@click.argument("slug", required=False)
@click.option(
    "--search", metavar="TEXT", help="Those with all these words in slug, name, purpose, description or maker."
)
@click.option("--tag", metavar="TAG", help="Those with this tag, such as fast.")
@click.option(
    "--sort",
    type=click.Choice(["service", "price", "released", "slug"]),
    default="service",
    help="Cheapest or newest first, or by slug.  [default: the service's order]",
)
@click.option("--refresh", is_flag=True, help="Ask the service, even if the list in the state folder is of today.")
def command(slug: str | None, search: str | None, tag: str | None, sort: str, *, refresh: bool) -> int:
    """List the models with their prices in credits, or show the one named SLUG. Needs no key."""
    from ..listing import has_text, show_catalog
    from ..tables import Column

    columns = [
        Column("SLUG", "slug"),
        Column("STANDARD", "pricing.standard"),
        Column("HD", "pricing.hd"),
        Column("BEST FOR", "best_for"),
        Column("NAME", "name"),
    ]
    members = [
        Column("slug", "slug"),
        Column("name", "name"),
        Column("best for", "best_for"),
        Column("description", "description"),
        Column("tags", "tags"),
        Column("credits", "pricing.standard"),
        Column("credits in HD", "pricing.hd"),
        Column("made by", "researcher"),
        Column("released", "released"),
        Column("sample prompts", "sample_prompts"),
        Column("links", "urls"),
    ]
    searched = ("slug", "name", "best_for", "description", "researcher", "tags")

    def fits(document: dict[str, Any]) -> bool:
        tags = [str(each).casefold() for each in document.get("tags") or ()]
        return has_text(document, search, searched) and (tag is None or tag.casefold() in tags)

    order = {"service": None, "price": _price, "released": _age, "slug": lambda document: document["slug"]}[sort]
    return show_catalog(
        session(), "model", slug, columns, members, refresh=refresh, fits=fits, order=order, word=("tag", "tags", tag)
    )


def _price(document: dict[str, Any]) -> tuple[bool, int]:
    price = (document.get("pricing") or {}).get("standard")
    return price is None, price or 0


def _age(document: dict[str, Any]) -> tuple[int, ...]:
    text = str(document.get("released") or "")
    return tuple(-int(part) for part in text[:10].split("-") if part.isdigit()) or (0,)
