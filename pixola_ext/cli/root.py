"""The options that every command shares, the commands by name, and the one place where errors become exit codes."""

import importlib
import sys
from typing import Final

import click

from .._display import printable
from .._version import __version__
from ..errors import DownloadError, PixolaError
from . import exits
from .session import Session

# Each is a module beside this one with a click command called `command`, imported only when it is asked for.
COMMANDS: Final = {
    "generate": "Turn a prompt into pictures on disk.",
    "sandbox": "Run the whole API on this machine, without account or cost.",
    "spec": "Print the OpenAPI document of the API.",
}


class Commands(click.Group):
    """The commands by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        """Their names, in the order of `COMMANDS`."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = importlib.import_module(f".{cmd_name}", __package__).command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list in --help, without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=f"Exit codes: {exits.DONE} done, {exits.ERROR} other error, {exits.USAGE} usage, {exits.KEY} key, "
    f"{exits.MODERATION} moderation, {exits.CREDITS} credits, {exits.LIMITS} limits, {exits.PARTLY} partly done, "
    f"{exits.UNKNOWN} submission unknown, {exits.TIMED_OUT} wait timed out, {exits.INTERRUPTED} interrupted.",
)
@click.option("--base-url", metavar="URL", help="The API to talk to  [env: PIXOLA_BASE_URL]")
@click.option("--api-key", metavar="KEY", help="Your API key  [env: PIXOLA_API_KEY]")
@click.option("--sandbox", is_flag=True, help="Use the sandbox inside this process: no account, no cost.")
@click.option("--json", is_flag=True, help="Print the result as one JSON document.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but the result and errors.")
@click.version_option(__version__, prog_name="pixola")
@click.pass_context
def root(ctx: click.Context, /, **options: str | bool | None) -> None:
    """Generate images with the Pixola API.

    Results go to stdout, everything else to stderr.
    """
    ctx.obj = Session(**options)  # type: ignore[arg-type]  # click has checked them


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code; never a traceback for what can be foreseen."""
    try:
        outcome = root.main(arguments, prog_name="pixola", standalone_mode=False)
    except PixolaError as error:
        return _failed(error)
    except click.ClickException as error:
        error.show(sys.stderr)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt) as error:
        interrupted = error.__cause__ or error.__context__ or error
        batch_id = getattr(interrupted, "batch_id", None)
        click.echo(f"pixola: interrupted{f'; batch {batch_id} goes on' if batch_id else ''}", err=True)
        if getattr(interrupted, "submission", None) is not None:
            click.echo(
                "        a submission may have been accepted and is charged if so: px.pending() has it", err=True
            )
        return exits.INTERRUPTED
    except BrokenPipeError:  # the reader of our output has left, as `head` does
        sys.stderr.close()
        return exits.ERROR
    return outcome if isinstance(outcome, int) else exits.DONE


def _failed(error: PixolaError) -> int:
    click.echo(f"pixola: {printable(str(error))}", err=True)
    if error.batch_id:
        click.echo(f"        the batch is {printable(error.batch_id, 80)}", err=True)
    if isinstance(error, DownloadError):
        click.echo("        its pictures are kept: px.save(px.batches.get(BATCH_ID), ...) fetches them", err=True)
    return exits.exit_code(error)
