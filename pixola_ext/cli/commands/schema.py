"""`pixola schema`."""

import click

from .. import exits
from ..options import command as declare
from ..session import session


@declare(
    "schema",
    examples="""
    pixola schema generate
    """,
)
@click.argument("words", metavar="COMMAND...", nargs=-1, required=True)
def command(words: tuple[str, ...]) -> int:
    """Print the JSON Schema of what COMMAND prints with --json, and of the errors that any command prints."""
    from ..options import near
    from ..root import COMMANDS
    from ..schemas import schema_of

    name = " ".join(words)
    found = schema_of(name)
    if found is None:
        similar = near(name, COMMANDS)
        hint = f" Did you mean {' or '.join(similar)}?" if similar and name not in COMMANDS else ""
        raise click.UsageError(
            f"{name} prints no document.{hint}" if name in COMMANDS else f"No such command {name!r}.{hint}"
        )
    session().document(found)
    return exits.DONE
