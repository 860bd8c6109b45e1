"""`pixola completion`: commands, options and slugs on the Tab key."""

from pathlib import Path

import click

from .. import exits
from ..options import command as declare
from ..refusal import RefusedError
from ..session import session


@declare(
    "completion",
    examples="""
    pixola completion bash
    pixola completion powershell
    """,
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish", "powershell"]))
@click.option("--install", is_flag=True, help="Write it where the shell looks for it, instead of printing it.")
def command(shell: str, *, install: bool) -> int:
    """Print the completion script for SHELL, or install it. Slugs come from the catalog in the state folder."""
    from ..completing import installed, script

    here = session()
    text = script(shell)
    if not install:
        here.output.result(text.rstrip("\n"))
        return exits.DONE
    try:
        path, hint = installed(shell, text, Path.home())
    except (OSError, RuntimeError) as error:
        raise RefusedError(
            f"cannot install it ({getattr(error, 'strerror', None) or error})", code="os_error"
        ) from error
    here.result({"path": str(path)}, [str(path)])
    here.say(f"pixola: {hint}")
    return exits.DONE
